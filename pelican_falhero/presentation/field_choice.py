"""Which fields show heroes, by where a theme shows each field, and what an article gets for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import chain
from typing import Any

from ..content.post import metadata_text
from .fields import FieldChoice, FieldPlan, Role
from .forms import PREFIX_OF_FORM, field_text
from .hero import Hero
from .landings import FAILED, Kind
from .theme_probe import Landings, TemplateKey, ThemeProbe, template_of
from .theme_reads import can_be_set

_OFF = "off"


def choose_fields(probe: ThemeProbe, *, templates: Collection[TemplateKey], forms: Mapping[str, str]) -> FieldPlan:
    """At most one field for the article's page, one for lists and one for previews, for each template.

    Args:
        probe: where fields land.
        templates: those that have an article with a hero.
        forms: FALHERO_FIELDS; a field of it is preferred, and set wherever it lands.
    """
    choices = {}
    for key in templates:
        lists = probe.lists if key.variable == "article" else {}
        choices[key] = _choose(_Shown(probe.pages.get(key, {}), lists, forms))
    return FieldPlan(choices=choices, pictures=probe.default_pictures)


def give_fields(heroes: Iterable[tuple[Any, Hero]], plan: FieldPlan, *, site: Mapping[str, Any]) -> None:
    """Set the planned fields, as attribute and metadata, but for those that an author set.

    Args:
        heroes: articles and pages with their heroes.
        plan: what to set.
        site: Pelican's settings.
    """
    defaults = {name.lower(): value for name, value in dict(site.get("DEFAULT_METADATA") or {}).items()}
    for content, hero in heroes:
        for choice in plan.choices.get(template_of(content), ()):
            if any(_is_set(content, name, defaults.get(name)) for name in {choice.field, *choice.rivals}):
                continue
            picture = hero.preview if choice.role == "head" else hero
            text = field_text(picture, choice.prefix, siteurl=site["SITEURL"])
            if text is not None:
                # Pelican copies metadata into attributes once, at construction.
                setattr(content, choice.field, text)
                content.metadata[choice.field] = text


def _is_set(content: Any, name: str, default: object) -> bool:
    """Whether an author, or a plugin for him, put something there; DEFAULT_METADATA is no choice."""
    value = metadata_text(content.metadata.get(name)) or metadata_text(getattr(content, name, None))
    return bool(value) and value != metadata_text(default)


class _Shown:
    """How one template, and the lists of the site, show each field."""

    def __init__(
        self,
        page: Landings,
        lists: Landings,
        forms: Mapping[str, str],
    ) -> None:
        self._page = page
        self._lists = lists
        found = {name: self._prefix(name) for name in {*page, *lists} if name not in forms}
        self.prefixes = {name: prefix for name, prefix in found.items() if prefix is not None}
        """What the theme writes in front of each field that can be used."""
        self.preferred = [name for name, form in forms.items() if form != _OFF and self._can_be_set(name)]
        self.prefixes |= {name: PREFIX_OF_FORM[forms[name]] for name in self.preferred}

    def pictures(self, name: str) -> int:
        """On how many elements of the article's page a reader sees it."""
        return len({at.element for at in self._page.get(name, ()) if at.kind is Kind.PICTURE})

    def is_listed(self, name: str) -> bool:
        """Whether a reader sees it on lists."""
        return any(at.kind is Kind.PICTURE for at in self._lists.get(name, ()))

    def is_preview(self, name: str) -> bool:
        """Whether other sites see it."""
        return any(at.kind is Kind.PREVIEW for at in self._page.get(name, ()))

    def merit(self, name: str) -> tuple[object, ...]:
        """What sorts the better field first."""
        landings = len(self._page.get(name, ())) + len(self._lists.get(name, ()))
        return name not in self.preferred, self.pictures(name) > 1, not self.is_listed(name), -landings, name

    def rivals(self, shows: Callable[[str], object]) -> frozenset[str]:
        """Which fields, usable or not, are shown so."""
        return frozenset(name for name in {*self._page, *self._lists} if shows(name))

    def _can_be_set(self, name: str) -> bool:
        landings = chain(self._page.get(name, ()), self._lists.get(name, ()))
        return can_be_set(name) and FAILED not in landings

    def _prefix(self, name: str) -> str | None:
        """The one thing that stands in front of the field; None if it varies or does harm."""
        landings = [*self._page.get(name, ()), *self._lists.get(name, ())]
        kinds = {at.kind for at in landings}
        if kinds & {Kind.TEXT, Kind.FAILURE}:
            return None
        # Where readers see the field, addresses of previews don't count: those are made right on the finished page.
        matters = {Kind.LINK, Kind.PICTURE if Kind.PICTURE in kinds else Kind.PREVIEW}
        prefixes = {at.prefix for at in landings if at.kind in matters}
        return prefixes.pop() if len(prefixes) == 1 else None


def _choose(shown: _Shown) -> tuple[FieldChoice, ...]:
    """The fields for one template."""
    chosen: dict[str, FieldChoice] = {}

    def choose(role: Role, shows: Callable[[str], object], *, unless: Callable[[str], object]) -> None:
        fitting = [name for name in shown.prefixes if shows(name) and not unless(name)]
        if fitting and not any(shows(name) for name in chosen):
            name = min(fitting, key=shown.merit)
            rivals = shown.rivals(shows)
            chosen[name] = FieldChoice(field=name, role=role, prefix=shown.prefixes[name], rivals=rivals)

    choose("page", shown.pictures, unless=lambda name: False)
    choose("lists", shown.is_listed, unless=shown.pictures)
    choose("head", shown.is_preview, unless=lambda name: shown.pictures(name) or shown.is_listed(name))
    for name in shown.preferred:
        chosen.setdefault(name, FieldChoice(field=name, role="setting", prefix=shown.prefixes[name]))
    return tuple(chosen.values())
