"""Which of a theme's own fields show heroes, and what each article's field holds for that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pelican.generators import ArticlesGenerator

from ..settings import Settings
from .addresses import SENTINEL
from .hero import Hero
from .theme_reads import read_theme

if TYPE_CHECKING:
    from .theme_probe import TemplateKey

Role = Literal["page", "lists", "head", "setting"]
"""What a field is set for: an article's own page, lists, previews on other sites, or because FALHERO_FIELDS says so."""


class FieldChoice(NamedTuple):
    """A field that articles of one template are to have."""

    field: str
    role: Role
    prefix: str
    """What the theme writes in front of it, with ``SENTINEL`` for SITEURL."""
    rivals: frozenset[str] = frozenset()
    """Fields that the theme shows in the same role; an article whose author set one of them is left alone."""


class FieldPlan(NamedTuple):
    """The fields that a site's theme shows heroes by."""

    choices: Mapping[TemplateKey, tuple[FieldChoice, ...]] = MappingProxyType({})
    """For each template that has an article with a hero."""
    pictures: frozenset[str] = frozenset()
    """What the theme names in og:image and the like when no field is set, for a SITEURL of ``SENTINEL``."""

    def names(self, role: Role) -> tuple[str, ...]:
        """The fields in this role over all templates, sorted."""
        return tuple(sorted({c.field for choices in self.choices.values() for c in choices if c.role == role}))

    def default_pictures(self, siteurl: str) -> frozenset[str]:
        """The theme's picture of the whole site in og:image and the like, on a page that calls the site ``siteurl``."""
        return frozenset(address.replace(SENTINEL, siteurl) for address in self.pictures)


def show_in_fields(generator: ArticlesGenerator, heroes: Sequence[tuple[Any, Hero]], settings: Settings) -> FieldPlan:
    """Find out how the theme shows pictures, and give the articles and pages with heroes the fields for it.

    Call it at ``all_generators_finalized``, once for each of i18n_subsites' sites.

    Args:
        generator: the site's, with a complete context.
        heroes: articles and pages with what they got; those without a hero are left alone.
        settings: ``show`` and ``fields`` say what is wanted.
    """
    heroes = [(content, hero) for content, hero in heroes if hero]
    if settings.show == "never" or not heroes:
        return FieldPlan()
    wants_fields = settings.show != "insert"
    everything = [content for content in generator.context["generated_content"].values() if content is not None]
    contents = [content for content, _ in heroes]
    reads = read_theme(generator.env, [*everything, *contents], more=settings.fields)
    if not reads.has_preview_tags and not (wants_fields and reads.fields):
        return FieldPlan()
    # Not at the top, for most themes show no pictures of their own.
    from .field_choice import choose_fields, give_fields  # noqa: PLC0415
    from .theme_probe import probe_theme, template_of  # noqa: PLC0415

    probe = probe_theme(
        generator, contents, fields=reads.fields if wants_fields else (), previews=reads.has_preview_tags
    )
    if not wants_fields:
        return FieldPlan(pictures=probe.default_pictures)
    plan = choose_fields(probe, templates={template_of(content) for content in contents}, forms=settings.fields)
    give_fields(heroes, plan, site=generator.settings)
    return plan
