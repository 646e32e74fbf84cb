"""The demonstration programme: invented people, real rules. The same seed makes the same programme."""
