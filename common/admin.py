"""The support desk: everything can be found and looked at; only reference data is edited here, and audited."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest

from common.audit import record
from common.gestures import action
from common.models import AuditEntry, HealthRecord


class SupportDesk(admin.ModelAdmin[models.Model]):
    """Search and look. A write goes through an action on the person's own page, never here."""

    show_full_result_count = False
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_list_display(self, request: HttpRequest) -> Any:
        """The listed columns; where a desk names none, its string and its state."""
        if self.list_display != ("__str__",):
            return self.list_display
        names = {field.name for field in self.model._meta.concrete_fields}
        return ("__str__", *(name for name in ("state", "job_state") if name in names))


class ReferenceDesk(SupportDesk):
    """Reference data: added and changed here, each time with an audit entry; never deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def save_model(self, request: HttpRequest, obj: models.Model, form: ModelForm[Any], change: bool) -> None:
        save_reference(obj, form, by=request.user)


@action
def save_reference(row: models.Model, form: ModelForm[Any], *, by: Any) -> models.Model:
    """Save reference data with what it was before and is now."""
    before = {name: form.initial.get(name) for name in form.changed_data}
    row.save()
    after = {name: form.cleaned_data.get(name) for name in form.changed_data}
    verb = f"{row._meta.label_lower}.{'changed' if form.initial else 'added'}"
    record(verb, row, by=by, before=before, after=after)
    return row


@admin.register(AuditEntry)
class AuditDesk(SupportDesk):
    list_display = ("at", "by_label", "verb", "subject_label", "note")
    search_fields = ("by_label", "verb", "subject_label", "gesture")
    list_filter = ("subject_type",)


@admin.register(HealthRecord)
class HealthDesk(SupportDesk):
    list_display = ("at", "is_up", "took_ms", "problem")
    list_filter = ("is_up",)
