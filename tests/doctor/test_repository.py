"""What falhero doctor says of git: what is ignored, not added, not mergeable; the remedies mend it."""

from __future__ import annotations

from pathlib import Path

import pytest
from blog import hero_name
from builders import save_picture
from terminal import Terminal, repository

from pelican_falhero.content.post import Post
from pelican_falhero.content.site import OpenSite
from pelican_falhero.doctor.findings import Finding, Mark
from pelican_falhero.doctor.repository import git_findings
from pelican_falhero.doctor.subject import Subject
from pelican_falhero.prepublish.remedies import Shell
from pelican_falhero.settings import Settings
from pelican_falhero.storage.assets import Library


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The root of a repository whose content folder has a post with its hero, and a state folder."""
    root = tmp_path / "site"
    content = root / "content"
    save_picture(content / "images" / "heroes" / hero_name("Winter hikes"))
    (content / "a.md").write_text("Title: Winter hikes\n")
    Library(content, "images/heroes").prepare_state()
    (content / ".falhero" / "ledger.jsonl").write_text("")
    return root


def told(root: Path) -> dict[str, Finding]:
    """What is told of the site, by what it is about."""
    content = root / "content"
    post = Post(title="Winter hikes", source="a.md", root=content)
    opened = OpenSite(root=content, settings=Settings(), posts=(post,))
    subject = Subject(shell=Shell(folder=root), root=content, site=opened)
    return {finding.text.partition(":")[0]: finding for finding in git_findings(subject)}


def pasted(terminal: Terminal, finding: Finding) -> None:
    """Run the remedy, as a reader does."""
    for line in finding.remedy:
        assert terminal.sh(line).code == 0, line


def test_a_repository_becomes_well_by_the_remedies(site: Path) -> None:
    """What is not added, can't be merged or is not installed is a note with its command, after which all is well."""
    terminal = repository(site)
    found = told(site)
    assert {name: finding.mark for name, finding in found.items()} == dict.fromkeys(
        ("heroes", "ledger", "attributes", "hook"), Mark.NOTE
    )
    assert found["attributes"].remedy == ("echo 'content/.falhero/ledger.jsonl merge=union' >> .gitattributes",)
    for finding in found.values():
        pasted(terminal, finding)
    found = told(site)
    assert {finding.mark for finding in found.values()} == {Mark.OK}
    assert found["hook"].text == "hook: pre-push stops posts without their heroes"


def test_heroes_that_are_ignored_are_wrong(site: Path) -> None:
    """A push would publish posts without their pictures; an ignored ledger may be intended."""
    terminal = repository(site)
    (site / ".gitignore").write_text("*.png\nledger.jsonl\n")
    (site / "content" / ".falhero" / ".gitignore").unlink()
    found = told(site)
    assert found["heroes"].mark is Mark.WRONG
    assert terminal.sh(found["heroes"].remedy[0]).out.startswith(".gitignore:1:*.png")
    assert found["ledger"].mark is Mark.NOTE


def test_a_hero_that_has_another_fault_is_not_in_git_either(site: Path) -> None:
    """What else is wrong with a picture does not hide that a push would lack it."""
    repository(site)
    (site / "content" / "images" / "heroes" / hero_name("Winter hikes")).write_bytes(b"broken")
    assert told(site)["heroes"].text == "heroes: 1 picture not in git"


def test_a_state_folder_that_git_would_add_is_wrong(site: Path) -> None:
    """Without its own .gitignore cards and copies would be committed; the remedy has the next run write it."""
    terminal = repository(site)
    (site / "content" / ".falhero" / ".gitignore").write_text("nothing\n")
    found = told(site)["ignores"]
    assert found.mark is Mark.WRONG
    pasted(terminal, found)
    Library(site / "content", "images/heroes").prepare_state()
    assert "ignores" not in told(site)


def test_no_repository_is_a_note(site: Path) -> None:
    """Not everybody uses git."""
    assert [finding.mark for finding in told(site).values()] == [Mark.NOTE]


def test_git_that_does_not_work_is_wrong(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that can't be read is told, without a traceback."""
    repository(site)
    monkeypatch.setenv("PATH", "/nowhere")
    (finding,) = told(site).values()
    assert (finding.mark, "git can't be run" in finding.text) == (Mark.WRONG, True)
