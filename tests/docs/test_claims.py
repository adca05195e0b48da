"""The documents' claims: settings, defaults, tables and examples are those of the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from documents import DOCUMENTS, README, ROOT, page
from fal_server import FalServer

from pelican_falhero.cli.main import main
from pelican_falhero.content.pelican_post import PICTURE_FIELDS
from pelican_falhero.content.post import Overrides
from pelican_falhero.settings import PREFIX, Settings, setting_names

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


def test_every_override_is_listed() -> None:
    """The page of settings names every field that a post can have."""
    names = {"loras": "lora"}
    for name in Overrides.__dataclass_fields__:
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


def test_the_python_example_runs(fal: FalServer, tmp_path: Path) -> None:
    """The Python example draws its hero as it stands."""
    (example,) = re.findall(r"```python\n(from pelican_falhero .*?)```", page("python"), re.DOTALL)
    (tmp_path / "my-blog").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", **fal.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert fal.charges == 1
    assert Path(done.stdout.split()[0]).is_file()


def test_the_settings_example_is_valid() -> None:
    """The README's pelicanconf.py has settings that exist, with values that can be used."""
    (example,) = re.findall(r"```python\n(PLUGINS = .*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    values: dict[str, object] = {}
    exec(example, values)
    names = [name.removeprefix(PREFIX).lower() for name in values if name.startswith(PREFIX)]
    assert names
    assert set(names) <= set(setting_names())


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
