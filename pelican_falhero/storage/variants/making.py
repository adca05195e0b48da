"""Making the variants of one master: what is missing of them, from one decoding."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from ...errors import PictureError
from ..labels import Label, label_in, read_xmp, tool_name
from .encoding import OpenMaster, encode, resized
from .folder import VariantFolder
from .index import Entry
from .social_cut import needed_width, social_cut
from .variant_set import Master, VariantSet


def bring_up_to_date(folder: VariantFolder, master: Master, makers: Callable[[], Mapping[str, str]]) -> VariantSet:
    """Make what is missing of one master. What was made of the same content before is used again.

    Raises:
        PictureError: there can't be variants of this picture, which is remembered.
        AssetsError: the folder can't be written.
        OSError: the master can't be read.
    """
    if variants := folder.ready(master):
        return variants
    with master.file.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    entry = folder.entry_of_content(master, digest)
    # What was never opened is not known to lack nothing: nobody knows yet how wide it is, and who made it.
    if not (entry.width or entry.problem) or not folder.has_all(entry, master):
        try:
            entry = _encode(folder, master, entry, makers)
        except PictureError as error:
            folder.remember(master, entry._replace(problem=str(error)))
            raise
    return folder.remember(master, entry)


def _encode(folder: VariantFolder, master: Master, entry: Entry, makers: Callable[[], Mapping[str, str]]) -> Entry:
    """Make the files that are missing, from one decoding, and return the entry that knows of them."""
    with OpenMaster(master.file) as opened:
        width, height = opened.size
        entry = entry._replace(width=width, height=height)
        wanted, wants_social = folder.missing(entry, master)
        if not wanted and not wants_social:
            label, _ = _said(read_xmp(master.file) or b"", master, entry.sha256, makers)
            return _labelled(entry, label)
        widths = sorted({width for _, width in wanted}, reverse=True)
        picture = opened.decode(max([*widths, needed_width(width, height) if wants_social else 0]))
    label, xmp = _said(picture.xmp, master, entry.sha256, makers)
    entry = _labelled(entry, label)
    files: dict[tuple[str, int], bytes] = {}
    for narrow in widths:
        scaled = resized(picture, narrow, max(1, round(height * narrow / width)))
        files |= {(form, narrow): encode(scaled, form, xmp) for form, of_width in wanted if of_width == narrow}
    entry = entry.with_encoded({key: len(data) for key, data in files.items()})
    variants = entry.variants(master.name, folder.recipe)
    for (form, narrow), data in files.items():
        if narrow in variants.widths[form]:
            folder.put(variants.file_name(form, narrow), data)
    if wants_social:
        cut = social_cut(picture, xmp)
        folder.put(variants.social_name, cut)
        entry = entry._replace(social=len(cut))
    return entry


def _labelled(entry: Entry, label: Label | None) -> Entry:
    return entry._replace(is_ai=label.is_ai, model=label.model) if label else entry


def _said(
    xmp: bytes, master: Master, sha256: str, makers: Callable[[], Mapping[str, str]]
) -> tuple[Label | None, bytes]:
    """What is known of who made a picture, and what its variants are to say: what it says itself, if it says that."""
    if label := label_in(xmp):
        return label, xmp
    if model := makers().get(sha256):
        label = Label("trainedAlgorithmicMedia", tool_name(), model)
    elif master.is_card:
        label = Label("algorithmicMedia", tool_name())
    return label, label.xmp() if label else xmp
