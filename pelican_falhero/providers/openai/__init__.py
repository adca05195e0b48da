"""Servers that speak OpenAI's images API: one on the author's own machine, or a paid one."""
