"""Demands of a call as data: composed by officers, seen while writing, judged in both languages, copied."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from applications import actions, queries
from applications.models import Application, Call, EligibilityRule
from tests.factories.applications import QuestionFactory


def page(name: str, row: Any, **more: Any) -> str:
    return reverse(f"applications:{name}", kwargs={"key": row.key, **more})


def abroad(call: Any) -> EligibilityRule:
    row: EligibilityRule = EligibilityRule.objects.create(
        call=call, kind="residence", label_en="Lives abroad", label_ko="해외 거주", values=["KR"], is_allowed=False
    )
    return row


def test_an_officer_writes_changes_and_removes_a_demand(
    client_of: Any, officer: Any, applicant: Any, call: Any
) -> None:
    signed, new = client_of(officer), page("form_rule", call)
    data = {"kind": "citizenship", "label_en": "Not Korean", "label_ko": "외국인", "values": "kr\n", "position": 1}
    assert signed.get(new).status_code == 200
    assert signed.post(new, data).status_code == 302
    row = call.eligibility_rules.get()
    assert (row.values, row.is_allowed) == (["KR"], False)
    assert "Not Korean" in signed.get(page("compose", call)).content.decode()
    edit = page("form_rule_edit", call, rule=row.key)
    assert signed.post(edit, {**data, "is_allowed": "on"}).status_code == 302
    assert call.eligibility_rules.get().is_allowed
    assert client_of(applicant).get(new).status_code == 403
    assert client_of(officer).post(page("form_rule_remove", call, rule=row.key)).status_code == 302
    assert not call.eligibility_rules.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"values": "Atlantis"}, "values"),
        ({"values": ""}, "values"),
        ({"kind": "start"}, "until"),
        ({"kind": "answer", "values": "yes"}, "question"),
        ({"kind": "answer", "values": "yes", "question": "nothing"}, "question"),
        ({"kind": "horoscope"}, "kind"),
        ({"position": "99999"}, "position"),
    ],
)
def test_a_demand_that_cannot_be_says_why(
    client_of: Any, officer: Any, call: Any, change: dict[str, Any], field: str
) -> None:
    data = {"kind": "residence", "label_en": "A", "label_ko": "가", "values": "KR", "position": 1, **change}
    answer = client_of(officer).post(page("form_rule", call), data)
    assert answer.status_code in {409, 422}
    assert field in answer.context["form"].errors


def test_the_database_wants_a_demand_whole(call: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        EligibilityRule.objects.create(call=call, kind="start", label_en="A", label_ko="가")


def test_she_sees_how_she_stands_while_she_writes(client_of: Any, draft: Any, call: Any) -> None:
    abroad(call)
    signed, url = client_of(draft.applicant), page("section", draft, section="about")
    Application.objects.filter(pk=draft.pk).update(residence="KR")
    shown = signed.get(url).content.decode()
    assert "Lives abroad" in shown
    assert "which this call does not allow" in shown
    said = signed.post(page("autosave", draft, section="about"), {"residence": "VN"}).json()
    assert "Given: VN." in said["standing"]
    assert "which this call does not allow" not in said["standing"]
    assert signed.post(page("autosave", draft, section="labs"), {"motivation": "x"}).json()["standing"] == ""


def test_officers_meet_it_too_in_their_language(draft: Any, call: Any, officer: Any) -> None:
    abroad(call)
    QuestionFactory(section__call=call, code="award", kind="yes_no")
    EligibilityRule.objects.create(
        call=call,
        kind="answer",
        label_en="No earlier award",
        label_ko="수혜 이력 없음",
        values=["no"],
        question="award",
    )
    draft.answers, draft.residence = {"award": True}, "KR"
    with translation.override("ko"):
        found = {each.label: each.verdict for each in queries.eligibility_now(draft)}
    assert (found["해외 거주"], found["수혜 이력 없음"]) == ("unmet", "unmet")


def test_a_copied_call_demands_the_same_a_year_later(call: Any, officer: Any) -> None:
    EligibilityRule.objects.create(call=call, kind="start", label_en="Soon", label_ko="곧", until=date(2028, 2, 29))
    copied = actions.copy_call(call, "again", by=officer)
    assert Call.objects.get(pk=copied.pk).eligibility_rules.get().until == date(2029, 2, 28)
    assert call.eligibility_rules.get().until == date(2028, 2, 29)
