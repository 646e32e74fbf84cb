"""Offers, appointments and their changes: the hinge on which money and mentoring hang."""
