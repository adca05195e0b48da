"""What made a picture: found by its content, else by its name."""

from __future__ import annotations

from builders import NOW, attempt_events, hours, make_event, make_post

from pelican_falhero.gallery.origin import Origins
from pelican_falhero.storage.assets import hero_stem
from pelican_falhero.storage.attempts import attempts_of
from pelican_falhero.storage.events import FAILED, REFUSED, SAVED, SUBMITTED, SUBMITTING, Event

STEM = hero_stem("Winter hikes")


def drawn(attempt: str, sha256: str, *, hour: int = 0, **fields: object) -> tuple[Event, ...]:
    """The events of a picture that was drawn, whose prompt names the attempt."""
    time = NOW + hours(hour)
    begun = make_event(SUBMITTING, attempt=attempt, time=time, prompt=f"prompt of {attempt}")
    return begun, make_event(SAVED, attempt=attempt, time=time, sha256=sha256, **fields)


def origins(*events: Event) -> Origins:
    """What these events tell."""
    return Origins(attempts_of(events))


def test_the_content_tells_more_than_the_name() -> None:
    """Of two pictures of one name, the one whose content the file has made it, be it the older one."""
    known = origins(*drawn("old", "d1", seed=1, usd=0.04), *drawn("new", "d2", hour=1, seed=2))
    found = known.find(STEM, "d1")
    assert found is not None
    assert (found.prompt, found.seed, found.usd, found.is_changed) == ("prompt of old", 1, 0.04, False)


def test_a_changed_file_is_known_by_its_name() -> None:
    """What the ledger does not know by its content is what was last saved under its name, and was changed since."""
    known = origins(*drawn("old", "d1"), *drawn("new", "d2", hour=1))
    found = known.find(STEM, "other")
    assert found is not None
    assert (found.prompt, found.is_changed) == ("prompt of new", True)
    unhashed = origins(*drawn("old", "")).find(STEM, "other")
    assert unhashed is not None
    assert not unhashed.is_changed
    assert known.find(hero_stem("Somebody's own"), "other") is None
    assert known.find("", "other") is None


def test_a_copy_has_the_origin_of_its_original() -> None:
    """A picture that was copied for a new title has prompt and endpoint of the one that was drawn."""
    copy = make_event(SAVED, attempt="c", hero="hero-c.png", time=NOW + hours(1), sha256="d1", endpoint="fal-ai/new")
    copied = Event(**{**copy.__dict__, "kept_from": f"{STEM}.png"})
    found = origins(*drawn("a", "d1", seed=5), copied).find("hero-c", "d1")
    assert found is not None
    assert (found.prompt, found.endpoint, found.seed) == ("prompt of a", "fal-ai/flux/dev", 5)


def test_the_last_failure_is_told_until_a_picture_comes() -> None:
    """A failed, refused or unanswered attempt is told with its day; a pending or saved one after it is no failure."""
    post = make_post()
    failed = attempt_events(post, FAILED, reason="fal answered 500")
    assert origins(*failed).last_failure(STEM) == "The last attempt failed on 2026-11-15: fal answered 500"
    refused = attempt_events(post, REFUSED, reason="not allowed", time=NOW + hours(1))
    assert "was refused on 2026-11-15: not allowed" in origins(*failed, *refused).last_failure(STEM)
    assert "never said" in origins(*attempt_events(post, SUBMITTING)).last_failure(STEM)
    for outcome in (SUBMITTED, SAVED):
        later = attempt_events(post, outcome, time=NOW + hours(2))
        assert origins(*failed, *refused, *later).last_failure(STEM) == ""
    assert origins().last_failure(STEM) == ""
