"""Figures against plan, and reports made by the worker."""
