"""Variants: a picture's lighter files, as pages offer them to browsers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from markupsafe import Markup, escape

from ..storage.variants import EXTENSIONS
from .addresses import web_address


class Variants(NamedTuple):
    """The lighter copies of one picture."""

    base: str = ""
    """What their addresses begin with, relative to SITEURL or whole: ``images/heroes/hero-<md5>``."""
    widths: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """Each format, the most modern first, with its widths in pixels, ascending; none is wider than the master."""
    width: int = 0
    """Of the master, in pixels."""
    master: str = ""
    """The master's address, where it is offered at its own width because no copy is lighter."""

    def address(self, form: str, width: int) -> str:
        """The address of one copy, relative to SITEURL or whole."""
        return f"{self.base}-{width}.{EXTENSIONS[form]}"

    @property
    def light(self) -> str:
        """The address of the copy at the master's own width in the most widely supported format; empty if none is."""
        form, widths = self.widths[-1] if self.widths else ("", ())
        return self.address(form, self.width) if self.width in widths else ""

    def srcset(self, form: str, siteurl: str) -> str:
        """The files of one format, or by default of the most widely supported; empty if there are less than two.

        A width that the format lacks, for another one is smaller there, is that one's file: a browser that can show the
        format can show what is more widely supported too.
        """
        forms = [known for known, _ in self.widths]
        usable = self.widths[forms.index(form) if form in forms else -1 :]
        files = {self.width: self.master} if self.master else {}
        for known, widths in reversed(usable):
            files |= {width: self.address(known, width) for width in widths}
        if len(files) < 2:
            return ""
        return ", ".join(f"{web_address(files[width], siteurl)} {width}w" for width in sorted(files))


NO_VARIANTS = Variants()


def picture_element(
    *, src: str, variants: Variants, siteurl: str, sizes: str, attributes: Mapping[str, object]
) -> Markup:
    """A ``<picture>`` with a source for each format but the most widely supported, which its ``<img>`` has.

    Args:
        src: the address for browsers that know none of it.
        variants: what to offer.
        siteurl: what the page calls the site.
        sizes: the HTML attribute.
        attributes: of the image; None leaves one out.
    """
    parts = []
    for form, _ in variants.widths[:-1]:
        if files := variants.srcset(form, siteurl):
            parts.append(f"<source{_written({'type': f'image/{form}', 'srcset': files, 'sizes': sizes})}>")
    files = variants.srcset("", siteurl)
    image = {"src": src, "srcset": files or None, "sizes": sizes if files else None, **attributes}
    return Markup(f"<picture>{''.join(parts)}<img{_written(image)}></picture>")  # noqa: S704 - all values are escaped


def _written(attributes: Mapping[str, object]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value is not None)
