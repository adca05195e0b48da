"""``falhero help``: the pages of the documentation, which are shipped with the package."""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches
from importlib.resources import files

from ..errors import SettingsError
from .exits import SUCCESS
from .options import HelpOptions
from .output import Reporter
from .parser import WIDTH, parser, parsers_of_verbs

_FIRST_SENTENCE = re.compile(r"# .+\n\n((?:.+\n)*?.*?[.?!])(?=\s)")
_LINK = re.compile(r"\[([^\]]+)\]\((?:([\w-]+)\.md)?(?:#[\w-]+)?\)")
"""To another page, or to a heading; not to the web."""


def run(options: HelpOptions, reporter: Reporter) -> int:
    """Print a page, or a verb's help, or without a topic the list of pages."""
    folder = files("pelican_falhero").joinpath("docs")
    pages = {path.name[:-3]: path for path in folder.iterdir() if path.name.endswith(".md")}
    verbs = parsers_of_verbs(parser())
    topic = (options.topic or "").lower()
    if not topic:
        _list_topics({name: pages[name].read_text(encoding="utf-8") for name in sorted(pages)}, reporter)
    elif topic in pages:
        _show(pages[topic].read_text(encoding="utf-8"), reporter)
        if topic in verbs:
            reporter.note(f'The options of the verb: "falhero {topic} --help".')
    elif topic in verbs:
        verbs[topic].print_help()
    else:
        close = get_close_matches(topic, [*pages, *verbs], cutoff=0.7)
        hint = f" (did you mean {' or '.join(close)}?)" if close else ""
        raise SettingsError(f'there is no help about {options.topic}{hint}; "falhero help" lists the topics')
    return SUCCESS


def _list_topics(pages: dict[str, str], reporter: Reporter) -> None:
    width = max(map(len, pages))
    for name, text in pages.items():
        found = _FIRST_SENTENCE.match(text)
        sentence = " ".join(found[1].split()) if found else ""
        reporter.line(f"{name:<{width}}  {sentence}", indent=width + 2)
    reporter.note('"falhero help TOPIC" prints one of these pages, "falhero VERB --help" the options of a verb.')


def _show(page: str, reporter: Reporter) -> None:
    """Print a page as it is, or formatted for a terminal."""
    if not sys.stdout.isatty():
        sys.stdout.write(page)
        return
    from rich.console import Console  # noqa: PLC0415 - what renders is slow to import
    from rich.markdown import Markdown  # noqa: PLC0415
    from rich.theme import Theme  # noqa: PLC0415

    # Code without a background: it would be a dark bar on a light terminal.
    console = Console(theme=Theme({"markdown.code": "bold cyan"}))
    text = _LINK.sub(lambda link: f"{link[1]} (`falhero help {link[2]}`)" if link[2] else link[1], page)
    width = min(console.width, WIDTH)
    console.print(Markdown(text, code_theme="ansi_dark", hyperlinks=False), width=width)
