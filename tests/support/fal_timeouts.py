"""How tests shorten what the provider waits for."""

from __future__ import annotations


def shortened(**seconds: float) -> str:
    """Source for ``Blog.configure``, or for a program: from there on a FalProvider has these timeouts.

    The fields are those of ``pelican_falhero.providers.base.Timeouts``.
    """
    values = ", ".join(f"{name}={value!r}" for name, value in seconds.items())
    return f"from pelican_falhero.providers import base; base.DEFAULT_TIMEOUTS = base.Timeouts({values})"


HURRY = shortened(connect=1.0, read=1.0, submit=1.0, unavailable=0.5, stall=0.5)
"""For builds in which fal is out of reach or silent: they end within about two seconds of ``FALHERO_TIMEOUT``."""

AT_ONCE = "from pelican_falhero.generation import job, submit; job.PAUSES = submit.PAUSES = (0.05, 0.1)"
"""Source as that of ``shortened``: what is tried again is, without the seconds between the tries."""
