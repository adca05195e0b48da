"""The ``falhero`` command: see what is there, make what is missing, and stop what is not ready."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn

from ..content.site import SiteError
from ..errors import HeroError, SettingsError, SubjectError, Terminated
from .parser import parser
from .output import Reporter

GOOD = 0
FAILED = 1
BAD_INPUT = 2
INTERRUPTED = 130
TERMINATED = 143

Verb = Callable[[argparse.Namespace, Reporter], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code."""
    options = parser().parse_args(arguments)
    reporter = Reporter(as_json=getattr(options, "json", False))
    # Imported when called: neither `falhero --help` nor git's hooks should wait for what they don't use.
    verb: Verb = import_module(f"{__package__}.{options.verb}").run

    def say(error: HeroError) -> None:
        reporter.aside(f"falhero: {error}")
        reporter.document(options.verb, None, summary={}, problems=[str(error)])

    return guarded(lambda: verb(options, reporter), say)


def guarded(work: Callable[[], int], say: Callable[[HeroError], None]) -> int:
    """The exit code of some work, whatever ends it; ``say`` is called with what went wrong."""
    try:
        code = work()
        sys.stdout.flush()
    except (SettingsError, SubjectError, SiteError) as error:
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


def entry() -> NoReturn:
    """What the installed script calls."""
    sys.exit(main())
