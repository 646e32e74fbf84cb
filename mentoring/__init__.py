"""Mentors, who mentors whom, meetings, and what became of the fellows."""
