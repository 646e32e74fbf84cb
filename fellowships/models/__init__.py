"""Offers and appointments; one noun a file."""

from fellowships.models.appointments import Appointment, DateRange
from fellowships.models.offers import LetterTemplate, Offer, OfferQuestion

__all__ = ["Appointment", "DateRange", "LetterTemplate", "Offer", "OfferQuestion"]
