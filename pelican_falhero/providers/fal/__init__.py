"""fal: heroes drawn by FLUX, through fal's queue and the real fal_client."""
