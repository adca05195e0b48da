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
        "2026-10  dev         2 heroes  $0.05",
        "2026-10  fal-ai/new  1 hero    $0.50",
        "2026-11  dev         0 heroes  $0.025  1 uncertain: fal never said whether it accepted them",
        "in all               3 heroes  $0.575",
    ]
    damage = "content/.falhero/ledger.jsonl: line 3 can't be read and is ignored; fix or delete it by hand"
    assert ran.err == f"falhero: {damage}\n"
    document = terminal.falhero("spend", "--json").json
    summary = {"heroes": 3, "candidates": 0, "texts": 0, "uncertain": 1, "usd": 0.575}
    assert document["summary"] == summary
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


def test_what_was_billed_stands_beside_the_estimate(blog: Blog) -> None:
    """Where fal billed another sum than was expected, both are told; a job that failed for nothing is no difference."""
    day = "2026-10-03"
    blog.write(
        ".falhero/ledger.jsonl",
        event(day, 1, "submitting")
        + event(day, 1, "saved", usd=0.02)
        + event(day, 2, "submitting", "fal-ai/flux/schnell", usd=0.003)
        + event(day, 2, "saved", "fal-ai/flux/schnell", usd=0.003)
        + event(day, 3, "submitting")
        + event(day, 3, "failed", usd=0.0),
    )
    terminal = at_home(blog).alone()
    assert terminal.falhero("spend").lines == [
        "2026-10  dev      1 hero    $0.02   (estimated $0.025)",
        "2026-10  schnell  1 hero    $0.003",
        "in all            2 heroes  $0.023  (estimated $0.028)",
    ]
    rows = terminal.falhero("spend", "--json").json["months"]
    assert [(row["usd"], row["estimated_usd"]) for row in rows] == [(0.02, 0.025), (0.003, 0.003)]


def test_a_ledger_of_another_version_is_told_as_far_as_it_is_known(blog: Blog) -> None:
    """A byte order mark, old line ends and events of a later version neither hide a hero nor draw a remark."""
    lines = "\ufeff" + event("2026-10-03", 1, "saved") + event("2026-10-03", 2, "weighed") + '{"v": 9}\n'
    blog.write(".falhero/ledger.jsonl", "").write_bytes(lines.replace("\n", "\r").encode())
    ran = at_home(blog).alone().falhero("spend")
    assert ran.lines == ["2026-10  dev  1 hero    $0.025", "in all        1 hero    $0.025"]
    assert ran.err == ""


def test_nothing_spent_is_no_error(blog: Blog) -> None:
    """A site without a ledger has spent nothing."""
    assert at_home(blog).falhero("spend").lines == ["in all     0 heroes  $0.00"]


def test_an_event_of_the_future_does_not_stop_a_build(blog: Blog, fal: FalServer) -> None:
    """What a wrong clock once wrote down leaves today's budget for today's heroes."""
    blog.write(".falhero/ledger.jsonl", event("2226-10-03", 1, "saved", usd=1.0))
    blog.post("a.md", "Winter hikes")
    assert at_home(blog, fal.environment()).falhero("generate").code == 0
    assert fal.charges == 1
