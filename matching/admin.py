"""The support desk of the match. Before a run is published, no place is shown here either."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from common.admin import SupportDesk
from matching.models import (
    ChoiceList,
    Couple,
    Group,
    InstituteCap,
    ListAmendment,
    ListSeal,
    LotteryStudy,
    MatchPlan,
    MatchResult,
    MatchRun,
    NotAcceptable,
    Opening,
    PlaceChange,
    Pseudonym,
    RankDraft,
    RankList,
    Refill,
    Reserve,
    Reversion,
    SeatChange,
    SeedShare,
    Supplement,
    SupplementList,
    SupplementWish,
    WaveOffer,
)
from matching.states import RunState

LIST_OF: Final = ("rank_list__opening__call_lab__call", "rank_list__opening__call_lab__lab")


@admin.register(Opening)
class OpeningDesk(SupportDesk):
    list_display = ("call_lab", "seats", "reserve_order")
    list_select_related = ("call_lab__call", "call_lab__lab")
    list_filter = ("call_lab__call",)
    search_fields = ("key", "call_lab__lab__code", "call_lab__lab__name_en", "call_lab__lab__name_ko")


@admin.register(Group)
class GroupDesk(SupportDesk):
    list_display = ("code", "call", "name_en", "name_ko")
    list_select_related = ("call",)
    list_filter = ("call",)
    search_fields = ("code", "name_en", "name_ko")


@admin.register(Reserve)
class ReserveDesk(SupportDesk):
    list_display = ("opening", "group", "seats", "position")
    list_select_related = ("opening__call_lab__call", "opening__call_lab__lab", "group")
    list_filter = ("group",)


@admin.register(InstituteCap)
class InstituteCapDesk(SupportDesk):
    list_display = ("institute", "call", "cap")
    list_select_related = ("institute", "call")
    list_filter = ("call",)


@admin.register(SeatChange)
class SeatChangeDesk(SupportDesk):
    list_display = ("call", "opening", "institute", "state", "asked_by", "asked_at", "approved_by")
    list_select_related = (
        "call",
        "opening__call_lab__call",
        "opening__call_lab__lab",
        "institute",
        "asked_by",
        "approved_by",
    )
    list_filter = ("state", "call")
    search_fields = ("key", "reason")


@admin.register(Reversion)
class ReversionDesk(SupportDesk):
    list_display = ("giver", "taker", "seats", "state", "offered_at", "agreed_at")
    list_select_related = tuple(f"{side}__call_lab__{row}" for side in ("giver", "taker") for row in ("call", "lab"))
    list_filter = ("state",)
    search_fields = ("key",)


@admin.register(RankList)
class RankListDesk(SupportDesk):
    list_display = ("opening", "state", "version", "saved_at", "certified_at", "sha256")
    list_select_related = ("opening__call_lab__call", "opening__call_lab__lab")
    list_filter = ("state", "opening__call_lab__call")
    search_fields = ("key", "opening__call_lab__lab__code")
    exclude = ("ranked", "class_sizes", "salt")


@admin.register(ChoiceList)
class ChoiceListDesk(SupportDesk):
    list_display = ("application", "version", "saved_at", "certified_at", "sha256")
    list_select_related = ("application__call",)
    list_filter = ("application__call",)
    search_fields = ("=application__number", "sha256")
    exclude = ("ranked", "salt", "text")


@admin.register(Pseudonym)
class PseudonymDesk(SupportDesk):
    list_display = ("name", "call", "person", "drawn_at")
    list_select_related = ("call", "person")
    list_filter = ("call",)
    search_fields = ("name", "person__email")


@admin.register(Refill)
class RefillDesk(SupportDesk):
    list_display = ("run", "kind", "decided_at", "decided_by", "outcome_sha256")
    list_select_related = ("run__call", "decided_by")
    list_filter = ("kind", "run__call")
    search_fields = ("key", "outcome_sha256")
    exclude = ("instance", "outcome")


@admin.register(PlaceChange)
class PlaceChangeDesk(SupportDesk):
    list_display = ("result", "left", "took", "reason", "at")
    list_select_related = (
        "result__application__call",
        "result__call_lab__call",
        "result__call_lab__lab",
        "left__call",
        "left__lab",
        "took__call",
        "took__lab",
    )
    search_fields = ("=result__application__number",)


@admin.register(LotteryStudy)
class LotteryStudyDesk(SupportDesk):
    list_display = ("run", "many", "job_state", "asked_by", "job_requested_at")
    list_select_related = ("run__call", "asked_by")
    list_filter = ("job_state",)
    search_fields = ("key",)
    exclude = ("found",)


@admin.register(Supplement)
class SupplementDesk(SupportDesk):
    list_display = ("run", "wishes_due_at", "first_wave_at", "waves", "waves_made", "opened_by")
    list_select_related = ("run__call", "opened_by")
    search_fields = ("key",)


@admin.register(SupplementWish)
class SupplementWishDesk(SupportDesk):
    list_display = ("result", "call_lab")
    list_select_related = ("result__application__call", "result__call_lab", "call_lab__call", "call_lab__lab")
    search_fields = ("=result__application__number",)


@admin.register(SupplementList)
class SupplementListDesk(SupportDesk):
    list_display = ("opening", "saved_at", "saved_by")
    list_select_related = ("opening__call_lab__call", "opening__call_lab__lab", "saved_by")
    exclude = ("ranked",)


@admin.register(WaveOffer)
class WaveOfferDesk(SupportDesk):
    list_display = ("result", "call_lab", "wave", "state", "closes_at")
    list_select_related = ("result__application__call", "result__call_lab", "call_lab__call", "call_lab__lab")
    list_filter = ("state",)
    search_fields = ("key", "=result__application__number")


@admin.register(NotAcceptable)
class NotAcceptableDesk(SupportDesk):
    list_display = ("rank_list", "application", "reason", "at")
    list_select_related = (
        "rank_list__opening__call_lab__call",
        "rank_list__opening__call_lab__lab",
        "application__call",
    )
    list_filter = ("reason",)
    search_fields = ("=application__number",)


@admin.register(RankDraft)
class RankDraftDesk(SupportDesk):
    list_display = ("rank_list", "author", "saved_at")
    list_select_related = (*LIST_OF, "author")
    search_fields = ("author__email",)
    exclude = ("ranked",)


@admin.register(ListAmendment)
class ListAmendmentDesk(SupportDesk):
    list_display = ("rank_list", "state", "asked_by", "asked_at", "approved_by", "reason")
    list_select_related = (
        "rank_list__opening__call_lab__call",
        "rank_list__opening__call_lab__lab",
        "asked_by",
        "approved_by",
    )
    list_filter = ("state",)
    search_fields = ("key", "reason")
    exclude = ("ranked", "class_sizes")


@admin.register(ListSeal)
class ListSealDesk(SupportDesk):
    list_display = ("rank_list", "sha256", "sealed_at", "amendment")
    list_select_related = LIST_OF
    search_fields = ("sha256",)
    exclude = ("text",)


@admin.register(MatchRun)
class MatchRunDesk(SupportDesk):
    list_display = (
        "call",
        "state",
        "is_draft",
        "job_state",
        "requested_at",
        "requested_by",
        "confirmed_by",
        "published_at",
    )
    list_select_related = ("call", "requested_by", "confirmed_by")
    list_filter = ("state", "job_state", "call")
    search_fields = ("key", "call__code", "instance_sha256", "outcome_sha256")
    exclude = ("instance", "outcome")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("instance", "outcome")


@admin.register(MatchPlan)
class MatchPlanDesk(SupportDesk):
    list_display = ("call", "public_source", "public_value", "value_at")
    list_select_related = ("call",)
    search_fields = ("call__code", "public_source")


@admin.register(SeedShare)
class SeedShareDesk(SupportDesk):
    list_display = ("call", "position", "officer", "sha256", "committed_at", "given_up_at")
    list_select_related = ("call", "officer")
    list_filter = ("call",)
    search_fields = ("key", "sha256")
    exclude = ("sealed",)


@admin.register(MatchResult)
class MatchResultDesk(SupportDesk):
    list_display = ("application", "run", "call_lab", "choice")
    list_select_related = ("application__call", "run__call", "call_lab__lab", "call_lab__call")
    list_filter = ("run__call", "call_lab__lab")
    search_fields = ("=application__number", "application__family_name", "pseudonym")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).filter(run__state=RunState.PUBLISHED)
        return rows.defer("run__instance", "run__outcome")


@admin.register(Couple)
class CoupleDesk(SupportDesk):
    """That two rank together, not how they rank."""

    list_display = ("first", "second", "state", "first_agrees", "second_agrees")
    list_select_related = ("first__call", "second__call")
    list_filter = ("state",)
    search_fields = ("key", "=first__number", "=second__number")
    exclude = ("ranked",)
