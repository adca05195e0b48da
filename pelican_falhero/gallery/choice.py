"""What shows a post's candidates to its author: a contact sheet, and a page with the command that picks each."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..content.post import Post
from ..errors import AssetsError, PictureError
from ..generation import messages
from ..generation.report import Report
from ..planning.site import Site
from ..prepublish.remedies import Shell
from ..providers.cards.fonts import CardFonts
from ..storage.assets import Library, hero_stem
from ..storage.attempts import Attempt, attempts_of
from ..storage.candidates import Candidates
from ..storage.labels import Label, label_png, tool_name
from ..storage.variants.variant_set import can_write
from ..storage.versions import sha256_of
from .origin import Origins
from .page import relative_address, render_template
from .thumbnails import shrunk
from .versions import Numbered, Role, VersionIndex, numbered
from .words import short_name

PICTURE_WIDTH = 640
"""Pixels; on a wide screen the page shows pictures about half as wide, so that they are sharp on a dense one."""
_QUALITY = 70


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A post, with its pictures from which a hero is chosen, and the files that show them."""

    post: Post
    pictures: tuple[Numbered, ...]
    """The present hero, if there is one, and the candidates."""
    sheet: Path
    page: Path

    @property
    def candidates(self) -> tuple[Numbered, ...]:
        """The candidates alone."""
        return tuple(picture for picture in self.pictures if picture.role is Role.CANDIDATE)


def update_choices(site: Site, posts: Iterable[Post], shell: Shell) -> dict[str, Choice]:
    """Write the sheet and the page of each of these posts that has candidates, and remove those of the others.

    Args:
        site: the site.
        posts: the posts whose candidates, heroes or versions have changed; of several with one title, the first.
        shell: where the commands will be typed.

    Returns:
        The stem of each hero with candidates to these.

    Raises:
        AssetsError, LedgerError: a folder or the ledger can't be read or written.
    """
    folder = Candidates(site.library)
    if not folder.folder.is_dir():
        return {}
    found: dict[str, Choice] = {}
    attempts = attempts_of(site.ledger.read().events)
    for stem, post in {hero_stem(post.title): post for post in reversed([*posts])}.items():
        choice = _choice(site, stem, post, attempts)
        if choice.candidates:
            _write(site, choice, shell)
            found[stem] = choice
            # What was written under a former title is out of date.
            for former in {picture.kept.stem for picture in choice.candidates if picture.kept} - {stem}:
                remove_choice(folder, former)
        else:
            remove_choice(folder, stem)
    return found


def update_choices_of(report: Report, site: Site, shell: Shell) -> dict[str, Choice]:
    """Do this for the posts whose pictures a run has changed; see ``update_choices``."""
    changed = [result.item for result in (*report.made, *report.kept)]
    changed += [result.item for result in report.candidates if result.has_picture]
    return update_choices(site, [item.post for item in changed], shell) if changed else {}


def remove_choice(folder: Candidates, stem: str) -> None:
    """Remove the sheet and the page of a hero that has no candidates any more.

    Raises:
        AssetsError: they can't be removed.
    """
    for file in (folder.sheet(stem), folder.page(stem)):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise AssetsError.of(folder.folder, error) from error


def _choice(site: Site, stem: str, post: Post, attempts: Sequence[Attempt]) -> Choice:
    library = site.library
    name = library.heroes().get(stem)
    hero = library.folder / name if name else None
    index, origins, folder = VersionIndex.of(library, attempts), Origins(attempts), Candidates(library)
    pictures = numbered(hero, index.others(post, _digest(hero)), origins)
    return Choice(
        post=post,
        pictures=tuple(picture for picture in pictures if picture.role is not Role.VERSION),
        sheet=folder.sheet(stem),
        page=folder.page(stem),
    )


def _digest(hero: Path | None) -> str:
    try:
        return sha256_of(hero) if hero else ""
    except OSError as error:
        raise AssetsError(f"{hero} can't be read ({error.strerror}); check its permissions") from error


def _write(site: Site, choice: Choice, shell: Shell) -> None:
    from .contact_sheet import Tile, draw_sheet  # noqa: PLC0415 - imports Pillow and the fonts of cards

    tiles = [
        Tile(
            number=picture.number,
            file=picture.path,
            caption=_caption(picture),
            is_hero=picture.role is Role.HERO,
        )
        for picture in choice.pictures
    ]
    command = f"falhero pick {shell.quote_path(choice.post.path)} N"
    subtitle = f"{messages.count(len(choice.candidates), 'candidate')} to choose from: {command}"
    fonts = CardFonts(site.library, site.settings.card_font)

    def save_sheet(file: Path) -> None:
        draw_sheet(choice.post.title, subtitle, tiles, fonts).save(file, "PNG")
        label_png(file, Label("trainedAlgorithmicMedia", tool_name()))

    page = _page(choice, shell, now=site.ledger.clock())
    _place(save_sheet, choice.sheet, site.library)
    _place(lambda file: file.write_text(page, encoding="utf-8"), choice.page, site.library)


def _place(save: Callable[[Path], object], target: Path, library: Library) -> None:
    with library.temporary_file("choice") as file:
        try:
            save(file)
        except OSError as error:
            raise AssetsError.of(file.parent, error) from error
        library.place(file, target)


def _page(choice: Choice, shell: Shell, *, now: datetime.datetime) -> str:
    """Return the page as HTML; it needs no other file."""

    def address(picture: Numbered) -> str:
        """A light copy of the picture as a ``data:`` address; empty if it can't be decoded."""
        try:
            data = shrunk(picture.path, form, to=PICTURE_WIDTH, quality=_QUALITY)
        except PictureError:
            return ""
        return f"data:image/{form};base64,{base64.b64encode(data).decode()}"

    form = "webp" if can_write("webp") else "jpeg"
    return render_template(
        "choice.html",
        ("gallery.css", "choice.css", "copy.js"),
        filters={
            "address": address,
            "link": lambda picture: relative_address(picture.path, choice.page),
            "pick": lambda picture: shell.pick(choice.post.path, picture.number),
        },
        choice=choice,
        title=choice.post.title,
        lang=choice.post.lang,
        folder=str(shell.folder),
        now=now,
    )


def _caption(picture: Numbered) -> str:
    """``seed 7, schnell, $0.003``, as far as it is known."""
    origin = picture.origin
    parts = ["the hero now"] if picture.role is Role.HERO else []
    if origin:
        parts += [] if origin.seed is None else [f"seed {origin.seed}"]
        parts += [short_name(origin.endpoint), messages.dollars(origin.usd)]
    return ", ".join(filter(None, parts))
