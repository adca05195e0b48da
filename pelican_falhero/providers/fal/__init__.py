"""The provider fal: FLUX draws heroes, through fal's queue and fal_client."""
