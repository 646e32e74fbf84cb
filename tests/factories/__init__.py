"""Plain rows for tests: what a constraint demands, nothing more."""
