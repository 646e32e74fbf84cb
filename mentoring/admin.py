"""The support desk of mentoring."""

from django.contrib import admin

from common.admin import SupportDesk
from mentoring.models import Meeting, Mentor, MentorAssignment, Transition


@admin.register(Mentor)
class MentorDesk(SupportDesk):
    list_display = ("user", "institute", "organisation", "expertise", "is_active")
    list_select_related = ("user", "institute", "organisation")
    search_fields = ("user__email", "user__family_name", "user__native_name", "expertise")


@admin.register(MentorAssignment)
class MentorAssignmentDesk(SupportDesk):
    list_display = ("appointment", "mentor", "kind", "starts_on", "ends_on")
    list_select_related = ("appointment__fellow", "appointment__lab", "mentor__user")
    search_fields = ("appointment__fellow__email", "mentor__user__email", "appointment__fellow__native_name")
    list_filter = ("kind",)


@admin.register(Meeting)
class MeetingDesk(SupportDesk):
    list_display = ("held_on", "assignment", "minutes", "next_on")
    list_select_related = (
        "assignment__mentor__user",
        "assignment__appointment__fellow",
        "assignment__appointment__lab",
    )
    search_fields = ("assignment__appointment__fellow__email", "assignment__mentor__user__email")


@admin.register(Transition)
class TransitionDesk(SupportDesk):
    list_display = ("appointment", "destination", "organisation", "starts_on")
    list_select_related = ("appointment__fellow", "appointment__lab")
    search_fields = ("appointment__fellow__email", "organisation")
    list_filter = ("destination",)
