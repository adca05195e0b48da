"""Has the present hero of a post changed, by the same rules as any other hero is bought."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..engines import FAL
from ..errors import AccountError, SettingsError
from ..planning.refinement import Instruction, survey_refinement
from ..planning.site import Site
from ..providers.opening import open_provider
from ..storage.preflight import require_writable
from .lock import Say, buying
from .policy import NoSpending, refusal_text, why_not_spend
from .report import Report
from .run import buy
from .run_context import RunContext
from .run_state import Listener


def refine(
    site: Site, wanted: Instruction, *, listener: Listener, say: Say, environ: Mapping[str, str] = os.environ
) -> Report:
    """Have the hero of the one title that ``site`` has posts of changed; the former one becomes a version.

    Raises:
        SettingsError: the provider is not fal.
        AccountError: there are no credentials, or this is a build server.
        PostError, PictureError, HeroError: as ``survey_refinement``; nothing was bought.
        AssetsError, LedgerError: files can't be written, or another run holds the lock; nothing was bought.
    """
    survey_refinement(site, wanted)  # what is wrong with the post is told first, and without waiting for the lock
    refusal = why_not_spend(site.settings, RunContext(environ=environ))
    if refusal is NoSpending.PROVIDER or site.settings.engine != FAL:
        raise SettingsError(f"heroes are changed with fal, but the provider is {site.settings.provider}")
    if refusal:
        raise AccountError(refusal_text(refusal, FAL))
    provider = open_provider(FAL, site.settings)
    with buying(site, say) as lock:
        require_writable(site.library, site.ledger.path)
        # Again: while the lock was waited for, another run may have changed the hero.
        return buy(survey_refinement(site, wanted), (), site, provider, listener=listener, lock=lock)
