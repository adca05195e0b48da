"""falhero spend: what the ledger says was paid, by month and model."""

from __future__ import annotations

import fal_faults
import pytest
from blog import Blog
from fal_server import FalServer
from terminal import at_home


def event(day: str, number: int, kind: str, endpoint: str = "fal-ai/flux/dev", usd: float = 0.025) -> str:
    """A line of a ledger."""
    return (
        f'{{"v": 1, "event": "{kind}", "attempt": "{number}", "hero": "hero-{number:012d}.png", '
        f'"time": "{day}T10:00:00Z", "endpoint": "{endpoint}", "usd": {usd}}}\n'
    )


def test_spend_is_told_by_month_and_model(blog: Blog) -> None:
    """Sums come from the ledger, by month and model, what is uncertain marked, damage named, without a connection."""
    blog.write(
        ".falhero/ledger.jsonl",
        event("2026-10-03", 1, "saved")
        + event("2026-10-30", 2, "saved")
        + "damage\n"
        + event("2026-10-30", 3, "saved", "fal-ai/new", 0.5)
        + event("2026-11-01", 4, "submitting")
        + event("2026-11-01", 5, "refused", usd=0.0)
        + event("2026-11-02", 6, "failed", usd=0.0),
    )
    terminal = at_home(blog).alone()
    ran = terminal.falhero("spend")
    assert ran.code == 0
    assert ran.lines == [
        "2026-10  dev             2 heroes     $0.05",
        "2026-10  fal-ai/new        1 hero     $0.50",
        "2026-11  dev             0 heroes    $0.025  1 uncertain: fal never said whether it took them",
        "$0.575 in all",
    ]
    damage = "content/.falhero/ledger.jsonl: line 3 can't be read and is passed over; mend or delete it by hand"
    assert ran.err == f"falhero: {damage}\n"
    document = terminal.falhero("spend", "--json").json
    assert document["summary"] == {"heroes": 3, "uncertain": 1, "usd": 0.575}
    assert document["problems"] == [damage]


def test_spend_agrees_with_fal(blog: Blog, fal: FalServer) -> None:
    """What the command says was spent is what fal charged, and a picture that was kept cost nothing."""
    blog.post("a.md", "Winter hikes")
    blog.post("b.md", "Summer hikes")
    fal.faults.add("submit", fal_faults.content_policy(), nth=2)
    terminal = at_home(blog, fal.environment())
    terminal.falhero("generate")
    for name in ("a", "b"):
        blog.post(f"{name}.md", f"Retitled {name}")
    terminal.falhero("generate")
    document = terminal.falhero("spend", "--json").json
    assert document["summary"]["usd"] == pytest.approx(fal.cost_usd)
    assert sum(row["heroes"] for row in document["months"]) == fal.charges


def test_nothing_spent_is_no_error(blog: Blog) -> None:
    """A site without a ledger has spent nothing."""
    assert at_home(blog).falhero("spend").lines == ["$0.00 in all"]
