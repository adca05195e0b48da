"""What scripts/bench measures: builds with and without heroes, memory, commands, lighter copies."""
