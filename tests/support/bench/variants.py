"""Variants, the lighter copies of pictures: how many a second, and what they weigh in each format."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

from photographs import save_photograph

from pelican_falhero.settings import Settings
from pelican_falhero.storage.assets import Library
from pelican_falhero.storage.variants import EXTENSIONS, Master, VariantStore, make_recipe


def measure_variants(folder: Path, *, pictures: int, tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """Make the variants of so many pictures as FLUX draws them, with all processors; a row for each format.

    A picture's variants are made in one go, its cut for previews (a JPEG) too.
    """
    tell(f"variants: drawing {pictures} pictures")
    images = folder / "images"
    masters = [save_photograph(images / f"picture-{number}.png", seed=number) for number in range(pictures)]
    rows: list[dict[str, Any]] = []
    for format_ in EXTENSIONS:
        tell(f"variants: {format_}")
        recipe = make_recipe(Settings().widths, [format_])
        if not recipe.formats:  # this Pillow can't write it
            continue
        library = Library(folder / format_, "images")
        library.state.mkdir(parents=True)
        began, began_processor = time.monotonic(), time.process_time()
        made = VariantStore(library, recipe).make(map(_master, masters))
        seconds, processor = time.monotonic() - began, time.process_time() - began_processor
        assert len(made.ready) == pictures, made.notes
        files = [library.variants / name for variants in made.ready.values() for name in variants.file_names()]
        sizes = {
            f"kb_{width}": mean(file.stat().st_size for file in files if file.stem.endswith(f"-{width}")) / 1e3
            for width in ("480", "800", "1024", "social")
        }
        rows.append(
            {
                "format": format_,
                "pictures": pictures,
                "pictures_per_second": pictures / seconds,
                "files_per_second": len(files) / seconds,
                "processor_ms": 1000 * processor / pictures,
                "kb_master": mean(file.stat().st_size for file in masters) / 1e3,
                **sizes,
            }
        )
    return rows


def _master(file: Path) -> Master:
    status = file.stat()
    return Master(str(file), file.stem, status.st_size, status.st_mtime_ns)
