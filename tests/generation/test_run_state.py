"""What the jobs of a run share: its money, its gate for the first submit, and what halts it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_provider import ScriptedProvider, site_in

from pelican_falhero.errors import (
    AccountError,
    BusyError,
    DeadlineError,
    HeroError,
    JobError,
    LedgerError,
    RefusedError,
    UncertainError,
)
from pelican_falhero.generation.run_state import RunState, Silent
from pelican_falhero.planning.budget import Allowance

INFINITY = float("inf")


def run_state(folder: Path, *, day: float = 1.0, month: float = INFINITY) -> RunState:
    """The state of a run that has sent nothing yet, with this much money."""
    site = site_in(folder)
    return RunState(
        provider=ScriptedProvider(),
        settings=site.settings,
        library=site.library,
        ledger=site.ledger,
        listener=Silent(),
        money=Allowance(day=day, month=month),
        retry=False,
    )


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunState]:
    """The state of a run that has sent nothing yet, with a dollar for the day."""
    state = run_state(tmp_path)
    yield state
    state.checkers.shutdown()


def send(run: RunState, error: HeroError | None = None) -> None:
    """Send a request that ends so."""
    with run.submit_gate():
        if error:
            raise error


# Money.


def test_what_is_reserved_is_gone(run: RunState) -> None:
    """Each reservation takes from what is left, and one that does not fit takes nothing."""
    assert run.reserve(0.6)
    assert not run.reserve(0.5)
    assert run.reserve(0.4)
    assert not run.reserve(0.01)
    assert run.reserve(0.0)


def test_a_reservation_must_fit_the_month_too(tmp_path: Path) -> None:
    """The smaller of both budgets decides."""
    run = run_state(tmp_path, month=0.5)
    assert not run.reserve(0.6)
    assert run.reserve(0.5)


# What halts a run.


def test_the_first_error_that_halts_a_run_is_the_one_that_is_told(run: RunState) -> None:
    """Later ones give way to it; an error of one hero halts nothing."""
    assert run.halt_error is None
    own = JobError("broken")
    assert run.halt_if_fatal(own) is own
    assert run.halt_error is None
    first, second = AccountError("the key is wrong"), LedgerError("the disk is full")
    assert run.halt_if_fatal(first) is first
    assert run.halt_if_fatal(second) is first
    assert run.halt_if_fatal(own) is own
    assert run.halt_error is first


def test_a_halted_run_sends_nothing(run: RunState) -> None:
    """Whoever wants to send is told why not."""
    run.halt(AccountError("the key is wrong"))
    with pytest.raises(AccountError, match="the key is wrong"):
        send(run)


def test_a_submit_that_shows_a_wrong_key_halts_the_run(run: RunState) -> None:
    """The next one is not sent."""
    error = AccountError("the key is wrong")
    with pytest.raises(AccountError):
        send(run, error)
    assert run.halt_error is error


@pytest.mark.parametrize("error", [DeadlineError("timed out"), JobError("broken"), RefusedError("flagged")])
def test_a_submit_that_fails_for_one_hero_halts_nothing(run: RunState, error: HeroError) -> None:
    """The others are sent all the same."""
    with pytest.raises(type(error)):
        send(run, error)
    send(run)
    assert run.halt_error is None


@pytest.mark.parametrize(
    ("outcomes", "is_halted"),
    [
        ("?", False),
        ("??", True),
        ("?!?", True),
        ("!!?!!!!?", True),
        ("!!!!!!!?!?", False),
        ("!!!!!!?!?!?", True),
        # What was never sent is no submit with an answer.
        ("!!!-!-!-?!?", True),
        # fal was busy, or refused: these are answers.
        ("bbrrbbrr?b?", False),
        ("rrrbbj?j?", False),
        ("rrrbj?j?", True),
    ],
)
def test_a_run_halts_when_a_quarter_of_its_answers_is_lost(run: RunState, outcomes: str, is_halted: bool) -> None:
    """At least two, and a quarter of all that was sent: each of those may be charged without a picture."""
    errors = {
        "!": None,
        "?": UncertainError("the connection broke"),
        "-": DeadlineError("timed out"),
        "b": BusyError("busy"),
        "r": RefusedError("flagged"),
        "j": JobError("broken"),
    }
    for outcome in outcomes:
        assert run.halt_error is None
        try:
            send(run, errors[outcome])
        except HeroError as error:
            assert error is errors[outcome]  # noqa: PT017 - whatever it raises is what was put in
    assert bool(run.halt_error) is is_halted


def test_a_run_that_lost_answers_says_how_many(run: RunState) -> None:
    """The reason has both numbers and what comes next."""
    for error in (None, UncertainError("broke"), None, UncertainError("broke")):
        try:
            send(run, error)
        except UncertainError:
            continue
    assert str(run.halt_error) == (
        "fal gave no clear answer to 2 of 4 requests, so this run sends no more; the next build tries again"
    )


# The first submit goes alone.


class Sender(threading.Thread):
    """A job in its thread, which stays inside the gate until it is told how its submit ends."""

    def __init__(self, run: RunState) -> None:
        super().__init__(daemon=True)
        self.run_state = run
        self.is_inside = threading.Event()
        self.end = threading.Event()
        self.outcome: HeroError | None = None
        """What the submit raises."""
        self.error: HeroError | None = None
        """What came out of the gate."""
        self.start()

    def run(self) -> None:
        """Pass the gate."""
        try:
            with self.run_state.submit_gate():
                self.is_inside.set()
                assert self.end.wait(10)
                if self.outcome:
                    raise self.outcome
        except HeroError as error:
            self.error = error

    def finish(self, outcome: HeroError | None = None) -> None:
        """Have the submit end so."""
        self.outcome = outcome
        self.end.set()
        self.join(10)


def waits(*senders: Sender) -> bool:
    """Whether none of them gets inside within a moment."""
    return not any(sender.is_inside.wait(0.05) for sender in senders)


@pytest.mark.parametrize("answer", [None, BusyError("busy"), RefusedError("flagged"), JobError("broken")])
def test_the_first_submit_is_sent_alone(run: RunState, answer: HeroError | None) -> None:
    """Until fal has answered it, whatever it answers; then all the others go at once, and none waits any more."""
    first = Sender(run)
    assert first.is_inside.wait(10)
    others = [Sender(run), Sender(run)]
    assert waits(*others)
    first.finish(answer)
    assert first.error is answer
    others.append(Sender(run))
    assert all(other.is_inside.wait(10) for other in others)
    for other in others:
        other.finish()


@pytest.mark.parametrize("trouble", [UncertainError("the connection broke"), DeadlineError("timed out")])
def test_a_submit_without_an_answer_lets_one_other_through(run: RunState, trouble: HeroError) -> None:
    """It has not shown that key, account and network work, so that the next is sent alone again."""
    first = Sender(run)
    assert first.is_inside.wait(10)
    second = Sender(run)
    first.finish(trouble)
    assert second.is_inside.wait(10)
    third = Sender(run)
    assert waits(third)
    second.finish()
    assert third.is_inside.wait(10)
    third.finish()
    assert (second.error, third.error) == (None, None)


def test_who_waits_for_a_first_submit_that_halts_the_run_sends_nothing(run: RunState) -> None:
    """A wrong key is found out by one request and not by ten."""
    first = Sender(run)
    assert first.is_inside.wait(10)
    second = Sender(run)
    error = AccountError("the key is wrong")
    first.finish(error)
    second.join(10)
    assert (second.is_inside.is_set(), second.error) == (False, error)
