"""What is set up of a site and what is not, and what a built site shows; only read, never changed."""
