"""What may be spent: the newest heroes first, within a day's and a month's budget. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from ..settings import Settings
from ..storage.ledger import Attempt, spent
from .item import Item

DAY = datetime.timedelta(hours=24)
CLOCK_TOLERANCE = datetime.timedelta(hours=1)
"""How far ahead of this clock an event still counts: clocks of machines that share a ledger differ."""
_ROUNDING = 1e-9
"""USD; sums of prices such as 0.1 are not exact."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """USD that are left to spend."""

    day: float
    month: float

    def covers(self, usd: float) -> bool:
        """Whether so much may be spent."""
        return usd <= 0 or usd <= min(self.day, self.month) + _ROUNDING

    def minus(self, usd: float) -> Allowance:
        """What is left afterwards."""
        return Allowance(day=self.day - usd, month=self.month - usd)

    @property
    def limiting_setting(self) -> str:
        """The setting that ends first."""
        return "FALHERO_BUDGET" if self.day <= self.month else "FALHERO_MONTHLY_BUDGET"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Heroes to buy, by what the money allows."""

    affordable: tuple[Item, ...]
    unaffordable: tuple[Item, ...]
    """What does not fit."""
    unpriced: tuple[Item, ...]
    """What has no known price."""
    limiting_setting: str
    """The setting that what is left does not fit into."""

    @property
    def unaffordable_usd(self) -> float:
        """What it would cost to make the heroes that are left."""
        return sum({item.request.fingerprint: item.price or 0.0 for item in self.unaffordable}.values())


def spent_in_a_day(attempts: Iterable[Attempt], now: datetime.datetime) -> float:
    """USD that tries of the last 24 hours cost or may have cost; what a wrong clock dated far ahead does not count."""
    return spent(attempts, since=now - DAY, until=now + CLOCK_TOLERANCE)


def spent_in_a_month(attempts: Iterable[Attempt], now: datetime.datetime) -> float:
    """USD that tries of this calendar month (UTC) cost or may have cost, by the same rule."""
    month = now.astimezone(datetime.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return spent(attempts, since=month, until=now + CLOCK_TOLERANCE)


def allowance(attempts: Iterable[Attempt], settings: Settings, now: datetime.datetime) -> Allowance:
    """What the ledger leaves of the budgets: of any 24 hours, and of the calendar month in UTC."""
    tries = tuple(attempts)
    monthly = settings.monthly_budget
    return Allowance(
        day=settings.budget - spent_in_a_day(tries, now),
        month=float("inf") if monthly is None else monthly - spent_in_a_month(tries, now),
    )


def select(items: Iterable[Item], money: Allowance, *, paid: Iterable[str] = ()) -> Selection:
    """Which of these heroes, in their order, can be bought; equal requests are paid for once.

    ``paid`` are the fingerprints of requests that are paid for already.
    """
    affordable: list[Item] = []
    unaffordable: list[Item] = []
    unpriced: list[Item] = []
    covered = set(paid)
    limiting_setting = money.limiting_setting
    for item in items:
        fingerprint = item.request.fingerprint
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
