"""The page that shows every post with its hero: one HTML file that needs no other."""

from __future__ import annotations

import base64
import datetime
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..content.site import OpenSite
from ..generation.messages import count, dollars
from ..planning.item import State
from ..prepublish.remedies import Shell
from ..storage.assets import hero_stem
from ..storage.attempts import Attempt, spent
from ..storage.candidates import Candidates
from ..storage.events import SAVED
from ..text import is_address, printable
from .records import UNUSABLE, Kind, Record
from .thumbnails import Thumbnail
from .words import cost, model_name, pixels

GENERATOR = "falhero gallery"
"""What the page's ``generator`` says, by which a page of ours is known."""

_TEMPLATES = Path(__file__).parent / "templates"
_BROKEN = "broken"
"""The state of a hero whose file can't be decoded: the plan only knows that it exists."""
_URGENT: Sequence[frozenset[str]] = (
    frozenset({State.MISSING, State.UNDECIDED, "unaffordable", "unpriced"}),
    frozenset({"failed", State.REFUSED, _BROKEN}),
    frozenset({State.INVALID, UNUSABLE}),
    frozenset({State.PENDING, State.RETITLED, State.ELSEWHERE}),
    frozenset({State.STALE}),
)
"""The states that need attention, the most urgent first."""
_OLDEST = datetime.datetime.min.replace(tzinfo=datetime.UTC)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A post as the page shows it."""

    record: Record
    thumbnail: Thumbnail | None = None

    @property
    def state(self) -> str:
        """The record's state, or ``broken``."""
        is_broken = self.record.picture.kind is Kind.HERO and bool(self.record.picture.problem or self.problem)
        return _BROKEN if is_broken and self.record.state == State.PRESENT else self.record.state

    @property
    def problem(self) -> str:
        """Why there is no thumbnail of the picture; empty if there is one, or no picture."""
        return self.thumbnail.problem if self.thumbnail else ""

    @property
    def urgency(self) -> int:
        """0 for the most urgent; ``len(_URGENT)`` if it needs no attention."""
        has_failed = self.state == State.MISSING and self.record.failure
        state = "failed" if has_failed else self.state
        return next((rank for rank, states in enumerate(_URGENT) if state in states), len(_URGENT))

    @property
    def needs_attention(self) -> bool:
        """Whether the author should do something about it."""
        return self.urgency < len(_URGENT)


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The numbers of a whole blog."""

    posts: int
    heroes: int
    """Posts whose hero is there."""
    attention: int
    """Posts that need attention."""
    drawn: int
    """Heroes that were ever drawn, as ``falhero spend`` counts them."""
    candidates: int
    """Candidates that were ever drawn."""
    usd_month: float
    """USD spent in this calendar month (UTC), as ``falhero spend`` counts it."""
    usd: float
    """USD spent in all."""


def make_rows(records: Iterable[Record], thumbnails: Mapping[str, Thumbnail]) -> list[Row]:
    """Return the rows of the page: what needs attention first, then the rest; the newest first in each."""
    rows = [Row(record=record, thumbnail=thumbnails.get(record.picture.file)) for record in records]
    rows.sort(key=lambda row: row.record.post.source)
    rows.sort(key=lambda row: _date(row.record), reverse=True)
    return sorted(rows, key=lambda row: row.urgency)


def make_totals(rows: Sequence[Row], attempts: Sequence[Attempt], now: datetime.datetime) -> Totals:
    """Count rows, and what the ledger's attempts cost up to ``now`` (UTC)."""
    month = [attempt for attempt in attempts if attempt.first.time.strftime("%Y-%m") == now.strftime("%Y-%m")]
    return Totals(
        posts=len(rows),
        heroes=sum(row.record.picture.kind is Kind.HERO and row.state != _BROKEN for row in rows),
        attention=sum(row.needs_attention for row in rows),
        drawn=sum(map(_is_drawn_hero, attempts)),
        candidates=sum(attempt.outcome == SAVED and attempt.candidate for attempt in attempts),
        usd_month=spent(month, since=_OLDEST),
        usd=spent(attempts, since=_OLDEST),
    )


def _is_drawn_hero(attempt: Attempt) -> bool:
    return attempt.outcome == SAVED and not (attempt.last.kept_from or attempt.candidate)


def render(
    site: OpenSite,
    rows: Sequence[Row],
    totals: Totals,
    *,
    problems: Sequence[str],
    target: Path,
    shell: Shell,
    now: datetime.datetime,
) -> str:
    """Return the page as HTML.

    Args:
        site: the site.
        rows: all posts, in their order.
        totals: their numbers.
        problems: files of posts and lines of the ledger that can't be read, a sentence each.
        target: the file that the page will be: links to pictures are relative to it.
        shell: where its commands will be typed.
        now: when it was made, in UTC.
    """

    def link(record: Record) -> str:
        """The address of the picture itself; empty for one on another host, which nothing here may ask."""
        file = record.picture.file
        if not file or is_address(file):
            return ""
        return relative_address(site.root / file, target)

    def choice(record: Record) -> str:
        """The address of the page with a post's candidates; empty if there is none."""
        page = Candidates(site.library).page(hero_stem(record.post.title))
        return relative_address(page, target) if record.others.candidates and page.is_file() else ""

    assets = ("gallery.css", "copy.js", "gallery.js")
    return render_template(
        "gallery.html",
        assets,
        filters={"pixels": pixels, "cost": cost, "link": link, "choice": choice},
        name=site.name or site.root.name,
        folder=str(shell.folder),
        show=shell.show,
        generator=GENERATOR,
        now=now,
        totals=totals,
        sections=_sections(rows),
        states=Counter(row.state for row in rows),
        problems=problems,
    )


def render_template(
    template: str, assets: Iterable[str], *, filters: Mapping[str, Callable[..., str]], **values: object
) -> str:
    """Return a page as HTML, with the styles and scripts in it that its policy allows, and no others.

    Args:
        template: its file.
        assets: the names of its ``.css`` and ``.js`` files, in their order.
        filters: the template's own, beside those of all.
        values: what it shows.
    """
    texts = {asset: (_TEMPLATES / asset).read_text(encoding="utf-8") for asset in assets}
    style, script = (
        Markup("".join(text for asset, text in texts.items() if asset.endswith(suffix)))  # noqa: S704 - files of ours
        for suffix in (".css", ".js")
    )
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        # What posts and the ledger say can't turn the direction of other text round, or fail to be written as UTF-8.
        finalize=lambda value: printable(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"dollars": dollars, "model_name": model_name, **filters}
    environment.filters["one_line"] = lambda text: " ".join(text.split())
    return environment.get_template(template).render(
        **values,
        count=count,
        style=style,
        script=script,
        policy=(
            f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
    )


def relative_address(file: Path, page: Path) -> str:
    """The address of a file, relative to a page's own."""
    path = os.path.relpath(file, page.parent).replace(os.sep, "/")
    return "./" + quote(path, safe="/", errors="surrogateescape")


def _sections(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    parts = {"Needs attention": True, "All others, newest first": False}
    found = [(title, [row for row in rows if row.needs_attention is part]) for title, part in parts.items()]
    return [(title, some) for title, some in found if some]


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _date(record: Record) -> datetime.datetime:
    date = record.date or _OLDEST
    return date if date.tzinfo else date.replace(tzinfo=datetime.UTC)
