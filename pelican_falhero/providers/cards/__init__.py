"""Title cards: heroes drawn on this machine with Pillow."""
