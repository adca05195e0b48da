"""Pelican's side."""
