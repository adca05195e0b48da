"""A package, so that its module is not taken for the other one of its name."""
