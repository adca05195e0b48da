"""What picture files say of their origin, written here and read back by Exiv2, and by ours from what others wrote."""

from __future__ import annotations

import datetime
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyexiv2
import pytest
from builders import draw, save_picture
from PIL import Image
from signed_pictures import png_chunk, signed

from pelican_falhero.errors import PictureError
from pelican_falhero.storage.events import FAILED, SAVED, SUBMITTED, Event, endpoints_by_digest
from pelican_falhero.storage.labels import SOURCES, Label, has_credentials, label_in, label_png, read_label, tool_name
from pelican_falhero.storage.masters import make_master

DRAWN = Label("trainedAlgorithmicMedia", tool_name(), "fal-ai/flux/dev")


def read_by_exiv2(file: Path) -> dict[str, Any]:
    """All XMP properties of a file, by an independent reader."""
    with pyexiv2.Image(str(file)) as image:
        return dict(image.read_xmp())


def test_a_labelled_png_says_what_it_is_and_keeps_its_pixels(tmp_path: Path) -> None:
    """Another program reads source, tool and model, even with signs that XML escapes; no pixel changes."""
    file = save_picture(tmp_path / "hero.png", image=draw())
    label_png(file, Label("trainedAlgorithmicMedia", "pelican-falhero 1", 'a/"b"&<c>'))
    assert read_by_exiv2(file) == {
        "Xmp.xmp.CreatorTool": "pelican-falhero 1",
        "Xmp.iptcExt.DigitalSourceType": f"{SOURCES}trainedAlgorithmicMedia",
        "Xmp.iptcExt.AISystemUsed": 'a/"b"&<c>',
    }
    with Image.open(file) as image:
        image.verify()
    with Image.open(file) as image:
        assert image.convert("RGB").tobytes() == draw().convert("RGB").tobytes()


def test_labelling_twice_gives_the_same_file(tmp_path: Path) -> None:
    """A label replaces the one before, so that the ledger's hash stays true."""
    file = save_picture(tmp_path / "hero.png", image=draw())
    label_png(file, Label("algorithmicMedia", "another tool"))
    label_png(file, DRAWN)
    once = file.read_bytes()
    label_png(file, DRAWN)
    assert file.read_bytes() == once
    assert read_label(file) == DRAWN


@pytest.mark.parametrize("extension", ["jpg", "webp"])
def test_the_packet_is_read_in_other_formats(extension: str, tmp_path: Path) -> None:
    """The same packet, saved by Pillow, is read by Exiv2 and by us."""
    file = tmp_path / f"picture.{extension}"
    draw().convert("RGB").save(file, xmp=DRAWN.xmp())
    assert read_by_exiv2(file)["Xmp.iptcExt.AISystemUsed"] == DRAWN.model
    assert read_label(file) == DRAWN


def test_the_packet_is_read_in_avif(tmp_path: Path) -> None:
    """What Pillow saved is read; a file of another format that begins like AVIF has no label."""
    file = tmp_path / "picture.avif"
    draw().save(file, xmp=DRAWN.xmp())
    assert read_label(file) == DRAWN
    data = file.read_bytes()
    file.write_bytes(data[:8] + b"heic" + data[12:])
    assert read_label(file) is None


def test_a_label_that_exiv2_wrote_is_read(tmp_path: Path) -> None:
    """An author's picture of mixed origin counts as AI; a photograph has no label of these."""
    file = save_picture(tmp_path / "own.png", image=draw())
    for source, expected in (("compositeWithTrainedAlgorithmicMedia", True), ("digitalCapture", None)):
        with pyexiv2.Image(str(file)) as image:
            image.modify_xmp({"Xmp.iptcExt.DigitalSourceType": SOURCES + source})
        label = read_label(file)
        assert (label and label.is_ai) == expected


def test_a_compressed_packet_is_read(tmp_path: Path) -> None:
    """PNG allows to compress the packet."""
    file = save_picture(tmp_path / "own.png", image=draw())
    data = file.read_bytes()
    text = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(DRAWN.xmp())
    file.write_bytes(data[:33] + png_chunk(b"iTXt", text) + data[33:])
    assert read_label(file) == DRAWN


@pytest.mark.parametrize("xmp", [b"", b"<not xml", b"<a/>"])
def test_what_is_no_xmp_is_no_label(xmp: bytes) -> None:
    """Another program's broken packet is passed over."""
    assert label_in(xmp) is None


@pytest.mark.parametrize("extension", ["png", "jpg", "webp"])
def test_a_picture_with_credentials_stays_byte_for_byte(extension: str, tmp_path: Path) -> None:
    """It is recognised in each format, checked, and kept as it arrived, with its own extension."""
    file = save_picture(tmp_path / f"arrived.{extension}", image=draw().convert("RGB"))
    assert not has_credentials(file)
    before = signed(file.read_bytes())
    file.write_bytes(before)
    assert has_credentials(file)
    master = make_master(file, "fal-ai/flux/dev")
    assert master.extension == f".{extension}"
    assert file.read_bytes() == before


@pytest.mark.parametrize("extension", ["png", "jpg"])
def test_what_arrives_without_credentials_becomes_a_labelled_png(extension: str, tmp_path: Path) -> None:
    """The label names the endpoint that drew it."""
    file = save_picture(tmp_path / f"arrived.{extension}", image=draw().convert("RGB"))
    assert make_master(file, "fal-ai/flux/dev").extension == ".png"
    assert read_by_exiv2(file)["Xmp.iptcExt.AISystemUsed"] == "fal-ai/flux/dev"


@pytest.mark.parametrize("extension", ["png", "jpg", "webp"])
def test_a_file_that_is_cut_off_is_a_clear_error(extension: str, tmp_path: Path) -> None:
    """The error names the file and what is wrong with it."""
    file = save_picture(tmp_path / f"cut.{extension}", image=draw().convert("RGB"))
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(PictureError, match=r"cut\..*incomplete"):
        read_label(file)


def test_a_packet_that_can_not_be_decompressed_is_a_clear_error(tmp_path: Path) -> None:
    """The error names the file and says that it is damaged."""
    file = save_picture(tmp_path / "own.png", image=draw())
    data = file.read_bytes()
    file.write_bytes(data[:33] + png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0zip") + data[33:])
    with pytest.raises(PictureError, match=r"own\.png: the picture is damaged"):
        read_label(file)


def test_a_png_that_lost_its_end_becomes_whole(tmp_path: Path) -> None:
    """All pixels are there, and they are paid for: the file is written anew, and labelled."""
    file = save_picture(tmp_path / "arrived.png", image=draw())
    file.write_bytes(file.read_bytes()[:-12])
    make_master(file, "fal-ai/flux/dev")
    assert file.read_bytes().endswith(b"IEND\xaeB`\x82")
    assert read_label(file) == DRAWN


def test_the_ledger_tells_which_endpoint_drew_a_picture() -> None:
    """A master of before has no label; of a copy the original's endpoint counts, in any order of the lines.

    What was not saved, and what was saved without hash or endpoint, tells nothing.
    """
    time = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    drawn = Event(event=SAVED, attempt="a", hero="a.png", time=time, endpoint="fal-ai/flux/dev", sha256="12")
    copied = Event(event=SAVED, attempt="b", hero="b.png", time=time, endpoint="x", sha256="12", kept_from="a.png")
    others = [replace(drawn, event=FAILED, sha256="34"), replace(drawn, sha256=""), replace(drawn, endpoint="")]
    others += [replace(other, event=SUBMITTED) for other in others]
    for events in ([drawn, copied], [copied, drawn]):
        assert endpoints_by_digest([*events, *others]) == {"12": "fal-ai/flux/dev"}
