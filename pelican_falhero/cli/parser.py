"""The command line of ``falhero``: verbs, options and their help texts."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import textwrap
from typing import Any, NoReturn

from ..engines import ENGINES
from . import help_texts
from .options import PRE_COMMIT, PRE_PUSH

WIDTH = 100
"""Columns of the help at most, for which its texts are broken into lines."""
_FIRST_COLUMN = re.compile(r" +\S.*?\s{2,}(?=\S)")
"""Of a row in a table."""


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Formats the help identically with every Python version, and for terminals with fewer columns than its lines."""

    def __init__(self, prog: str) -> None:
        width = min(WIDTH, shutil.get_terminal_size().columns) if sys.stdout and sys.stdout.isatty() else WIDTH
        super().__init__(prog, width=width, max_help_position=28)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if width < WIDTH:
            text = "\n\n".join(_fitted(paragraph, width) for paragraph in text.split("\n\n"))
        return super()._fill_text(text, width, indent)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


def _fitted(paragraph: str, width: int) -> str:
    """Break a paragraph, or the rows of a table, at ``width`` columns; commands stay whole, to be pasted."""
    lines = paragraph.splitlines()
    if not any(line.startswith(" ") for line in lines):
        return textwrap.fill(" ".join(lines), width, break_long_words=False, break_on_hyphens=False)
    return "\n".join(
        textwrap.fill(line, width, subsequent_indent=" " * len(first[0]), break_on_hyphens=False)
        if (first := _FIRST_COLUMN.match(line))
        else line
        for line in lines
    )


class Parser(argparse.ArgumentParser):
    """Reports errors in one line."""

    def error(self, message: str) -> NoReturn:
        """Print the message, and exit with 2."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415 - as slow as the rest of the command line

        sys.stdout.write(f"falhero {version('pelican-falhero')}\n")
        parser.exit()


def parser_arguments(prog: str, usage: str, description: str, epilog: str = "") -> dict[str, Any]:
    """The keyword arguments of every ``Parser``."""
    return {
        "prog": prog,
        "usage": f"{prog} {usage}",
        "description": description,
        "epilog": epilog or None,
        "formatter_class": Formatter,
        "allow_abbrev": False,
    }


def parser() -> argparse.ArgumentParser:
    """The parser of the ``falhero`` command."""
    top = Parser(**parser_arguments("falhero", "VERB ...", help_texts.DESCRIPTION, help_texts.EPILOG))
    top.add_argument("--version", action=_Version, nargs=0, default=argparse.SUPPRESS, help="show the version and exit")
    # The epilog lists the verbs, because argparse's list differs between Python versions.
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB", help=argparse.SUPPRESS)
    plan = _verb(verbs, "plan", help_texts.PLAN, help_texts.PLAN_EPILOG)
    _posts(plan)
    plan.add_argument("--missing", action="store_true", help="leave out the heroes that are there")
    generate = _verb(verbs, "generate", help_texts.GENERATE, help_texts.GENERATE_EPILOG)
    _posts(generate)
    _generate_options(generate)
    check = _verb(verbs, "check", help_texts.CHECK)
    _posts(check)
    check.add_argument("--fresh", action="store_true", help="also report heroes whose request has changed")
    _posts(_verb(verbs, "show", help_texts.SHOW), required=True)
    pick = _verb(verbs, "pick", help_texts.PICK)
    pick.add_argument("posts", nargs=1, metavar="POST", help="a post, or a draft")
    pick.add_argument("number", metavar="N", help="the picture's number, as falhero show lists it")
    refine = _verb(verbs, "refine", help_texts.REFINE, help_texts.REFINE_EPILOG)
    refine.add_argument("posts", nargs=1, metavar="POST", help="a post, or a draft, that has its hero")
    refine.add_argument("instruction", nargs="+", metavar="TEXT", help="what to change, in quotes")
    refine.add_argument(
        "--dry-run", action="store_true", help="show what would be sent and its price, and send nothing"
    )
    refine.add_argument(
        "--model", metavar="NAME", help="flux-2-edit (default), or another that falhero models has for refine"
    )
    refine.add_argument("--seed", metavar="N", help="the same hero, text and seed give the same picture")
    _spending_options(refine)
    gallery = _verb(verbs, "gallery", help_texts.GALLERY)
    gallery.add_argument("--output", metavar="FILE", help="where to write the page (default: .falhero/gallery.html)")
    prune = _verb(verbs, "prune", help_texts.PRUNE)
    prune.add_argument("--apply", action="store_true", help="delete the listed pictures")
    prune.add_argument(
        "--history", action="store_true", help="list the earlier heroes and the candidates that are kept, instead"
    )
    _verb(verbs, "spend", help_texts.SPEND)
    models = _verb(verbs, "models", help_texts.MODELS)
    models.add_argument("--live", action="store_true", help="ask fal for today's prices, and show where they differ")
    models.add_argument("--compare", action="store_true", help="show what 1,000 heroes cost at each engine")
    models.add_argument("--provider", choices=tuple(ENGINES), metavar="NAME", help=f"of {', '.join(ENGINES)}")
    doctor = _verb(verbs, "doctor", help_texts.DOCTOR, help_texts.DOCTOR_EPILOG)
    doctor.add_argument("output", nargs="?", metavar="OUTPUT", help="the folder of a built site to look at instead")
    _hook_options(verbs)
    page = _verb(verbs, "help", help_texts.HELP)
    page.set_defaults(json=False)
    page.add_argument("topic", nargs="?", metavar="TOPIC", help="a page, or a verb")
    return top


def parsers_of_verbs(top: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parser of each verb, by its name."""
    (verbs,) = (action for action in top._actions if isinstance(action, argparse._SubParsersAction))
    return dict(verbs.choices)


def request_options(verb: argparse.ArgumentParser) -> None:
    """Add the options for the picture; they override the posts' own fields and the settings."""
    group = verb.add_argument_group("the picture")
    group.add_argument("--model", help='a name that "falhero models" lists, or an endpoint id')
    group.add_argument("--style", metavar="TEXT", help="the end of the prompt")
    group.add_argument("--prompt", metavar="TEXT", help="the whole prompt; {title}, {excerpt}, {style} are filled in")
    group.add_argument("--seed", metavar="N", help="the same request with the same seed gives the same picture")
    group.add_argument("--size", help="landscape_4_3, square_hd, … or 1200x630")
    group.add_argument("--steps", metavar="N", help="inference steps, within the model's range")
    group.add_argument("--negative-prompt", metavar="TEXT", help="what not to draw, if the model supports it")
    group.add_argument("--lora", metavar="NAME[:SCALE]", help="a name in FALHERO_LORA_LIBRARY, or a LoRA's address")
    group.add_argument("--control", metavar="FILE", help="a picture that the hero's composition follows")
    group.add_argument("--control-type", metavar="TYPE", help="canny (default), depth, pose or scribble")
    group.add_argument("--control-scale", metavar="N", help="how strictly it follows, from 0 to 2 (default: 1)")


def buying_options(verb: argparse.ArgumentParser) -> None:
    """Add the options that decide what is bought."""
    verb.add_argument(
        "--force", action="store_true", help="draw existing pictures again; an old one stays until the new one is there"
    )
    _spending_options(verb)


def _spending_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--retry", action="store_true", help="send requests again that fal refused")
    verb.add_argument(
        "--budget", metavar="USD", help="spend up to this in this run, whatever is left of FALHERO_BUDGET"
    )
    verb.add_argument(
        "--verbose", action="store_true", help="show every request to fal, and where an unexpected error comes from"
    )


def settings_option(verb: argparse.ArgumentParser) -> None:
    """Add the option that names the site's settings file."""
    text = "Pelican's settings file (default: the nearest pelicanconf.py)"
    verb.add_argument("-s", "--settings", metavar="FILE", help=text)


def _verb(
    verbs: argparse._SubParsersAction[Parser], name: str, description: str, epilog: str = ""
) -> argparse.ArgumentParser:
    usage = {
        "plan": "[options] [POST ...]",
        "show": "[options] POST ...",
        "pick": "[options] POST N",
        "refine": "[options] POST TEXT",
        "doctor": "[options] [OUTPUT]",
        "hook": "ACTION [options]",
        "help": "[TOPIC]",
    }
    usage |= dict.fromkeys(("generate", "check"), usage["plan"])
    verb = verbs.add_parser(
        name, **parser_arguments(f"falhero {name}", usage.get(name, "[options]"), description, epilog)
    )
    if name not in ("models", "hook", "help"):
        settings_option(verb)
    if name not in ("hook", "help"):
        verb.add_argument("--json", action="store_true", help="print the result as one JSON object")
    return verb


def _posts(verb: argparse.ArgumentParser, *, required: bool = False) -> None:
    text = "posts, drafts too, or folders of posts" + ("" if required else " (default: all)")
    verb.add_argument("posts", nargs="+" if required else "*", metavar="POST", help=text)


def _generate_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--dry-run", action="store_true", help="show prompts and prices, and make nothing")
    buying_options(verb)
    verb.add_argument(
        "--candidates", metavar="N", help="draw N pictures of one POST (2 to 16) to choose from; see falhero pick"
    )
    text = "have a new brief written, and draw the picture again with it"
    verb.add_argument("--new-brief", action="store_true", help=text)
    text = "put the brief into the post, as Hero_Prompt, where it can be edited"
    verb.add_argument("--write-brief", action="store_true", help=text)
    text = "with --force, --new-brief or --write-brief: every post of the site"
    verb.add_argument("--all", dest="all_posts", action="store_true", help=text)
    verb.add_argument(
        "--provider",
        choices=(*ENGINES, "card", "none"),
        metavar="NAME",
        help=f"{', '.join(ENGINES)}, card (title cards, drawn on this machine) or none (draw nothing)",
    )
    request_options(verb)


def _hook_options(verbs: argparse._SubParsersAction[Parser]) -> None:
    hook = _verb(verbs, "hook", help_texts.HOOK, help_texts.HOOK_EPILOG)
    hook.set_defaults(json=False)
    actions = hook.add_subparsers(dest="action", required=True, metavar="ACTION", help=argparse.SUPPRESS)
    for name, description in {
        "install": help_texts.INSTALL,
        "uninstall": help_texts.UNINSTALL,
        "run": help_texts.HOOK_RUN,
    }.items():
        action = actions.add_parser(name, **parser_arguments(f"falhero hook {name}", "[options]", description))
        types = (PRE_PUSH, PRE_COMMIT)
        action.add_argument(
            "--type", choices=types, default=types[0], metavar="TYPE", help=" (default) or ".join(types)
        )
        if name != "uninstall":
            action.add_argument("--generate", action="store_true", help="draw what is missing, within the budget")
            default = "Pelican's settings file (default: each post's nearest pelicanconf.py)"
            action.add_argument("-s", "--settings", metavar="FILE", help=default)
        if name == "run":
            action.add_argument("remote", nargs="*", help=argparse.SUPPRESS)
