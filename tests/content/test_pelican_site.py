"""Reading a Pelican site draws nothing, and leaves Pelican as it was."""

from __future__ import annotations

from blog import Blog, hero_name

READ_AND_BUILD = """
from pathlib import Path
import pelican
from pelican_falhero.content.site import open_site

(post,) = open_site("pelicanconf.py").posts
print(post.title, Path("output").exists())
pelican.main(["-s", "pelicanconf.py"])
"""


def test_a_site_that_was_read_is_built_with_its_heroes(blog: Blog) -> None:
    """A program that reads the posts and then builds the site gets no heroes while it reads, and all in the build."""
    blog.post("a.md", "Winter hikes")
    blog.assets.mkdir(parents=True)
    (blog.assets / hero_name("Winter hikes")).write_bytes(b"a picture")
    assert "Winter hikes False" in blog.python(READ_AND_BUILD)
    assert hero_name("Winter hikes") in (blog.output / "winter-hikes.html").read_text()
