"""Institutes, labs, their members and partner organisations: who the programme is made of."""
