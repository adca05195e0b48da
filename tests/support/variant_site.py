"""A folder of pictures with a store of variants, as the tests of variants use it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builders import draw, save_picture
from PIL import Image

from pelican_falhero.storage.assets import Library
from pelican_falhero.storage.labels import Label
from pelican_falhero.storage.variants import Made, Master, VariantSet, VariantStore, make_recipe

AI = Label("trainedAlgorithmicMedia", "pelican-falhero 0.1.0", "fal-ai/flux/dev")


class _Flux(dict[str, str]):
    """A ledger that knows every picture, by whatever digest."""

    def get(self, key: object, default: object = None) -> Any:
        return AI.model


@dataclass
class VariantSite:
    """Pictures in a folder; each store that it returns is that of a new build."""

    root: Path
    widths: tuple[int, ...] = (48, 80)
    formats: tuple[str, ...] = ("webp",)
    wants_social: bool = False
    is_ai: bool = True
    """Whether the ledger says that a model drew the pictures."""

    @property
    def library(self) -> Library:
        """The library of the site."""
        return Library(self.root, "images")

    @property
    def folder(self) -> Path:
        """Where the variants lie."""
        return self.root / ".falhero" / "variants"

    def store(self) -> VariantStore:
        """A store as a new build opens it."""
        makers = _Flux() if self.is_ai else {}
        recipe = make_recipe(self.widths, self.formats)._replace(has_social=self.wants_social)
        return VariantStore(self.library, recipe, lambda: makers)

    def add(self, name: str = "hero.png", image: Image.Image | None = None, **options: object) -> Path:
        """Save a picture, noisy enough for its smaller copies to be lighter."""
        return save_picture(self.root / "images" / name, image=image or draw(), **options)

    def master(self, file: Path) -> Master:
        """A picture, as one listing of its folder tells of it."""
        status = file.stat()
        return Master(str(file), file.stem, status.st_size, status.st_mtime_ns)

    def make(self, *files: Path) -> Made:
        """Make what is missing of some pictures, as one build does."""
        store = self.store()
        return store.make(store.look_up(map(self.master, files)).missing)

    def variants(self, file: Path) -> VariantSet:
        """The variants of one picture, all of which are made."""
        return self.make(file).ready[file.stem]

    def open(self, name: str) -> Image.Image:
        """A variant, decoded whole."""
        with Image.open(self.folder / name) as image:
            image.load()
            return image

    def times(self) -> dict[str, int]:
        """The name of each variant's file and when it was written."""
        return {file.name: file.stat().st_mtime_ns for file in self.folder.iterdir() if file.name != "index.json"}


def names(variants: Iterable[VariantSet]) -> set[str]:
    """The names of all their files."""
    return {name for one in variants for name in one.file_names()}
