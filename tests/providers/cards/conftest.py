"""What the tests of cards share."""

from __future__ import annotations

import pytest

from pelican_falhero.providers.cards import backgrounds, layout
from pelican_falhero.providers.cards.canvas import Canvas
from pelican_falhero.providers.cards.palette import Dice, choose_palette


@pytest.fixture
def plain_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards have a blend of two tones behind their words, which takes no time to paint."""

    def paint(seed: str, size: tuple[int, int], *, titled: bool = True) -> Canvas:
        canvas = Canvas(size, choose_palette(Dice(seed)), titled=titled)
        canvas.image = canvas.gradient(0.1, 0.5, 45)
        return canvas

    for module in (backgrounds, layout):
        monkeypatch.setattr(module, "paint_background", paint)
