"""What every test of the match does: find a list, certify it, let days go by, name a page."""

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from applications.models import Call
from matching import actions
from matching.models import Opening, RankList
from people.states import Role
from tests.factories.people import holder


def list_of(call_lab: Any) -> RankList:
    return RankList.objects.select_related("opening__call_lab__call", "opening__call_lab__lab").get(
        opening__call_lab=call_lab
    )


def let_due_pass() -> None:
    """The lists are due: what the calendar would do; by then officers stated that money carries the seats."""
    carry_all()
    Call.objects.update(ranks_due_at=timezone.now())


def carry_all() -> None:
    """As after two officers: the money carries every seat."""
    Opening.objects.update(seats_funded=F("seats"), funded_source="a letter of the ministry")


def seal(call: Any, *officers: Any) -> Any:
    """Two officers commit their secrets; then the lists are due."""
    for person in officers:
        actions.commit_secret(call, by=person)
    let_due_pass()
    call.refresh_from_db()
    return call


def certify(call_lab: Any, ranked: list[int], by: Any) -> RankList:
    row = list_of(call_lab)
    saved = actions.save_ranking(row, ranked, version=row.version, by=by)
    actions.certify_ranking(saved, version=saved.version, by=by, knows_missing=True)
    second = holder(Role.LAB_MEMBER, call_lab.lab.place)
    return actions.confirm_ranking(saved, version=saved.version, by=second)


def page(route: str, row: Any, **more: str) -> str:
    return reverse(f"matching:{route}", kwargs={"key": row.key, **more})
