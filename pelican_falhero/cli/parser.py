"""The command line of ``falhero``: verbs, options and their help texts."""

from __future__ import annotations

import argparse
import sys
from typing import Any, NoReturn

from .options import PRE_COMMIT, PRE_PUSH

WIDTH = 100
"""Columns of the help, on every terminal."""

_DESCRIPTION = """\
Hero images for blog posts, drawn by FLUX on fal. In a Pelican site (below a folder with a
pelicanconf.py) posts are found as the build finds them. Elsewhere posts are files with front
matter: name them, or say where they are in pyproject.toml: [tool.falhero] content = "posts"."""

_EPILOG = """\
verbs:
  plan      what is there, what is missing, and what it would cost
  generate  make the missing heroes, or those of named posts
  check     is every post fit to be published?
  prune     list pictures that no post uses any more
  spend     what was spent, by month and model
  models    the models and their prices
  hook      have git stop a push of posts without heroes

exit codes:
  0    all is well
  1    a hero is missing, or could not be made
  2    an option, a setting or a post that was named can't be used
  130  interrupted
  143  terminated

the usual day:
  falhero plan                 what is missing, and what would it cost?
  falhero generate             make it, within the budget
  falhero check                is every post fit to be published?

--json prints one object instead; the README lists its fields. "falhero VERB --help" tells more."""

_PLAN = """\
Shows the state of every hero, the prompt and price of those that are missing, and the total price.
Spends nothing, and opens no connection."""

_PLAN_EPILOG = """\
states:
  present       the picture is there
  missing       it would be drawn
  stale         it would be drawn again: its request has changed, and FALHERO_REFRESH is "changed"
  pending       bought and not fetched yet; the next run fetches it, without cost
  retitled      the post had another title; its picture is copied, without cost
  elsewhere     its picture is in another folder, and is copied, without cost
  refused       fal refused this request; change it, or use generate --retry
  unaffordable  it does not fit what is left of the budget
  unpriced      the price of its model is not known; see FALHERO_PRICES
  invalid       one of the post's own Hero_ fields can't be used"""

_GENERATE = """\
Makes the missing heroes of the site, or of the named posts, the newest first, within the budget.
A picture that is there is drawn again only with --force."""

_GENERATE_EPILOG = """\
Options for the picture override the posts' own Hero_ fields, which override the settings.

  falhero generate content/winter.md
  falhero generate content/winter.md --force --style "Woodcut, two colours"
  falhero generate --dry-run --model schnell
  falhero generate --budget 2.50"""

_CHECK = """\
Exits with 1 when a post is not fit to be published, and prints the commands that fix it. A post is
not fit when it has no hero, only a title card or a broken picture, or when git does not track the
picture. Opens no connection."""

_PRUNE = """\
Lists pictures that no post uses any more (its title has changed, or it is gone) and title cards that
a hero has replaced. Lists only pictures that the ledger records as drawn here and that have not been
changed since. Pictures younger than 7 days are kept: social networks may still show them."""

_SPEND = "Shows what was spent, by month and model, from the ledger. If fal's dashboard differs, it is right."

_MODELS = "Shows the models: what each is best for, how long it takes, and what it costs."

_HOOK = """\
Makes git stop a push (or a commit) of posts whose heroes are not in it, and prints the commands that
fix it. Checks only the changed posts, as they are in the commits. Spends nothing and opens no
connection, unless it was installed with --generate."""

_HOOK_EPILOG = """\
actions:
  install    install the hook in this repository
  uninstall  remove it
  run        what the hook runs

To push anyway: FALHERO_SKIP=1 git push, or git push --no-verify."""

_INSTALL = """\
Installs the hook in this repository, in the folder that core.hooksPath names. If there is another
hook, it is not changed, and the lines to add to it are printed."""

_UNINSTALL = "Removes the hook from this repository. Another hook is not changed."

_HOOK_RUN = "What the hook runs. Run by hand, it shows whether a push of this branch would be stopped."


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Formats the help identically on every terminal and with every Python version."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=WIDTH, max_help_position=28)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


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
    top = Parser(**parser_arguments("falhero", "VERB ...", _DESCRIPTION, _EPILOG))
    top.add_argument("--version", action=_Version, nargs=0, default=argparse.SUPPRESS, help="show the version and exit")
    # The epilog lists the verbs, because argparse's list differs between Python versions.
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB", help=argparse.SUPPRESS)
    _posts(_verb(verbs, "plan", _PLAN, _PLAN_EPILOG))
    generate = _verb(verbs, "generate", _GENERATE, _GENERATE_EPILOG)
    _posts(generate)
    _generate_options(generate)
    check = _verb(verbs, "check", _CHECK)
    _posts(check)
    check.add_argument("--fresh", action="store_true", help="also report heroes whose request has changed")
    prune = _verb(verbs, "prune", _PRUNE)
    prune.add_argument("--apply", action="store_true", help="delete the listed pictures")
    _verb(verbs, "spend", _SPEND)
    models = _verb(verbs, "models", _MODELS)
    models.add_argument("--live", action="store_true", help="ask fal for today's prices, and show where they differ")
    _hook_options(verbs)
    return top


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
    usage = {"plan": "[options] [POST ...]", "hook": "ACTION [options]"}
    usage |= dict.fromkeys(("generate", "check"), usage["plan"])
    verb = verbs.add_parser(
        name, **parser_arguments(f"falhero {name}", usage.get(name, "[options]"), description, epilog)
    )
    if name not in ("models", "hook"):
        settings_option(verb)
    if name != "hook":
        verb.add_argument("--json", action="store_true", help="print the result as one JSON object")
    return verb


def _posts(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("posts", nargs="*", metavar="POST", help="posts, drafts too, or folders of posts (default: all)")


def _generate_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--dry-run", action="store_true", help="show prompts and prices, and make nothing")
    buying_options(verb)
    verb.add_argument(
        "--provider",
        choices=("fal", "card", "none"),
        metavar="NAME",
        help="fal, card (title cards, drawn on this machine) or none (draw nothing)",
    )
    request_options(verb)


def _hook_options(verbs: argparse._SubParsersAction[Parser]) -> None:
    hook = _verb(verbs, "hook", _HOOK, _HOOK_EPILOG)
    hook.set_defaults(json=False)
    actions = hook.add_subparsers(dest="action", required=True, metavar="ACTION", help=argparse.SUPPRESS)
    for name, description in {"install": _INSTALL, "uninstall": _UNINSTALL, "run": _HOOK_RUN}.items():
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
