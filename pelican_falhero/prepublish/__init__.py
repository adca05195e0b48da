"""Checks before publishing: whether each post has its picture, and whether git has it too."""
