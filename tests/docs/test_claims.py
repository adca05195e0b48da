"""The documents' claims: settings, defaults, tables and links are those of the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from documents import DOCUMENTS, README, ROOT, page

from pelican_falhero.cli.main import main
from pelican_falhero.content.pelican_post import PICTURE_FIELDS
from pelican_falhero.content.post import Overrides
from pelican_falhero.settings import Settings, setting_names
from pelican_falhero.settings_reading import read_settings

AS_WRITTEN = {"None": "none", "()": "[]", "frozenset()": "[]", "mappingproxy({})": "{}"}


def written(value: object) -> str:
    """A default as the table writes it."""
    text = repr(value).replace("'", '"')
    return AS_WRITTEN.get(text, text)


def test_every_setting_is_listed_with_its_default() -> None:
    """The settings' table has every setting, and no other, each with the default that the code has."""
    rows = dict(re.findall(r"^\| `FALHERO_([A-Z_]+)` \| (.*?) \|", page("settings"), re.MULTILINE))
    assert sorted(rows) == sorted(name.upper() for name in setting_names())
    defaults = Settings()
    for name, shown in rows.items():
        if name in ("STEPS", "GUIDANCE_SCALE"):
            assert shown == "the model's"
            continue
        value = getattr(defaults, name.lower())
        number = isinstance(value, float) and float(shown.strip("`")) == value
        assert number or shown.strip("`") == written(value), name


def test_the_readmes_settings_can_be_used(tmp_path: Path) -> None:
    """The five settings that matter exist, and their examples are values that can be used."""
    rows = re.findall(r"^\| `(FALHERO_[A-Z_]+)` \| `(.+?)` \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == 5
    read_settings({name: ast.literal_eval(value) for name, value in rows}, root=tmp_path)


def test_every_override_is_listed() -> None:
    """The page of settings names every field that a post can have."""
    names = {"loras": "lora"}
    for name in Overrides._fields:
        assert f"`Hero_{names.get(name, name).title()}`" in page("settings")


def test_every_picture_field_is_listed() -> None:
    """The page says which fields keep an article from being drawn."""
    for name in PICTURE_FIELDS:
        assert f"`{name}`" in page("prompts")


def test_the_models_table_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """The table of models is the output of ``falhero models``."""
    main(["models"])
    table = "".join(f"    {line}\n" for line in capsys.readouterr().out.splitlines())
    assert f"    $ falhero models\n{table}" in page("models")


def test_the_comparison_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """The table of what heroes cost at each engine is the output of ``falhero models --compare``."""
    main(["models", "--compare"])
    table = "".join(f"    {line}\n" for line in capsys.readouterr().out.splitlines())
    assert f"    $ falhero models --compare\n{table}" in page("engines")


def test_links_into_the_project_lead_somewhere() -> None:
    """Every file that a document links to or names as a command is there."""
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text):
            assert (document.parent / target).is_file(), (document, target)
        for script in set(re.findall(r"(?:\./)?(scripts/[\w.-]+)", text)):
            assert (ROOT / script).is_file(), (document, script)


def test_the_help_is_what_the_command_prints(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of the command shows what ``falhero --help`` prints on a terminal of a hundred columns."""
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = "".join(f"    {line}".rstrip() + "\n" for line in capsys.readouterr().out.rstrip().splitlines())
    assert f"    $ falhero --help\n{shown}" in page("command")
