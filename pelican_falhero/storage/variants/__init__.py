"""Variants: lighter copies of heroes and own pictures, made once for each content and kept in the state folder."""

from .store import Made, VariantRun, VariantStore
from .variant_set import (
    EXTENSIONS,
    SOCIAL_SIZE,
    Master,
    Recipe,
    VariantSet,
    is_variant_name,
    make_recipe,
    master_name,
)

__all__ = [
    "EXTENSIONS",
    "SOCIAL_SIZE",
    "Made",
    "Master",
    "Recipe",
    "VariantRun",
    "VariantSet",
    "VariantStore",
    "is_variant_name",
    "make_recipe",
    "master_name",
]
