"""Heroes that somebody asked for by name or by command: what a build would make, and why it can't be made now."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..errors import AccountError
from ..planning.plan import TO_BUY, State
from ..planning.survey import Site, survey
from ..plugin.build import Circumstances
from ..providers.fal import credentials
from .lock import Say
from .run import Report, generate
from .run_state import Listener


def purchase(site: Site, *, listener: Listener, say: Say, environ: Mapping[str, str] = os.environ) -> Report:
    """Make what is missing; with a provider other than fal only what costs nothing.

    Raises:
        AccountError: there are no credentials, or this is a build server.
        AssetsError, LedgerError: nothing can be written.
    """
    if site.settings.provider in ("card", "none") or not survey(site).plan.in_state(*TO_BUY, State.PENDING):
        return generate(site, None, listener=listener, say=say)
    if not credentials.are_present(environ):
        raise AccountError(f"there are no credentials for fal: {credentials.HOW_TO}")
    circumstances = Circumstances(is_first=True, is_autoreload=False, environ=environ)
    if circumstances.is_ci and not site.settings.spend_in_ci:
        raise AccountError("CI is set, and a build server spends nothing; set FALHERO_SPEND_IN_CI = True if it should")
    from ..providers.fal.provider import FalProvider  # noqa: PLC0415 - imports fal_client

    return generate(site, FalProvider(), listener=listener, say=say)
