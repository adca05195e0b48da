"""Small copies of pictures for the page, kept in the state folder."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..content.site import OpenSite
from ..errors import AssetsError, PictureError
from ..storage.copies import remove_files
from ..storage.variants import EXTENSIONS, Master, VariantStore, make_recipe, master_name
from ..storage.variants.encoding import OpenMaster, resized, save
from ..storage.variants.variant_set import can_write
from .records import Kind, Picture

WIDTH = 320
"""Pixels; the page shows a picture at most half as wide, so that it is sharp on a dense screen."""
_VERSION = 1
"""Part of every file's name; increase it when thumbnails are made in another way."""
_QUALITY = 60


@dataclass(frozen=True)
class Thumbnail:
    """A small copy of a picture; width and height in pixels. Without a copy, ``problem`` says why."""

    address: str = ""
    """A ``data:`` address of the whole file."""
    width: int = 0
    height: int = 0
    problem: str = ""


class Thumbnails:
    """The thumbnails of one site, in ``.falhero/thumbnails``."""

    def __init__(self, site: OpenSite) -> None:
        self.folder = site.library.state / "thumbnails"
        self._library = site.library
        self._recipe = make_recipe(site.settings.widths, site.settings.formats)
        self._format = "webp" if can_write("webp") else "jpeg"

    def make(self, pictures: Iterable[Picture]) -> dict[str, Thumbnail]:
        """Return the thumbnail of each picture's file; make what is missing, and remove what no picture needs.

        Raises:
            AssetsError: the state folder can't be written.
        """
        root = self._library.root
        masters = [master for picture in pictures if picture.size and (master := _master(root, picture))]
        light = self._light_copies(masters)
        self._library.prepare_state()
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise AssetsError.of(self.folder, error) from error
        # Pillow decodes, resizes and encodes without Python's lock.
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            made = list(pool.map(lambda master: self._thumbnail(master, light), masters))
        names = {self._name(master) for master in masters}
        remove_files(self.folder, lambda name: name not in names)
        found = zip(masters, made, strict=True)
        return {master.file.relative_to(root).as_posix(): thumbnail for master, thumbnail in found}

    def _light_copies(self, masters: Iterable[Master]) -> Mapping[str, Path]:
        """Map the name of each master to a lighter copy that is large enough, where there is one that is up to date."""
        store = VariantStore(self._library, self._recipe)
        found = {}
        for name, variants in store.look_up(masters).ready.items():
            sizes = [(width, form) for form, widths in variants.widths.items() for width in widths if width >= WIDTH]
            if sizes:
                width, form = min(sizes)
                found[name] = store.folder / variants.file_name(form, width)
        return found

    def _name(self, master: Master) -> str:
        told = f"{_VERSION}\0{master.file.relative_to(self._library.root)}\0{master.size}\0{master.mtime_ns}"
        digest = hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:24]
        return f"{digest}.{EXTENSIONS[self._format]}"

    def _thumbnail(self, master: Master, light: Mapping[str, Path]) -> Thumbnail:
        kept = self.folder / self._name(master)
        try:
            data = kept.read_bytes() if kept.is_file() else b""
            if not data:
                data = shrunk(light.get(master.name, master.file), self._format)
                self._keep(data, kept)
            with OpenMaster(kept) as opened:
                width, height = opened.size
        except PictureError as error:
            return Thumbnail(problem=str(error))
        except OSError as error:
            return Thumbnail(problem=f"it can't be read ({error.strerror})")
        address = f"data:image/{self._format};base64,{base64.b64encode(data).decode()}"
        return Thumbnail(address, width, height)

    def _keep(self, data: bytes, target: Path) -> None:
        with self._library.temporary_file("thumbnail") as file:
            try:
                file.write_bytes(data)
                os.replace(file, target)  # noqa: PTH105 - clearer than Path.replace
            except OSError as error:
                raise AssetsError.of(self.folder, error) from error


def _master(root: Path, picture: Picture) -> Master | None:
    file = root / picture.file
    try:
        status = file.stat()
    except OSError:
        return None
    name = master_name(picture.file, is_ours=picture.kind in (Kind.HERO, Kind.CARD))
    return Master(str(file), name, status.st_size, status.st_mtime_ns, is_card=picture.kind is Kind.CARD)


def shrunk(file: Path, format_: str, *, to: int = WIDTH, quality: int = _QUALITY) -> bytes:
    """Return a picture, at most ``to`` pixels wide, as the bytes of a file.

    Raises:
        PictureError: it can't be decoded or encoded.
    """
    with OpenMaster(file) as opened:
        width, height = opened.size
        picture = opened.decode(to)
    narrow = min(to, width)
    image = resized(picture, narrow, max(1, round(height * narrow / width))).image
    return save(image if format_ == "webp" else image.convert("RGB"), format_, xmp=b"", quality=quality)
