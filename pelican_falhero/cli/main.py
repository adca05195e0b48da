"""The ``falhero`` command: reads the command line and runs the verb's module."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from .. import debug
from ..errors import HeroError
from .options import (
    CheckOptions,
    DoctorOptions,
    GalleryOptions,
    GenerateOptions,
    HelpOptions,
    HookOptions,
    ModelsOptions,
    PickOptions,
    PlanOptions,
    PostOptions,
    PruneOptions,
    RefineOptions,
    SiteOptions,
    read_options,
)
from .parser import parser, parsers_of_verbs

OPTIONS: dict[str, type[Any]] = {
    "plan": PlanOptions,
    "generate": GenerateOptions,
    "check": CheckOptions,
    "show": PostOptions,
    "pick": PickOptions,
    "refine": RefineOptions,
    "gallery": GalleryOptions,
    "prune": PruneOptions,
    "spend": SiteOptions,
    "models": ModelsOptions,
    "doctor": DoctorOptions,
    "hook": HookOptions,
    "help": HelpOptions,
}
"""The options of each verb. Each verb is a module of that name with ``run(options, reporter)``."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments:
        parser().print_help(sys.stderr)
        return 2  # as argparse says that a verb is missing
    parsed = _parsed(arguments)
    # Rich, and what reads sites: `falhero --help` starts twice as fast without them.
    from .exits import exit_code_of  # noqa: PLC0415
    from .output import Reporter  # noqa: PLC0415

    name: str = parsed.verb
    options = read_options(OPTIONS[name], parsed)
    if getattr(options, "verbose", False):
        debug.turn_on()
    reporter = Reporter(as_json=parsed.json)
    # Imported when used, so that git's hooks start fast.
    run: Callable[[Any, Reporter], int] = import_module(f"{__package__}.{name}").run

    def say(error: HeroError) -> None:
        reporter.error(str(error))
        reporter.document(name, None, summary={}, problems=[str(error)])

    return exit_code_of(lambda: run(options, reporter), say)


def _parsed(arguments: Sequence[str]) -> Namespace:
    """The command line; a mistake in it is told in one line, with the verb's help where it is in the verb's options."""
    top, verb = parser(), arguments[0]
    if not verb.startswith("-") and verb not in OPTIONS:
        from difflib import get_close_matches  # noqa: PLC0415 - only mistakes need it

        close = get_close_matches(verb, OPTIONS, n=1)
        top.error(f"there is no verb {verb}{f' (did you mean {close[0]}?)' if close else ''}")
    parsed, unknown = top.parse_known_args(arguments)
    if unknown:
        (parsers_of_verbs(top).get(verb) or top).error(f"unrecognized arguments: {' '.join(unknown)}")
    return parsed


def entry() -> NoReturn:
    """The entry point of the installed ``falhero`` script."""
    sys.exit(main())
