"""Which requests make a number of candidates, and which attempts and pictures are those of a hero."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from builders import NOW, attempt_events, hours, item_of, make_post

from pelican_falhero.content.post import Overrides, Post
from pelican_falhero.planning.candidates import NOTHING, SEEDS, choices_of, pending_items, wanted_candidates
from pelican_falhero.planning.item import State
from pelican_falhero.storage.assets import hero_stem
from pelican_falhero.storage.attempts import Attempt, attempts_of
from pelican_falhero.storage.events import FAILED, REFUSED, SAVED, SUBMITTED, SUBMITTING, Event

WINTER = make_post("Winter hikes")
STEM = hero_stem("Winter hikes")
SEEDED = replace(WINTER, overrides=Overrides(seed=7))


def events_at(post: Post, outcome: str, *, seed: int, prompt: str = "", **fields: Any) -> tuple[Event, ...]:
    """The events of an attempt at a candidate of a post, with this seed."""
    item = item_of(replace(post, overrides=post.overrides._replace(prompt=prompt or None)))
    fingerprint = item.request.with_seed(seed).fingerprint
    fields |= {"fingerprint": fingerprint, "seed": seed, "sha256": "ab" * 32, "candidate": True}
    return attempt_events(post, outcome, **fields)


def attempt_at(post: Post, outcome: str, *, seed: int, **fields: Any) -> Attempt:
    """The same as an attempt."""
    (made,) = attempts_of(events_at(post, outcome, seed=seed, **fields))
    return made


def wanted(post: Post, *attempts: Attempt, exists: bool = True, retry: bool = False) -> list[tuple[State, int]]:
    """State and seed of the new ones among four candidates."""
    item = item_of(post)
    choice = choices_of([post], attempts, ()).get(item.stem, NOTHING)
    found = wanted_candidates(item, 4, choice, attempts=attempts, exists=lambda digest: exists, retry=retry)
    assert found.there + len(found.new) == 4
    assert all(new.is_candidate and new.file is None for new in found.new)
    return [(new.state, new.request.arguments["seed"]) for new in found.new]


def test_seeds_are_drawn_by_lot_where_the_post_has_none() -> None:
    """Each time others, all different, and in the range that every endpoint takes."""
    first, second = wanted(WINTER), wanted(WINTER)
    assert first != second
    assert {state for state, _ in first} == {State.MISSING}
    assert len({seed for _, seed in first}) == 4
    assert all(0 <= seed < SEEDS for _, seed in first)


def test_the_post_s_own_seed_decides_them() -> None:
    """The own one first, then the same others each time; for another seed others again."""
    assert wanted(SEEDED) == wanted(SEEDED)
    assert wanted(SEEDED)[0] == (State.MISSING, 7)
    other = wanted(replace(WINTER, overrides=Overrides(seed=8)))
    assert not {seed for _, seed in wanted(SEEDED)} & {seed for _, seed in other}


@pytest.mark.parametrize(
    ("outcome", "exists", "count"),
    [(SUBMITTED, False, 3), (SAVED, True, 3), (SAVED, False, 4), (SUBMITTING, True, 4), (FAILED, True, 4)],
)
def test_what_is_there_or_comes_counts(outcome: str, exists: bool, count: int) -> None:
    """A pending candidate counts, and a saved one as long as its picture exists; what came to nothing does not."""
    assert len(wanted(WINTER, attempt_at(WINTER, outcome, seed=5), exists=exists)) == count


def test_what_was_asked_for_otherwise_does_not_count() -> None:
    """Another prompt's candidate, and with a seed of the post's own that of another seed, are no replacement."""
    assert len(wanted(WINTER, attempt_at(WINTER, SAVED, seed=5, prompt="A fox"))) == 4
    assert len(wanted(SEEDED, attempt_at(WINTER, SAVED, seed=5))) == 4
    assert len(wanted(SEEDED, attempt_at(WINTER, SAVED, seed=7))) == 3


def test_what_was_never_answered_is_asked_for_again() -> None:
    """Its seed comes first, so that its author is told; once it is decided, other seeds are drawn by lot."""
    unknown = attempt_at(WINTER, SUBMITTING, seed=5)
    assert wanted(WINTER, unknown)[0] == (State.MISSING, 5)
    choice = choices_of([WINTER], [unknown], ())[STEM]
    found = wanted_candidates(item_of(WINTER), 4, choice, attempts=[unknown], exists=bool, retry=False)
    assert [new.uncertain for new in found.new] == [1, 0, 0, 0]
    decided = attempt_at(WINTER, SAVED, seed=5, time=NOW + hours(1))
    for exists in (True, False):
        assert 5 not in [seed for _, seed in wanted(WINTER, unknown, decided, exists=exists)]


def test_a_refused_seed_is_not_sent_again() -> None:
    """What fal refused stays so until --retry; other seeds are asked for."""
    refused = attempt_at(SEEDED, REFUSED, seed=7)
    assert [state for state, _ in wanted(SEEDED, refused)] == [State.REFUSED, *[State.MISSING] * 3]
    assert [state for state, _ in wanted(SEEDED, refused, retry=True)] == [State.MISSING] * 4


def test_candidates_belong_to_the_title_and_then_to_the_file() -> None:
    """A pending one goes to the post that has the title now, else to the one of the file; an earlier one to both."""
    pending = attempt_at(WINTER, SUBMITTED, seed=5)
    retitled = replace(WINTER, title="Spring hikes")
    found = choices_of([retitled], [pending], ())
    assert found[hero_stem("Spring hikes")].pending == (pending,)
    other = make_post("Winter hikes", source="other.md")
    found = choices_of([retitled, other], [pending], ())
    assert found[hero_stem("Spring hikes")].pending == ()
    assert found[STEM].pending == (pending,)
    assert choices_of([WINTER], (), ()) == {}


@pytest.mark.parametrize("outcome", [SUBMITTING, SUBMITTED, REFUSED, FAILED, SAVED])
def test_a_candidate_decides_nothing_about_its_hero(outcome: str) -> None:
    """Whatever became of a candidate of another seed, its hero is missing, also where the post is retitled."""
    events = events_at(WINTER, outcome, seed=5)
    assert item_of(WINTER, events=events).state is State.MISSING
    assert item_of(replace(WINTER, title="Spring hikes"), events=events).state is State.MISSING
    # Not even the very request of the hero, but that fal would refuse it again.
    same = events_at(SEEDED, outcome, seed=7)
    assert item_of(SEEDED, events=same).state is (State.REFUSED if outcome == REFUSED else State.MISSING)


def test_a_post_with_candidates_is_undecided() -> None:
    """Where its hero is missing, and only there; a pending one is an item beside the plan."""
    assert item_of(WINTER, candidates={STEM: 1}).state is State.UNDECIDED
    assert item_of(WINTER, candidates={STEM: 0}).state is State.MISSING
    assert item_of(WINTER, candidates={STEM: 1}, files=[f"{STEM}.png"]).state is State.PRESENT
    attempt = attempt_at(WINTER, SUBMITTED, seed=5)
    (made,) = pending_items(item_of(WINTER), choices_of([WINTER], [attempt], ())[STEM])
    assert (made.state, made.pending, made.is_candidate, made.stem) == (State.PENDING, attempt, True, STEM)
