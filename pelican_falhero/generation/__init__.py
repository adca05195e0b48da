"""Runs a plan: submits, polls, fetches, and says what became of each hero."""
