"""The support desk of fellowships."""

from django.contrib import admin

from common.admin import SupportDesk
from fellowships.models import Appointment, Offer


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
