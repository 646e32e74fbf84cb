"""The support desk of reviews."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from common.admin import ReferenceDesk, SupportDesk
from reviews.models import Conflict, Criterion, Interview, InterviewNote, InterviewPlan, InterviewSlot, Review, Score


@admin.register(Criterion)
class CriterionDesk(ReferenceDesk):
    list_display = ("name_en", "call", "weight", "most", "position")
    list_select_related = ("call",)
    list_filter = ("call",)
    search_fields = ("name_en", "name_ko", "code")


@admin.register(Conflict)
class ConflictDesk(SupportDesk):
    list_display = ("person", "application", "kind", "declared_at")
    list_select_related = ("person", "application__call")
    list_filter = ("kind",)
    search_fields = ("person__email", "person__family_name", "=application__number")


@admin.register(Review)
class ReviewDesk(SupportDesk):
    list_display = ("application", "reviewer", "state", "due_at", "total")
    list_select_related = ("application__call", "reviewer")
    list_filter = ("state", "application__call")
    search_fields = ("key", "reviewer__email", "reviewer__family_name", "=application__number")


@admin.register(Score)
class ScoreDesk(SupportDesk):
    list_display = ("review", "criterion", "points")
    list_select_related = ("review__application__call", "criterion")
    list_filter = ("criterion__call",)
    search_fields = ("=review__application__number",)


@admin.register(InterviewPlan)
class InterviewPlanDesk(SupportDesk):
    list_display = ("call_lab", "minutes", "answers_due_at")
    list_select_related = ("call_lab__call", "call_lab__lab")
    search_fields = ("key", "call_lab__lab__code")


@admin.register(InterviewSlot)
class InterviewSlotDesk(SupportDesk):
    list_display = ("plan", "starts_at", "ends_at")
    list_select_related = ("plan__call_lab__call", "plan__call_lab__lab")
    search_fields = ("plan__call_lab__lab__code",)


@admin.register(Interview)
class InterviewDesk(SupportDesk):
    list_display = ("application", "plan", "state", "starts_at")
    list_select_related = ("application__call", "plan__call_lab__call", "plan__call_lab__lab")
    list_filter = ("state",)
    search_fields = ("key", "=application__number")


@admin.register(InterviewNote)
class InterviewNoteDesk(SupportDesk):
    """That a note was written, when and by whom: what it says, and its points, are the lab's alone."""

    list_display = ("interview_number", "author", "written_at")
    list_select_related = ("interview__application__call", "author")
    fields = ("interview", "author", "written_at")
    search_fields = ("=interview__application__number",)

    @admin.display(description=_("interview"))
    def interview_number(self, row: InterviewNote) -> str:
        return str(row.interview)
