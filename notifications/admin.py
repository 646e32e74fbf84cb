"""The support desk of the outbox. Codes and personal links are never shown."""

from django.contrib import admin

from common.admin import SupportDesk
from notifications.models import Notification


@admin.register(Notification)
class NotificationDesk(SupportDesk):
    list_display = ("kind", "address", "state", "created_at", "sent_at")
    list_filter = ("state", "kind")
    search_fields = ("address", "kind", "key")
    exclude = ("context", "body")
