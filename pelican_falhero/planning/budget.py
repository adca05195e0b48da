"""Select the heroes that a day's and a month's budget can pay for. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from ..settings import Settings
from ..storage.attempts import Attempt, spent
from .item import Item

DAY = datetime.timedelta(hours=24)
CLOCK_TOLERANCE = datetime.timedelta(hours=1)
"""Events up to this far in the future count as spent: the clocks of machines that share a ledger differ."""
_ROUNDING = 1e-9
"""USD; sums of prices such as 0.1 are not exact."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """The USD that may still be spent; ``month`` is infinite without a monthly budget."""

    day: float
    month: float

    def covers(self, usd: float) -> bool:
        """Whether this amount may be spent."""
        return usd <= 0 or usd <= min(self.day, self.month) + _ROUNDING

    def minus(self, usd: float) -> Allowance:
        """Return the allowance that remains after spending this amount."""
        return Allowance(day=self.day - usd, month=self.month - usd)

    @property
    def limiting_setting(self) -> str:
        """The setting with the smaller remaining budget."""
        return "FALHERO_BUDGET" if self.day <= self.month else "FALHERO_MONTHLY_BUDGET"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Heroes to buy, sorted by whether the budget can pay for them."""

    affordable: tuple[Item, ...]
    unaffordable: tuple[Item, ...]
    """Heroes that cost more than the remaining budget."""
    unpriced: tuple[Item, ...]
    """Heroes whose price is not known."""
    limiting_setting: str
    """The budget setting that is exhausted first."""

    @property
    def affordable_usd(self) -> float:
        """USD that the affordable heroes cost; equal requests count once."""
        return sum({item.expected_fingerprint: item.price or 0.0 for item in self.affordable}.values())

    @property
    def unaffordable_usd(self) -> float:
        """USD that the unaffordable heroes would cost; equal requests count once."""
        return sum({item.expected_fingerprint: item.price or 0.0 for item in self.unaffordable}.values())


def spent_in_a_day(attempts: Iterable[Attempt], now: datetime.datetime) -> float:
    """Sum the USD that attempts of the last 24 hours cost or may have cost.

    Attempts dated further ahead than ``CLOCK_TOLERANCE``, by a wrong clock, do not count.
    """
    return spent(attempts, since=now - DAY, until=now + CLOCK_TOLERANCE)


def spent_in_a_month(attempts: Iterable[Attempt], now: datetime.datetime) -> float:
    """Sum the USD that attempts of this calendar month (UTC) cost or may have cost, with the same tolerance."""
    month = now.astimezone(datetime.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return spent(attempts, since=month, until=now + CLOCK_TOLERANCE)


def allowance(attempts: Iterable[Attempt], settings: Settings, now: datetime.datetime) -> Allowance:
    """Return what remains of the budgets for the last 24 hours and for the calendar month (UTC)."""
    attempts = tuple(attempts)
    monthly = settings.monthly_budget
    return Allowance(
        day=settings.budget - spent_in_a_day(attempts, now),
        month=float("inf") if monthly is None else monthly - spent_in_a_month(attempts, now),
    )


def select(items: Iterable[Item], money: Allowance, *, paid: Iterable[str] = ()) -> Selection:
    """Select the heroes that can be bought, in the given order; equal requests are paid for once.

    ``paid`` holds the fingerprints of requests that are already paid for.
    """
    affordable: list[Item] = []
    unaffordable: list[Item] = []
    unpriced: list[Item] = []
    covered = set(paid)
    limiting_setting = money.limiting_setting
    for item in items:
        fingerprint = item.expected_fingerprint
        price = item.price
        if fingerprint in covered:
            affordable.append(item)
        elif price is None:
            unpriced.append(item)
        elif money.covers(price):
            affordable.append(item)
            covered.add(fingerprint)
            money = money.minus(price)
            limiting_setting = money.limiting_setting
        else:
            unaffordable.append(item)
    return Selection(
        affordable=tuple(affordable),
        unaffordable=tuple(unaffordable),
        unpriced=tuple(unpriced),
        limiting_setting=limiting_setting,
    )
