"""The support desk of fellowships."""

from django.contrib import admin

from common.admin import SupportDesk
from fellowships.models import (
    Amendment,
    Appointment,
    LetterTemplate,
    Offer,
    OfferQuestion,
    OnboardingItem,
    OnboardingPaper,
    YearlyReview,
)


@admin.register(Offer)
class OfferDesk(SupportDesk):
    list_display = ("application", "call_lab", "state", "deadline_at", "sent_at")
    list_filter = ("state",)
    search_fields = ("application__applicant__email", "application__number")
    list_select_related = ("application__call", "call_lab__lab", "call_lab__call")


@admin.register(Appointment)
class AppointmentDesk(SupportDesk):
    list_display = ("fellow", "lab", "institute", "starts_on", "ends_on", "state")
    list_filter = ("institute", "state")
    search_fields = ("fellow__email", "fellow__family_name", "fellow__native_name")
    list_select_related = ("fellow", "lab", "institute")


@admin.register(OfferQuestion)
class OfferQuestionDesk(SupportDesk):
    list_display = ("offer", "state", "wanted_start_on", "asked_at", "answered_at")
    list_filter = ("state",)
    search_fields = ("offer__application__applicant__email",)
    list_select_related = ("offer__application__call", "offer__call_lab__lab")


@admin.register(LetterTemplate)
class LetterTemplateDesk(SupportDesk):
    list_display = ("institute", "version", "made_at", "made_by")
    list_filter = ("institute",)
    list_select_related = ("institute", "made_by")


@admin.register(OnboardingItem)
class OnboardingItemDesk(SupportDesk):
    list_display = ("appointment", "code", "state", "due_on")
    list_filter = ("code", "state")
    search_fields = ("appointment__fellow__email",)
    list_select_related = ("appointment__fellow", "appointment__lab")


@admin.register(OnboardingPaper)
class OnboardingPaperDesk(SupportDesk):
    list_display = ("item", "size", "pages", "scan", "is_current", "uploaded_at")
    list_filter = ("scan", "is_current")
    search_fields = ("item__appointment__fellow__email",)
    list_select_related = ("item__appointment__fellow", "item__appointment__lab")


@admin.register(Amendment)
class AmendmentDesk(SupportDesk):
    list_display = ("appointment", "kind", "state", "version", "from_on", "until_on", "asked_at")
    list_filter = ("kind", "state")
    search_fields = ("appointment__fellow__email",)
    list_select_related = ("appointment__fellow", "appointment__lab")


@admin.register(YearlyReview)
class YearlyReviewDesk(SupportDesk):
    list_display = ("appointment", "year", "due_on", "recommendation", "is_renewed")
    list_filter = ("recommendation", "is_renewed")
    search_fields = ("appointment__fellow__email",)
    list_select_related = ("appointment__fellow", "appointment__lab")
