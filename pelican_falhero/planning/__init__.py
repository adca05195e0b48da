"""What is to be done, and what it costs. Nothing here opens a connection or writes a file."""
