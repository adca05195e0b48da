"""Which font draws a card's words where the cards' own font lacks their script: found once, then remembered.

Without this memory, kept beside the cards, every warm build would have to ask fontconfig for the names of its cards,
which follow from their fonts.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...errors import AssetsError
from ...storage.assets import Library
from .card import card_stem
from .scripts import Script, script_of

MEMORY = "fonts.json"
"""The file beside the cards: name of a script to what was found for it."""

_HEAD = 4096
_FONTCONFIG_SECONDS = 20.0
_EXTRA_BOLD = 205
"""fontconfig's number of the titles' weight."""


@dataclass(frozen=True)
class CardFont:
    """A font for a script that the cards' own font lacks."""

    path: str
    index: int
    """Of the font in the file, which may hold several."""
    is_rtl: bool
    digest: str
    """Changes with the file."""

    @property
    def identity(self) -> str:
        """What the name of a card with this font follows from."""
        return f"{self.digest}:{self.index}"


class CardFonts:
    """The fonts of one site's cards.

    Args:
        library: the site's; its state folder keeps what was found.
        chosen: ``FALHERO_CARD_FONT``, relative to the content folder; empty for none.
    """

    def __init__(self, library: Library, chosen: str = "") -> None:
        self._library = library
        self._digest = cache(_digest)  # for each title, and only of today's files
        self._chosen = str(library.root / chosen) if chosen else ""
        self._choice = f"{self._chosen}:{self._digest(self._chosen)}" if chosen else ""
        self._memory: dict[str, dict[str, Any]] = {}
        with suppress(OSError, ValueError):
            memory = json.loads((library.cards / MEMORY).read_text(encoding="utf-8"))
            self._memory = memory if isinstance(memory, dict) else {}

    def font_of(self, title: str, site_name: str) -> CardFont | None:
        """The font that is remembered for a card's words; None where it needs none, or there is none."""
        script = script_of(title) or script_of(site_name)
        if script is None or not self.is_known(script) or not self._memory[script.name]["file"]:
            return None
        found = self._memory[script.name]
        return CardFont(found["file"], found["index"], script.is_rtl, found["digest"])

    def card_stem(self, title: str, site_name: str) -> str:
        """What the names of a card's files start with."""
        font = self.font_of(title, site_name)
        return card_stem(title, site_name, font.identity if font else "")

    def is_known(self, script: Script) -> bool:
        """Whether a font was looked for, with today's ``FALHERO_CARD_FONT``, and its file is still the same."""
        try:
            found = self._memory[script.name]
            is_same = not found["file"] or (self._digest(found["file"]) == found["digest"] and found["index"] >= 0)
            return bool(found["choice"] == self._choice and is_same)
        except (KeyError, TypeError):
            return False

    def why_none(self, script: Script) -> str:
        """Why there is no font for a script that was looked for; empty where there is one."""
        return str(self._memory[script.name].get("reason", ""))

    def look_for(self, scripts: set[Script]) -> None:
        """Find a font for each script, in ``FALHERO_CARD_FONT`` or on this machine, and remember it."""
        for script in scripts:
            self._memory[script.name] = {"choice": self._choice, "file": "", "index": 0, "digest": ""}
            self._memory[script.name] |= self._find(script)
        # Where it can't be kept, the next build looks again.
        with suppress(AssetsError, OSError), self._library.temporary_file("card") as file:
            file.write_text(json.dumps(self._memory, indent=1, sort_keys=True), encoding="utf-8")
            self._library.place(file, self._library.cards / MEMORY)

    def _find(self, script: Script) -> dict[str, Any]:
        from .text import can_shape, has_font_glyph  # noqa: PLC0415 - warm builds import no fonts

        if script.is_rtl and not can_shape():
            return {"reason": "this Pillow lacks Raqm, which joins their letters"}
        for path, index in [*([(self._chosen, 0)] if self._chosen else []), *_fontconfig(script)]:
            if has_font_glyph(script.sample, path, index):
                return {"reason": "", "file": path, "index": index, "digest": self._digest(path)}
        if self._chosen:
            return {"reason": f"neither FALHERO_CARD_FONT ({self._chosen}) nor a font on this machine has them"}
        return {"reason": "no font on this machine has them; FALHERO_CARD_FONT names one"}


def _digest(path: str) -> str:
    """Of a font file's size and head, which holds the checksums of its parts; empty where it can't be read."""
    try:
        with Path(path).open("rb") as file:
            told = file.read(_HEAD) + str(os.fstat(file.fileno()).st_size).encode()
    except (OSError, ValueError):
        return ""
    return hashlib.sha256(told).hexdigest()[:12]


def _fontconfig(script: Script) -> list[tuple[str, int]]:
    """The file and index that fontconfig offers for a script; empty where there is no fontconfig."""
    import subprocess  # noqa: PLC0415 - not needed where the fonts are known

    pattern = f"{script.families}:lang={script.lang}:weight={_EXTRA_BOLD}:scalable=true:variable=false"
    try:
        done = subprocess.run(  # noqa: S603 - nothing in it comes from outside
            ["fc-match", "--format=%{index}\n%{file}", pattern],  # noqa: S607 - wherever it is installed
            capture_output=True,
            text=True,
            timeout=_FONTCONFIG_SECONDS,
            check=True,
        )
        index, _, path = done.stdout.partition("\n")
        return [(path, int(index))]
    except (OSError, subprocess.SubprocessError, ValueError):
        return []
