"""Deciding on several at once, corrections after the deadline, the same person twice, figures."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from applications import actions, queries
from applications.actions.corrections import (
    AskedAlready,
    NoLongerAsked,
    NotCorrectable,
    NotLater,
    TooLateToCorrect,
)
from applications.actions.screening import SomeRefuse
from applications.models import Application, Correction
from applications.states import ApplicationState, CallState, CorrectionState
from common.refusals import SamePersonTwice
from notifications.models import Notification
from tests.applications.conftest import pdf
from tests.factories.applications import (
    ApplicationFactory,
    DocumentFactory,
    QuestionFactory,
    ReferenceLetterFactory,
)


def page(name: str, row: Any = None, **more: Any) -> str:
    return reverse(f"applications:{name}", kwargs={"key": row.key, **more} if row else None)


def told(kind: str) -> int:
    return Notification.objects.filter(kind=kind).count()


@pytest.fixture
def closed(call: Any) -> Any:
    call.opens_at, call.closes_at = timezone.now() - timedelta(days=30), timezone.now() - timedelta(days=1)
    call.state = CallState.REVIEW
    call.save()
    return call


@pytest.fixture
def three(closed: Any, call_lab: Any) -> list[Any]:
    return [ApplicationFactory(call=closed, ranked_labs=[call_lab.pk]) for _n in range(3)]


def chosen(rows: list[Any], **more: str) -> dict[str, Any]:
    return {"chosen": [row.key for row in rows], "state": [f"{row.key}:{row.state}" for row in rows], **more}


def test_several_are_shown_with_findings_and_decided_together(
    client_of: Any, officer: Any, three: list[Any], django_assert_max_num_queries: Any
) -> None:
    signed = client_of(officer)
    assert 'name="chosen"' in signed.get(page("screening")).content.decode()
    with django_assert_max_num_queries(12):
        shown = signed.get(page("together"), {"chosen": [row.key for row in three]})
    assert [row.pk for row, *_rest in shown.context["rows"]] == [row.pk for row in three]
    assert "There is no curriculum vitae." in shown.content.decode()
    assert signed.post(page("together"), chosen(three, decision="out")).status_code == 409
    done = signed.post(page("together"), chosen(three, decision="in"))
    assert done["Location"] == f"{page('screening')}?call={three[0].call.key}"
    assert set(Application.objects.values_list("state", flat=True)) == {ApplicationState.ELIGIBLE}
    assert told("application_eligible") == 3


def test_together_is_all_or_none(officer: Any, three: list[Any]) -> None:
    seen = {row: row.state for row in three}
    actions.screen_out(Application.objects.get(pk=three[1].pk), by=officer, reason="late")
    with pytest.raises(SomeRefuse, match=str(three[1])):
        actions.decide_together(seen, is_eligible=True, by=officer)
    assert sorted(Application.objects.values_list("state", flat=True)) == ["ineligible", "submitted", "submitted"]


def test_nobody_decides_together_on_what_she_may_not_screen(
    client_of: Any, other_officer: Any, applicant: Any, three: list[Any]
) -> None:
    assert client_of(applicant).get(page("together")).status_code == 403
    answer = client_of(other_officer).post(page("together"), chosen(three, decision="in"))
    assert answer.context["rows"] == []
    assert not Application.objects.filter(state=ApplicationState.ELIGIBLE).exists()


@pytest.fixture
def submitted(closed: Any, call_lab: Any, applicant: Any) -> Any:
    row = ApplicationFactory(
        call=closed, applicant=applicant, ranked_labs=[call_lab.pk], title="Old", is_phd_expected=True
    )
    DocumentFactory(application=row)
    return row


def test_named_fields_are_put_right_until_a_date_as_a_new_version(
    client_of: Any, officer: Any, submitted: Any, applicant: Any
) -> None:
    signed = client_of(officer)
    assert signed.get(page("ask_correction", submitted)).status_code == 200
    until = timezone.localtime() + timedelta(days=3)
    data = {
        "fields_asked": ["title", "is_phd_expected", "document_cv"],
        "note": "The title is cut.",
        "until": f"{until:%Y-%m-%dT%H:%M}",
    }
    assert signed.post(page("ask_correction", submitted), data)["Location"] == page("dossier", submitted)
    assert "The title is cut." in signed.get(page("dossier", submitted)).content.decode()
    correction = Correction.objects.get()
    assert told("correction_asked") == 1
    hers = client_of(applicant)
    assert "The title is cut." in hers.get(page("application", submitted)).content.decode()
    shown = hers.get(page("correction", correction)).content.decode()
    assert 'name="title"' in shown
    assert 'name="summary"' not in shown
    refused = hers.post(page("correction", correction), {"title": "x" * 201})
    assert refused.status_code == 422
    sent = {"title": "New", "summary": "smuggled", "document_cv": pdf(2)}
    assert hers.post(page("correction", correction), sent)["Location"] == page("receipt", submitted)
    row = Application.objects.get(pk=submitted.pk)
    assert (row.title, row.is_phd_expected, row.summary, row.state) == ("New", False, submitted.summary, "submitted")
    assert row.version == submitted.version + 1
    assert row.submissions.get(version=row.version).sha256 == row.receipt_sha256
    assert row.documents.get(is_current=True).pages == 2
    assert told("application_submitted") == 1
    assert Correction.objects.get().state == CorrectionState.ANSWERED
    actions.answer_correction(Correction.objects.get(), {"title": "Again"}, {}, by=applicant)
    assert Application.objects.get(pk=row.pk).title == "New"
    assert "put this right" in hers.get(page("correction", correction)).content.decode()


def test_own_answers_can_be_put_right(client_of: Any, officer: Any, submitted: Any, applicant: Any) -> None:
    submitted.call.state = CallState.PUBLISHED
    submitted.call.save()
    QuestionFactory(section__call=submitted.call, code="why")
    actions.put_form_in_force(submitted.call, by=officer)
    asked = actions.ask_correction(
        submitted, ["answer_why"], by=officer, note="?", until=timezone.now() + timedelta(days=1)
    )
    assert client_of(applicant).post(page("correction", asked), {"answer_why": "because"}).status_code == 302
    assert Application.objects.get(pk=submitted.pk).answers == {"why": "because"}


def test_what_cannot_be_asked_or_answered(officer: Any, submitted: Any, applicant: Any) -> None:
    soon = timezone.now() + timedelta(days=1)
    with pytest.raises(SamePersonTwice):
        actions.ask_correction(submitted, ["title"], by=applicant, note="x", until=soon)
    with pytest.raises(NotLater):
        actions.ask_correction(submitted, ["title"], by=officer, note="x", until=timezone.now())
    first = actions.ask_correction(submitted, ["title"], by=officer, note="x", until=soon)
    with pytest.raises(AskedAlready):
        actions.ask_correction(submitted, ["title"], by=officer, note="x", until=soon)
    Correction.objects.update(until=timezone.now() - timedelta(minutes=1), asked_at=timezone.now() - timedelta(days=1))
    with pytest.raises(TooLateToCorrect):
        actions.answer_correction(first, {"title": "late"}, {}, by=applicant)
    second = actions.ask_correction(submitted, ["title"], by=officer, note="x", until=soon)
    assert Correction.objects.get(pk=first.pk).state == CorrectionState.CLOSED
    assert second.is_open
    actions.screen_in(submitted, by=officer)
    with pytest.raises(NotCorrectable):
        actions.ask_correction(submitted, ["title"], by=officer, note="x", until=soon)


def test_one_found_wanting_is_before_the_officers_again(officer: Any, submitted: Any, applicant: Any) -> None:
    actions.screen_out(submitted, by=officer, reason="No proof")
    soon = timezone.now() + timedelta(days=1)
    asked = actions.ask_correction(submitted, ["phd_field"], by=officer, note="Proof", until=soon)
    row = actions.answer_correction(asked, {"phd_field": "Physics"}, {}, by=applicant)
    assert (row.state, row.phd_field) == (ApplicationState.SUBMITTED, "Physics")


def test_a_file_that_is_missing_or_too_large_does_not_count_as_put_right(
    client_of: Any, officer: Any, submitted: Any, applicant: Any, settings: Any
) -> None:
    soon = timezone.now() + timedelta(days=1)
    asked = actions.ask_correction(submitted, ["title", "document_cv"], by=officer, note="x", until=soon)
    hers = client_of(applicant)
    assert hers.post(page("correction", asked), {"title": "New"}).status_code == 422
    settings.UPLOAD_LIMIT_BYTES = 200
    refused = hers.post(page("correction", asked), {"title": "New", "document_cv": pdf(2)})
    assert refused.status_code == 422
    assert "larger than" in refused.content.decode()
    assert Correction.objects.get().state == CorrectionState.ASKED
    assert Application.objects.get(pk=submitted.pk).title == "Old"


@pytest.mark.parametrize("ends", ["screen_in", "screen_out", "withdraw"])
def test_a_decision_or_a_withdrawal_ends_what_was_asked(
    client_of: Any, officer: Any, submitted: Any, applicant: Any, ends: str
) -> None:
    soon = timezone.now() + timedelta(days=1)
    asked = actions.ask_correction(submitted, ["title"], by=officer, note="x", until=soon)
    more = {"screen_in": {"by": officer}, "screen_out": {"by": officer, "reason": "x"}}
    getattr(actions, ends)(submitted, **more.get(ends, {"by": applicant, "reason": "x"}))
    assert Correction.objects.get().state == CorrectionState.CLOSED
    with pytest.raises(NoLongerAsked):
        actions.answer_correction(asked, {"title": "Late"}, {}, by=applicant)
    shown = client_of(applicant).get(page("correction", asked)).content.decode()
    assert 'name="title"' not in shown


def test_deciding_together_costs_the_same_for_one_and_for_three(
    client_of: Any, officer: Any, three: list[Any], django_assert_num_queries: Any
) -> None:
    signed = client_of(officer)
    for rows in (three[:1], three):
        with django_assert_num_queries(10):
            signed.get(page("together"), {"chosen": [row.key for row in rows]})


def test_a_correction_is_its_applicants(client_of: Any, officer: Any, stranger: Any, submitted: Any) -> None:
    asked = actions.ask_correction(submitted, ["title"], by=officer, note="x", until=timezone.now() + timedelta(days=1))
    assert client_of(stranger).get(page("correction", asked)).status_code == 404
    assert client_of(officer).get(page("correction", asked)).status_code == 403
    assert client_of(stranger).get(page("ask_correction", submitted)).status_code == 404


def test_the_same_person_twice_is_pointed_out(client_of: Any, officer: Any, submitted: Any, call_lab: Any) -> None:
    assert not queries.duplicates_of(submitted, officer)
    named = ApplicationFactory(
        call=submitted.call, given_name=submitted.given_name.upper(), family_name=submitted.family_name
    )
    filed = ApplicationFactory(call=submitted.call)
    DocumentFactory(application=filed, sha256=submitted.documents.get().sha256)
    submitted.orcid = "0000-0002-1825-0097"
    submitted.save()
    numbered = ApplicationFactory(call=submitted.call, orcid=submitted.orcid)
    Application.objects.filter(pk__in=[named.pk, filed.pk]).update(ranked_labs=[call_lab.pk])
    found = queries.duplicates_of(submitted, officer)
    assert ({row.pk for row in found.rows}, found.hidden) == ({named.pk, filed.pk}, 1)
    shown = client_of(officer).get(page("dossier", submitted)).content.decode()
    assert "Perhaps the same person" in shown
    assert named.applicant.email in shown
    assert numbered.applicant.email not in shown
    assert "1 more, before officers of other institutes" in shown


def test_figures_by_lab_country_and_channel(client_of: Any, officer: Any, applicant: Any, three: list[Any]) -> None:
    Application.objects.filter(pk=three[0].pk).update(residence="VN")
    shown = client_of(officer).get(page("statistics"), {"call": three[0].call.key})
    assert "Vietnam" in shown.content.decode()
    found = queries.statistics(queries.to_screen(officer, three[0].call), three[0].call)
    assert sum(number for _label, number in found["countries"]) == 3
    assert found["labs"][0][1] == 3
    assert client_of(applicant).get(page("statistics")).status_code == 403


def test_findings_for_many_are_those_for_one(officer: Any, three: list[Any], django_assert_num_queries: Any) -> None:
    DocumentFactory(application=three[0])
    ReferenceLetterFactory(application=three[0], state="received", text="Good")
    with django_assert_num_queries(3):
        many = queries.eligibility_of_many(three)
    for row in three:
        assert many[row.pk] == queries.eligibility_of(queries.dossier(row))
