"""The scripts that the cards' own font lacks. Imports no fonts, because warm builds use it to name cards."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9d"

UNSPACED = re.compile(f"[{_HAN}{_KANA}々〆]")
"""Characters of scripts without spaces: a line may break before and after each."""


@dataclass(frozen=True)
class Script:
    """A script that needs another font."""

    name: str
    """As a message calls it."""
    characters: str
    """The inside of a regular expression's brackets."""
    sample: str
    """A character that every font for this script has."""
    families: str
    """What fontconfig is asked for: families that look well beside the cards' own font, then any without serifs."""
    lang: str
    """fontconfig's name of the language, which decides between fonts for the same characters."""
    is_rtl: bool = False
    """Whether it runs from right to left; such a script must be shaped, too."""


# In this order: kanji beside kana are Japanese, and without them Chinese.
_SCRIPTS = (
    Script("Japanese", _KANA, "あ", "Noto Sans CJK JP,Noto Sans JP,sans", "ja"),
    Script("Korean", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af", "한", "Noto Sans CJK KR,Noto Sans KR,sans", "ko"),
    Script("Chinese", _HAN, "的", "Noto Sans CJK SC,Noto Sans SC,sans", "zh-cn"),
    Script(
        "Arabic",
        "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc",
        "ب",
        "Noto Sans Arabic,sans",
        "ar",
        is_rtl=True,
    ),
    Script("Hebrew", "\u0590-\u05ff\ufb1d-\ufb4f", "א", "Noto Sans Hebrew,sans", "he", is_rtl=True),
)
_ANY = re.compile("".join(["[", *(script.characters for script in _SCRIPTS), "]"]))


def script_of(text: str) -> Script | None:
    """The script of a text for which the cards' own font is not enough; None where it is, or no script is known."""
    if not _ANY.search(text):
        return None
    return next(script for script in _SCRIPTS if re.search(f"[{script.characters}]", text))


def needs_font(char: str) -> bool:
    """Whether a character is of one of these scripts."""
    return bool(_ANY.match(char))
