"""What scripts/bench measures, in its cheapest form, and what it makes of figures."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from bench import report
from bench.warm import ALONE, FALHERO, count_warm_builds, growth
from blog import HERE
from measured import can_count_instructions
from processes import run


@pytest.mark.long
def test_the_smallest_bench_tells_and_writes_what_it_measured(tmp_path: Path) -> None:
    """Each part that was asked for has its rows in the tables and in the JSON, beside those of an earlier run."""
    file = tmp_path / "bench.json"
    known = {"heroes": 60, "alone_mb": 50.0, "over_mb": 30.0}
    file.write_text(json.dumps({"tables": {"memory": [known]}}))
    options = ["warm", "commands", "--short", "--articles", "2", "--beside", "--json", str(file)]
    command = [sys.executable, "-m", "bench", *options]
    done = run(command, folder=tmp_path, env={**os.environ, "PYTHONPATH": str(HERE)})
    assert done.returncode == 0, done.stderr.decode()
    written = json.loads(file.read_text())
    assert written["machine"]["processors"] == os.cpu_count()
    tables = written["tables"]
    assert tables.keys() == {"warm", "memory", "commands"}
    warm = {(row["articles"], row["plugin"]): row["seconds"] for row in tables["warm"]}
    assert warm.keys() == {(2, ALONE), (2, FALHERO)}
    assert all(0.05 < seconds < 30 for seconds in warm.values())
    assert tables["memory"] == [known]
    commands = {row["what"]: row["processor_ms"] for row in tables["commands"]}
    assert commands["git push with the hook"] > commands["git push"] > 0
    assert commands["falhero plan"] > commands["falhero --help"] > 0
    assert commands["reading a ledger"] > commands["looking for pending redraws"] > 0
    text = done.stdout.decode()
    assert [line for line in text.splitlines() if line in {table.title for table in report.TABLES.values()}] == [
        report.TABLES[name].title for name in ("warm", "memory", "commands")
    ]


@pytest.mark.long
@pytest.mark.skipif(not can_count_instructions(), reason="no valgrind on the PATH")
def test_a_counted_build_has_more_instructions_with_the_plugin(tmp_path: Path) -> None:
    """Each blog's instructions are counted, and what is over Pelican alone is the plugin's."""
    alone, falhero = count_warm_builds(tmp_path, articles=1, beside=(), tell=lambda _: None)
    assert (alone["plugin"], falhero["plugin"]) == (ALONE, FALHERO)
    assert alone["over_millions"] == 0 < falhero["over_millions"] < alone["millions"]
    assert falhero["over_millions"] == pytest.approx(falhero["millions"] - alone["millions"])


def test_growth_tells_the_constant_from_what_each_article_takes() -> None:
    """Of 20 ms and 50 µs an article up to 1,000, and 150 µs from there, each part and the whole are told."""
    over = {100: 25.0, 1_000: 70.0, 10_000: 1_420.0}
    rows = [{"articles": articles, "plugin": FALHERO, "least_over_ms": ms} for articles, ms in over.items()]
    rows += [{"articles": articles, "plugin": ALONE, "least_over_ms": 0.0} for articles in over]
    told = {(row["from"], row["to"]): (row["constant_ms"], row["us"]) for row in growth(rows)}
    assert told[100, 1_000] == pytest.approx((20.0, 50.0))
    assert told[1_000, 10_000] == pytest.approx((-80.0, 150.0))
    assert told[100, 10_000] == pytest.approx((10.9, 140.9), abs=0.1)
    assert len(told) == 3


def test_a_new_figure_takes_the_place_of_the_old_one() -> None:
    """Rows of the same size are replaced, others are kept, and all are in order of their sizes."""
    old = {"cold": [{"heroes": 300, "way": "a", "ratio": 1.5}, {"heroes": 60, "way": "a", "ratio": 2.0}]}
    new = {"cold": [{"heroes": 60, "way": "a", "ratio": 1.1}, {"heroes": 60, "way": "b", "ratio": 1.2}]}
    assert report.complete(report.merged(old, new)) == {"cold": [*new["cold"], old["cold"][0]]}
