"""What can go wrong, as messages a user can act on: what happened, where, and what to do next."""

from __future__ import annotations

from pathlib import Path


class HeroError(Exception):
    """The root of all errors of this package; its text is meant for the user."""


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
    """The ledger can't be written; nothing may be bought."""


class AssetsError(HeroError):
    """A picture can't be written where it belongs; the text names the folder."""

    @classmethod
    def of(cls, folder: Path, error: OSError) -> AssetsError:
        """The error for what the system said about a folder."""
        remedy = "check its permissions and the space on the disk"
        if isinstance(error, FileExistsError | NotADirectoryError):
            remedy = "something that is not a folder is in its place; move it away"
        return cls(f"{folder} can't be written ({error.strerror or error}); {remedy}")


class LockError(HeroError):
    """The lock that lets one run at a time buy can't be had; nothing is bought, what is there is shown."""


class PictureError(HeroError):
    """What arrived is not a usable picture."""


class GoneError(PictureError):
    """The picture's file is no longer where fal put it."""


class ProviderError(HeroError):
    """A provider could not make a picture."""


class AccountError(ProviderError):
    """The account, the key or the network: no other request of this run would fare better."""


class RefusedError(ProviderError):
    """fal refuses this very request; the same request would be refused again. ``charged``: it may cost all the same."""

    def __init__(self, message: str, *, charged: bool = True) -> None:
        super().__init__(message)
        self.charged = charged


class JobError(ProviderError):
    """A job failed on fal's side.

    ``retryable``: the same request may succeed later. ``charged``: it may cost all the same.
    """

    def __init__(self, message: str, *, retryable: bool = True, charged: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.charged = charged


class BusyError(ProviderError):
    """fal has no room at the moment (429, a full queue); nothing was bought, waiting helps."""


class UnsentError(AccountError):
    """No connection could be made, so nothing was sent and nothing was bought."""


class UncertainError(ProviderError):
    """A submit left this machine and fal never said what became of it; it may have been charged."""


class ForgottenError(ProviderError):
    """fal no longer knows the request; what it drew can't be had any more."""


class OutOfReachError(ProviderError):
    """The picture is drawn and can't be had at the moment; asking again later costs nothing."""


class DeadlineError(ProviderError):
    """The time for this hero is up; the request stays in the ledger and the next build fetches it."""


class StoppedError(ProviderError):
    """The run is being stopped; the request stays in the ledger."""


class GenerationError(HeroError):
    """Heroes could not be made and ``FALHERO_ON_ERROR = "fail"`` asks for the build to fail."""


class Terminated(SystemExit):
    """SIGTERM has ended a run; a process that lets it pass exits with 143, as a shell expects."""

    def __init__(self) -> None:
        super().__init__(143)
