"""Blogs of any size, as Pelican's quickstart makes them, that have been built before with all their heroes there."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import random
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from blog import Blog, hero_name
from PIL import Image

ENDPOINT = "fal-ai/flux/dev"
ENVIRONMENT: Mapping[str, str] = {"FAL_KEY": "bench:key", "CI": "", "FALHERO_DEBUG": "", "PYTHONPATH": ""}
"""What a build sees over its user's environment: a key that is none, and no packages but those installed."""
PHOTOS = 50
"""How many own pictures the articles share."""
_FIRST_DAY = datetime.datetime(2016, 1, 1, 9, 0, tzinfo=datetime.UTC)
_SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnprst" for vowel in "aeiou"]
_SETTINGS: Mapping[str, object] = {
    "SITENAME": "A blog",
    "SITEURL": "https://example.org/blog",
    "PATH": "content",
    "OUTPUT_PATH": "output",
    "TIMEZONE": "UTC",
    "PLUGINS": [],
    "DEFAULT_PAGINATION": 10,
}

# Pelican imports all plugins in its namespace that are installed, listed or not. Whoever has a blog with one plugin has
# not installed the others, whose imports would hide what a plugin's own take.
_ONLY_LISTED_PLUGINS = "import pelican.plugins._utils as utils\nutils.get_namespace_plugins = dict\ndel utils"


def make_blog(root: Path) -> Blog:
    """A blog without posts, with Pelican's defaults (its theme notmyidea, its feeds) and no plugin."""
    blog = Blog(root)
    blog.settings = dict(_SETTINGS)
    blog.configure(_ONLY_LISTED_PLUGINS)
    return blog


def title_of(number: int) -> str:
    """The title of a post."""
    return f"Notes of a walk, part {number}"


def date_of(number: int) -> datetime.datetime:
    """When a post was written: all within ten years."""
    return _FIRST_DAY + datetime.timedelta(hours=number * 7919 % 87600)


def write_articles(blog: Blog, count: int) -> None:
    """Write posts of about 400 words, in 10 categories and with two of 40 tags each, and a picture of the author's."""
    for number in range(count):
        rng = random.Random(number)
        paragraphs = [_paragraph(rng) for _ in range(5)]
        photo = f"![A view]({{static}}/images/photos/{number % PHOTOS}.png){{: .image-process-article-image}}"
        body = "\n\n".join(
            [*paragraphs[:2], photo, "## On the way", paragraphs[2], "- a hut\n- a lake\n- *a bridge*", *paragraphs[3:]]
        )
        blog.post(
            f"{number // 500}/post-{number}.md",
            title_of(number),
            body,
            Date=f"{date_of(number):%Y-%m-%d %H:%M}",
            # Without numbers: Pelican's second page of "tag1" and the first of "tag12" would be one file.
            Category=f"{_SYLLABLES[rng.randrange(10)]}land",
            Tags=f"{_SYLLABLES[rng.randrange(20)]}side, {_SYLLABLES[rng.randrange(20, 40)]}side",
        )
    for number in range(min(count, PHOTOS)):
        _save(blog.content / "images" / "photos" / f"{number}.png", number)


def give_heroes(blog: Blog, count: int) -> None:
    """Put the pictures and the ledger of a blog there whose heroes have all been drawn.

    They are one picture, so that 10,000 of them take neither long to make nor much room.
    """
    first = _save(blog.assets / hero_name(title_of(0)), 0)
    for number in range(1, count):
        os.link(first, blog.assets / hero_name(title_of(number)))
    blog.ledger.parent.mkdir()
    digest = hashlib.sha256(first.read_bytes()).hexdigest()
    blog.ledger.write_text("".join(ledger_lines(count, sha256=digest)), encoding="utf-8")


def write_front_matter_posts(root: Path, count: int) -> None:
    """Write a site as any generator may have it: the same posts with YAML, their heroes and their ledger."""
    blog = make_blog(root)
    write_articles(blog, count)
    for file in blog.content.rglob("post-*.md"):
        head, _, body = file.read_text(encoding="utf-8").partition("\n\n")
        fields = re.sub(r"^\w+", lambda name: name[0].lower(), head, flags=re.MULTILINE)
        file.write_text(f"---\n{fields}\n---\n{body}", encoding="utf-8")
    give_heroes(blog, count)
    (blog.content / "pyproject.toml").write_text('[tool.falhero]\ncontent = "."\n', encoding="utf-8")


def ledger_lines(heroes: int, *, sha256: str = "0" * 64) -> Iterator[str]:
    """The lines of a ledger that has bought so many heroes: three for each."""
    for number in range(heroes):
        common = {
            "attempt": f"{number:032x}",
            "hero": hero_name(title_of(number)),
            "time": f"{date_of(number):%Y-%m-%dT%H:%M:%SZ}",
            "title": title_of(number),
            "source": f"{number // 500}/post-{number}.md",
            "provider": "fal",
            "endpoint": ENDPOINT,
            "fingerprint": f"{number:064x}",
            "usd": 0.025,
        }
        said = {"request_id": f"{number:08x}-0000-4000-8000-000000000000"}
        saved = {"sha256": sha256, "seed": number, "width": 1024, "height": 768, "seconds": 3.1}
        prompt = {"prompt": "A walk along the lake. " * 12, "folder": "images/heroes"}
        for kind, more in (("submitting", prompt), ("submitted", said), ("saved", said | saved)):
            yield json.dumps({"v": 1, "event": kind, **common, **more}) + "\n"


@cache
def _words() -> tuple[str, ...]:
    rng = random.Random(0)
    return tuple("".join(rng.choices(_SYLLABLES, k=rng.randint(1, 4))) for _ in range(3000))


def _paragraph(rng: random.Random) -> str:
    sentences = (" ".join(rng.choices(_words(), k=12)).capitalize() for _ in range(6))
    return ". ".join(sentences) + "."


def _save(path: Path, seed: int) -> Path:
    """A picture in the size of FLUX's that weighs little."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ramp = Image.linear_gradient("L").resize((1024, 768))
    Image.merge("RGB", [ramp, ramp.rotate(seed), Image.new("L", ramp.size, seed)]).save(path)
    return path
