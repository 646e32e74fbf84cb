"""Openings, rank lists, match runs, results and their explanation."""
