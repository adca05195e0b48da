"""A mistyped field is a problem of its post, and buys nothing."""

from __future__ import annotations

import pytest
from blog import Blog, hero_name
from builders import save_picture
from fal_server import FalServer
from terminal import Terminal, at_home

from pelican_falhero.content.mistyped import mistyped_field, no_template


@pytest.mark.parametrize(
    ("field", "meant"),
    [
        ("hero_stile", "Hero_Style"),
        ("hero_promt", "Hero_Prompt"),
        ("hero_sytle", "Hero_Style"),
        ("hero_loras", "Hero_Lora"),
        ("hero_al", "Hero_Alt"),
        ("hero_negativ_prompt", "Hero_Negative_Prompt"),
        ("hero_contrl", "Hero_Control"),
    ],
)
def test_one_edit_from_a_field_is_a_mistyped_field(field: str, meant: str) -> None:
    """A letter too many, too few, another one, or two swapped: the message names both fields."""
    problem = mistyped_field({"title": "A", field: "ink"}, is_read=no_template)
    assert problem == f"{field.title()} is not a field (did you mean {meant}?)"


@pytest.mark.parametrize("field", ["hero_title", "hero_color", "hero_type", "hero_image", "hero_style", "stile"])
def test_fields_of_themes_and_our_own_are_no_mistakes(field: str) -> None:
    """What is further away than one edit, and what is a field of ours, is no mistake."""
    assert not mistyped_field({field: "ink"}, is_read=no_template)


def test_an_empty_field_asks_for_nothing() -> None:
    """Without a value, a mistyped field changes nothing, so it is no problem."""
    assert not mistyped_field({"hero_stile": ""}, is_read=no_template)


def test_a_mistyped_field_buys_nothing_and_keeps_the_hero(blog: Blog, fal: FalServer) -> None:
    """The build warns and draws nothing for that post; the hero that it has already is shown still."""
    blog.post("new.md", "Summer hikes", Hero_Stile="watercolour")
    blog.post("old.md", "Winter hikes", Hero_Promt="{title}")
    blog.post("own.md", "Theme's own", Hero_Hsow="yes")
    save_picture(blog.assets / hero_name("Winter hikes"))
    overrides = blog.root / "overrides"
    overrides.mkdir()
    (overrides / "aside.html").write_text("{{ article.hero_hsow }}")
    blog.configure(THEME_TEMPLATES_OVERRIDES=[str(overrides)])
    built = blog.build(env=fal.environment())
    assert "falhero: new.md: Hero_Stile is not a field (did you mean Hero_Style?)" in built.output
    assert "falhero: old.md: Hero_Promt is not a field (did you mean Hero_Prompt?)" in built.output
    assert "heroes: 1 made" in built.output, "a field that a template reads belongs to the theme"
    assert "own.md" not in built.output
    assert blog.page("winter-hikes.html").picture.name == hero_name("Winter hikes")
    assert not blog.page("summer-hikes.html")["src"]


def test_a_front_matter_site_knows_no_templates(blog: Blog, fal: FalServer) -> None:
    """There a field that is nearly one of ours is a problem too, and generate draws the other posts only."""
    blog.root.joinpath("pyproject.toml").write_text('[tool.falhero]\ncontent = "content"\n')
    blog.write("a.md", "---\ntitle: A\nHero_Stile: ink\n---\n")
    blog.write("b.md", "---\ntitle: B\nhero_title: of the theme\n---\n")
    ran = Terminal(blog.root, fal.environment()).falhero("generate")
    assert (ran.code, fal.charges) == (1, 1)
    assert "content/a.md: Hero_Stile is not a field (did you mean Hero_Style?)" in ran.out


def test_a_control_image_for_an_unknown_endpoint_is_an_error(blog: Blog, fal: FalServer) -> None:
    """Nobody knows how such an endpoint takes it, so plan, option and build name the field, and nothing is bought."""
    blog.configure(FALHERO_PRICES={"fal-ai/other": 0.05})
    save_picture(blog.content / "sketch.png")
    blog.post("a.md", "Winter hikes", Hero_Model="fal-ai/other", Hero_Control="sketch.png")
    blog.post("b.md", "Summer hikes", Hero_Model="fal-ai/other")
    terminal = at_home(blog, fal.environment())
    problem = "can't be used with fal-ai/other; remove it, or choose a model that `falhero models` lists"
    assert f"Hero_Control {problem}" in terminal.falhero("plan").out
    ran = terminal.falhero("generate", "--control", "content/sketch.png", "content/b.md")
    assert (ran.code, ran.err) == (2, f"falhero: --control {problem} (b.md)\n")
    blog.content.joinpath("b.md").unlink()
    assert f"falhero: a.md: Hero_Control {problem}" in blog.build(env=fal.environment()).output
    assert fal.charges == 0
