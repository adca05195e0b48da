"""Runs a plan: submits, polls, fetches, and reports the result of each hero."""
