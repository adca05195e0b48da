"""Variants: lighter copies of heroes and own pictures, made once for each content and kept in the state folder."""

from .index import SOCIAL_SIZE, Master, Recipe, VariantSet, make_recipe, variant_name
from .store import Found, Made, VariantRun, VariantStore

__all__ = [
    "SOCIAL_SIZE",
    "Found",
    "Made",
    "Master",
    "Recipe",
    "VariantRun",
    "VariantSet",
    "VariantStore",
    "make_recipe",
    "variant_name",
]
