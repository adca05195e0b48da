"""A site with a theme of a few lines, built by Pelican within this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from pelican import Pelican, signals
from pelican.generators import ArticlesGenerator
from pelican.settings import DEFAULT_CONFIG, read_settings

from pelican_falhero.presentation.fields import FieldPlan, show_in_fields
from pelican_falhero.presentation.hero import Hero, Picture
from pelican_falhero.settings import Settings

SITE = "https://example.org/blog"
PAGE = "<html><head>{head}</head><body><h1>{{{{ article.title }}}}</h1>{body}{{{{ article.content }}}}</body></html>"
INDEX = "<html><head></head><body>{{% for article in articles_page.object_list %}}{body}{{% endfor %}}</body></html>"


class _Compiled(BytecodeCache):
    """What Jinja has compiled, by the names of files; to compile Pelican's theme takes most of a build."""

    known: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled before, if it was from the same text."""
        if code := self.known.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for all sites of this process."""
        self.known[bucket.key] = bucket.bytecode_to_string()


class ThemedSite:
    """Templates that the theme lacks are those of Pelican's simple theme."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.output = root / "output"
        self._settings: dict[str, Any] = {
            "PATH": str(root / "content"),
            "OUTPUT_PATH": str(self.output),
            "THEME": str(root / "theme"),
            "SITEURL": SITE,
            "TIMEZONE": "UTC",
            "PLUGINS": [],
            "JINJA_ENVIRONMENT": DEFAULT_CONFIG["JINJA_ENVIRONMENT"] | {"bytecode_cache": _Compiled()},
            "FEED_ALL_ATOM": None,
            "CATEGORY_FEED_ATOM": None,
            "TRANSLATION_FEED_ATOM": None,
            "AUTHOR_FEED_ATOM": None,
            "AUTHOR_FEED_RSS": None,
        }
        for name in ("content", "theme/static", "theme/templates"):
            (root / name).mkdir(parents=True)

    def configure(self, **settings: Any) -> None:
        """Set Pelican settings."""
        self._settings |= settings

    def template(self, name: str, text: str) -> None:
        """Write a template of the theme."""
        (self.root / "theme" / "templates" / name).write_text(text)

    def article_page(self, body: str = "", *, head: str = "", name: str = "article.html") -> None:
        """Write the template of an article's page."""
        self.template(name, PAGE.format(head=head, body=body))

    def index_page(self, body: str) -> None:
        """Write the template of the index; ``body`` is repeated for each ``article``."""
        self.template("index.html", INDEX.format(body=body))

    def post(self, name: str, body: str = "Words.", **fields: str) -> None:
        """Write ``name.md``; ``name`` is its title, too."""
        headers = {"Title": name, "Date": "2026-11-01 10:00"} | fields
        text = "".join(f"{key}: {value}\n" for key, value in headers.items())
        folder = "pages" if fields.get("Template") == "page" else "."
        path = self.root / "content" / folder / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{text}\n{body}\n")

    def build(self, work: Callable[[list[Any]], None]) -> None:
        """Build it; ``work`` is called with the generators when Pelican has read all."""

        def listener(generators: list[Any]) -> None:
            work(generators)

        with signals.all_generators_finalized.connected_to(listener):
            Pelican(read_settings(override=dict(self._settings))).run()

    def show(self, *, hero_url: str = "images/heroes/{slug}.png", social_url: str = "", **falhero: Any) -> FieldPlan:
        """Build it with a hero for every post, shown in the theme's fields; ``{slug}`` in an address is the post's."""
        plans: list[FieldPlan] = []

        def work(generators: list[Any]) -> None:
            contents = generators[0].context["generated_content"].values()
            heroes = []
            for content in contents:
                social = Picture(url=social_url.format(slug=content.slug))
                heroes.append((content, Hero(url=hero_url.format(slug=content.slug), social=social or None)))
            plans.append(show_in_fields(articles_of(generators), heroes, Settings(**falhero)))

        self.build(work)
        return plans[0]

    def page(self, name: str) -> str:
        """A page that was built."""
        return (self.output / f"{name}.html").read_text()


def articles_of(generators: list[Any]) -> ArticlesGenerator:
    """The generator of articles."""
    return next(generator for generator in generators if isinstance(generator, ArticlesGenerator))
