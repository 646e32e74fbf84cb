"""The support desk of the match. Before a run is published, no place is shown here either."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from common.admin import SupportDesk
from matching.models import MatchResult, MatchRun, Opening, RankList
from matching.states import RunState


@admin.register(Opening)
class OpeningDesk(SupportDesk):
    list_display = ("call_lab", "seats", "reserve_order")
    list_select_related = ("call_lab__call", "call_lab__lab")
    list_filter = ("call_lab__call",)
    search_fields = ("key", "call_lab__lab__code", "call_lab__lab__name_en", "call_lab__lab__name_ko")


@admin.register(RankList)
class RankListDesk(SupportDesk):
    list_display = ("opening", "state", "version", "saved_at", "certified_at", "sha256")
    list_select_related = ("opening__call_lab__call", "opening__call_lab__lab")
    list_filter = ("state", "opening__call_lab__call")
    search_fields = ("key", "opening__call_lab__lab__code")
    exclude = ("ranked", "class_sizes")


@admin.register(MatchRun)
class MatchRunDesk(SupportDesk):
    list_display = ("call", "state", "job_state", "requested_at", "requested_by", "confirmed_by", "published_at")
    list_select_related = ("call", "requested_by", "confirmed_by")
    list_filter = ("state", "job_state", "call")
    search_fields = ("key", "call__code", "instance_sha256", "outcome_sha256")
    exclude = ("instance", "outcome")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("instance", "outcome")


@admin.register(MatchResult)
class MatchResultDesk(SupportDesk):
    list_display = ("application", "run", "call_lab", "choice")
    list_select_related = ("application__call", "run__call", "call_lab__lab", "call_lab__call")
    list_filter = ("run__call", "call_lab__lab")
    search_fields = ("=application__number", "application__family_name", "pseudonym")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).filter(run__state=RunState.PUBLISHED)
        return rows.defer("run__instance", "run__outcome")
