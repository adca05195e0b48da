"""An article or page with a hero, as pages and previews show it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from pelican.contents import Article, Content

from .addresses import absolute_address
from .hero import Hero
from .previews import Preview
from .visibility import Names

_ABSOLUTE = re.compile("https?://[^/]", re.IGNORECASE)
_NO_YEAR = 9999
"""What Pelican dates a draft without a date."""


@dataclass(eq=False, repr=False)
class Shown:
    """An article or page with a hero."""

    content: Content
    hero: Hero
    title: str
    """Plain text."""
    names: Names
    """How the hero's address can be told in a page."""
    is_inserted: bool
    """Whether its text is to begin with the figure where nothing else shows the hero."""
    is_shown: bool = True
    """Whether pages and feeds show it by themselves; templates can in any case."""

    @cached_property
    def url(self) -> str:
        """Its address below SITEURL, which Pelican works out each time."""
        return str(self.content.url)

    def preview(self, siteurl: str, base: str, constants: Collection[str]) -> Preview | None:
        """What previews of its page show; None where that can't be.

        Args:
            siteurl: what the page calls the site.
            base: the site's address with scheme and host; empty where it has none.
            constants: pictures that the theme names on every page.
        """
        picture = self.hero.preview
        if not base or picture.mime == "image/svg+xml":  # no network shows one
            return None

        def is_ours(address: str) -> bool:
            return any(name in address for name in chain(*self.names))

        def is_replaceable(address: str) -> bool:
            # Some themes print what stands before the picture's name where there is none.
            if not address or address.endswith("/") or address in {base, siteurl} or is_ours(address):
                return True
            whole = base + address.removeprefix(siteurl) if siteurl and address.startswith(siteurl) else address
            return address in constants or whole in constants

        return Preview(
            address=absolute_address(picture.url, base),
            is_ours=is_ours,
            is_replaceable=is_replaceable,
            alt=self.hero.alt.unescape() if self.hero.alt else self.title,
            width=picture.width,
            height=picture.height,
            mime=picture.mime,
            article=self._description(),
        )

    def _description(self) -> dict[str, str]:
        """What JSON-LD says of an article; nothing of a page. Pelican would work out its address anew."""
        if not isinstance(self.content, Article):
            return {}
        said = {"@context": "https://schema.org", "@type": "BlogPosting", "headline": self.title}
        date = getattr(self.content, "date", None)
        return said | ({"datePublished": date.isoformat()} if date and date.year < _NO_YEAR else {})


def absolute_site(siteurl: object) -> str:
    """The address of the site where it has scheme and host; else empty."""
    return str(siteurl).rstrip("/") if _ABSOLUTE.match(str(siteurl or "")) else ""
