"""The package: wheel and sdist hold what they should, and the house keeps its rules."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

from blog import Blog

import pelican_falhero

ROOT = Path(__file__).parent.parent


def test_what_is_built_holds_what_it_should(tmp_path: Path) -> None:
    """Built without the network, the wheel holds the package alone, and the sdist all that its tests need.

    One test, because to build them takes seconds.
    """
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    (sdist,) = tmp_path.glob("*.tar.gz")
    assert_only_the_package(wheel)
    assert_no_dead_links(wheel)
    assert_can_be_tested(sdist)


def assert_only_the_package(wheel: Path) -> None:
    """The wheel has modules, templates, documents, the mark of a typed package and the licence; no tests, no demo."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = ROOT / "pelican_falhero"
    files = {
        path.relative_to(ROOT).as_posix()
        for kind in ("*.py", "*.html", "*.css", "*.js", "*.md", "*.png")
        for path in package.rglob(kind)
    }
    assert "pelican_falhero/presentation/templates/falhero/figure.html" in files
    assert "pelican_falhero/gallery/templates/gallery.js" in files
    assert "pelican_falhero/docs/settings.md" in files
    assert files <= names
    assert "pelican_falhero/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert all(name.startswith(("pelican_falhero/", "pelican_falhero-")) for name in names)


def assert_no_dead_links(wheel: Path) -> None:
    """The README on the package index, without the files beside it, links only the web and keeps its words."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("dist-info/METADATA")]
        _, _, shown = archive.read(name).decode().partition("\n\n")
    links = re.findall(r"\]\(([^)]*)\)", shown)
    assert links
    assert [link for link in links if not link.startswith("https://")] == []
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(shown.splitlines()) == len(readme.splitlines()) - 2  # the picture and the empty line after it
    assert "- settings: all of them" in shown


def assert_can_be_tested(sdist: Path) -> None:
    """The sdist has tests, demo and scripts, and nothing that was built."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "tests/conftest.py",
        "scripts/test",
        "demo_site/pelicanconf.py",
    } <= names
    assert not [name for name in names if ".falhero" in name or "/output/" in name]


def test_what_is_installed_is_what_runs(blog: Blog) -> None:
    """Tests and builds import the wheel's package under ``scripts/test --wheel``, and this folder's otherwise."""
    installed = Path(sysconfig.get_path("purelib")) if os.environ.get("TESTED") == "wheel" else ROOT
    code = "import pelican_falhero; print(pelican_falhero.__file__)"
    for file in (pelican_falhero.__file__, blog.python(code).strip(), blog.python(code, fresh=True).strip()):
        assert Path(file) == installed / "pelican_falhero" / "__init__.py"


def test_providers_know_nothing_of_pelican() -> None:
    """Imports point one way: providers import no Pelican, and nothing but the package's entry imports the plugin."""
    for path in (ROOT / "pelican_falhero").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        imported = set(re.findall(r"^\s*(?:from|import) ([\w.]+)", text, re.MULTILINE))
        if "providers" in path.parts:
            assert not {name for name in imported if name.split(".")[0] == "pelican"}, path
        if ".plugin" in imported or "..plugin" in imported:
            assert path.name in ("__init__.py", "pelican_site.py"), path


def test_the_client_whose_private_names_are_used_is_bounded() -> None:
    """fal-client has an upper bound, because sending a submit once leans on private names of it."""
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    (bound,) = [entry for entry in dependencies if entry.startswith("fal-client")]
    assert re.fullmatch(r"fal-client>=1\.0\.\d+,<1\.1", bound)
