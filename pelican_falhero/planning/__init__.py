"""Plans which heroes to make, and what they cost. Nothing here opens a connection or writes a file."""
