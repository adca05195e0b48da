"""Which published posts show their hero in a built site: on their page, in lists, in feeds and in previews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ...content.post import Post
from .expected import Expected
from .feed import Item
from .output import BuiltSite, plain_url
from .page import Page
from .reasons import Reason, Reasons


class Where(StrEnum):
    """Where readers meet a hero."""

    PAGE = "page"
    LISTS = "lists"
    FEEDS = "feeds"
    PREVIEWS = "previews"


@dataclass(frozen=True, kw_only=True)
class PostReport:
    """What the built site shows of one post."""

    post: Post
    place: str
    """Of its page, in the output folder."""
    times: int
    """How many elements of its page show its hero."""
    has_card: bool
    """Whether its page shows its title card."""
    lists: int
    """Pages that link to it and are no other post's."""
    lists_showing: int
    items: int
    """Items of feeds that are about it."""
    items_showing: int
    has_preview: bool
    lacks: Mapping[Where, Reason]
    """Where its hero is not shown, and why."""


def report_of(built: BuiltSite, expected: Sequence[Expected], reasons: Reasons) -> list[PostReport]:
    """Look at each published post."""
    reading = _Reading(built, expected)
    return [_report(post, reading, reasons) for post in expected]


class _Reading:
    """The pages and feeds, by the post that they are about or link to."""

    def __init__(self, built: BuiltSite, expected: Sequence[Expected]) -> None:
        self.built = built
        by_target = {plain_url(address): post.place for post in expected for address in (post.place, post.url)}
        own = {post.place for post in expected}
        self.lists: dict[str, list[Page]] = {}
        for place, page in built.pages.items():
            if place not in own:
                targets = {built.target(link, place) for link in dict.fromkeys(page.links)}
                for about in {by_target[target] for target in targets if target in by_target}:
                    self.lists.setdefault(about, []).append(page)
        self.items: dict[str, list[Item]] = {}
        for items in built.items.values():
            for item in items:
                target = built.target(item.link, "")
                if target in by_target:
                    self.items.setdefault(by_target[target], []).append(item)


def _report(post: Expected, reading: _Reading, reasons: Reasons) -> PostReport:
    page = reading.built.pages.get(post.place)
    lists, items = reading.lists.get(post.place, []), reading.items.get(post.place, [])
    times = page.times_seen(post.hero) if page else 0
    lists_showing = sum(bool(shown.times_seen(post.hero)) for shown in lists)
    items_showing = sum(_is_in(item, post, reading.built) for item in items)
    preview = reasons.of_preview(post, page)
    lacks: dict[Where, Reason] = {}
    if not times:
        lacks[Where.PAGE] = reasons.of_page(post, page)
    if lists and not lists_showing:
        lacks[Where.LISTS] = reasons.of_lists(post)
    if items_showing < len(items):
        lacks[Where.FEEDS] = reasons.of_feeds(post)
    if preview:
        lacks[Where.PREVIEWS] = preview
    return PostReport(
        post=post.post,
        place=post.place,
        times=times,
        has_card=bool(page and page.times_seen(post.card)),
        lists=len(lists),
        lists_showing=lists_showing,
        items=len(items),
        items_showing=items_showing,
        has_preview=preview is None,
        lacks=lacks,
    )


def _is_in(item: Item, post: Expected, built: BuiltSite) -> bool:
    """Whether a feed's item brings the hero, as an enclosure that is there or in its text."""
    urls = [one.url for one in item.enclosures if any(name in one.url for name in post.hero)]
    return any(built.file(url) or built.is_elsewhere(url) for url in urls) or any(
        text.times_seen(post.hero) for text in item.texts
    )
