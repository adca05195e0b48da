"""What can go wrong, as messages a user can act on: what happened, where, and what to do next."""

from __future__ import annotations

from pathlib import Path


class HeroError(Exception):
    """The root of all errors of this package; its text is meant for the user."""

    remedy = "The next build tries again"
    """What becomes of a hero that failed so, or what helps."""
    remedy_if_paid = "It is paid for; the next build fetches it"
    """The same where the provider has taken the request."""
    stops_run = False
    """Whether no other hero of the run would fare better."""
    retryable = False
    """Whether the same request may succeed when it is sent again at once."""
    charged = False
    """Whether what came to nothing may cost all the same."""
    lost = False
    """Whether what was paid for can't be had any more, by the provider's own word."""


class SettingsError(HeroError):
    """One or more ``FALHERO_`` settings can't be used; the text names each and its remedy."""


class PostError(HeroError):
    """A post's own hero metadata can't be used; the text names the file and the field."""


class RangeError(PostError):
    """A value is out of the range of the endpoint that would draw the post.

    ``field`` is the post's field or the setting that it comes from, ``problem`` the rest of the sentence.
    """

    def __init__(self, source: str, field: str, problem: str) -> None:
        super().__init__(f"{source}: {field} {problem}" if source else f"{field} {problem}")
        self.field = field
        self.problem = problem


class LedgerError(HeroError):
    """The ledger can't be written, or another run holds its lock: nothing may be bought."""

    stops_run = True


class AssetsError(HeroError):
    """A picture can't be written where it belongs; the text names the folder."""

    stops_run = True

    @classmethod
    def of(cls, folder: Path, error: OSError) -> AssetsError:
        """The error for what the system said about a folder."""
        remedy = "check its permissions and the space on the disk"
        if isinstance(error, FileExistsError | NotADirectoryError):
            remedy = "something that is not a folder is in its place; move it away"
        return cls(f"{folder} can't be written ({error.strerror or error}); {remedy}")


class PictureError(HeroError):
    """What arrived is not a usable picture, or nothing arrives."""

    remedy_if_paid = "It is paid for; the next build fetches it again, and falhero generate --retry draws another"


class AccountError(HeroError):
    """The account, the key or the network: no other request of this run would fare better."""

    stops_run = True


class UnsentError(AccountError):
    """No connection could be made, so nothing was sent and nothing was bought."""


class RefusedError(HeroError):
    """The provider refuses this very request; the same request would be refused again."""

    remedy = "It is not asked for again until its request changes"

    def __init__(self, message: str, *, charged: bool = True) -> None:
        super().__init__(message)
        self.charged = charged


class JobError(HeroError):
    """A job failed on the provider's side."""

    lost = True

    def __init__(self, message: str, *, retryable: bool = True, charged: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.charged = charged


class BusyError(HeroError):
    """The provider has no room at the moment (429, a full queue); nothing was bought, waiting helps."""


class UncertainError(HeroError):
    """A submit left this machine and the provider never said what became of it; it may have been charged."""

    remedy = "It may have been charged, and counts as spent; the next build asks again"


class OutOfReachError(HeroError):
    """The picture is drawn and can't be had at the moment; asking again later costs nothing, unless it is lost."""

    def __init__(self, message: str, *, lost: bool = False) -> None:
        super().__init__(message)
        self.lost = lost


class DeadlineError(HeroError):
    """The time for this hero is up, or the run is being stopped; the request stays in the ledger."""


class Terminated(SystemExit):
    """SIGTERM has ended a run; a process that lets it pass exits with 143, as a shell expects."""

    def __init__(self) -> None:
        super().__init__(143)
