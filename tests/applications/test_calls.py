"""Calls: composed, published, moved later only, closed for review, finished; and who sees them."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from applications import actions
from applications.actions import calls
from applications.models import Application, Call, CallLab
from applications.states import CallState
from common.refusals import IllegalMove
from tests.factories.applications import ApplicationFactory, CallFactory

WHEN = "%Y-%m-%dT%H:%M"


def page(name: str, row: Any = None, **more: str) -> str:
    return reverse(f"applications:{name}", kwargs={"key": row.key, **more} if row is not None else None)


def data_of(lab: Any, **changes: Any) -> dict[str, Any]:
    now = timezone.localtime()
    days = {"opens_at": 1, "closes_at": 30, "letters_due_at": 35, "reviews_due_at": 50, "ranks_due_at": 60}
    return {
        "programme": "",
        "code": "2027-1",
        "name_en": "First call of 2027",
        "name_ko": "2027년 1차 공고",
        "text_en": "What it is",
        "text_ko": "내용",
        "timezone": "Asia/Seoul",
        "letter_reminders": "168, 48",
        **{name: (now + timedelta(days=number)).strftime(WHEN) for name, number in days.items()},
        "grace_minutes": 5,
        "decisions_on": (now + timedelta(days=70)).date(),
        "starts_on": (now + timedelta(days=100)).date(),
        "term_months": 12,
        "salary_krw_a_year": 90_000_000,
        "research_fund_krw_a_year": 60_000_000,
        "phd_within_years": 5,
        "max_choices": 5,
        "letters_needed": 2,
        "letters_most": 5,
        "publications_starred": 5,
        "reviews_needed": 2,
        f"seats_{lab.pk}": 4,
        **changes,
    }


@pytest.fixture
def written(call: Any, call_lab: Any) -> Any:
    """A call that is being prepared and lacks nothing."""
    call.state, call.text_en, call.text_ko = CallState.DRAFT, "Words", "글"
    call.starts_on = call.decisions_on + timedelta(days=30)
    call.save()
    return call


def test_an_officer_composes_a_call_without_code(client_of: Any, officer: Any, lab: Any, call: Any) -> None:
    signed = client_of(officer)
    assert signed.get(page("new_call")).status_code == 200
    answer = signed.post(page("new_call"), data_of(lab, programme=call.programme_id))
    made = Call.objects.get(code="2027-1")
    assert answer["Location"] == page("call", made)
    assert (made.state, made.letter_reminders) == (CallState.DRAFT, [168, 48])
    assert [(row.lab, row.seats_announced) for row in made.call_labs.all()] == [(lab, 4)]
    assert signed.get(page("edit_call", made)).status_code == 200


def test_instants_are_typed_and_shown_by_the_clock_of_the_calls_place(
    client_of: Any, officer: Any, lab: Any, call: Any
) -> None:
    signed = client_of(officer)
    signed.post(page("new_call"), data_of(lab, programme=call.programme_id, timezone="America/New_York"))
    made = Call.objects.get(code="2027-1")
    typed = datetime.fromisoformat(data_of(lab)["closes_at"])
    assert made.closes_at == typed.replace(tzinfo=ZoneInfo("America/New_York"))
    assert f'value="{typed:%Y-%m-%dT%H:%M}"' in signed.get(page("edit_call", made)).content.decode()
    assert f"{typed:%H:%M} E" in signed.get(page("call", made)).content.decode()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"timezone": "Atlantis/Capital"}, "Select a valid choice"),
        ({"letter_reminders": "0, 12"}, "Between 1 and 1440 hours"),
        ({"letter_reminders": "soon"}, "whole number"),
        ({"letter_reminders": "7,6,5,4,3,2,1"}, "no more than 6"),
        ({"closes_at": "2020-01-01T00:00"}, "must close after it opens"),
        ({"salary_krw_a_year": 0}, "more than nothing"),
        ({"code": "taken"}, "Another call has this code"),
        ({"name_ko": ""}, "This field is required"),
    ],
)
def test_wrong_input_is_named_beside_its_field_and_kept(
    client_of: Any, officer: Any, lab: Any, changes: dict[str, Any], says: str
) -> None:
    other = CallFactory(code="taken")
    answer = client_of(officer).post(page("new_call"), data_of(lab, programme=other.programme_id, **changes))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "First call of 2027" in answer.content.decode()
    assert Call.objects.count() == 1


def test_a_published_deadline_moves_later_only(officer: Any, call: Any) -> None:
    later = call.closes_at + timedelta(days=1)
    actions.save_call(call, {"closes_at": later}, by=officer)
    with pytest.raises(calls.OnlyLater):
        actions.save_call(call, {"closes_at": later - timedelta(minutes=1)}, by=officer)
    call.state = CallState.REVIEW
    call.save()
    with pytest.raises(calls.CallStands):
        actions.save_call(call, {"name_en": "Too late"}, by=officer)


def test_a_lab_that_somebody_ranked_stays(officer: Any, application: Any, call_lab: Any, other_lab: Any) -> None:
    with pytest.raises(calls.LabChosen):
        actions.offer_labs(call_lab.call, {other_lab: 1}, by=officer)
    Application.objects.update(ranked_labs=[])
    actions.offer_labs(call_lab.call, {other_lab: 1}, by=officer)
    assert list(CallLab.objects.values_list("lab", "seats_announced")) == [(other_lab.pk, 1)]


def test_publishing_closing_and_finishing_by_buttons(client_of: Any, officer: Any, written: Any) -> None:
    signed = client_of(officer)

    def press(verb: str) -> str:
        assert signed.post(page("call_gesture", written, verb=verb)).status_code in {302, 409}
        written.refresh_from_db()
        return str(written.state)

    assert press("nothing") == CallState.DRAFT
    assert press("publish") == CallState.PUBLISHED
    assert press("publish") == CallState.PUBLISHED
    assert press("close") == CallState.PUBLISHED
    Call.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    assert press("close") == CallState.REVIEW
    assert press("close") == CallState.REVIEW
    assert press("finish") == CallState.FINISHED
    with pytest.raises(IllegalMove):
        actions.publish_call(Call.objects.get(), by=officer)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda call: call.call_labs.all().delete(), "no lab with seats"),
        (lambda call: Call.objects.update(text_ko=" "), "missing in English or Korean"),
        (
            lambda call: Call.objects.update(
                opens_at=timezone.now() - timedelta(days=9), closes_at=timezone.now() - timedelta(days=1)
            ),
            "deadline has passed",
        ),
        (lambda call: Call.objects.update(reviews_due_at=call.closes_at - timedelta(days=1)), "in this order"),
        (lambda call: Call.objects.update(starts_on=call.decisions_on), "after the decisions"),
    ],
)
def test_a_call_that_is_not_ready_says_why(officer: Any, written: Any, change: Any, says: str) -> None:
    change(written)
    with pytest.raises(calls.NotReady, match=says):
        actions.publish_call(Call.objects.get(), by=officer)


def test_the_public_sees_published_calls_only(client: Any, client_of: Any, officer: Any, written: Any) -> None:
    assert client.get(page("call", written)).status_code == 404
    assert client_of(officer).get(page("call", written)).status_code == 200
    actions.publish_call(written, by=officer)
    assert client.get(page("call", written)).status_code == 200
    assert written.name_en in client.get(page("calls")).content.decode()


@pytest.mark.parametrize("who", ["stranger", "lab_head", "finance_officer", "ministry"])
def test_only_officers_compose(client_of: Any, request: Any, written: Any, who: str) -> None:
    signed = client_of(request.getfixturevalue(who))
    assert signed.get(page("new_call")).status_code == 403
    assert signed.get(page("edit_call", written)).status_code == 404
    assert signed.post(page("call_gesture", written, verb="publish")).status_code == 404


def test_her_own_application_is_one_click_away(client_of: Any, applicant: Any, call: Any, call_lab: Any) -> None:
    own = ApplicationFactory(applicant=applicant, call=call, ranked_labs=[call_lab.pk])
    answer = client_of(applicant).get(page("call", call))
    assert page("application", own) in answer.content.decode()
