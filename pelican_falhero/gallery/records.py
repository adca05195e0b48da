"""One record for each post's hero: its state, its picture, what made that, and the next step. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ..content.post import Post
from ..planning.briefs import BriefIndex
from ..planning.budget import Allowance, Selection
from ..planning.descriptions import DescriptionIndex
from ..planning.item import Item, State
from ..planning.plan import Plan
from ..prepublish.remedies import Shell
from ..storage.assets import hero_stem
from ..storage.attempts import Attempt
from .origin import Origin, Origins
from .steps import Step, next_step
from .versions import Others, VersionIndex

UNUSABLE = "unusable"
"""The state of a post whose fields can't be used."""
OWN = "own"
"""The state of a post with a picture of its author's."""
NO_HERO = "none"
"""The state of a post for which its author wants nothing drawn."""


class Kind(StrEnum):
    """What the picture of a post is."""

    HERO = "hero"
    CARD = "card"
    OWN = "own"
    NOTHING = ""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The picture that a post shows now."""

    kind: Kind = Kind.NOTHING
    file: str = ""
    """Relative to the site's root, with forward slashes; or an address on another host."""
    size: tuple[int, int] | None = None
    """Width and height in pixels; None if they are not known."""
    digest: str = ""
    """The SHA-256 of the file; empty if it was not read."""
    problem: str = ""
    """Why the file can't be shown."""

    def hero_in(self, root: Path) -> Path | None:
        """The file of a hero that can be read; None if it is none. ``root`` is the site's."""
        return root / self.file if self.kind is Kind.HERO and self.digest else None


@dataclass(frozen=True, kw_only=True)
class Record:
    """A post and its hero."""

    post: Post
    title: str
    date: datetime.datetime | None
    state: str
    """As in the plan; or ``unaffordable``, ``unpriced``, ``unusable``, ``own`` or ``none``."""
    picture: Picture
    origin: Origin | None
    """What made the picture; None if the ledger does not know."""
    step: Step
    others: Others = field(default_factory=Others)
    """Its earlier heroes, and its candidates."""
    brief: Attempt | None = None
    """The attempt that wrote its brief; None without one."""
    description: Attempt | None = None
    """The attempt that described its picture; None if none did."""
    reason: str = ""
    """Why it is in this state."""
    failure: str = ""
    """Why the last attempt brought no picture: a sentence."""
    about_picture: str = ""
    """What else there is to know of the picture: a sentence."""
    flaws: str = ""
    """What looks wrong to a language model that has seen the picture: a sentence."""

    @property
    def alt(self) -> str | None:
        """The alternative text: the post's own, else a language model's; empty if that said decorative; else None."""
        if self.post.overrides.alt:
            return self.post.overrides.alt
        return self.description.last.text if self.description else None

    @property
    def notes(self) -> tuple[str, ...]:
        """All that there is to say in words."""
        return tuple(filter(None, [self.reason, self.failure, self.about_picture, self.flaws]))


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What records are made from."""

    plan: Plan
    selection: Selection
    origins: Origins
    money: Allowance
    shell: Shell
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    """The picture of each post, by the post's ``source``."""
    descriptions: DescriptionIndex = field(default_factory=DescriptionIndex)
    briefs: BriefIndex = field(default_factory=BriefIndex)
    versions: VersionIndex = field(default_factory=lambda: VersionIndex((), ()))


def records_of(posts: Iterable[Post], facts: Facts) -> tuple[Record, ...]:
    """Return the records of these posts, in their order."""
    items = {item.stem: item for item in facts.plan.items}
    states = {item.stem: "unaffordable" for item in facts.selection.unaffordable}
    states |= {item.stem: "unpriced" for item in facts.selection.unpriced}
    records = []
    for post in posts:
        stem = hero_stem(post.title) if post.takes_hero else ""
        item = items.get(stem)
        state = states.get(stem) or (str(item.state) if item else _state_without_item(post))
        records.append(_record(post, item, state, facts))
    return tuple(records)


def _record(post: Post, item: Item | None, state: str, facts: Facts) -> Record:
    picture = facts.pictures.get(post.source, Picture())
    is_hero = picture.kind is Kind.HERO
    origin = facts.origins.find(hero_stem(post.title) if is_hero else "", picture.digest) if picture.digest else None
    failure = facts.origins.last_failure(item.stem) if item and item.state is not State.PRESENT else ""
    description = facts.descriptions.written.get(picture.digest)
    reason = "" if failure and item and item.state is State.REFUSED else _reason(post, item)
    return Record(
        post=post,
        # A post for which nothing is drawn has less than what Pelican read.
        title=post.title or str(getattr(post.origin, "title", "")) or post.source,
        date=post.date or (date if isinstance(date := getattr(post.origin, "date", None), datetime.datetime) else None),
        state=state,
        picture=picture,
        origin=origin,
        others=facts.versions.others(post, picture.digest if is_hero else ""),
        brief=facts.briefs.written(hero_stem(post.title), [post]) if post.takes_hero else None,
        description=description,
        step=next_step(post, item, shell=facts.shell, money=facts.money),
        reason=reason,
        failure=failure,
        about_picture=_about_picture(post, picture, origin),
        flaws=f"Looks wrong: {flaws}" if description and (flaws := description.last.flaws) else "",
    )


def _state_without_item(post: Post) -> str:
    if post.problem:
        return UNUSABLE
    return OWN if post.own or post.picture else NO_HERO


def _reason(post: Post, item: Item | None) -> str:
    if item and item.state is State.UNDECIDED:
        return "Nothing is drawn for it until one of its candidates is picked, or its post is named."
    if item:
        return item.reason.removeprefix(f"{item.post.source}: ")
    if post.problem:
        return post.problem.removeprefix(f"{post.source}: ")
    return f"It {post.reason}." if post.reason else ""


def _about_picture(post: Post, picture: Picture, origin: Origin | None) -> str:
    if picture.problem:
        return f"The picture {picture.problem}."
    if picture.kind is Kind.CARD:
        return "A title card, drawn on this machine, stands in for it."
    if picture.kind is Kind.OWN:
        return "" if post.reason else "The author's own picture."
    if origin:
        return "The file was changed after it was drawn." if origin.is_changed else ""
    if picture.kind is Kind.HERO:
        return "The ledger does not know this picture: nobody recorded what made it."
    return ""
