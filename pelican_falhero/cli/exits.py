"""The exit codes of the commands, and which error gives which code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from ..content.site import SiteError
from ..errors import HeroError, PostError, SettingsError, Terminated

SUCCESS = 0
FAILED = 1
BAD_INPUT = 2
INTERRUPTED = 130
TERMINATED = 143


def exit_code_of(work: Callable[[], int], say: Callable[[HeroError], None]) -> int:
    """Do ``work`` and return its exit code; call ``say`` with the error that ends it, if any."""
    try:
        code = work()
        sys.stdout.flush()
    except (SettingsError, PostError, SiteError) as error:
        say(error)
        return BAD_INPUT
    except HeroError as error:
        say(error)
        return FAILED
    except KeyboardInterrupt:
        sys.stderr.write("falhero: interrupted; what was bought is in the ledger, and the next run fetches it\n")
        return INTERRUPTED
    except Terminated:
        sys.stderr.write("falhero: terminated; what was bought is in the ledger, and the next run fetches it\n")
        return TERMINATED
    except BrokenPipeError:
        # The reader of our output has closed it. Without this, Python writes the rest at exit and fails again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code
