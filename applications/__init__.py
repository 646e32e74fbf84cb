"""Calls, applications, documents, reference letters and screening."""
