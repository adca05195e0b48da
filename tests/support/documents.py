"""The documents that users read (the README, and the pages that are shipped with the package) and their code blocks."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = sorted((ROOT / "pelican_falhero" / "docs").glob("*.md"))
DOCUMENTS = [README, *PAGES]


def page(topic: str) -> str:
    """The text of ``falhero help TOPIC``."""
    return (ROOT / "pelican_falhero" / "docs" / f"{topic}.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Block:
    """A code block of a document."""

    document: Path
    line: int
    info: str
    """The word after a fence; empty for an indented block."""
    text: str

    @property
    def kind(self) -> str:
        """The language of a fenced block. Indented ones: commands, a command and its output, or a build's output."""
        if self.info:
            return self.info
        return {"$": "transcript", "heroes:": "output"}.get(self.text.split(maxsplit=1)[0], "shell")

    @property
    def commands(self) -> list[str]:
        """The command lines of a block of the shell, without comments."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [line for line in lines if shlex.split(line, comments=True)]

    def __str__(self) -> str:
        return f"{self.document.stem}:{self.line}"


def blocks_of(document: Path) -> list[Block]:
    """All code blocks of a document, wherever they stand."""
    # What is within the paragraphs takes most of the time, and each process that collects tests reads all documents.
    tokens = MarkdownIt().disable("inline").parse(document.read_text(encoding="utf-8"))
    return [
        Block(document, (token.map or [0])[0] + 1, token.info, token.content)
        for token in tokens
        if token.type in ("fence", "code_block")
    ]


BLOCKS = [block for document in DOCUMENTS for block in blocks_of(document)]
