"""Makes an earlier picture of a post its hero again, for nothing."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass

from ..errors import AssetsError, HeroError
from ..planning.item import Item, State
from ..planning.request import own_fingerprint
from ..planning.site import Site
from ..planning.survey import survey
from ..storage.attempts import Attempt
from ..storage.candidates import Candidates
from ..storage.events import SAVED, Event
from ..storage.kept import KeptPicture, sha256_of
from ..storage.masters import place_master
from ..storage.preflight import require_writable
from .lock import Say, buying


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A version or a candidate that is to be the hero."""

    version: KeptPicture
    digest: str
    """The SHA-256 of its file when it was chosen."""
    drawn: Attempt | None
    """The attempt that made it; None if the ledger does not know it."""


def pick(site: Site, choice: Choice, *, say: Say) -> bool:
    """Make a version or a candidate the hero of the one title that ``site`` has posts of.

    The present hero becomes a version. Other candidates stay.

    Returns:
        False if it is the hero already, for example because another process has picked it at the same time.

    Raises:
        HeroError: a picture that was paid for is to be fetched first, or the version is gone or damaged.
        AssetsError, LedgerError: a folder or the ledger can't be written, or another run holds the lock.
    """
    with buying(site, say):
        require_writable(site.library, site.ledger.path)
        (item,) = survey(site).plan.items
        if item.state is State.PENDING:
            # The line of this pick would be newer than the request, whose picture no build would fetch then.
            raise HeroError("a picture that was paid for is not fetched yet; fetch it first with falhero generate")
        present = site.library.heroes().get(item.stem)
        try:
            if present and sha256_of(site.library.folder / present) == choice.digest:
                return False
        except OSError as error:
            raise AssetsError.of(site.library.folder, error) from error
        _place(item, choice, site)
        candidates = Candidates(site.library)
        if choice.version.path.parent == candidates.folder:
            # Only now, when the ledger knows it as the hero.
            candidates.discard(choice.version)
    return True


def _place(item: Item, choice: Choice, site: Site) -> None:
    library, version = site.library, choice.version
    name = item.stem + version.path.suffix
    with library.temporary_file() as file:
        try:
            shutil.copyfile(version.path, file)
            digest = sha256_of(file)
        except FileNotFoundError as error:
            raise HeroError(f"{version.path} was deleted") from error
        except OSError as error:
            raise AssetsError.of(version.path.parent, error) from error
        if digest != choice.digest or not version.is_of(digest):
            raise HeroError(f"{version.path} is damaged: it is not the picture that was kept; delete it")
        place_master(file, name, library)
    drawn = choice.drawn.last if choice.drawn else None
    fingerprint = drawn.fingerprint if drawn else ""
    own = own_fingerprint(item.post, item.settings)
    site.ledger.append(
        Event(
            event=SAVED,
            attempt=uuid.uuid4().hex[:12],
            hero=name,
            time=site.ledger.clock(),
            title=item.post.title,
            source=item.post.source,
            endpoint=drawn.endpoint if drawn else "",
            fingerprint=fingerprint,
            own_fingerprint=own if own != fingerprint else "",
            # Of a picture that was not drawn here, nobody may think so later, and prune it.
            sha256=digest if drawn else "",
            folder=library.assets_dir,
            kept_from=version.path.name,
        )
    )
