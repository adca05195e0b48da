"""Where the words of a card stand, and how its background makes way for them."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageFilter

from .art import paint_background
from .canvas import Canvas
from .lines import fit_line, fit_title
from .palette import LINEAR, luminance
from .text import (
    SITE_NAME,
    Block,
    clean,
    draw_block,
    is_drawable,
)

# All in pixels of a card. Themes cut heroes to 16:9 around the middle; the title survives that, the site's name may go.
MARGIN = 72
TITLE_BASELINE = 612
SITE_BASELINE = 706
_LARGEST_TITLE = 118
_TALLEST_TITLE = 470
_SITE_SIZE = 25
_RULE = 40
_RULE_GAP = 16

# WCAG asks 4.5 of text; the rest is for what a theme or a screen does to it.
_CONTRAST = 5.5


def compose(title: str, site_name: str, size: tuple[int, int]) -> Image.Image:
    """The whole card."""
    canvas = paint_background(clean(title), size)
    words = word_mask(title, site_name, size)
    make_way(canvas, words)
    canvas.fill(words, canvas.palette.ink)
    return canvas.image


def word_mask(title: str, site_name: str, size: tuple[int, int]) -> Image.Image:
    """The mask of all the words that can be drawn."""
    mask = Image.new("L", size)
    width = size[0] - 2 * MARGIN
    title, site_name = clean(title), clean(site_name)
    if is_drawable(title):
        _stand(mask, fit_title(title, width, _TALLEST_TITLE, _LARGEST_TITLE), MARGIN, TITLE_BASELINE)
    if is_drawable(site_name):
        mask.paste(255, (MARGIN, SITE_BASELINE - 10, MARGIN + _RULE, SITE_BASELINE - 8))
        indent = _RULE + _RULE_GAP
        line = fit_line(site_name, SITE_NAME, _SITE_SIZE, width - indent)
        _stand(mask, line, MARGIN + indent, SITE_BASELINE)
    return mask


def _stand(mask: Image.Image, block: Block, left: int, baseline: int) -> None:
    """Put a block where its ink starts at ``left`` and its last line stands on ``baseline``."""
    ink, above = draw_block(block)
    mask.paste(ink, (left, baseline - above))


def make_way(canvas: Canvas, words: Image.Image) -> None:
    """Darken the canvas around ``words`` where it is too bright for them to be read."""
    canvas.shadow(words, 12, (0, 4), 0.4)
    aura = _aura(words)
    box = aura.getbbox()
    if box is None:
        return
    below = canvas.image.crop(box)
    linear = below.point([round(255 * light) for light in LINEAR] * 3)
    limit = (luminance(canvas.palette.ink) + 0.05) / _CONTRAST - 0.05
    dimmed = linear.convert("L", (0.2126, 0.7152, 0.0722, 0)).point(_dimming(limit))
    veil = Image.composite(dimmed, Image.new("L", dimmed.size, 255), aura.crop(box))
    canvas.image.paste(ImageChops.multiply(below, Image.merge("RGB", (veil,) * 3)), box)


def _dimming(limit: float) -> list[int]:
    """What (of 255) is left of a pixel, by its luminance (of 255), so that none shines brighter than ``limit``."""
    # A curve with a soft knee, so that what shines through keeps its shape; it is never above the limit.
    targets = [limit * (1 - math.exp(-light / 255 / limit)) for light in range(1, 256)]
    # Luminance goes with about the 2.2nd power of a channel.
    return [255, *(int(255 * (target * 255 / light) ** (1 / 2.2)) for light, target in enumerate(targets, 1))]


def _aura(words: Image.Image) -> Image.Image:
    """The neighbourhood of the words: full under them, fading out over some 100 pixels."""
    small = words.reduce(16).point([0] + [255] * 255).filter(ImageFilter.MaxFilter(9))
    small = small.filter(ImageFilter.GaussianBlur(3.5)).point([min(255, round(value * 1.3)) for value in range(256)])
    return small.resize(words.size, Image.Resampling.BICUBIC)
