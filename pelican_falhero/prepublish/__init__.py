"""Whether posts are fit to be published, and what git has of their pictures."""
