"""The support desk of outreach."""

from django.contrib import admin

from common.admin import ReferenceDesk, SupportDesk
from outreach.models import Campaign, Channel, InformationSession, Registration


@admin.register(Channel)
class ChannelDesk(ReferenceDesk):
    list_display = ("code", "name_en", "name_ko", "is_active")


@admin.register(Campaign)
class CampaignDesk(SupportDesk):
    list_display = ("name", "code", "channel", "starts_on", "ends_on", "cost_krw")
    list_filter = ("channel",)
    search_fields = ("name", "code")
    list_select_related = ("channel",)


@admin.register(InformationSession)
class SessionDesk(SupportDesk):
    list_display = ("city_en", "country", "starts_at", "capacity", "state")
    list_filter = ("state",)
    search_fields = ("city_en", "city_ko")


@admin.register(Registration)
class RegistrationDesk(SupportDesk):
    list_display = ("name", "email", "session", "channel", "state", "registered_at")
    list_filter = ("state", "channel")
    search_fields = ("name", "email", "institution")
    list_select_related = ("session", "channel")
