"""Masters: the pictures as drawn, in the assets folder, from which all lighter copies are made."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from ..errors import AssetsError, PictureError
from .assets import EXTENSIONS, Library
from .images import check_picture, make_png
from .labels import Label, has_credentials, label_png, tool_name
from .versions import Versions, sha256_of

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
    return Master(info.width, info.height, extension, _digest(file))


def place_master(file: Path, name: str, library: Library) -> None:
    """Move a master to ``name`` in the assets folder; what it replaces is kept as a version.

    That may have another extension: one of the two arrived with content credentials, or its author converted it. It
    would be shown instead of this one, or be published beside it for ever.

    Raises:
        AssetsError: a folder can't be written.
    """
    target = library.folder / name
    versions = Versions(library)
    former = [path for path in map(target.with_suffix, EXTENSIONS) if path.is_file()]
    digest = _digest(file)
    for path in former:
        versions.keep(path, successor=digest)
    library.place(file, target)
    for path in former:
        if path != target:
            versions.remove(path, successor=digest)


def _digest(file: Path) -> str:
    try:
        return sha256_of(file)
    except OSError as error:
        raise AssetsError.of(file.parent, error) from error


def _is_signed(file: Path) -> bool:
    with contextlib.suppress(PictureError):  # a damaged file; whether its pixels are whole is seen when it is checked
        return has_credentials(file)
    return False
