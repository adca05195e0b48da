"""Replicate: FLUX draws heroes, through predictions with ids."""
