"""What ``generator`` in ``[tool.falhero]`` stands for: the conventions of four site generators.

Sources, read in November 2026:

- Astro: the blog template of create-astro has its posts in ``src/content/blog`` and ``heroImage`` in its schema, by
  ``image()``, which takes a path relative to the post (docs.astro.build, "Images in content collections"). What is in
  ``public`` is published as it is.
- Hugo: ``static`` is published as it is, and paths without a leading slash are joined to ``baseURL`` with its folder
  (gohugo.io, ``absURL``). ``cover.image`` is the field of PaperMod (layouts/partials/cover.html); ``images``, a list,
  that of Hugo's own Open Graph and X card templates, which also take a bundle's picture for its cover if its name has
  "feature", "cover" or "thumbnail" in it (_partials/_funcs/get-page-images.html). What is in ``assets`` is named by its
  path in there (gohugo.io, ``resources.GetMatch``), which is the only place where the theme Stack looks.
- Jekyll: posts are in ``_posts``, drafts in ``_drafts`` (jekyllrb.com); ``image`` is read by jekyll-seo-tag
  (docs/usage.md), from the site's root.
- Eleventy: eleventy-base-blog has its posts in ``content/blog``, in earlier versions in ``posts``, and copies
  ``public`` to the site's root. Which field templates read is the author's choice; ``image`` is the usual name.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".svg")


@dataclass(frozen=True, kw_only=True)
class Generator:
    """The conventions of one site generator."""

    name: str
    content: tuple[str, ...]
    """Folders of posts; those that exist are read."""
    assets_dir: str
    write: str
    formats: Mapping[str, str]
    """As in ``HeroField``."""
    own_fields: tuple[str, ...]
    """Fields in which its themes look for a post's picture."""
    list_fields: tuple[str, ...] = ()
    """Fields that are lists of pictures."""
    drafts: str = ""
    """The folder whose posts are drafts."""
    has_bundles: bool = False
    """Whether a folder with an ``index.md`` is one post, and ``_index.md`` the text of a list."""

    def is_post(self, file: Path) -> bool:
        """Whether the file of a folder of posts is a post of its own."""
        name = _first_part(file)
        if not self.has_bundles or name == "index":
            return True
        return name != "_index" and not (file.parent / "index.md").is_file()

    def is_draft(self, source: str) -> bool:
        """Whether a post is a draft because of its folder."""
        return bool(self.drafts) and self.drafts in PurePosixPath(source).parts

    def bundled_picture(self, file: Path) -> str:
        """Return the name of the picture that themes take for a post's cover because it lies beside it; or empty."""
        if not self.has_bundles or _first_part(file) != "index":
            return ""
        # The folder may be gone: a hook reads posts as a commit has them.
        names = sorted(path.name for path in file.parent.glob("*.*"))
        return next(filter(_is_cover, names), "")


def _first_part(file: Path) -> str:
    """The name up to the first dot: a translation is called ``index.fr.md``."""
    return file.name.partition(".")[0]


def _is_cover(name: str) -> bool:
    stem, suffix = os.path.splitext(name.lower())  # noqa: PTH122 - a Path for each of many files is slow
    return suffix in _PICTURES and any(word in stem for word in ("feature", "cover", "thumbnail"))


def _and_in_params(names: Iterable[str]) -> tuple[str, ...]:
    """The names, and each of them below ``params``, where Hugo's templates find it just so."""
    return tuple(full for name in names for full in (name, f"params.{name}"))


GENERATORS: Mapping[str, Generator] = {
    generator.name: generator
    for generator in (
        Generator(
            name="astro",
            content=("src/content/blog",),
            assets_dir="src/assets/heroes",
            write="heroImage",
            formats={"public/": "/{path}", "": "{relative}"},
            own_fields=("heroImage", "image", "cover", "coverImage"),
        ),
        Generator(
            name="hugo",
            content=("content/posts", "content/post", "content/blog"),
            assets_dir="static/images/heroes",
            write="cover.image",
            formats={"static/": "{path}", "assets/": "{path}", "": "{path}"},
            own_fields=_and_in_params(
                ("cover.image", "images", "image", "featured_image", "featuredImage", "thumbnail")
            ),
            list_fields=_and_in_params(("images",)),
            has_bundles=True,
        ),
        Generator(
            name="jekyll",
            content=("_posts", "_drafts"),
            assets_dir="assets/images/heroes",
            write="image",
            formats={"": "/{path}"},
            own_fields=("image", "header.image", "header.overlay_image", "header.teaser", "cover", "thumbnail"),
            drafts="_drafts",
        ),
        Generator(
            name="eleventy",
            content=("content/blog", "posts", "src/posts", "blog"),
            assets_dir="public/images/heroes",
            write="image",
            formats={"public/": "/{path}", "": "/{path}"},
            own_fields=("image", "cover", "thumbnail"),
        ),
    )
}
