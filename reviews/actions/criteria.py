"""What a call's reviewers score: three criteria to begin with, changed by officers until the first score stands."""

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from applications.models import Call
from common.audit import record
from common.gestures import action
from common.refusals import Refusal
from common.states import lock
from people.models import User
from reviews.models import Criterion, Review
from reviews.states import ReviewState

DEFAULT_CRITERIA: Final[tuple[dict[str, Any], ...]] = (
    {
        "code": "excellence",
        "name_en": "Scientific excellence",
        "name_ko": "연구 역량의 우수성",
        "help_en": "Quality and originality of the work so far, seen against the years since the doctorate.",
        "help_ko": "박사학위 취득 후 경과 기간을 고려한 기존 연구의 질과 독창성을 평가합니다.",
        "weight": 40,
    },
    {
        "code": "plan",
        "name_en": "Research plan",
        "name_ko": "연구계획의 타당성",
        "help_en": "Is the question worth asking, and can the plan answer it in the time?",
        "help_ko": "연구 질문의 가치와 기간 내 실현 가능성을 평가합니다.",
        "weight": 35,
    },
    {
        "code": "fit",
        "name_en": "Fit with the labs and with industry",
        "name_ko": "연구단 및 산업과의 적합성",
        "help_en": "What the candidate and the chosen labs, with their partners, can do for each other.",
        "help_ko": "지원자와 희망 연구단 및 협력기관이 서로에게 기여할 수 있는 정도를 평가합니다.",
        "weight": 25,
    },
)


class CriteriaInUse(Refusal):
    words = _("Scores have been given by these criteria, so they can no longer change.")


@action
def set_default_criteria(call: Call, *, by: User | None) -> list[Criterion]:
    """Give `call` the three usual criteria; a call that has criteria keeps them."""
    lock(call)
    if not call.criteria.exists():
        rows = [Criterion(call=call, position=place, **facts) for place, facts in enumerate(DEFAULT_CRITERIA)]
        Criterion.objects.bulk_create(rows)
        record("reviews.criteria.set", call, by=by, after={row.code: row.weight for row in rows})
    return list(call.criteria.all())


@action
def save_criteria(call: Call, rows: Sequence[Criterion], dropped: Sequence[Criterion] = (), *, by: User) -> Call:
    """Replace the call's criteria by `rows` (unsaved or changed ones), in their order, without `dropped`.

    Refuses once a score was given, even in a draft: scores would change their meaning.
    """
    lock(call)
    if _is_in_use(call):
        raise CriteriaInUse
    before = dict(call.criteria.values_list("code", "weight"))
    call.criteria.filter(pk__in=[row.pk for row in dropped if row.pk]).delete()
    for place, row in enumerate(rows):
        row.call, row.position = call, place
        row.code = row.code or f"criterion-{place + 1}-{call.criteria.count() + 1}"
        row.save()
    after = dict(call.criteria.values_list("code", "weight"))
    record("reviews.criteria.changed", call, by=by, before=before, after=after)
    return call


def _is_in_use(call: Call) -> bool:
    scored = Review.objects.filter(application__call=call)
    return scored.filter(scores__isnull=False).exists() or scored.filter(state=ReviewState.SUBMITTED).exists()
