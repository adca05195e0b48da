"""Masters: the pictures as drawn, in the assets folder, from which all lighter copies are made."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path

from ..errors import AssetsError, PictureError
from .assets import EXTENSIONS, Library
from .images import check_picture, make_png
from .labels import Label, has_credentials, label_png, tool_name

_SIGNED_EXTENSIONS = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp"}


@dataclass(frozen=True)
class Master:
    """A file that is ready for the assets folder; width and height in pixels."""

    width: int
    height: int
    extension: str
    """``.png``, or what a picture with content credentials arrived as."""
    sha256: str


def make_master(file: Path, endpoint: str) -> Master:
    """Check a picture that ``endpoint`` drew, and make the file a labelled PNG.

    A picture with content credentials (C2PA) stays byte for byte: they are signed over its bytes, and say more.

    Raises:
        BlankPictureError, PictureError: as ``check_picture``.
        AssetsError: the file can't be written.
    """
    if _is_signed(file):
        info = check_picture(file)
        extension = _SIGNED_EXTENSIONS[info.format]
    else:
        info = make_png(file)
        extension = ".png"
        label_png(file, Label("trainedAlgorithmicMedia", tool_name(), endpoint))
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise AssetsError.of(file.parent, error) from error
    return Master(info.width, info.height, extension, digest)


def place_master(file: Path, name: str, library: Library) -> None:
    """Move a master to ``name`` in the assets folder, and remove the picture of the same title that it replaces.

    That one may have another extension: one of the two arrived with content credentials, or its author converted it. It
    would be shown instead of this one, or be published beside it for ever.

    Raises:
        AssetsError: the folder can't be written.
    """
    target = library.folder / name
    library.place(file, target)
    for extension in EXTENSIONS:
        if extension != target.suffix:
            try:
                target.with_suffix(extension).unlink(missing_ok=True)
            except OSError as error:
                raise AssetsError.of(target.parent, error) from error


def _is_signed(file: Path) -> bool:
    with contextlib.suppress(PictureError):  # a damaged file; whether its pixels are whole is seen when it is checked
        return has_credentials(file)
    return False
