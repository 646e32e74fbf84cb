"""Submitting, receipts, reopening, withdrawing, and what stands when a call closes."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from applications import actions, queries
from applications.actions.submitting import ReasonMissing, canonical
from applications.models import Application, Document
from applications.states import ApplicationState, CallState, LetterState
from common.models import AuditEntry
from notifications.models import Notification
from tests.factories.applications import DocumentFactory, DraftFactory, ReferenceLetterFactory
from tests.factories.labs import SectorFactory


def told(kind: str) -> list[str]:
    return sorted(Notification.objects.filter(kind=kind).values_list("address", flat=True))


def test_a_submission_has_a_number_a_version_and_a_hash_that_anybody_can_make(draft: Any, applicant: Any) -> None:
    actions.submit(draft, by=applicant)
    kept = draft.submissions.get()
    assert (draft.state, draft.number, draft.version) == (ApplicationState.SUBMITTED, 1, 1)
    assert draft.receipt_sha256 == hashlib.sha256(canonical(kept.content)).hexdigest() == kept.sha256
    assert kept.content["answers"]["title"] == draft.title
    assert told("application_submitted") == [applicant.email]
    entries = AuditEntry.objects.filter(subject_id=str(draft.pk), by_id=applicant.pk, after__state="submitted")
    assert entries.count() == 1


def test_submitting_twice_is_submitting_once(draft: Any, applicant: Any) -> None:
    actions.submit(draft, by=applicant)
    actions.submit(Application.objects.get(pk=draft.pk), by=applicant)
    assert draft.submissions.count() == 1
    assert told("application_submitted") == [applicant.email]


def test_numbers_have_no_gaps(draft: Any, applicant: Any, stranger: Any, call: Any) -> None:
    other = DraftFactory(applicant=stranger, call=call, ranked_labs=draft.ranked_labs)
    DocumentFactory(application=other)
    for number in range(2):
        ReferenceLetterFactory(application=other, email=f"other{number}@example.edu")
    actions.submit(draft, by=applicant)
    assert actions.submit(other, by=stranger).number == 2


def test_what_is_missing_is_refused_and_listed(draft: Any, applicant: Any) -> None:
    draft.documents.update(is_current=False)
    draft.letters.update(state=LetterState.CANCELLED)
    draft.title, draft.ranked_labs, draft.given_name, draft.family_name = "", [], "", ""
    draft.save()
    with pytest.raises(actions.Incomplete):
        actions.submit(draft, by=applicant)
    draft.refresh_from_db()
    assert draft.state == ApplicationState.DRAFT
    missing = [gap.section for gap in queries.gaps(draft)]
    assert missing == ["about", "research", "labs", "documents", "referees"]


def test_a_list_of_labs_that_no_longer_fits_is_named(draft: Any, other_call_lab: Any) -> None:
    draft.ranked_labs = [*draft.ranked_labs, other_call_lab.pk, 999_999]
    draft.call.max_choices = 1
    said = [gap.words for gap in queries.gaps(draft) if gap.section == "labs"]
    assert said == [
        "A lab in your list is no longer on offer: rank the labs again.",
        "Your list has more labs than this call allows.",
    ]


def test_a_doctorate_to_come_must_be_marked_as_expected(draft: Any) -> None:
    draft.phd_awarded_on = timezone.localdate() + timedelta(days=30)
    assert [gap.field for gap in queries.gaps(draft)] == ["is_phd_expected"]


def test_the_deadline_is_the_deadline(draft: Any, applicant: Any, call: Any) -> None:
    call.closes_at = timezone.now() - timedelta(minutes=3)
    call.save()
    with pytest.raises(actions.DeadlinePassed):
        actions.submit(Application.objects.get(pk=draft.pk), by=applicant)
    call.grace_minutes = 5
    call.save()
    actions.submit(Application.objects.get(pk=draft.pk), by=applicant)


def test_what_was_reopened_and_not_submitted_again_goes_back_to_what_stood(
    draft: Any, applicant: Any, call: Any, officer: Any
) -> None:
    sector = SectorFactory()
    draft.sectors.add(sector)
    title, first = draft.title, draft.documents.get()
    actions.submit(draft, by=applicant)
    actions.reopen(draft, by=applicant)
    actions.reopen(draft, by=applicant)
    draft.title, draft.ranked_labs = "Half a thought", []
    draft.save()
    draft.sectors.clear()
    Document.objects.filter(pk=first.pk).update(is_current=False)
    DocumentFactory(application=draft)
    call.closes_at = timezone.now() - timedelta(hours=1)
    call.save()
    actions.close_for_review(call, by=officer)
    draft.refresh_from_db()
    assert (draft.state, draft.version, draft.title) == (ApplicationState.SUBMITTED, 1, title)
    assert list(draft.sectors.all()) == [sector]
    assert draft.documents.get(is_current=True) == first
    assert AuditEntry.objects.filter(verb="applications.restored").count() == 1
    assert call.state == CallState.REVIEW


def test_a_draft_that_was_never_submitted_stays_one(draft: Any) -> None:
    actions.restore_last_version(draft, by=None)
    draft.refresh_from_db()
    assert draft.state == ApplicationState.DRAFT


def test_withdrawing_tells_the_referees_who_have_not_written(draft: Any, applicant: Any) -> None:
    actions.submit(draft, by=applicant)
    received = draft.letters.order_by("pk").first()
    actions.submit_letter(received, actions.Written("She is good."), by=None)
    with pytest.raises(ReasonMissing):
        actions.withdraw(draft, by=applicant, reason="  ")
    actions.withdraw(draft, by=applicant, reason="Another offer")
    actions.withdraw(draft, by=applicant, reason="Another offer")
    assert draft.state == ApplicationState.WITHDRAWN
    assert told("letter_cancelled") == ["professor1@example.edu"]
    assert told("application_withdrawn") == [applicant.email]
    assert set(draft.letters.values_list("state", flat=True)) == {LetterState.RECEIVED, LetterState.CANCELLED}


def test_receipts_of_every_version_are_genuine_and_others_are_not(draft: Any, applicant: Any) -> None:
    assert queries.receipt_of(draft) is None
    actions.submit(draft, by=applicant)
    first, number = draft.receipt_sha256, str(draft)
    actions.reopen(draft, by=applicant)
    draft.title = "Another title"
    draft.save()
    actions.submit(draft, by=applicant)
    latest = queries.receipt_behind(f" {number.upper()} ", draft.receipt_sha256)
    earlier = queries.receipt_behind(number, first)
    assert latest is not None
    assert (latest.version, latest.is_latest) == (2, True)
    assert earlier is not None
    assert (earlier.version, earlier.is_latest) == (1, False)
    for wrong, sha256 in (("x", first), ("x-y", first), (number[:-1] + "9", first), (number, "0" * 64)):
        assert queries.receipt_behind(wrong, sha256) is None
