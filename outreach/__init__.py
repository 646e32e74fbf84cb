"""Channels, campaigns and information sessions: how researchers hear of the programme."""
