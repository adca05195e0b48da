"""The script that weighs pages, in its cheapest form."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from blog import HERE
from processes import run


@pytest.mark.long
def test_pages_of_light_pictures_weigh_a_tenth(tmp_path: Path) -> None:
    """Each page in each window is reported: before, a master of more than a megabyte; after, less than a tenth."""
    command = [sys.executable, str(HERE / "page_weight.py"), "--json", "--no-browser", "--posts", "1"]
    done = run(command, folder=tmp_path, env=dict(os.environ))
    assert done.returncode == 0, done.stderr.decode()
    report = json.loads(done.stdout)
    assert (report["posts"], report["chooser"]) == (1, "the rules of srcset")
    pages = {(weight["page"], weight["window"]): weight for weight in report["pages"]}
    assert pages.keys() == {(page, window) for page in ("article", "index") for window in (390, 1280)}
    for weight in pages.values():
        assert weight["before"] > 10**6
        assert weight["after"] * 10 < weight["before"]
    assert pages["article", 390]["after"] < pages["article", 1280]["after"]
