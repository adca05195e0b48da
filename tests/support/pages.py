"""Articles with heroes and templates in one process: pages as Pelican's writer has them rendered, without a build."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from builders import make_post
from jinja2 import ChoiceLoader, DictLoader, Environment
from pelican.contents import Article, Content, Page
from pelican.settings import DEFAULT_CONFIG

from pelican_falhero.presentation.hero import Hero, alt_text
from pelican_falhero.presentation.showing import Showing
from pelican_falhero.settings import Settings

SITE = "https://example.org/blog"


class Pages:
    """A run's contents and templates."""

    def __init__(
        self, templates: Mapping[str, str], *, env: Mapping[str, Any] | None = None, site: str = SITE, **ours: Any
    ) -> None:
        self.values: dict[str, Any] = {**DEFAULT_CONFIG, "SITEURL": site, "FEED_DOMAIN": site, "PATH": "/content"}
        self.showing = Showing(self.values, Settings(**ours))
        self.env = Environment(loader=ChoiceLoader([DictLoader(dict(templates))]), **(env or {}))
        self.showing.connect(self.env)
        self._is_prepared = False

    def add(
        self,
        title: str,
        content: str = "<p>Some words.</p>",
        *,
        url: str = "",
        file: Path | None = None,
        alt: str = "",
        is_page: bool = False,
        shown: bool = True,
        **metadata: Any,
    ) -> Content:
        """An article or page with a hero at ``url``, which is one of ours unless given; " " is for no hero."""
        slug = title.lower().replace(" ", "-")
        fields = {"title": title, "slug": slug, "date": datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)}
        kind = Page if is_page else Article
        made = kind(
            content,
            fields | metadata,
            settings=self.values,
            source_path=f"/content/{slug}.md",
            context={"localsiteurl": self.values["SITEURL"]},
        )
        hero = Hero(url=(url or address(title)).strip(), file=str(file or ""), alt=alt_text(alt))
        made.hero = hero
        self.showing.add(make_post(title, show=shown, origin=made), hero)
        return made

    def render(self, template: str, **context: Any) -> str:
        """The page, once all contents were added."""
        if not self._is_prepared:
            self.showing.prepare()
            self._is_prepared = True
        defaults = {"SITEURL": self.values["SITEURL"], "output_file": f"{template}.html"}
        return self.env.get_template(template).render(self.values | defaults | context)


def address(title: str) -> str:
    """The address below SITEURL of the hero that an article gets here."""
    return f"images/heroes/hero-{title.encode().hex()[:12].ljust(12, '0')}.png"
