"""What may be spent: the newest heroes first, and never more than a day's and a month's budget."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import pytest
from builders import NOW, PROPERTY, bought, clock_in, hours, make_post, plan_of
from hypothesis import given
from hypothesis import strategies as st

from pelican_falhero.planning.budget import Allowance, Selection, allowance, select, spent_in_a_day
from pelican_falhero.planning.item import Item
from pelican_falhero.settings import Settings
from pelican_falhero.storage.attempts import Attempt, spent

INFINITY = float("inf")
CENT = 1e-6
"""USD; what sums of binary fractions may be off by."""


def items(*prices: float | None) -> list[Item]:
    """Heroes with these prices, each an endpoint of its own; None: a price that nobody knows."""
    named = {f"me/m{number}": price for number, price in enumerate(prices)}
    settings = Settings(prices={name: price for name, price in named.items() if price is not None})
    posts = [make_post(f"Post {name}", model=name, source=name) for name in named]
    plan = plan_of(*posts, settings=settings)
    return sorted(plan.items, key=lambda item: list(named).index(item.post.source))


def usd(chosen: Iterable[Item]) -> float:
    """What it costs to make these."""
    return sum(item.price or 0.0 for item in chosen)


def twins(count: int) -> list[Item]:
    """Heroes of different titles whose requests are equal."""
    posts = [make_post(f"Post {number}", prompt="One prompt for all", seed=1) for number in range(count)]
    return list(plan_of(*posts).items)


# What is left of a budget.


def test_a_new_blog_has_its_whole_budget() -> None:
    """Without a history there is a dollar a day, and no limit for the month."""
    assert allowance([], Settings(), NOW) == Allowance(day=1.0, month=INFINITY)


@pytest.mark.parametrize(("age", "left"), [(0, 0.75), (23.99, 0.75), (24, 0.75), (24.01, 1.0), (100, 1.0), (-1, 0.75)])
def test_a_day_is_any_24_hours(age: float, left: float) -> None:
    """What was sent in the last 24 hours counts, whatever the date; so does what a clock an hour ahead has dated."""
    assert allowance([bought(0.25, NOW - hours(age), attempt="a")], Settings(), NOW).day == left


@pytest.mark.parametrize("ahead", [1.01, 24, 24 * 365 * 50])
def test_an_event_of_the_future_does_not_empty_a_budget(ahead: float) -> None:
    """What a wrong clock dated further ahead than clocks differ counts neither for the day nor for the month."""
    settings = Settings(monthly_budget=10.0)
    tries = [bought(0.25, NOW + hours(ahead), attempt="a"), bought(0.5, NOW, attempt="b")]
    assert allowance(tries, settings, NOW) == Allowance(day=0.5, month=9.5)
    assert spent_in_a_day(tries, NOW) == 0.5


def test_a_month_is_a_calendar_month_in_utc() -> None:
    """It begins at midnight of the first in UTC, whatever zone the clock shows."""
    settings = Settings(monthly_budget=10.0)
    first = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
    tries = [bought(1, first - hours(0.01), attempt="october"), bought(2, first, attempt="november")]
    istanbul = datetime.timezone(hours(3))
    assert allowance(tries, settings, NOW).month == 8
    assert allowance(tries, settings, first.astimezone(istanbul)).month == 8
    assert allowance(tries, settings, (first - hours(0.005)).astimezone(istanbul)).month == 7


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_a_month_begins_with_its_first_second(zone: str) -> None:
    """What was sent at midnight in UTC counts, to whatever minute and in whatever zone the machine's clock stands."""
    first = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
    tries = [bought(1, first, attempt="november"), bought(2, first - hours(0.001), attempt="october")]
    now = NOW.replace(hour=13, minute=59, second=58, microsecond=999_999)
    with clock_in(zone):
        assert allowance(tries, Settings(monthly_budget=10.0), now).month == 9


@pytest.mark.parametrize(
    ("day", "month", "price", "covered"),
    [
        (1.0, INFINITY, 1.0, True),
        (1.0, INFINITY, 1.01, False),
        (1.0, 0.5, 0.6, False),
        (0.5, 1.0, 0.6, False),
        (0.1 + 0.2, INFINITY, 0.3, True),
        (1.0 - 0.9, INFINITY, 0.1, True),
        (0.0, INFINITY, 0.0, True),
        (-0.5, INFINITY, 0.001, False),
        (-0.5, INFINITY, 0.0, True),
        (INFINITY, INFINITY, 1000.0, True),
    ],
)
def test_a_price_must_fit_both_budgets(day: float, month: float, price: float, covered: bool) -> None:
    """The smaller one decides, to the cent, whatever binary fractions make of tenths."""
    assert Allowance(day=day, month=month).covers(price) is covered


def test_the_budget_that_ends_first_is_named() -> None:
    """The user is told the setting that stands in the way."""
    assert Allowance(day=0.5, month=1).limiting_setting == "FALHERO_BUDGET"
    assert Allowance(day=1, month=0.5).limiting_setting == "FALHERO_MONTHLY_BUDGET"


# What is chosen.


def test_everything_fits_a_budget_that_is_large_enough() -> None:
    """Where the money reaches, all heroes are chosen, in their order."""
    wanted = items(0.5, 0.3, 0.2)
    assert select(wanted, Allowance(day=1.0, month=INFINITY)) == Selection(
        affordable=tuple(wanted), unaffordable=(), unpriced=(), limiting_setting="FALHERO_BUDGET"
    )


def test_the_first_ones_are_served_first() -> None:
    """Money goes to the heroes in the order of the plan, and the rest is told with its price."""
    wanted = items(*[0.025] * 500)
    chosen = select(wanted, Allowance(day=1.0, month=INFINITY))
    assert chosen.affordable == tuple(wanted[:40])
    assert chosen.unaffordable == tuple(wanted[40:])
    assert chosen.unaffordable_usd == pytest.approx(11.5)


def test_the_smaller_budget_is_the_one_that_is_named() -> None:
    """What does not fit is told with the setting that it does not fit into."""
    wanted = items(0.5, 0.5, 0.5)
    for money, binding in (
        (Allowance(day=5, month=1), "FALHERO_MONTHLY_BUDGET"),
        (Allowance(day=1, month=5), "FALHERO_BUDGET"),
    ):
        chosen = select(wanted, money)
        assert (len(chosen.affordable), chosen.limiting_setting) == (2, binding)


def test_a_budget_that_is_too_small_for_anything_is_named() -> None:
    """Where nothing was chosen, the setting is that of the smaller budget as it is."""
    assert select(items(2.0), Allowance(day=1, month=5)).limiting_setting == "FALHERO_BUDGET"
    assert select(items(2.0), Allowance(day=5, month=1)).limiting_setting == "FALHERO_MONTHLY_BUDGET"


def test_a_hero_without_a_known_price_is_not_bought() -> None:
    """It is neither chosen nor left for want of money, and takes nothing from the others."""
    unknown, known = items(None, 0.5)
    chosen = select([unknown, known], Allowance(day=0.5, month=INFINITY))
    assert (chosen.affordable, chosen.unpriced, chosen.unaffordable) == ((known,), (unknown,), ())


def test_equal_requests_are_paid_for_once() -> None:
    """Several heroes of one request cost what one costs."""
    wanted = twins(5)
    chosen = select(wanted, Allowance(day=0.03, month=INFINITY))
    assert chosen.affordable == tuple(wanted)


def test_a_request_that_is_paid_for_already_costs_nothing() -> None:
    """A hero whose request another has under way is chosen even when there is no money, or no price."""
    first, *others = twins(3)
    unpriced = items(None)
    paid = [first.request.fingerprint, unpriced[0].request.fingerprint]
    chosen = select([*others, *unpriced], Allowance(day=0.0, month=0.0), paid=paid)
    assert chosen.affordable == (*others, *unpriced)
    assert (chosen.unaffordable, chosen.unpriced) == ((), ())


def test_what_is_left_costs_no_more_than_it_would() -> None:
    """Equal requests that do not fit would be paid for once, too."""
    chosen = select(twins(5), Allowance(day=0.01, month=INFINITY))
    assert len(chosen.unaffordable) == 5
    assert chosen.unaffordable_usd == pytest.approx(0.025)


PRICE = st.sampled_from([0.0, 0.003, 0.025, 0.1, 0.3, 0.7]) | st.floats(0, 2)
PRICES = st.lists(PRICE | st.none(), min_size=1, max_size=12)
BUDGET = st.sampled_from([0.0, 0.1, 0.3, 0.5, 1.0, 2.0, INFINITY])
PAST = st.lists(st.tuples(st.sampled_from([0.025, 0.1, 0.3]), st.floats(0, 1000)), max_size=5)


@PROPERTY
@given(prices=PRICES, past=PAST, budget=BUDGET, monthly=BUDGET | st.none())
def test_what_is_chosen_never_exceeds_a_budget(
    prices: list[float | None], past: list[tuple[float, float]], budget: float, monthly: float | None
) -> None:
    """For any prices, any ledger and any two budgets: past and new money together stay within both."""
    tries = [bought(cost, NOW - hours(age), attempt=str(number)) for number, (cost, age) in enumerate(past)]
    money = allowance(tries, Settings(budget=budget, monthly_budget=monthly), NOW)
    wanted = items(*prices)
    chosen = select(wanted, money)
    if usd(chosen.affordable) > 0:
        assert spent(tries, since=NOW - hours(24)) + usd(chosen.affordable) <= budget + CENT
        month = NOW.replace(day=1, hour=0)
        assert monthly is None or spent(tries, since=month) + usd(chosen.affordable) <= monthly + CENT
    everything = [*chosen.affordable, *chosen.unaffordable, *chosen.unpriced]
    assert sorted(map(id, everything)) == sorted(map(id, wanted))


@PROPERTY
@given(prices=PRICES, budget=BUDGET, monthly=BUDGET | st.none())
def test_nothing_that_fits_is_left(prices: list[float | None], budget: float, monthly: float | None) -> None:
    """No hero is left that the money which remains would pay for."""
    money = allowance([], Settings(budget=budget, monthly_budget=monthly), NOW)
    chosen = select(items(*prices), money)
    remains = money.minus(usd(chosen.affordable))
    assert not [item for item in chosen.unaffordable if (item.price or 0.0) < min(remains.day, remains.month) - CENT]


@PROPERTY
@given(
    builds=st.lists(st.tuples(st.floats(0, 30), st.lists(PRICE, max_size=8)), max_size=12),
    budget=BUDGET,
    monthly=BUDGET | st.none(),
)
def test_no_day_and_no_month_of_many_builds_exceeds_its_budget(
    builds: list[tuple[float, list[float]]], budget: float, monthly: float | None
) -> None:
    """However often and whenever one builds: any 24 hours, and any calendar month, cost what they may."""
    settings = Settings(budget=budget, monthly_budget=monthly)
    now = datetime.datetime(2026, 10, 25, tzinfo=datetime.UTC)
    tries: list[Attempt] = []
    for pause, prices in builds:
        now += hours(pause)
        chosen = select(items(*prices), allowance(tries, settings, now))
        tries += [bought(item.price or 0.0, now, attempt=f"{len(tries)} {item.stem}") for item in chosen.affordable]
    for end in (attempt.first.time for attempt in tries):
        day = [attempt.usd for attempt in tries if end - hours(24) <= attempt.first.time <= end]
        month = [
            attempt.usd
            for attempt in tries
            if (attempt.first.time.year, attempt.first.time.month) == (end.year, end.month)
        ]
        assert sum(day) <= budget + CENT
        assert monthly is None or sum(month) <= monthly + CENT


@PROPERTY
@given(count=st.integers(1, 12), budget=st.floats(0, 0.2))
def test_equal_requests_never_exceed_a_budget_either(count: int, budget: float) -> None:
    """All heroes of one request are chosen, or none is."""
    chosen = select(twins(count), Allowance(day=budget, month=INFINITY))
    assert len(chosen.affordable) == (count if budget >= 0.025 - 1e-9 else 0)
