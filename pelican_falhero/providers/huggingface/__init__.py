"""Hugging Face: models drawn by the inference providers that it routes to."""
