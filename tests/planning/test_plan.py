"""The plan: what is there, what is missing, what was paid for already."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, PROPERTY, attempt_events, hours, item_of, make_event, make_post, plan_of, save_picture
from hypothesis import given
from hypothesis import strategies as st

from pelican_falhero.content.post import Overrides, Post
from pelican_falhero.planning.item import TO_BUY, State
from pelican_falhero.planning.plan import make_plan_by_files
from pelican_falhero.planning.request import build_request
from pelican_falhero.settings import Settings
from pelican_falhero.storage.assets import hero_stem
from pelican_falhero.storage.events import FAILED, REFUSED, SAVED, SUBMITTED, SUBMITTING, Event

WINTER = make_post("Winter hikes")
FILE = f"{hero_stem('Winter hikes')}.png"
CHANGED = Settings(refresh="changed")


def day(number: int, *, zone: datetime.tzinfo | None = datetime.UTC) -> datetime.datetime:
    """A day of November."""
    return datetime.datetime(2026, 11, number, tzinfo=zone)


# What there is.


def test_a_post_without_a_picture_is_missing_one() -> None:
    """The item knows the name, the request and the price of the hero to be made."""
    item = item_of(WINTER)
    assert item.state is State.MISSING
    assert item.name == FILE
    assert item.file is None
    assert item.request == build_request(WINTER, Settings())
    assert item.price == 0.025


@pytest.mark.parametrize("extension", ["png", "jpg", "webp"])
def test_a_picture_that_is_there_is_never_drawn_again(extension: str) -> None:
    """Whatever the ledger says, and whatever format the author converted it to, a picture is a picture."""
    file = FILE.replace("png", extension)
    for outcome in (SUBMITTING, SUBMITTED, FAILED, REFUSED, SAVED):
        item = item_of(WINTER, files=[file], events=attempt_events(WINTER, outcome))
        assert (item.state, item.file) == (State.PRESENT, file)


def test_the_pictures_of_others_do_not_count() -> None:
    """A hero belongs to its title alone."""
    assert item_of(WINTER, files=[f"{hero_stem('Summer hikes')}.png"]).state is State.MISSING


def test_a_present_hero_needs_no_prompt() -> None:
    """Where the picture is there, an author's prompt function is not even called."""

    def prompt(article: object) -> str:
        pytest.fail("there is nothing to draw")

    assert item_of(WINTER, files=[FILE], settings=Settings(prompt=prompt)).state is State.PRESENT


def test_a_post_whose_prompt_fails_takes_no_other_with_it() -> None:
    """A prompt function that fails for one post leaves that post without a hero, with the reason."""

    def prompt(post: Post) -> str:
        return {"Summer": "a lake"}[post.title]

    plan = plan_of(make_post("Winter"), make_post("Summer"), settings=Settings(prompt=prompt))
    states = {item.post.title: item.state for item in plan.items}
    assert states == {"Winter": State.INVALID, "Summer": State.MISSING}
    (invalid,) = plan.in_state(State.INVALID)
    assert invalid.reason == "winter.md: FALHERO_PROMPT failed: KeyError: 'Winter'"


# What was tried.


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (SUBMITTING, State.MISSING),
        (SUBMITTED, State.PENDING),
        (REFUSED, State.REFUSED),
        (FAILED, State.MISSING),
        # The author deleted the picture, which is how one asks for another.
        (SAVED, State.MISSING),
    ],
)
def test_the_ledger_tells_what_became_of_a_try(outcome: str, state: State) -> None:
    """What fal has is fetched, what it refused is left, and what came to nothing is tried again."""
    assert item_of(WINTER, events=attempt_events(WINTER, outcome)).state is state


def test_a_pending_hero_knows_the_request_to_fetch() -> None:
    """The try is handed on with the id that fal gave it."""
    item = item_of(WINTER, events=attempt_events(WINTER, SUBMITTED))
    assert item.pending
    assert item.pending.last.request_id == "r1"


def test_the_last_of_several_pending_tries_is_fetched() -> None:
    """Where a request was sent twice, the younger is the one that fal still has."""
    older = attempt_events(WINTER, SUBMITTED, attempt="older", time=NOW - hours(5))
    younger = attempt_events(WINTER, SUBMITTED, attempt="younger", time=NOW)
    item = item_of(WINTER, events=[*younger, *older])
    assert item.pending
    assert item.pending.first.attempt == "younger"


def test_uncertain_tries_are_counted() -> None:
    """A hero whose request left and was never answered for is missing, and known to be uncertain."""
    events = [event for n in range(2) for event in attempt_events(WINTER, SUBMITTING, attempt=f"a{n}")]
    item = item_of(WINTER, events=events)
    assert (item.state, item.uncertain) == (State.MISSING, 2)
    assert item_of(WINTER, events=attempt_events(WINTER, FAILED)).uncertain == 0


def test_uncertain_tries_count_since_the_last_decision_only() -> None:
    """What left before fal drew or refused the request is history; what left in that second may be charged still."""
    older = attempt_events(WINTER, SUBMITTING, attempt="older", time=NOW - hours(1))
    same_second = attempt_events(WINTER, SUBMITTING, attempt="same second")
    saved = attempt_events(WINTER, SAVED)
    assert item_of(WINTER, events=[*older, *saved]).uncertain == 0
    assert item_of(WINTER, events=[*older, *saved, *same_second]).uncertain == 1


def test_a_refusal_sticks_until_the_request_changes() -> None:
    """The same request is not sent again, its reason is kept, and another prompt is another request."""
    refused = attempt_events(WINTER, REFUSED, reason="content policy")
    item = item_of(WINTER, events=refused)
    assert (item.state, item.reason) == (State.REFUSED, "content policy")
    assert item_of(replace(WINTER, excerpt_markup="Other words"), events=refused).state is State.MISSING
    assert item_of(WINTER, events=refused, settings=Settings(seed=1)).state is State.MISSING


def test_a_refusal_can_be_tried_again_on_purpose() -> None:
    """Who asks for a retry gets one; what is pending is still fetched and not bought again."""
    assert item_of(WINTER, events=attempt_events(WINTER, REFUSED), retry=True).state is State.MISSING
    both = [*attempt_events(WINTER, REFUSED), *attempt_events(WINTER, SUBMITTED)]
    assert item_of(WINTER, events=both, retry=True).state is State.PENDING


def test_a_refusal_ends_when_the_request_was_drawn_after_all() -> None:
    """Once a retry has brought a picture, the refusal of before does not stand in the way of another."""
    events = [*attempt_events(WINTER, REFUSED, time=NOW - hours(5)), *attempt_events(WINTER, SAVED, time=NOW)]
    assert item_of(WINTER, events=events).state is State.MISSING
    later = [*events, *attempt_events(WINTER, REFUSED, attempt="later", time=NOW + hours(5))]
    assert item_of(WINTER, events=later).state is State.REFUSED


def test_a_request_that_was_paid_for_under_another_title_is_fetched() -> None:
    """What decides is the request: a prompt of the post's own may be the same under a new title, or in another post."""
    drawn = make_post("Winter hikes", prompt="A mountain by night")
    renamed = replace(drawn, title="Hikes in winter")
    item = item_of(renamed, events=attempt_events(drawn, SUBMITTED))
    assert item.state is State.PENDING
    assert item_of(renamed, events=attempt_events(drawn, REFUSED)).state is State.REFUSED
    both = [*attempt_events(renamed, SUBMITTED, attempt="own"), *attempt_events(drawn, SUBMITTED, time=NOW + hours(5))]
    item = item_of(renamed, events=both)
    assert item.pending
    assert item.pending.first.attempt == "own"


@pytest.mark.parametrize("edit", [{"excerpt_markup": "Other words"}, {"overrides": Overrides(style="Ink")}], ids=str)
def test_what_is_paid_for_is_fetched_whatever_was_edited_since(edit: dict[str, Any]) -> None:
    """A pending picture belongs to its hero's name; only FALHERO_REFRESH = "changed" asks for another one."""
    pending = attempt_events(WINTER, SUBMITTED)
    edited = replace(WINTER, **edit)
    assert item_of(edited, events=pending).state is State.PENDING
    assert item_of(edited, events=pending, settings=CHANGED).state is State.MISSING


def test_what_is_paid_for_follows_its_source_file_to_a_new_title() -> None:
    """After a retitle the pending picture of the old title is fetched, unless another post has that title now."""
    pending = attempt_events(WINTER, SUBMITTED)
    renamed = replace(WINTER, title="Hikes in winter", excerpt_markup="Other words")
    assert item_of(renamed, events=pending).state is State.PENDING
    other = make_post(WINTER.title, source="other.md", excerpt_markup="Quite another post")
    states = {item.post.source: item.state for item in plan_of(renamed, other, events=pending).items}
    assert states == {renamed.source: State.MISSING, other.source: State.PENDING}


def test_what_is_paid_for_goes_to_no_other_post() -> None:
    """The pending picture of a post that is gone belongs to its file, and where no file is told, to its title."""
    gone = attempt_events(make_post("Summer"), SUBMITTED)
    assert item_of(WINTER, events=gone).state is State.MISSING
    nowhere = attempt_events(make_post("Summer", source=""), SUBMITTED)
    assert item_of(replace(WINTER, source=""), events=nowhere).state is State.MISSING


def test_a_redraw_that_was_not_fetched_is_fetched_without_asking_again() -> None:
    """A picture that is there is replaced by the one that was paid for, until another one was saved."""
    events = [*attempt_events(WINTER, SAVED, attempt="older", time=NOW - hours(5))]
    redraw = attempt_events(WINTER, SUBMITTED, attempt="redraw", fingerprint="another", redraw=True)
    assert item_of(WINTER, files=[FILE], events=[*events, *redraw]).state is State.PENDING
    assert item_of(WINTER, files=[FILE], events=[*events, *redraw], settings=CHANGED).state is State.PRESENT
    forced = attempt_events(WINTER, SUBMITTED, attempt="forced", redraw=True)
    assert item_of(WINTER, files=[FILE], events=[*events, *forced], settings=CHANGED).state is State.PENDING
    same_second = attempt_events(WINTER, SAVED, attempt="same second")
    assert item_of(WINTER, files=[FILE], events=[*same_second, *redraw]).state is State.PENDING
    later = attempt_events(WINTER, SAVED, attempt="later", time=NOW + hours(1))
    assert item_of(WINTER, files=[FILE], events=[*events, *redraw, *later]).state is State.PRESENT
    not_ours = attempt_events(WINTER, SUBMITTED, attempt="first")
    assert item_of(WINTER, files=[FILE], events=not_ours).state is State.PRESENT


def test_a_refused_control_image_is_not_sent_again(tmp_path: Path) -> None:
    """A preparation that fal refused holds for the hero as a refusal of its own, until --retry."""
    sketch = Overrides(control=save_picture(tmp_path / "sketch.png"), control_type="scribble")
    post = replace(WINTER, overrides=sketch)
    preparation = build_request(post, Settings()).preparation
    assert preparation
    told: dict[str, Any] = {"fingerprint": preparation.fingerprint, "endpoint": preparation.endpoint}
    refused = attempt_events(post, REFUSED, **told, reason="no picture")
    assert item_of(post, events=refused).state is State.REFUSED
    assert item_of(post, events=refused, retry=True).state is State.MISSING
    failed = attempt_events(post, FAILED, **told, attempt="failed", time=NOW + hours(1))
    assert item_of(post, events=[*refused, *failed]).state is State.REFUSED
    taken = attempt_events(post, SUBMITTED, **told, attempt="later", time=NOW + hours(1))
    assert item_of(post, events=[*refused, *taken]).state is State.MISSING


# What has changed.


def test_a_hero_is_drawn_anew_on_demand() -> None:
    """Who asks for a new picture gets one, and sees the old one until then; what is under way is fetched instead."""
    stems = [hero_stem(WINTER.title)]
    item = item_of(WINTER, files=[FILE], events=attempt_events(WINTER, SAVED), redo=stems)
    assert (item.state, item.file) == (State.STALE, FILE)
    assert item_of(WINTER, files=[FILE], redo=stems).state is State.STALE
    assert item_of(WINTER, files=[FILE], events=attempt_events(WINTER, SUBMITTED), redo=stems).state is State.PENDING
    assert item_of(WINTER, files=[FILE], redo=["hero-another"]).state is State.PRESENT


def test_editing_buys_nothing() -> None:
    """By default a picture stays, whatever becomes of text, style, model or seed."""
    events = attempt_events(WINTER, SAVED)
    edited = replace(WINTER, excerpt_markup="Other words")
    for settings in (Settings(), Settings(style="ink"), Settings(model="fal-ai/flux/krea"), Settings(seed=5)):
        assert item_of(edited, files=[FILE], events=events, settings=settings).state is State.PRESENT


def test_who_asks_for_it_gets_new_pictures_for_changed_requests() -> None:
    """With FALHERO_REFRESH = "changed" the fingerprint decides, and the old picture is shown meanwhile."""
    events = attempt_events(WINTER, SAVED)
    assert item_of(WINTER, files=[FILE], events=events, settings=CHANGED).state is State.PRESENT
    item = item_of(replace(WINTER, excerpt_markup="Other words"), files=[FILE], events=events, settings=CHANGED)
    assert (item.state, item.file) == (State.STALE, FILE)


def test_a_picture_that_the_ledger_does_not_know_is_not_stale() -> None:
    """An author's own file under a hero's name, or one whose line a crash took, is left as it is."""
    assert item_of(WINTER, files=[FILE], settings=CHANGED).state is State.PRESENT
    assert (
        item_of(WINTER, files=[FILE], events=attempt_events(WINTER, SUBMITTED), settings=CHANGED).state is State.PRESENT
    )


def test_the_last_picture_decides_whether_there_is_a_change() -> None:
    """Going back to words of before is a change too."""
    edited = replace(WINTER, excerpt_markup="Other words")
    events = [
        *attempt_events(WINTER, SAVED, attempt="older", time=NOW - hours(5)),
        *attempt_events(edited, SAVED, attempt="younger", time=NOW),
    ]
    assert item_of(edited, files=[FILE], events=events, settings=CHANGED).state is State.PRESENT
    assert item_of(WINTER, files=[FILE], events=events, settings=CHANGED).state is State.STALE


def test_a_changed_request_that_is_pending_or_refused_is_not_bought_again() -> None:
    """A redrawing that was interrupted is fetched, and one that was refused leaves the old picture alone."""
    edited = replace(WINTER, excerpt_markup="Other words")
    for outcome, state in ((SUBMITTED, State.PENDING), (REFUSED, State.REFUSED)):
        events = [
            *attempt_events(WINTER, SAVED, attempt="older", time=NOW - hours(5)),
            *attempt_events(edited, outcome),
        ]
        item = item_of(edited, files=[FILE], events=events, settings=CHANGED)
        assert (item.state, item.file) == (state, FILE)


# Titles.


def test_a_retitled_post_keeps_its_picture() -> None:
    """The picture that its file's last hero has is shown, and is to be kept under the new name."""
    renamed = replace(WINTER, title="Hikes in winter")
    item = item_of(renamed, files=[FILE], events=attempt_events(WINTER, SAVED))
    assert (item.state, item.file) == (State.RETITLED, FILE)
    assert item.copied_fingerprint == build_request(WINTER, Settings()).fingerprint
    assert item.name == f"{hero_stem('Hikes in winter')}.png"


def test_a_post_that_was_retitled_twice_keeps_its_last_picture() -> None:
    """Of several former titles the youngest counts, also where the picture was kept then."""
    second = replace(WINTER, title="Hikes in winter")
    kept = make_event(
        SAVED, attempt="kept", hero=f"{hero_stem(second.title)}.webp", time=NOW + hours(1), kept_from=FILE
    )
    item = item_of(
        replace(WINTER, title="Snow"),
        files=[FILE, f"{hero_stem(second.title)}.webp"],
        events=[*attempt_events(WINTER, SAVED), kept],
    )
    assert (item.state, item.file) == (State.RETITLED, f"{hero_stem(second.title)}.webp")


def test_a_retitled_post_keeps_its_picture_whatever_failed_since() -> None:
    """A try that came to nothing under a title in between is no picture."""
    between = attempt_events(replace(WINTER, title="Hikes"), FAILED, time=NOW + hours(1))
    item = item_of(
        replace(WINTER, title="Hikes in winter"), files=[FILE], events=[*attempt_events(WINTER, SAVED), *between]
    )
    assert (item.state, item.file) == (State.RETITLED, FILE)


def test_a_picture_is_known_by_the_name_that_it_was_saved_under() -> None:
    """After a retitle between request and picture, what the new name's picture was drawn for is still known."""
    renamed = replace(WINTER, title="Hikes in winter")
    file = f"{hero_stem(renamed.title)}.png"
    *sent, saved = attempt_events(WINTER, SAVED)
    events = [*sent, replace(saved, hero=file)]
    assert item_of(renamed, files=[file], events=events, settings=CHANGED).state is State.STALE


def test_without_its_old_picture_a_retitled_post_gets_a_new_one() -> None:
    """There is nothing to keep where the file is gone, the post moved, or the fingerprint decides."""
    renamed = replace(WINTER, title="Hikes in winter")
    events = attempt_events(WINTER, SAVED)
    assert item_of(renamed, events=events).state is State.MISSING
    assert item_of(replace(renamed, source="moved.md"), files=[FILE], events=events).state is State.MISSING
    assert item_of(renamed, files=[FILE], events=events, settings=CHANGED).state is State.MISSING


COVERS = f"images/covers/{FILE}"


@pytest.mark.parametrize("settings", [Settings(), CHANGED], ids=["missing", "changed"])
def test_a_picture_of_another_folder_is_copied(settings: Settings) -> None:
    """What was last saved in another folder is there for nothing, with the request that drew it."""
    events = attempt_events(WINTER, SAVED)
    item = item_of(WINTER, events=events, settings=settings, elsewhere={hero_stem(WINTER.title): COVERS})
    assert (item.state, item.file, item.copied_from) == (State.ELSEWHERE, None, COVERS)
    assert item.copied_fingerprint == events[-1].fingerprint
    assert item_of(WINTER, events=events, settings=settings, elsewhere={"hero-1": COVERS}).state is State.MISSING


def test_a_picture_of_another_folder_is_copied_whatever_was_edited_since() -> None:
    """Unless FALHERO_REFRESH = "changed" asks for a picture of the words of today."""
    edited = replace(WINTER, excerpt_markup="Other words")
    there: dict[str, Any] = {
        "events": attempt_events(WINTER, SAVED),
        "elsewhere": {hero_stem(WINTER.title): COVERS},
    }
    assert item_of(edited, **there).state is State.ELSEWHERE
    assert item_of(edited, **there, settings=CHANGED).state is State.MISSING


def test_a_retitled_posts_picture_is_found_in_either_folder() -> None:
    """The one in the assets folder is shown meanwhile; the one of another folder is only copied."""
    renamed = replace(WINTER, title="Hikes in winter")
    events = attempt_events(WINTER, SAVED)
    here = item_of(renamed, files=[FILE], events=events, folder="images/heroes")
    assert (here.file, here.copied_from) == (FILE, f"images/heroes/{FILE}")
    there = item_of(renamed, events=events, elsewhere={hero_stem(WINTER.title): COVERS})
    assert (there.state, there.file, there.copied_from) == (State.RETITLED, None, COVERS)
    assert here.copied_fingerprint == there.copied_fingerprint == events[-1].fingerprint
    first = make_post(renamed.title, source="a.md", date=day(1))
    assert item_of(first, replace(renamed, date=day(2)), files=[FILE], events=events).state is State.RETITLED


def test_posts_of_one_title_share_a_hero() -> None:
    """They are one item, and the oldest, by date and then by path, decides the request."""
    posts = [
        make_post("Winter", source="c.md", date=day(2), excerpt_markup="c"),
        make_post("Winter", source="b.md", date=day(1), excerpt_markup="b"),
        make_post("Winter", source="a.md", date=day(2), excerpt_markup="a"),
        make_post("Winter", source="d.md", date=None, excerpt_markup="d"),
    ]
    for order in (posts, posts[::-1]):
        item = item_of(*order)
        assert [post.source for post in item.posts] == ["b.md", "a.md", "c.md", "d.md"]
        assert item.request == build_request(posts[1], Settings())


def test_posts_of_one_title_do_not_buy_in_turns() -> None:
    """Their hero is stale only when it matches none of them."""
    older, younger, other = (
        make_post("Winter", source=f"{name}.md", date=day(number), excerpt_markup=name)
        for number, name in enumerate(["a", "b", "c"], start=1)
    )
    file = f"{hero_stem('Winter')}.png"
    for drawn, state in ((older, State.PRESENT), (younger, State.PRESENT), (other, State.STALE)):
        events = attempt_events(drawn, SAVED)
        assert item_of(older, younger, files=[file], events=events, settings=CHANGED).state is state


def test_what_any_post_of_a_title_has_paid_for_is_fetched() -> None:
    """A request that is pending is wanted as long as one of the posts asks for it, whichever decides the next."""
    older, younger = (
        make_post("Winter", source=f"{name}.md", date=day(number), excerpt_markup=name)
        for number, name in enumerate(["a", "b"], start=1)
    )
    for sent in (older, younger):
        assert item_of(older, younger, events=attempt_events(sent, SUBMITTED)).state is State.PENDING


def test_the_newest_come_first() -> None:
    """Money goes to the newest posts first; dates with and without a zone go together."""
    dates = {"a": day(1), "b": day(3, zone=None), "c": day(2), "d": day(3)}
    plan = plan_of(*(make_post(name, date=date) for name, date in dates.items()))
    assert [item.post.title for item in plan.items] == ["d", "b", "c", "a"]


def test_a_post_without_a_date_is_as_new_as_can_be() -> None:
    """Pages, and drafts that have no date yet, are what their author is at."""
    plan = plan_of(make_post("a", date=day(30)), make_post("b", date=None))
    assert [item.post.title for item in plan.items] == ["b", "a"]


def test_a_plan_by_files_tells_only_what_is_there() -> None:
    """For a build that makes nothing: no request is made, and order and names are those of any plan."""

    def prompt(article: object) -> str:
        pytest.fail("there is nothing to draw")

    settings = Settings(prompt=prompt)
    older, newer = replace(WINTER, date=day(1)), make_post("Summer", date=day(2))
    plan = make_plan_by_files([older, newer], {hero_stem(WINTER.title): "kept.webp"}, settings)
    assert [(item.post, item.state, item.file) for item in plan.items] == [
        (newer, State.MISSING, None),
        (older, State.PRESENT, "kept.webp"),
    ]
    assert all(item.settings is settings for item in plan.items)


def test_items_are_found_by_state() -> None:
    """A plan tells what is in any of some states, in its own order."""
    plan = plan_of(WINTER, make_post("Summer"), make_post("Autumn"), files=[FILE])
    assert plan.in_state(State.PRESENT) == tuple(item for item in plan.items if item.name == FILE)
    assert len(plan.in_state(State.PRESENT, State.MISSING)) == 3
    assert plan.in_state() == ()


# Any history at all.

SUBJECTS = [make_post(title) for title in ("Winter", "Summer", "Autumn")]
LIVES = [
    (SUBMITTING,),
    (SUBMITTING, FAILED),
    (SUBMITTING, REFUSED),
    (SUBMITTING, SUBMITTED),
    (SUBMITTING, SUBMITTED, FAILED),
    (SUBMITTING, SUBMITTED, REFUSED),
    (SUBMITTING, SUBMITTED, SAVED),
]
"""All that can become of a try."""


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """What several builds write down of three heroes, their lines mixed as those of many threads are."""
    lives = draw(st.lists(st.tuples(st.sampled_from(SUBJECTS), st.sampled_from(LIVES)), max_size=8))
    tries: list[list[Event]] = []
    for number, (post, kinds) in enumerate(lives):
        about: dict[str, Any] = {"attempt": f"a{number}", "time": NOW + hours(number)}
        whole = {event.event: event for kind in kinds for event in attempt_events(post, kind, **about)}
        tries.append([whole[kind] for kind in kinds])
    events: list[Event] = []
    while remaining := [events for events in tries if events]:
        events.append(draw(st.sampled_from(remaining)).pop(0))
    return events


def expected(post: Post, events: Iterable[Event], files: Iterable[str]) -> State:
    """What a build has to do about a post, put together independently from the lines."""
    name = f"{hero_stem(post.title)}.png"
    lives: dict[str, set[str]] = {}
    for event in events:
        if event.hero == name:
            lives.setdefault(event.attempt, set()).add(event.event)
    if name in files:
        return State.PRESENT
    if any(SUBMITTED in life and not life & {SAVED, REFUSED, FAILED} for life in lives.values()):
        return State.PENDING
    return State.REFUSED if any(REFUSED in life for life in lives.values()) else State.MISSING


@PROPERTY
@given(st.data())
def test_no_beginning_of_any_history_buys_what_is_paid_for(data: st.DataObject) -> None:
    """Wherever a crash ends a ledger: what fal has is fetched, what is saved is there, what is refused is left."""
    history = data.draw(histories())
    for length in range(len(history) + 1):
        begun = history[:length]
        files = {event.hero for event in begun if event.event == SAVED}
        for item in plan_of(*SUBJECTS, events=begun, files=files).items:
            assert item.state is expected(item.post, begun, files)


@PROPERTY
@given(st.data())
def test_no_merge_of_histories_buys_what_is_paid_for(data: st.DataObject) -> None:
    """In whatever order a union merge leaves the lines, and however often, the plan is the same."""
    history = data.draw(histories())
    begun = history[: data.draw(st.integers(0, len(history)))]
    again = data.draw(st.lists(st.sampled_from(begun), max_size=9)) if begun else []
    merged = data.draw(st.permutations(begun + again))
    files = {event.hero for event in begun if event.event == SAVED}
    for settings in (Settings(), CHANGED):
        plans = [plan_of(*SUBJECTS, events=events, files=files, settings=settings) for events in (begun, merged)]
        assert plans[0] == plans[1]


@PROPERTY
@given(st.data())
def test_a_picture_that_came_before_its_line_is_there(data: st.DataObject) -> None:
    """A crash between moving a picture to its place and writing so down costs nothing, whatever the settings."""
    history = data.draw(histories())
    begun = history[: data.draw(st.integers(0, len(history)))]
    files = {event.hero for event in begun if event.event in (SUBMITTED, SAVED)}
    for settings in (Settings(), CHANGED):
        for item in plan_of(*SUBJECTS, events=begun, files=files, settings=settings).items:
            assert not item.file or item.state not in TO_BUY
