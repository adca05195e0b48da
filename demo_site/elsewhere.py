"""A plugin of this blog alone: shows on its page about the pictures what feed readers and other sites get to see.

It reads the feed and the head of one post as they were written, and puts both into ``pages/pictures.html``.
"""

import html
import re
from pathlib import Path
from xml.etree import ElementTree

from pelican import Pelican, signals

ATOM = "{http://www.w3.org/2005/Atom}"
PLACE = '<div id="elsewhere"></div>'


def show(pelican: Pelican) -> None:
    """Fill the place that the page has for it."""
    output, siteurl = Path(pelican.output_path), pelican.settings["SITEURL"]
    page = output / "pages" / "pictures.html"
    text = page.read_text(encoding="utf-8")
    feed = ElementTree.parse(output / pelican.settings["FEED_ALL_ATOM"]).getroot()  # noqa: S314 - it is our own
    post = (output / "snow-on-the-upper-loop.html").read_text(encoding="utf-8")
    shown = f'<div class="elsewhere">{reader(feed)}{card(post)}</div>'
    # The site has no such address: its pictures are shown from the disk.
    shown = shown.replace(f'src="{siteurl}/', 'src="../')
    page.write_text(text.replace(PLACE, shown), encoding="utf-8")


def reader(feed: ElementTree.Element) -> str:
    """The feed as a reader lists it: the enclosure of each item, its title and its day."""
    rows = []
    for entry in feed.findall(f"{ATOM}entry"):
        picture = entry.find(f"{ATOM}link[@rel='enclosure']")
        if picture is None:
            continue
        day = entry.findtext(f"{ATOM}published", "")[:10]
        title = html.escape(entry.findtext(f"{ATOM}title", ""))
        size = round(int(picture.get("length", "0")) / 1000)
        rows.append(
            f'<li><img src="{picture.get("href")}" alt="" width="1200" height="630" loading="lazy">'
            f"<p><b>{title}</b> <small>{day} · {picture.get('type')}, {size} kB</small></p></li>"
        )
    return f'<figure class="reader"><ol>{"".join(rows[:4])}</ol><figcaption>In a feed reader</figcaption></figure>'


def card(post: str) -> str:
    """A link to a post as messengers and social sites show it, from the tags in its head."""
    caption = "As a link preview"
    tags = dict(re.findall(r'<meta (?:property|name)="([\w:]+)" content="([^"]*)"', post))
    return (
        f'<figure class="preview"><div><img src="{tags["og:image"]}" alt="" width="{tags["og:image:width"]}" '
        f'height="{tags["og:image:height"]}" loading="lazy"><p><small>{tags["og:site_name"]}</small> '
        f"<b>{tags['og:title']}</b> {tags['og:description']}</p></div><figcaption>{caption}</figcaption></figure>"
    )


def register() -> None:
    """Come after all pages and feeds, and after what the other plugin does to them."""
    signals.finalized.connect(show)
