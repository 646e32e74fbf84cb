"""The support desk of reviews."""

from django.contrib import admin

from common.admin import ReferenceDesk, SupportDesk
from reviews.models import Conflict, Criterion, Review, Score


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
