"""Why a built site does not show a post's hero, so far as that can be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...content.site import OpenSite, lists_plugin
from ...prepublish.check import Kind, missing_hero
from ...presentation.placement import opens_with_picture
from ...presentation.shown import absolute_site
from .expected import Expected
from .output import BuiltSite
from .page import Page

_BUILD = "build the site again"
_SITEURL = 'SITEURL = "https://example.org"  # yours'


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a hero is not shown in one place."""

    text: str
    is_intended: bool = False
    """Whether its author has said so, or the plugin never shows one there."""
    remedy: str = ""
    """A command, or a line to paste; with ``#`` before it what is for the reader."""
    detail: str = field(default="", compare=False)
    """What differs between posts of one reason: an address."""


class Reasons:
    """Knows the site and how it was built."""

    def __init__(self, site: OpenSite, values: Mapping[str, Any], built: BuiltSite, check: str) -> None:
        """
        Args:
            site: the site.
            values: Pelican's settings.
            built: what was built of it.
            check: the command that tells what to do about heroes that are missing.
        """
        self._site = site
        self._built = built
        self._check = check
        self._heroes = site.library.heroes()
        self._cards = site.library.card_names()
        self._has_plugin = lists_plugin(values)

    def of_page(self, post: Expected, page: Page | None) -> Reason:
        """Why its own page does not show it."""
        if page is None:
            return Reason(text="its page is not in the output folder", remedy=f"# {_BUILD}")
        if reason := self._general(post):
            return reason
        if _has_own_opening(post):
            return _OWN_OPENING
        if self._site.settings.show == "fields":
            text = 'FALHERO_SHOW = "fields", and the theme has no field that shows it there'
            return Reason(text=text, remedy='FALHERO_SHOW = "auto"')
        text = f"{post.post.origin.template}.html shows no hero, or the site was built by other settings"
        return Reason(text=text, remedy="falhero doctor")

    def of_lists(self, post: Expected) -> Reason:
        """Why no page that links to it shows it."""
        if reason := self._general(post):
            return reason
        if _has_own_opening(post):
            return _OWN_OPENING
        return Reason(text="the pages that link to it print neither a picture field nor a summary", is_intended=True)

    def of_feeds(self, post: Expected) -> Reason:
        """Why a feed's item has none."""
        if reason := self._general(post):
            return reason
        if not self._built.address:
            return Reason(text="neither SITEURL nor FEED_DOMAIN is absolute", is_intended=True)
        return Reason(text="the feed was built by other settings", remedy=f"# {_BUILD}")

    def of_preview(self, post: Expected, page: Page | None) -> Reason | None:
        """Why previews of its page don't show it; None where they do."""
        if page is None:
            return self.of_page(post, page)
        images = page.metas.get("og:image", [])
        named = [url for url in images if any(name in url for name in post.hero)]
        if not named:
            return self._general(post) or self._other_picture(images)
        flaw = self._flaw(post, page, named[0])
        return flaw and (self._general(post) or flaw)

    def _other_picture(self, images: list[str]) -> Reason:
        """Why og:image, which names these, does not name the hero."""
        if not absolute_site(self._built.address):
            return Reason(text="no absolute SITEURL", is_intended=True, remedy=_SITEURL)
        if any(images):
            return Reason(text="og:image names another picture", is_intended=True, detail=images[0])
        return Reason(text="no og:image", remedy=f"# {_BUILD}")

    def _flaw(self, post: Expected, page: Page, image: str) -> Reason | None:
        """What is wrong with the tags of a page whose og:image names the hero."""
        if not absolute_site(image):
            return Reason(text="og:image is no whole address", remedy=_SITEURL, detail=image)
        told = [image, *page.metas.get("twitter:image", ()), *page.images_told()]
        lost = [url for url in told if not (self._built.file(url, post.place) or self._built.is_elsewhere(url))]
        if lost:
            return Reason(text="a tag names a picture that is not there", remedy=f"# {_BUILD}", detail=lost[0])
        if not page.metas.get("twitter:card"):
            return Reason(text="no twitter:card", remedy=f"# {_BUILD}")
        return None

    def _general(self, post: Expected) -> Reason | None:
        """What holds for all places."""
        if post.post.problem or not post.hero:
            finding = missing_hero(self._site, post.post, self._heroes, cards=self._cards)
            is_told = finding and finding.kind is not Kind.MISSING
            return Reason(text=finding.text if finding and is_told else "it has none", remedy=self._check)
        if not self._has_plugin:
            return Reason(text="PLUGINS does not list pelican_falhero", remedy="falhero doctor")
        if not post.post.overrides.show:
            return Reason(text="it says Hero_Show: no", is_intended=True)
        if self._site.settings.show == "never":
            return Reason(text='FALHERO_SHOW = "never"', is_intended=True)
        page = self._built.folder / post.place
        if post.file and page.is_file() and post.file.stat().st_mtime > page.stat().st_mtime:
            return Reason(text="built before it had this picture", remedy=f"# {_BUILD}")
        return None


_OWN_OPENING = Reason(text="its text begins with a picture of its own", is_intended=True)


def _has_own_opening(post: Expected) -> bool:
    """Whether no figure is put above its text, for there is a picture already."""
    return opens_with_picture(str(post.post.origin._content or ""))
