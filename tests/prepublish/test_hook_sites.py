"""The git hook and every kind of site: below the repository, several, without Pelican, or none."""

from __future__ import annotations

from pathlib import Path

import pytest
from blog import Blog, hero_name
from fal_server import FalServer
from pushing import passes, post, published, stopped
from terminal import Terminal, repository


@pytest.fixture
def site(blog: Blog, fal: FalServer) -> Terminal:
    """A blog without posts, pushed to a bare remote, with the pre-push hook installed."""
    return published(blog, fal)


def test_sites_below_the_repository_are_found(tmp_path: Path, fal: FalServer) -> None:
    """Several sites in one repository, none at its top, are each judged by their own settings."""
    top = tmp_path / "all my sites"
    first, second = Blog(top / "one"), Blog(top / "two words")
    first.command()
    second.configure(PATH="posts", FALHERO_ASSETS_DIR="art")
    second.command()
    terminal = repository(top, fal.environment())
    terminal.commit()
    terminal.git("push", "--quiet", "-u", "origin", "main")
    terminal.falhero("hook", "install")
    first.post("a.md", "Winter hikes")
    for folder, name in {"posts": "b.md", "content": "no-post-of-this-site.md"}.items():
        path = second.root / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("Title: Summer hikes\nDate: 2026-11-01\n\nWords.\n")
    terminal.commit()
    told = stopped(terminal)
    assert "one/content/a.md" in told
    assert "'two words/posts/b.md'" in told
    assert "no-post-of-this-site" not in told
    terminal.mend(told)
    passes(terminal)
    assert (second.root / "posts" / "art" / hero_name("Summer hikes")).is_file()


def test_a_content_folder_beside_the_settings_is_found(tmp_path: Path, fal: FalServer) -> None:
    """Where PATH is not below the settings file, installing the hook beside it remembers the file."""
    blog = Blog(tmp_path / "site" / "conf")
    blog.configure(PATH="../posts")
    (tmp_path / "site" / "posts").mkdir()
    blog.command()
    terminal = repository(tmp_path / "site", fal.environment())
    terminal.commit()
    terminal.git("push", "--quiet", "-u", "origin", "main")
    assert terminal.at(blog.root).falhero("hook", "install").code == 0
    (tmp_path / "site" / "posts" / "a.md").write_text("Title: Winter hikes\nDate: 2026-11-01\n\nWords.\n")
    terminal.commit()
    told = stopped(terminal)
    assert "  falhero generate -s conf/pelicanconf.py posts/a.md" in told
    terminal.mend(told)
    passes(terminal)


def test_sites_without_pelican_have_the_hook_too(tmp_path: Path, fal: FalServer) -> None:
    """A repository whose pyproject.toml names the folders of posts is judged by their front matter."""
    top = tmp_path / "astro"
    (top / "src" / "blog").mkdir(parents=True)
    (top / "pyproject.toml").write_text('[tool.falhero]\ncontent = ["src/blog"]\nassets_dir = "src/assets"\n')
    terminal = repository(top, fal.environment())
    terminal.commit()
    terminal.git("push", "--quiet", "-u", "origin", "main")
    terminal.falhero("hook", "install")
    (top / "src" / "blog" / "a.md").write_text("---\ntitle: Winter hikes\n---\nWords.\n")
    (top / "README.md").write_text("---\ntitle: No post\n---\n")
    terminal.commit()
    told = stopped(terminal)
    assert "src/blog/a.md: no hero" in told
    assert "README" not in told
    terminal.mend(told)
    passes(terminal)
    assert (top / "src" / "assets" / hero_name("Winter hikes")).is_file()


def test_a_repository_without_a_site_is_no_obstacle(tmp_path: Path) -> None:
    """Where the hook finds no site at all it lets everything pass, without importing Pelican."""
    (tmp_path / "code").mkdir()
    terminal = repository(tmp_path / "code")
    terminal.falhero("hook", "install")
    (tmp_path / "code" / "a.md").write_text("Title: Winter hikes\nDate: 2026-11-01\n\nWords.\n")
    terminal.commit()
    imported = tmp_path / "imported"
    passes(terminal.alone().with_(IMPORTED=str(imported)), "origin", "main")
    assert "pelican" not in imported.read_text().split()


def test_what_a_build_passes_over_is_passed_over(site: Terminal, blog: Blog) -> None:
    """Folders that Pelican ignores or that hold no articles, and a PATH that is the repository itself, are heeded."""
    blog.configure(PATH=".", ARTICLE_PATHS=["content"], ARTICLE_EXCLUDES=["content/old"], IGNORE_FILES=["_*"])
    blog.command()
    for name in ("old/a.md", "_private/b.md", "_c.md", "../output/d.html", "../README.md"):
        blog.post(name, "No post of the build")
    blog.post("sub/e.md", "Winter hikes")
    site.commit()
    told = stopped(site)
    assert "this push would publish 1 post without a picture:" in told
    assert "content/sub/e.md: no hero" in told
    site.mend(told)
    passes(site)


def test_what_pelican_cannot_read_is_told_and_passes(site: Terminal, blog: Blog) -> None:
    """A file that is no post, or whose reader lacks a package, is not published by a build either; it is told."""
    blog.write("notes.md", "only text\n")
    site.commit()
    assert "Pelican can't read notes.md: could not find information about 'title'" in site.git("push").err
    post(blog, site)
    lacking = site.folder.parent / "lacking"
    lacking.mkdir()
    (lacking / "markdown.py").write_text("raise ImportError\n")
    bare = site.with_(PYTHONPATH=f"{lacking}")
    assert "Pelican can't read a.md: Could not import 'markdown.Markdown'." in bare.git("push").err


def test_settings_that_cannot_be_used_stop_with_the_way_out(site: Terminal, blog: Blog) -> None:
    """A hook that can't do its work stops the push in one line that says why, and how to push all the same."""
    post(blog, site)
    blog.configure(FALHERO_BUGDET=1)
    blog.command()
    told = stopped(site)
    assert "did you mean FALHERO_BUDGET?" in told
    assert "FALHERO_SKIP=1 git push" in told
