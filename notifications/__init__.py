"""Notifications: what to tell whom, in which language, and whether it arrived. No domain noun."""
