"""Offers, appointments, their changes and what goes before them; one noun a file."""

from fellowships.models.amendments import Amendment
from fellowships.models.appointments import Appointment, DateRange
from fellowships.models.offers import LetterTemplate, Offer, OfferQuestion
from fellowships.models.onboarding import OnboardingItem, OnboardingPaper
from fellowships.models.reviews import YearlyReview

__all__ = [
    "Amendment",
    "Appointment",
    "DateRange",
    "LetterTemplate",
    "Offer",
    "OfferQuestion",
    "OnboardingItem",
    "OnboardingPaper",
    "YearlyReview",
]
