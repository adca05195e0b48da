"""The documents that users read: the README, and the pages that are shipped with the package."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = sorted((ROOT / "pelican_falhero" / "docs").glob("*.md"))
DOCUMENTS = [README, *PAGES]


def page(topic: str) -> str:
    """The text of ``falhero help TOPIC``."""
    return (ROOT / "pelican_falhero" / "docs" / f"{topic}.md").read_text(encoding="utf-8")
