"""Where the text of a card is placed, and how its background is darkened behind it."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageFilter, ImageOps

from ...storage.variants import SOCIAL_SIZE
from .backgrounds import paint_background
from .canvas import Canvas, enlarge
from .fonts import CardFont
from .lines import fit_line, fit_title
from .palette import LINEAR, luminance
from .text import SITE_NAME, SUPERSAMPLE, TITLE, Style, clean, draw_line, is_drawable, text_width

# All in pixels of SOCIAL_SIZE. Networks cut previews to 2:1 and 16:9 around the middle: 15 above and below, 40 aside.
MARGIN = 72
TITLE_BASELINE = 472
SITE_BASELINE = 568
TALLEST_TITLE = 400
_SITE_SIZE = 28
# The short line before the site's name, and where the name starts.
_RULE = 40
_SITE_LEFT = MARGIN + _RULE + 16

# WCAG asks for 4.5; the rest is for what a theme or a screen does to the picture.
_CONTRAST = 5.5
# What is near the text is found at a sixteenth of the size, which is fast.
_NEAR = 16


def compose(title: str, site_name: str, font: CardFont | None = None) -> Image.Image:
    """The whole card with its words, in ``SOCIAL_SIZE``."""
    canvas = paint_background(clean(title), SOCIAL_SIZE)
    if TITLE.for_text(title, font).is_rtl:
        canvas.image = ImageOps.mirror(canvas.image)  # the quiet corner is where the text starts
    text = text_mask(title, site_name, font)
    darken_behind(canvas, text)
    canvas.fill(text, canvas.palette.ink)
    return canvas.image


def text_mask(title: str, site_name: str, font: CardFont | None = None) -> Image.Image:
    """The mask of the title and the site's name, each left off if it cannot be drawn."""
    width, height = SOCIAL_SIZE
    sheet = Image.new("L", (width * SUPERSAMPLE, height * SUPERSAMPLE))
    style, site_style = TITLE.for_text(title, font), SITE_NAME.for_text(site_name, font)
    title, site_name = clean(title, style), clean(site_name, site_style)

    def start(line: str, line_style: Style, pixels: int, left: float) -> float:
        """Where a line begins that is ``left`` from the margin's side of the card."""
        return width - left - text_width(line, line_style) * pixels if style.is_rtl else left

    if is_drawable(title, style):
        block = fit_title(title, width - 2 * MARGIN, TALLEST_TITLE, style)
        for number, line in enumerate(reversed(block.lines)):
            baseline = TITLE_BASELINE - number * block.pitch * block.size
            draw_line(sheet, line, style, block.size, (start(line, style, block.size, MARGIN), baseline))
    if is_drawable(site_name, site_style):
        rule_left = width - MARGIN - _RULE if style.is_rtl else MARGIN
        rule = (rule_left, SITE_BASELINE - 10, rule_left + _RULE, SITE_BASELINE - 8)
        left, top, right, bottom = (pixels * SUPERSAMPLE for pixels in rule)
        sheet.paste(255, (left, top, right, bottom))
        line = fit_line(site_name, site_style, _SITE_SIZE, width - MARGIN - _SITE_LEFT)
        place = (start(line, site_style, _SITE_SIZE, _SITE_LEFT), SITE_BASELINE)
        draw_line(sheet, line, site_style, _SITE_SIZE, place)
    return sheet.reduce(SUPERSAMPLE)


def is_title_drawable(title: str, font: CardFont | None) -> bool:
    """Whether the card's fonts have all characters of a title."""
    style = TITLE.for_text(title, font)
    return is_drawable(clean(title, style), style)


def darken_behind(canvas: Canvas, text: Image.Image) -> None:
    """Darken the canvas around the mask ``text`` where it is too bright for the text to be read."""
    canvas.shadow(text, 12, (0, 4), 0.4)
    near = _surroundings(text)
    box = near.getbbox()
    if box is None:
        return
    below = canvas.image.crop(box)
    linear = below.point([round(255 * light) for light in LINEAR] * 3)
    limit = (luminance(canvas.palette.ink) + 0.05) / _CONTRAST - 0.05
    dimmed = linear.convert("L", (0.2126, 0.7152, 0.0722, 0)).point(_dimming(limit))
    veil = Image.composite(dimmed, Image.new("L", dimmed.size, 255), near.crop(box))
    canvas.image.paste(ImageChops.multiply(below, Image.merge("RGB", (veil,) * 3)), box)


def _dimming(limit: float) -> list[int]:
    """What to multiply a pixel by (of 255), by its luminance (of 255), so that none is brighter than ``limit``."""
    # A curve, not a cut, so that shapes stay visible; it is never above the limit.
    targets = [limit * (1 - math.exp(-light / 255 / limit)) for light in range(1, 256)]
    # Luminance is about the 2.2nd power of a channel.
    return [255, *(int(255 * (target * 255 / light) ** (1 / 2.2)) for light, target in enumerate(targets, 1))]


def _surroundings(text: Image.Image) -> Image.Image:
    """A mask of what is near the text: full behind it, fading out over some 100 pixels."""
    small = text.reduce(_NEAR).point([0] + [255] * 255).filter(ImageFilter.MaxFilter(9))
    small = small.filter(ImageFilter.GaussianBlur(3.5)).point([min(255, round(value * 1.3)) for value in range(256)])
    return enlarge(small, text.size, _NEAR)
