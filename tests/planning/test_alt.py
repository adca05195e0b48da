"""The alternative text of a hero."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import make_post

from pelican_falhero.errors import SettingsError
from pelican_falhero.planning.alt import alt_of
from pelican_falhero.settings import Settings
from pelican_falhero.settings_reading import read_settings

TEMPLATE = Settings(alt="Illustration: {title} ({category})")


def test_a_post_has_its_own_text_or_that_of_the_site() -> None:
    """``Hero_Alt`` comes first, then FALHERO_ALT filled in; without both there is none."""
    assert alt_of(make_post("Winter hikes", category="Coast"), TEMPLATE) == "Illustration: Winter hikes (Coast)"
    assert alt_of(make_post("Winter hikes", alt_override="A hill"), TEMPLATE) == "A hill"
    assert alt_of(make_post("Winter hikes"), Settings()) == ""


def test_a_text_is_not_longer_than_one_listens_to() -> None:
    """An excerpt gives way, at a word."""
    text = alt_of(make_post("Winter", excerpt_markup="word " * 500), Settings(alt="{title}: {excerpt}"))
    assert text.startswith("Winter: word word")
    assert len(text) <= 250


def test_a_field_that_does_not_exist_is_told(tmp_path: Path) -> None:
    """The error names the setting and the fields that exist."""
    with pytest.raises(SettingsError, match=r"FALHERO_ALT has the unknown field \{titel\}"):
        read_settings({"FALHERO_ALT": "{titel}"}, root=tmp_path)
