"""The screening desk: what an officer finds and may decide, and what nobody else learns from it."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from applications import actions, queries
from applications.actions import screening
from applications.models import Application, Call
from applications.states import ApplicationState, CallState
from common.refusals import SamePersonTwice
from notifications.models import Notification
from people.models import AccessLog
from tests.factories.applications import ApplicationFactory, DocumentFactory, ReferenceLetterFactory

DESK = "applications:screening"


@pytest.fixture
def closed(application: Any) -> Any:
    """The application in a call that is over."""
    Call.objects.update(closes_at=timezone.now() - timedelta(hours=1))
    return Application.objects.get(pk=application.pk)


def dossier(row: Any) -> str:
    return reverse("applications:dossier", kwargs={"key": row.key})


def test_the_desk_finds_by_words_state_and_lab(
    client_of: Any, officer: Any, application: Any, call_lab: Any, other_call_lab: Any, django_assert_num_queries: Any
) -> None:
    other = ApplicationFactory(
        call=application.call, ranked_labs=[other_call_lab.pk, call_lab.pk], family_name="Odd", title="Quasar",
    )  # fmt: skip
    ApplicationFactory(call=application.call, ranked_labs=[other_call_lab.pk], family_name="Elsewhere")
    signed = client_of(officer)

    def listed(**asked: Any) -> list[int]:
        answer = signed.get(reverse(DESK), asked)
        assert b"Elsewhere" not in answer.content
        return sorted(row.pk for row in answer.context["page"].rows)

    both = sorted([application.pk, other.pk])
    assert listed() == both
    assert listed(q="quasar odd") == listed(q=str(other.number)) == [other.pk]
    assert listed(lab=other_call_lab.pk) == [other.pk]
    assert listed(state="eligible") == []
    assert listed(sort="-name", call="nonsense", lab="nonsense") == both
    with django_assert_num_queries(8) as counted:
        signed.get(reverse(DESK))
    ApplicationFactory(call=application.call, ranked_labs=[call_lab.pk])
    with django_assert_num_queries(len(counted)):
        signed.get(reverse(DESK))
    saved = signed.get(reverse("applications:screening_csv"), {"q": "quasar"})
    lines = b"".join(saved.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "Odd" in lines[1]


@pytest.mark.parametrize("who", ["stranger", "lab_head", "reviewer", "finance_officer", "ministry", "auditor"])
def test_the_desk_is_for_officers(client_of: Any, request: Any, application: Any, who: str) -> None:
    signed = client_of(request.getfixturevalue(who))
    assert signed.get(reverse(DESK)).status_code == 403
    assert signed.get(reverse("applications:screening_csv")).status_code == 403
    assert signed.get(dossier(application)).status_code == 404


def test_an_officer_of_another_institute_does_not_know_it(client_of: Any, other_officer: Any, application: Any) -> None:
    signed = client_of(other_officer)
    assert signed.get(dossier(application)).status_code == 404
    assert application.family_name.encode() not in signed.get(reverse(DESK)).content


def test_a_decision_is_made_once_told_and_logged(client_of: Any, officer: Any, closed: Any) -> None:
    DocumentFactory(application=closed)
    ReferenceLetterFactory(application=closed, state="received", text="Good")
    signed = client_of(officer)
    shown = signed.get(dossier(closed))
    assert b"5 years last until" in shown.content
    assert AccessLog.objects.filter(whose=closed.applicant, by=officer).exists()
    assert signed.post(dossier(closed), {"decision": ""}).status_code == 422
    no_reason = signed.post(dossier(closed), {"decision": "out", "reason": " "})
    assert no_reason.status_code == 409
    for _twice in range(2):
        assert signed.post(dossier(closed), {"decision": "in"}).status_code == 302
    closed.refresh_from_db()
    assert (closed.state, closed.screened_by) == (ApplicationState.ELIGIBLE, officer)
    assert Notification.objects.filter(kind="application_eligible").count() == 1
    out = signed.post(dossier(closed), {"decision": "out", "reason": "The degree is of 2010."})
    assert out.status_code == 302
    assert actions.screen_out(closed, by=officer, reason="again").screening_note == "The degree is of 2010."
    with pytest.raises(screening.ReasonNeeded):
        actions.screen_in(closed, by=officer)
    actions.screen_in(closed, by=officer, note="Proof came.")
    assert Notification.objects.filter(kind="application_ineligible").count() == 1


def test_nothing_is_decided_before_the_deadline_after_the_end_or_about_oneself(application: Any, officer: Any) -> None:
    with pytest.raises(screening.StillOpen):
        actions.screen_in(application, by=officer)
    with pytest.raises(SamePersonTwice):
        actions.screen_in(application, by=application.applicant)
    application.call.state = CallState.FINISHED
    application.call.save()
    with pytest.raises(screening.CallFinished):
        actions.screen_in(Application.objects.get(pk=application.pk), by=officer)


def test_an_officer_who_applies_screens_everybody_but_herself(
    client_of: Any, officer: Any, call: Any, call_lab: Any
) -> None:
    own = ApplicationFactory(applicant=officer, call=call, ranked_labs=[call_lab.pk])
    assert list(queries.to_screen(officer, call)) == []
    assert client_of(officer).get(dossier(own)).status_code == 403


def test_what_waits_on_each_desk(officer: Any, applicant: Any, closed: Any) -> None:
    labels = [item.label for item in queries.desk_items(officer)]
    assert labels == [f"Screen applications: {closed.call.name}", f"Close the call for review: {closed.call.name}"]
    assert queries.desk_items(applicant)[0].kind == "waiting"
    Application.objects.update(state=ApplicationState.ELIGIBLE)
    assert "with the reviewers" in queries.desk_items(applicant)[0].label
    Call.objects.update(state=CallState.FINISHED)
    assert queries.desk_items(applicant) == []


def test_a_letter_is_read_by_the_officer_as_a_file_or_on_the_page(client_of: Any, officer: Any, closed: Any) -> None:
    letter = ReferenceLetterFactory(application=closed, state="received", text="Good")
    url = reverse("applications:letter_file", kwargs={"key": letter.key})
    assert client_of(officer).get(url)["Location"] == dossier(closed)
