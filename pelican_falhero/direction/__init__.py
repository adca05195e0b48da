"""Direction: what language models are asked about heroes, and what is kept of their answers."""
