"""What keeps tests, and the processes that they start, on this machine."""
