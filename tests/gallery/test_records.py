"""One record for each post: its state as the plan tells it, and the next step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import attempt_events, make_post, plan_of

from pelican_falhero.content.post import Post
from pelican_falhero.gallery.origin import Origins
from pelican_falhero.gallery.records import Facts, Kind, Picture, Record, records_of
from pelican_falhero.planning.budget import Allowance, select
from pelican_falhero.planning.item import TO_BUY
from pelican_falhero.prepublish.remedies import Shell
from pelican_falhero.settings import Settings
from pelican_falhero.storage.assets import hero_stem
from pelican_falhero.storage.attempts import attempts_of
from pelican_falhero.storage.events import REFUSED, SAVED, SUBMITTED, Event

ROOT = Path("/blog/content")
RICH = Allowance(day=1.0, month=float("inf"))


def record_of(
    post: Post,
    *,
    events: Iterable[Event] = (),
    picture: Picture | None = None,
    settings: Settings | None = None,
    money: Allowance = RICH,
    **options: Any,
) -> Record:
    """The record of one post, with these events in the ledger; a hero's picture is there too."""
    events, post = tuple(events), replace(post, root=ROOT)
    files = [Path(picture.file).name] if picture and picture.kind is Kind.HERO else []
    plan = plan_of(*[post] * post.takes_hero, events=events, files=files, settings=settings, **options)
    pictures: Mapping[str, Picture] = {post.source: picture} if picture else {}
    facts = Facts(
        plan=plan,
        selection=select(plan.in_state(*TO_BUY), money),
        origins=Origins(attempts_of(events)),
        money=money,
        shell=Shell(folder=ROOT.parent),
        pictures=pictures,
    )
    (record,) = records_of([post], facts)
    return record


HERO = Picture(kind=Kind.HERO, file=f"images/heroes/{hero_stem('Winter hikes')}.png", digest="d1")
NAME = "content/winter-hikes.md"


@pytest.mark.parametrize(
    ("given", "state", "command", "usd"),
    [
        ({}, "missing", f"falhero generate {NAME}", 0.025),
        ({"picture": HERO}, "present", f"falhero generate --force {NAME}", 0.025),
        ({"events": attempt_events(make_post(), REFUSED)}, "refused", f"falhero generate --retry {NAME}", 0.025),
        ({"events": attempt_events(make_post(), SUBMITTED)}, "pending", f"falhero generate {NAME}", 0.0),
        (
            {"money": Allowance(day=0.0, month=1.0)},
            "unaffordable",
            f"falhero generate --budget 0.03 {NAME}",
            0.025,
        ),
        (
            {"money": Allowance(day=1.0, month=0.01)},
            "unaffordable",
            "# raise FALHERO_MONTHLY_BUDGET, of which $0.01 is left",
            0.025,
        ),
        (
            {"settings": Settings(model="fal-ai/new")},
            "unpriced",
            '# set FALHERO_PRICES = {"fal-ai/new": 0.05}, in USD a picture',
            None,
        ),
        ({"settings": Settings(provider="card")}, "missing", f"falhero generate --provider fal {NAME}", 0.025),
    ],
)
def test_the_next_step_fits_the_state(given: dict[str, Any], state: str, command: str, usd: float | None) -> None:
    """Each state has the command that would work now, with the options it needs, and its price."""
    record = record_of(make_post(), **given)
    assert (record.state, record.step.command, record.step.usd) == (state, command, usd)


def test_a_retitled_post_copies_its_picture_for_nothing() -> None:
    """A post with another title than its picture's is free, whatever the provider."""
    old = make_post("Old title", source="winter-hikes.md")
    events = attempt_events(old, SAVED)
    picture = Picture(kind=Kind.HERO, file=f"images/heroes/{hero_stem('Old title')}.png")
    record = record_of(make_post(), events=events, picture=picture, settings=Settings(provider="card"))
    assert (record.state, record.step.command, record.step.usd) == ("retitled", f"falhero generate {NAME}", 0.0)


def test_what_no_hero_is_made_for_has_no_command() -> None:
    """An own picture and an opt-out have no next step; a post that can't be used is to be edited."""
    own = record_of(make_post(own="mine.png", picture="mine.png"), picture=Picture(kind=Kind.OWN, file="mine.png"))
    assert (own.state, own.step.command, own.notes) == ("own", "", ("The author's own picture.",))
    cover = record_of(make_post(picture="https://example.org/a.png", reason="has its own picture in cover"))
    assert (cover.state, cover.notes) == ("own", ("It has its own picture in cover.",))
    silent = record_of(make_post("", source="a.md", reason="says Hero: none"))
    assert (silent.title, silent.state, silent.step.command) == ("a.md", "none", "")
    bad = record_of(make_post(problem="winter-hikes.md: Hero_Seed must be a number"), picture=HERO)
    assert (bad.state, bad.step.command) == ("unusable", f"# edit {NAME}")
    assert bad.notes[0] == "Hero_Seed must be a number"


def test_an_invalid_request_is_to_be_edited() -> None:
    """A post whose request can't be built says which field is wrong, also where its hero is there."""
    post = make_post(steps=99)
    for picture, state in ((None, "invalid"), (HERO, "present")):
        record = record_of(post, picture=picture)
        assert (record.state, record.step.command) == (state, f"# edit {NAME}")
    assert record_of(post).reason.startswith("Hero_Steps ")


def test_the_picture_is_told_in_words_where_the_ledger_says_nothing() -> None:
    """A card, a picture of unknown origin and one that was changed each have a sentence; a drawn one needs none."""
    events = attempt_events(make_post(), SAVED, sha256="d1")
    assert record_of(make_post(), events=events, picture=HERO).notes == ()
    changed = record_of(make_post(), events=events, picture=replace(HERO, digest="d2"))
    assert changed.notes == ("The file was changed after it was drawn.",)
    assert "does not know this picture" in record_of(make_post(), picture=HERO).about_picture
    card = record_of(make_post(), picture=Picture(kind=Kind.CARD, file=".falhero/cards/card.png"))
    assert (card.state, "title card" in card.about_picture) == ("missing", True)


def test_quotes_and_spaces_in_file_names_survive_a_shell() -> None:
    """The command quotes the post's path, with every space of it."""
    record = record_of(make_post(source="a  b's.md"))
    assert record.step.command == """falhero generate 'content/a  b'"'"'s.md'"""
