"""How the pages of a run showed their heroes, in words for the user."""

from __future__ import annotations

from .fields import FieldPlan
from .shown import Shown

_MOST_NAMED = 3


class ShownReport:
    """Who showed the heroes on their own pages: the theme, figures of ours, or nobody."""

    def __init__(self) -> None:
        self._by_theme = False
        self._inserted = False
        self._unshown: dict[Shown, None] = {}

    def note(self, item: Shown, *, by_theme: bool, is_inserted: bool) -> None:
        """Take account of one article's or page's own page."""
        self._by_theme = self._by_theme or by_theme
        self._inserted = self._inserted or is_inserted
        if item.is_inserted and not (by_theme or is_inserted):
            self._unshown[item] = None

    def ways(self, plan: FieldPlan) -> str:
        """How heroes were shown, in a line that is the same as long as theme and settings are."""
        ways = []
        if fields := plan.names("page"):
            ways.append(f"shown by the theme's {' and '.join(fields)} field")
        elif self._by_theme:
            ways.append("shown by the theme's own templates")
        if fields := plan.names("lists"):
            ways.append(f"shown in lists by its {' and '.join(fields)} field")
        if self._inserted:
            ways.append("inserted above the text of articles")
        return f"heroes: {', '.join(ways) or 'not shown on any article page'}"

    def unshown(self) -> str:
        """A line that names the posts whose own page shows no hero, though it was to; empty where there are none."""
        sources = [str(item.content.get_relative_source_path()) for item in self._unshown]
        named = ", ".join(sources[:_MOST_NAMED])
        more = f" and {len(sources) - _MOST_NAMED} more" if len(sources) > _MOST_NAMED else ""
        place = "its page" if len(sources) == 1 else "their pages"
        text = f"heroes: {len(sources)} not shown on {place}, whose template prints neither hero nor content: "
        return f"{text}{named}{more}" if sources else ""
