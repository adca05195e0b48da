"""The hook on rendering: every page of the site passes here, finished, before it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from jinja2 import Environment, Template

if TYPE_CHECKING:
    from .showing import Showing

GLOBAL = "falhero"
"""The name by which templates, and the hook, find what shows the run's heroes."""


class HeroTemplate(Template):
    """A template whose pages show heroes."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        """The finished page."""
        showing = cast("Showing", self.environment.globals[GLOBAL])
        # Pelican hands its context on whole, and it is large.
        page = showing.begin_page(args[0] if len(args) == 1 and not kwargs else dict(*args, **kwargs))
        if page is None:
            return super().render(*args, **kwargs)
        try:
            text = super().render(*args, **kwargs)
            return showing.finish_page(text, page)
        finally:
            showing.end_page()


def hook_rendering(env: Environment) -> None:
    """Have the environment's templates pass :class:`HeroTemplate`, on top of what another plugin made of them."""
    base = env.template_class
    env.template_class = type("HeroTemplate", (HeroTemplate, base), {}) if base is not Template else HeroTemplate
