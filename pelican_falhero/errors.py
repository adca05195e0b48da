"""The errors of this package. Each message says what happened, where, and what to do next."""

from __future__ import annotations

from pathlib import Path


class HeroError(Exception):
    """The base class of all errors of this package; its text is shown to the user."""

    remedy = "The next build tries again"
    """What happens next to the hero that failed, or what the user can do."""
    remedy_if_paid = "It is paid for; the next build fetches it"
    """The same, if the provider has accepted the request."""
    remedy_of_candidate = "falhero generate --candidates asks again"
    """The same, for a candidate that no build asks for again."""
    stops_run = False
    """Whether the run stops, because every other hero would fail too."""
    retryable = False
    """Whether the same request may succeed if it is sent again immediately."""
    charged = False
    """Whether the failed request may still cost money."""
    lost = False
    """Whether the provider itself says that the paid picture no longer exists."""


class SettingsError(HeroError):
    """One or more ``FALHERO_`` settings are invalid; the text names each and how to fix it."""


class PostError(HeroError):
    """A post's own hero metadata is invalid; the text names the file and the field."""


class RangeError(PostError):
    """A value is outside the range that the post's endpoint accepts.

    ``field`` is the post's field, or the setting, that holds the value; ``problem`` is the rest of the sentence.
    """

    def __init__(self, source: str, field: str, problem: str) -> None:
        super().__init__(f"{source}: {field} {problem}" if source else f"{field} {problem}")
        self.field = field
        self.problem = problem


class LedgerError(HeroError):
    """The ledger can't be read or written, or another run holds the lock; nothing is bought."""

    stops_run = True


class AssetsError(HeroError):
    """A folder of pictures can't be read or written; the text names it."""

    stops_run = True

    @classmethod
    def of(cls, folder: Path, error: OSError) -> AssetsError:
        """Make the error for an ``OSError`` that occurred while writing to a folder."""
        remedy = "check its permissions and the space on the disk"
        if isinstance(error, FileExistsError | NotADirectoryError):
            remedy = "something that is not a folder is in its place; move it away"
        return cls(f"{folder} can't be written ({error.strerror or error}); {remedy}")


class PictureError(HeroError):
    """The downloaded file is not a usable picture, or it can't be downloaded."""

    remedy_if_paid = "It is paid for; the next build fetches it again, and falhero generate --retry draws another"


class AccountError(HeroError):
    """The account, the key or the network has a problem; every other request of this run would fail too."""

    stops_run = True


class UnsentError(AccountError):
    """No connection could be made, so nothing was sent and nothing was bought."""


class RefusedError(HeroError):
    """The provider refuses this request, and would refuse it again."""

    remedy = "It is not asked for again until its request changes"
    remedy_of_candidate = remedy

    def __init__(self, message: str, *, charged: bool = True) -> None:
        super().__init__(message)
        self.charged = charged


class JobError(HeroError):
    """A job failed on the provider's side."""

    lost = True

    def __init__(
        self, message: str, *, retryable: bool = True, charged: bool = False, usd: float | None = None
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.charged = charged
        self.usd = usd
        """What the failed request has cost, in USD; None if the provider does not say."""


class BusyError(HeroError):
    """The provider has too many requests at the moment (HTTP 429). Nothing was bought; retry later."""

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds after which the provider wants to be asked again; 0 if it does not say."""


class UncertainError(HeroError):
    """A request was sent, but no answer arrived, so it may have been charged."""

    remedy = "It may have been charged, and counts as spent; the next build asks again"
    remedy_of_candidate = "It may have been charged, and counts as spent; falhero generate --candidates asks again"


class OutOfReachError(HeroError):
    """The paid picture can't be fetched now. Fetching it later is free, unless it is ``lost``."""

    def __init__(self, message: str, *, lost: bool = False) -> None:
        super().__init__(message)
        self.lost = lost


class DeadlineError(HeroError):
    """The time for this hero has run out, or the run is being stopped; its request stays in the ledger."""


class Terminated(SystemExit):
    """SIGTERM has ended a run. If nothing catches this, the process exits with 143, as a shell expects."""

    def __init__(self) -> None:
        super().__init__(143)
