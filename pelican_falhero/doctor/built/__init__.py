"""Reads a built site, as its visitors get it."""
