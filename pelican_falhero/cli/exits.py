"""How a command ends: its exit codes, and which error ends with which."""

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
    """The exit code of some work, whatever ends it; ``say`` is called with what went wrong."""
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
        # Whoever read our output has seen enough; Python must not try to write the rest at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code
