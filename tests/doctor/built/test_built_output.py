"""What the addresses of a built site lead to, whatever SITEURL it was built with."""

from __future__ import annotations

from pathlib import Path

import pytest

from pelican_falhero.doctor.built.output import BuiltSite

FEED = "<rss><channel><item><link>{link}</link></item></channel></rss>"


def built(
    root: Path, *, siteurl: str = "", link: str = "", page: str = "", urls: tuple[str, ...] = ("posts/one/",)
) -> BuiltSite:
    """A site with a page, a picture and a feed."""
    for name, text in {
        "posts/one/index.html": page,
        "images/a b.png": "",
        "feeds/all.xml": FEED.format(link=link),
        "sitemap.xml": "<urlset></urlset>",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return BuiltSite(root, siteurl, urls)


@pytest.mark.parametrize(
    ("siteurl", "link", "page", "address"),
    [
        ("", "", "", ""),
        ("https://a.example/blog/", "", "", "https://a.example/blog"),
        ("", "https://a.example/blog/posts/one/", "", "https://a.example/blog"),
        ("", "", '<a href="https://a.example/posts/one/index.html">1</a>', "https://a.example"),
        ("http://localhost:8000", "https://a.example/posts/one/", "", "https://a.example"),
        (
            "https://a.example",
            "https://a.example/posts/one/",
            '<a href="https://b.example/posts/one/">',
            "https://a.example",
        ),
        ("https://a.example", "https://elsewhere.example/two", "", "https://a.example"),
        ("/blog", "/blog/posts/one/", "", ""),
        ("", "http://[/posts/one/", "", ""),
    ],
)
def test_the_address_that_a_site_was_built_for_is_found(
    tmp_path: Path, siteurl: str, link: str, page: str, address: str
) -> None:
    """By what stands before posts' addresses in feeds and links; the settings' SITEURL where that is among them."""
    assert built(tmp_path, siteurl=siteurl, link=link, page=page).address == address


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("../../images/a%20b.png", "images/a b.png"),
        ("/blog/images/a%20b.png?v=2", "images/a b.png"),
        ("https://a.example/blog/images/a%20b.png", "images/a b.png"),
        ("//a.example/blog/posts/one/#part", "posts/one/"),
        ("../one/index.html", "posts/one/"),
        ("https://b.example/blog/posts/one/", None),
        ("/posts/one/", None),
        ("https://a.example/blogs/x", None),
        ("mailto:ada@example.org", None),
        ("http://[", None),
    ],
)
def test_addresses_lead_into_the_site_or_elsewhere(tmp_path: Path, url: str, target: str | None) -> None:
    """Relative, from the root, whole, with and without ``index.html``."""
    site = built(tmp_path, siteurl="https://a.example/blog")
    assert site.target(url, "posts/one/index.html") == target


def test_files_are_found_by_address(tmp_path: Path) -> None:
    """One that is not there is none, and one of another host is not looked for."""
    site = built(tmp_path, siteurl="https://a.example/blog")
    assert site.file("https://a.example/blog/images/a%20b.png") == tmp_path / "images" / "a b.png"
    assert site.file("../../images/no.png", "posts/one/index.html") is None
    elsewhere = [site.is_elsewhere(url) for url in ("https://b.example/x.png", "/x.png", "http://[")]
    assert elsewhere == [True, False, False]


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A feed that is no XML is named, other XML passed over, and the rest is read."""
    site = built(tmp_path, link="https://a.example/posts/one/")
    (tmp_path / "feeds" / "broken.xml").write_text("<rss><channel>")
    assert list(site.items) == ["feeds/all.xml"]
    assert [lost.place for lost in site.unreadable] == ["feeds/broken.xml"]
