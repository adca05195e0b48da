"""The page: its order and totals, and nothing from posts or ledger that a browser would take for markup."""

from __future__ import annotations

import base64
import datetime
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from builders import NOW, attempt_events, bought, hours, make_post
from gallery_site import GalleryPage, external_addresses

from pelican_falhero.content.site import OpenSite
from pelican_falhero.gallery.origin import Origin
from pelican_falhero.gallery.page import Row, make_rows, make_totals, render
from pelican_falhero.gallery.records import Kind, Picture, Record
from pelican_falhero.gallery.steps import Step
from pelican_falhero.gallery.thumbnails import Thumbnail
from pelican_falhero.prepublish.remedies import Shell
from pelican_falhero.settings import Settings
from pelican_falhero.storage.attempts import attempts_of
from pelican_falhero.storage.events import SAVED

SITE = OpenSite(root=Path("/blog/content"), settings=Settings(), name='A "blog" <script>alert(0)</script>')
EVIL = "</script><script>alert(1)</script><img src=https://evil.example/x onerror=alert(2)>\u202e\x00\n\ud800"


def make_record(state: str = "present", *, kind: Kind = Kind.NOTHING, **fields: object) -> Record:
    """A record of a post with that state."""
    name = str(fields.pop("name", "Winter hikes"))
    day = datetime.datetime(2026, 11, int(str(fields.pop("day", 1))), tzinfo=datetime.UTC)
    post = make_post(name, root=SITE.root, date=day, lang=name)
    defaults = {"picture": Picture(kind=kind, file="a.png" if kind else ""), "origin": None, "step": Step()}
    return Record(**{"post": post, "title": name, "date": day, "state": state, **defaults, **fields})  # type: ignore[arg-type]


def rendered(
    rows: list[Row], *, target: Path = SITE.library.state / "gallery.html", problems: Sequence[str] = ()
) -> str:
    """The page of these rows."""
    shell = Shell(folder=SITE.root)
    return render(SITE, rows, make_totals(rows, (), NOW), problems=problems, target=target, shell=shell, now=NOW)


def page_saying(text: str) -> str:
    """A page on which everything that comes from posts, ledger and files is this text."""
    origin = Origin(endpoint=text, prompt=text, seed=1, usd=0.025, time=NOW)
    step = Step(purpose=text, command=text, usd=0.025, prompt=text, endpoint=text)
    # A name that isn't UTF-8 has such halves of characters; other halves are in no name.
    picture = Picture(kind=Kind.OWN, file=f'{text}" onclick="x'.replace("\ud800", "\udce9"), size=(4, 3))
    record = make_record(name=text, picture=picture, origin=origin, step=step, reason=text, failure=text)
    row = Row(record=record, thumbnail=Thumbnail("data:image/webp;base64,AA", 4, 3, problem=text))
    return rendered([row], problems=[text])


def test_what_posts_and_ledger_say_is_text() -> None:
    """Titles, files, prompts, endpoints, reasons and commands full of markup add no element, address or attribute."""
    page = page_saying(EVIL)
    parsed = GalleryPage(page)
    assert parsed.tags == GalleryPage(page_saying("x")).tags
    assert external_addresses(page) == []
    assert not re.search(r"[\x00\u202e]", page)
    page.encode()
    assert parsed.posts[0].texts["h3"].startswith("</script><script>alert(1)</script><img src=https:")


def test_the_policy_allows_the_pages_own_script_only() -> None:
    """The Content-Security-Policy has the hashes of the inline script and style, as a browser computes them."""
    page = rendered([Row(record=make_record())])
    policy = GalleryPage(page).policy
    for tag in ("script", "style"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert " style=" not in page


def test_what_needs_attention_comes_first_then_the_newest() -> None:
    """Missing, failed and refused, broken, invalid, pending, stale; then the others; the newest first in each group."""
    states = ["present", "own", "stale", "pending", "invalid", "unusable", "refused", "unaffordable", "missing"]
    records = [make_record(state, name=state, day=day) for day, state in enumerate(states, start=1)]
    records.append(make_record("missing", name="failed", day=20, failure="The last attempt failed."))
    records.append(make_record("present", name="broken", day=10, kind=Kind.HERO))
    rows = make_rows(records, {"a.png": Thumbnail(problem="the picture can't be decoded")})
    assert [row.record.title for row in rows] == [
        *("missing", "unaffordable", "failed", "broken", "refused", "unusable", "invalid", "pending", "stale"),
        *("own", "present"),
    ]
    assert [row.needs_attention for row in rows] == [True] * 9 + [False] * 2


def test_totals_are_those_of_spend() -> None:
    """The month is the calendar's in UTC; a copy for a new title is neither drawn nor paid; a broken hero is none."""
    month = NOW.replace(day=1, hour=0)
    attempts = [bought(1.0, month - hours(1), attempt="1"), bought(0.5, month, attempt="2")]
    copy = attempts_of(attempt_events(make_post(), SAVED, kept_from="hero-x.png", usd=0.0))
    rows = make_rows([make_record(kind=Kind.HERO), make_record("missing", kind=Kind.CARD)], {})
    totals = make_totals(rows, [*attempts, *copy], NOW)
    assert (totals.usd_month, totals.usd, totals.drawn) == pytest.approx((0.5, 1.5, 2))
    assert (totals.posts, totals.heroes, totals.attention) == (2, 1, 1)


def test_links_lead_to_the_pictures_from_where_the_page_is() -> None:
    """A link to a picture is relative to the page, escaped for an address; one on another host is not linked."""
    own = make_record("own", picture=Picture(kind=Kind.OWN, file="images/a b#?.png", size=(4, 3)))
    far = make_record("own", picture=Picture(kind=Kind.OWN, file="https://example.org/a.png"))
    page = rendered([Row(record=own), Row(record=far)], target=Path("/blog/out/heroes.html"))
    assert GalleryPage(page).addresses == ["./../content/images/a%20b%23%3F.png"]
    assert "on another host" in page


def test_a_blog_without_posts_has_a_page() -> None:
    """Where there is nothing to show, the page says so."""
    assert "There is no post yet." in rendered([])
