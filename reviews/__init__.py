"""Conflicts of interest, assignment of reviewers, scores."""
