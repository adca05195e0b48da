"""Labels: what a picture file says of its origin, so that machines can tell that a machine drew it.

The words are IPTC's (Photo Metadata 2025.1, https://iptc.org/standards/photo-metadata/), in an XMP packet within the
file. Content credentials (C2PA, https://spec.c2pa.org, appendix A) are only recognised: they are signed over the file's
bytes, so a label would break them.
"""

from __future__ import annotations

import contextlib
import html
import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Literal, get_args

from ..errors import AssetsError, PictureError
from .chunks import PNG_START, Part, parts_of

Source = Literal["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "algorithmicMedia"]
"""IPTC's words: drawn by a model, with parts that a model drew (only ever read), or by a program without a model."""

SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""The address of IPTC's digital source types: the words above stand behind it."""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XMP = "http://ns.adobe.com/xap/1.0/"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"

_PNG_KEYWORD = b"XML:com.adobe.xmp\0"
_JPEG_KEYWORD = _XMP.encode() + b"\0"
_APP1, _APP11 = b"\xff\xe1", b"\xff\xeb"
_LONGEST_XMP = 1 << 24
"""Bytes; a compressed packet that is longer is cut, so that a small file can't fill the memory."""


@dataclass(frozen=True)
class Label:
    """What a file says of its origin."""

    source: Source
    tool: str
    """The program that made the file, with its version; see ``tool_name``."""
    model: str = ""
    """The endpoint that drew it, ``fal-ai/flux/dev``; empty where no model did."""

    @property
    def is_ai(self) -> bool:
        """Whether a model drew the picture, or a part of it."""
        return self.source != "algorithmicMedia"

    def xmp(self) -> bytes:
        """Return the label as one XMP packet in UTF-8."""
        model = f'\n   Iptc4xmpExt:AISystemUsed="{html.escape(self.model)}"' if self.model else ""
        return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="{_RDF}">
  <rdf:Description rdf:about=""
   xmlns:xmp="{_XMP}"
   xmlns:Iptc4xmpExt="{_IPTC}"
   xmp:CreatorTool="{html.escape(self.tool)}"
   Iptc4xmpExt:DigitalSourceType="{SOURCES}{self.source}"{model}/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>""".encode()


@lru_cache(maxsize=1)
def tool_name() -> str:
    """Return this program's name with its version, as labels say it: ``pelican-falhero 0.1.0``."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow, and a warm build needs none

    try:
        return f"pelican-falhero {version('pelican-falhero')}"
    except PackageNotFoundError:  # run from a copy that pip does not know
        return "pelican-falhero"


def label_png(file: Path, label: Label) -> None:
    """Put a label into a PNG, in place of the XMP that it may have; its pixels and all its other chunks stay.

    The file is rewritten in place, so label a temporary file before it is placed. One with credentials
    (``has_credentials``) must not be labelled. Labelling twice gives the same bytes.

    Raises:
        PictureError: the file can't be read, is not a PNG or is damaged.
        AssetsError: the file can't be written.
    """
    data = _read(file)
    if not data.startswith(PNG_START):
        raise PictureError(f"{file} is not a PNG, so it can't be labelled")
    kept, end, is_labelled = [PNG_START], len(PNG_START), False
    for part in _parts(io.BytesIO(data), file):
        end = part.start + part.length + 4
        if part.kind == b"IDAT" and not is_labelled:  # before the pixels, where all readers look
            kept.append(_png_chunk(b"iTXt", _PNG_KEYWORD + b"\0\0\0\0" + label.xmp()))
            is_labelled = True
        if not (part.kind == b"iTXt" and data.startswith(_PNG_KEYWORD, part.start)):
            kept.append(data[part.start - 8 : end])
    if not is_labelled:
        raise PictureError(f"{file} is damaged: it is a PNG without pixels")
    try:
        file.write_bytes(b"".join([*kept, data[end:]]))
    except OSError as error:
        raise AssetsError.of(file.parent, error) from error


def read_label(file: Path) -> Label | None:
    """Return the label of a PNG, JPEG, WebP or AVIF, by whatever program; None if it says none of ``Source``.

    Raises:
        PictureError: as ``read_xmp``.
    """
    xmp = read_xmp(file)
    return label_in(xmp) if xmp else None


def label_in(xmp: bytes) -> Label | None:
    """Return the label that an XMP packet holds; None if it says none of ``Source``, or is no XMP."""
    from xml.etree import ElementTree as ET  # noqa: PLC0415 - most builds read no label

    try:
        root = ET.fromstring(xmp.strip(b"\0"))  # noqa: S314 - expat itself limits what entities expand to
    except ET.ParseError:
        return None
    said: dict[str, str] = {}
    # RDF is the root, or in x:xmpmeta. Descriptions deeper within are of other pictures, from which this one was made.
    for rdf in [root] if root.tag == f"{{{_RDF}}}RDF" else root.findall(f"{{{_RDF}}}RDF"):
        for description in rdf.findall(f"{{{_RDF}}}Description"):
            said |= description.attrib
            for child in description:
                said[child.tag] = child.get(f"{{{_RDF}}}resource") or "".join(child.itertext()).strip()
    # Some programs write the word alone.
    source = said.get(f"{{{_IPTC}}}DigitalSourceType", "").rpartition("/")[2]
    for known in get_args(Source):
        if source == known:
            return Label(known, said.get(f"{{{_XMP}}}CreatorTool", ""), said.get(f"{{{_IPTC}}}AISystemUsed", ""))
    return None


def read_xmp(file: Path) -> bytes | None:
    """Return the XMP packet of a PNG, JPEG, WebP or AVIF; None if it has none. No pixel is decoded.

    Raises:
        PictureError: the file can't be read, or it is damaged.
    """
    with _opened(file) as opened:
        if opened.read(12)[4:8] == b"ftyp":
            return _avif_xmp(file)
        for part in _parts(opened, file):
            if part.kind == b"XMP ":
                return part.read(opened)
            if part.kind == _APP1 and (data := part.read(opened)).startswith(_JPEG_KEYWORD):
                return data.removeprefix(_JPEG_KEYWORD)
            if part.kind == b"iTXt" and (data := part.read(opened)).startswith(_PNG_KEYWORD):
                return _itxt_text(data.removeprefix(_PNG_KEYWORD), file)
    return None


def has_credentials(file: Path) -> bool:
    """Whether a PNG, JPEG or WebP carries C2PA content credentials; whether they are valid is not looked at.

    Raises:
        PictureError: the file can't be read, or it is damaged.
    """
    with _opened(file) as opened:
        return any(
            part.kind in (b"caBX", b"C2PA") or (part.kind == _APP11 and _is_manifest(part.read(opened)))
            for part in _parts(opened, file)
        )


def _is_manifest(app11: bytes) -> bool:
    """Whether an APP11 segment holds a JUMBF box of C2PA's type; other standards use APP11, too."""
    return app11.startswith(b"JP") and app11[12:16] == b"jumb" and b"c2pa" in app11[16:48]


def _avif_xmp(file: Path) -> bytes | None:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - slow, and only this format needs it

    try:
        with Image.open(file, formats=["AVIF"]) as image:
            xmp = image.info.get("xmp")
    except (KeyError, UnidentifiedImageError):  # a Pillow without AVIF, or a relative of AVIF
        return None
    except Exception as error:  # a decoder may raise any error for a damaged file
        raise PictureError(f"{file}: the picture can't be decoded ({error})") from error
    return xmp if isinstance(xmp, bytes) else None


def _itxt_text(rest: bytes, file: Path) -> bytes:
    """The text of an iTXt chunk, from what follows its keyword: two flags, two short texts, and the text."""
    is_compressed = rest.startswith(b"\1")
    *_, text = rest[2:].split(b"\0", 2)
    if not is_compressed:
        return text
    try:
        return zlib.decompressobj().decompress(text, _LONGEST_XMP)
    except zlib.error as error:
        raise PictureError(f"{file}: the picture is damaged: its XMP can't be decompressed") from error


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _parts(opened: BinaryIO, file: Path) -> Iterator[Part]:
    try:
        yield from parts_of(opened)
    except PictureError as error:
        raise PictureError(f"{file}: {error}") from error


def _read(file: Path) -> bytes:
    with _opened(file) as opened:
        return opened.read()


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        with file.open("rb") as opened:
            yield opened
    except OSError as error:
        raise PictureError(f"{file} can't be read ({error.strerror})") from error
