"""What templates see of a hero."""
