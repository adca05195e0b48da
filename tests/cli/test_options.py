"""The typed options: each verb's parser and its dataclass name the same ones."""

from __future__ import annotations

from dataclasses import fields

import pytest

from pelican_falhero.cli.main import OPTIONS
from pelican_falhero.cli.options import GenerateOptions, HookOptions, read_options
from pelican_falhero.cli.parser import parser

ARGUMENTS = {"hook": ["run"], "show": ["a.md"], "pick": ["a.md", "2"], "refine": ["a.md", "at night"]}
LINES = [[verb, *ARGUMENTS.get(verb, [])] for verb in OPTIONS]


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_every_option_has_its_field(line: list[str]) -> None:
    """What a verb's parser knows is a field of its options, so that nothing typed is passed over."""
    parsed = vars(parser().parse_args(line))
    assert parsed.keys() - {"verb", "json"} == {field.name for field in fields(OPTIONS[line[0]])}


def test_options_are_read_once() -> None:
    """What is typed arrives as it was typed; what the action does not take keeps its default."""
    parsed = parser().parse_args(["generate", "a.md", "b.md", "--force", "--seed", "7", "--control", "edges.png"])
    options = read_options(GenerateOptions, parsed)
    assert options == GenerateOptions(posts=("a.md", "b.md"), force=True, seed="7", control="edges.png")
    assert options.fields_of_a_post() == {"seed": "7"}
    parsed = parser().parse_args(["hook", "uninstall", "--type", "pre-commit"])
    assert read_options(HookOptions, parsed) == HookOptions(action="uninstall", type="pre-commit")
