"""Reviews: declared first, kept and submitted once, reopened with a reason; what labs and fellow reviewers read."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone, translation

from applications.models import Application, Call
from applications.states import ApplicationState, CallState
from common.models import AuditEntry
from common.refusals import IllegalMove, OutOfDate
from notifications.models import Notification
from people.states import Role
from reviews import actions, queries
from reviews.models import Conflict, Criterion, Review
from reviews.states import ConflictKind, ReviewState
from tests.factories.applications import DocumentFactory, EligibleFactory, ReferenceLetterFactory
from tests.factories.labs import LabMemberFactory
from tests.factories.people import holder
from tests.factories.reviews import ConflictFactory, CriterionFactory, ReviewFactory


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def eligible(application: Any) -> Any:
    Application.objects.update(state=ApplicationState.ELIGIBLE)
    return Application.objects.get(pk=application.pk)


@pytest.fixture
def criteria(call: Any) -> list[Any]:
    return [CriterionFactory(call=call, weight=3, most=5), CriterionFactory(call=call, weight=1, most=10)]


@pytest.fixture
def review(eligible: Any, reviewer: Any, officer: Any, criteria: Any) -> Any:
    return actions.assign_reviewer(eligible, reviewer, by=officer)


def page(name: str, row: Any, **more: str) -> str:
    return reverse(f"reviews:{name}", kwargs={"key": row.key, **more})


def told(kind: str) -> list[str]:
    return sorted(Notification.objects.filter(kind=kind).values_list("address", flat=True))


def points(criteria: list[Any], *given: int) -> dict[str, int]:
    return {f"c{row.pk}": number for row, number in zip(criteria, given, strict=False)}


def test_nothing_is_read_before_she_says_that_she_has_no_interest(
    client_of: Any, reviewer: Any, review: Any, criteria: Any
) -> None:
    DocumentFactory(application=review.application, name="cv.pdf")
    signed = client_of(reviewer)
    first = signed.get(page("review", review))
    assert review.application.title.encode() not in first.content
    document = review.application.documents.get()
    type(review.application.call).objects.update(reads_texts=False)
    assert signed.get(page("paper", review, document=document.key)).status_code == 403
    assert signed.post(page("write", review), {"version": 0}).status_code == 403
    assert signed.post(page("declare", review), {}).status_code == 422
    assert signed.post(page("declare", review), {"has_conflict": "yes"}).status_code == 422
    assert signed.post(page("declare", review), {"has_conflict": "no"})["Location"] == page("review", review)
    assert review.application.title.encode() in signed.get(page("review", review)).content
    served = signed.get(page("paper", review, document=document.key))
    assert served["Cache-Control"] == "private, no-store"
    assert served["Content-Type"] == "application/pdf"
    assert b"".join(served.streaming_content).startswith(b"%PDF")


def test_a_conflict_takes_the_application_away_and_tells_who_asked(
    client_of: Any, reviewer: Any, review: Any, officer: Any
) -> None:
    signed = client_of(reviewer)
    data = {"has_conflict": "yes", "kind": ConflictKind.COAUTHOR, "note": "2024"}
    assert signed.post(page("declare", review), data)["Location"] == reverse("reviews:queue")
    assert signed.get(page("review", review)).status_code == 404
    assert list(queries.queue_of(reviewer)) == []
    assert told("review_conflict") == [officer.email]
    again = Review.objects.get()
    assert actions.declare_conflict(again, ConflictKind.COAUTHOR, by=reviewer).state == ReviewState.CONFLICTED
    assert Conflict.objects.count() == 1
    with pytest.raises(IllegalMove):
        actions.declare_no_conflict(again, by=reviewer)


def test_a_review_is_kept_submitted_once_and_counted(client_of: Any, reviewer: Any, review: Any, criteria: Any) -> None:
    actions.declare_no_conflict(review, by=reviewer)
    actions.declare_no_conflict(review, by=reviewer)
    signed = client_of(reviewer)
    version = signed.get(page("review", review)).context["form"]["version"].value()
    kept = signed.post(
        page("autosave", review), {"version": version, "comment": "So far", **points(criteria, 4)}
    ).json()
    assert kept["words"] == "Saved"
    stale = signed.post(page("autosave", review), {"version": version, "comment": "From another tab"})
    assert stale.status_code == 409
    assert signed.post(page("autosave", review), {"comment": "no version"}).status_code == 422
    lacking = signed.post(page("write", review), {"version": kept["version"], "submit": "1", **points(criteria, 4)})
    assert lacking.status_code == 409
    assert b"Give points for every criterion" in lacking.content
    data = {"version": kept["version"], "comment": "Good", "submit": "1", **points(criteria, 4, 10)}
    for _twice in range(2):
        assert signed.post(page("write", review), data).status_code == 302
    review.refresh_from_db()
    assert (review.state, review.total) == (ReviewState.SUBMITTED, Decimal("85.00"))
    assert AuditEntry.objects.filter(verb="reviews.scored").count() == 1
    assert queries.scores_of([review.application])[review.application_id].mean == Decimal("85.00")
    assert signed.get(page("review", review)).status_code == 200
    late = signed.post(page("autosave", review), {"version": kept["version"], "comment": "After"})
    assert late.status_code == 422


def test_a_draft_is_saved_on_the_page(client_of: Any, reviewer: Any, review: Any, criteria: Any) -> None:
    actions.declare_no_conflict(review, by=reviewer)
    signed = client_of(reviewer)
    assert signed.post(page("write", review), {"version": 0, "comment": "x"}).status_code == 302
    assert signed.post(page("write", review), {"version": "x"}).status_code == 422
    assert signed.post(page("write", review), {"version": 1, "comment": "old page"}).status_code == 409


def test_a_submitted_review_reopens_with_a_reason_and_does_not_count_meanwhile(
    client_of: Any, reviewer: Any, review: Any, criteria: Any
) -> None:
    actions.declare_no_conflict(review, by=reviewer)
    given = {row.pk: 3 for row in criteria}
    actions.submit_review(review, given, "Good", version=0, by=reviewer)
    signed = client_of(reviewer)
    assert signed.post(page("reopen", review), {"reason": ""}).status_code == 422
    assert signed.post(page("reopen", review), {"reason": "I misread a date"}).status_code == 302
    assert queries.scores_of([review.application]) == {}
    with pytest.raises(actions.NeedsReason):
        actions.reopen_review(Review.objects.get(), by=reviewer, reason=" ")
    wrong = {criteria[0].pk: 6}
    row = Review.objects.get()
    with pytest.raises(actions.NeedsScores):
        actions.save_review(row, wrong, "", version=actions.version_of(row), by=reviewer)


def test_after_the_rank_lists_are_due_nothing_changes(reviewer: Any, review: Any) -> None:
    actions.declare_no_conflict(review, by=reviewer)
    Call.objects.update(ranks_due_at=timezone.now() - timedelta(minutes=1))
    row = Review.objects.select_related("application__call").get()
    for gesture in (
        lambda: actions.save_review(row, {}, "", version=0, by=reviewer),
        lambda: actions.reopen_review(row, by=reviewer, reason="x"),
    ):
        with pytest.raises(actions.ReviewsClosed):
            gesture()


def test_another_reviewers_words_come_without_her_name_and_after_ones_own(
    client_of: Any, reviewer: Any, second_reviewer: Any, review: Any, criteria: Any, officer: Any
) -> None:
    other = actions.assign_reviewer(review.application, second_reviewer, by=officer)
    for row, person, comment in ((review, reviewer, "Mine"), (other, second_reviewer, "Hers is fine")):
        actions.declare_no_conflict(row, by=person)
        if row is other:
            shown = client_of(reviewer).get(page("review", review)).content
            assert b"Hers is fine" not in shown
        actions.submit_review(row, {each.pk: 4 for each in criteria}, comment, version=0, by=person)
    shown = client_of(reviewer).get(page("review", review)).content
    assert b"Hers is fine" in shown
    assert second_reviewer.name.encode() not in shown


def test_letters_are_read_in_the_review_and_not_by_a_stranger(
    client_of: Any, reviewer: Any, stranger: Any, review: Any
) -> None:
    letter = ReferenceLetterFactory(
        application=review.application, state="received", file=ContentFile(b"%PDF-1.7\n", name="letter.pdf")
    )
    actions.declare_no_conflict(review, by=reviewer)
    served = client_of(reviewer).get(page("letter", review, letter=letter.key))
    assert b"".join(served.streaming_content) == b"%PDF-1.7\n"
    assert client_of(reviewer).get(page("letter", review, letter="zzzz")).status_code == 404
    assert client_of(stranger).get(page("review", review)).status_code == 404
    assert client_of(stranger).get(reverse("reviews:queue")).status_code == 403


def test_her_queue_is_by_due_date_and_costs_the_same_for_one_and_three(
    client_of: Any, reviewer: Any, review: Any, django_assert_num_queries: Any
) -> None:
    signed, url = client_of(reviewer), reverse("reviews:queue")
    with django_assert_num_queries(5) as counted:
        assert signed.get(url).context["count"] == 1
    ReviewFactory.create_batch(2, reviewer=reviewer)
    with django_assert_num_queries(len(counted)):
        assert signed.get(url, {"show": "all", "sort": "number"}).context["count"] == 3
    assert [item.count for item in queries.desk_items(reviewer)] == [3]


def test_who_cannot_be_asked(eligible: Any, reviewer: Any, officer: Any, review: Any) -> None:
    with pytest.raises(actions.AlreadyAssigned):
        actions.assign_reviewer(eligible, reviewer, by=officer)
    with pytest.raises(actions.NotAssignable, match="own application"):
        actions.assign_reviewer(eligible, eligible.applicant, by=officer)
    declared = ConflictFactory(application=eligible).person
    with pytest.raises(actions.NotAssignable, match="conflict"):
        actions.assign_reviewer(eligible, declared, by=officer)
    Application.objects.update(state=ApplicationState.INELIGIBLE)
    with pytest.raises(actions.NotAssignable, match="Only eligible"):
        actions.assign_reviewer(Application.objects.get(pk=eligible.pk), holder(Role.REVIEWER), by=officer)


def test_referees_and_colleagues_are_not_proposed(eligible: Any, lab: Any) -> None:
    Application.objects.update(phd_institution="KAIST, School of Computing", current_position="Postdoc, Example Univ.")
    colleague, referee, free = holder(Role.REVIEWER), holder(Role.REVIEWER), holder(Role.REVIEWER)
    LabMemberFactory(lab=lab, user=colleague)
    elsewhere = holder(Role.REVIEWER)
    LabMemberFactory(user=elsewhere, home_institution="Example")
    ReferenceLetterFactory(application=eligible, email=referee.email.upper())
    found = queries.reviewers_for(Application.objects.get(pk=eligible.pk))
    assert found == [free]


def test_the_proposal_is_even_signed_and_assigned_as_it_was_seen(
    client_of: Any, officer: Any, eligible: Any, call_lab: Any, criteria: Any
) -> None:
    call = eligible.call
    for _more in range(5):
        EligibleFactory(call=call, ranked_labs=[call_lab.pk])
    people = [holder(Role.REVIEWER) for _number in range(4)]
    proposed = queries.proposal_for(call)
    assert len(proposed.pairs) == 12
    assert sorted(after for _person, _new, after in proposed.loads) == [3, 3, 3, 3]
    signed, url = client_of(officer), page("proposal", call)
    seen = signed.get(url).context["fresh"]["seen"].value()
    assert signed.post(url, {"seen": "forged"}).status_code == 422
    assert signed.post(url, {"seen": seen}).status_code == 302
    assert Review.objects.count() == 12
    assert told("review_assigned") == sorted(person.email for person in people)
    assert signed.post(url, {"seen": seen}).status_code == 409
    assert Review.objects.count() == 12
    assert queries.proposal_for(call).pairs == []


def test_a_proposal_that_no_longer_holds_assigns_nothing(officer: Any, eligible: Any, reviewer: Any) -> None:
    pairs = [(eligible.pk, reviewer.pk)]
    Application.objects.update(state=ApplicationState.INELIGIBLE)
    with pytest.raises(OutOfDate):
        actions.assign_reviewers(eligible.call, pairs, by=officer)
    Application.objects.update(state=ApplicationState.ELIGIBLE)
    with pytest.raises(OutOfDate):
        actions.assign_reviewers(eligible.call, [(eligible.pk, eligible.applicant_id)], by=officer)
    assert len(actions.assign_reviewers(eligible.call, by=officer)) == 1


def test_without_reviewers_everybody_stays_short(eligible: Any) -> None:
    assert queries.proposal_for(eligible.call).short == [(eligible, 2)]


def test_the_officers_pages_find_assign_and_take_back(
    client_of: Any, officer: Any, reviewer: Any, second_reviewer: Any, review: Any
) -> None:
    signed, row = client_of(officer), review.application
    url = page("assignment", row.call)
    for asked in (
        {},
        {"q": row.family_name},
        {"q": str(row)},
        {"show": "short"},
        {"show": "waiting", "sort": "-reviews"},
    ):
        assert [found.pk for found in signed.get(url, asked).context["page"].rows] == [row.pk]
    assert signed.get(url, {"show": "conflict"}).context["count"] == 0
    lines = b"".join(signed.get(url, {"export": "csv"}).streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert signed.get(page("application", row)).status_code == 200
    assert signed.post(page("assign", row), {"reviewer": reviewer.pk}).status_code == 422
    assert signed.post(page("assign", row), {"reviewer": second_reviewer.pk}).status_code == 302
    assert signed.post(page("take_back", review), {"reason": "enough"}).status_code == 302
    review.refresh_from_db()
    assert review.state == ReviewState.CANCELLED
    assert told("review_taken_back") == [reviewer.email]
    assert [item.count for item in queries.desk_items(officer)] == [1]
    assert signed.get(reverse("reviews:calls")).status_code == 200


def test_an_officer_of_another_institute_does_not_find_her(
    client_of: Any, other_officer: Any, auditor: Any, review: Any
) -> None:
    row = review.application
    for person in (other_officer, auditor):
        shown = client_of(person).get(page("assignment", row.call))
        assert shown.status_code == 200
        assert row.family_name.encode() not in shown.content
        assert client_of(person).get(page("application", row)).status_code in {403, 404}


def test_criteria_change_until_the_first_score(client_of: Any, officer: Any, call: Any, reviewer: Any) -> None:
    signed, url = client_of(officer), page("criteria", call)
    assert signed.post(url, {"defaults": "1"}).status_code == 302
    first, *rest = queries.criteria_of(call)
    assert [row.code for row in (first, *rest)] == [row["code"] for row in actions.DEFAULT_CRITERIA]
    assert len(actions.set_default_criteria(call, by=officer)) == 3
    fields = ("name_en", "name_ko", "help_en", "help_ko", "weight", "most")
    data: dict[str, Any] = {"form-TOTAL_FORMS": 4, "form-INITIAL_FORMS": 3}
    for number, row in enumerate((first, *rest)):
        data |= {f"form-{number}-{name}": getattr(row, name) for name in fields} | {f"form-{number}-id": row.pk}
    data |= {"form-2-DELETE": "on", "form-0-weight": 60}
    data |= {"form-3-name_en": "Team", "form-3-name_ko": "협업", "form-3-weight": 10, "form-3-most": 4}
    assert signed.post(url, {**data, "form-3-most": 50}).status_code == 422
    assert signed.post(url, data).status_code == 302
    assert [(row.name_en, row.weight) for row in queries.criteria_of(call)] == [
        (first.name_en, 60), (rest[0].name_en, rest[0].weight), ("Team", 10),
    ]  # fmt: skip
    row = ReviewFactory(application=EligibleFactory(call=call), reviewer=reviewer, state=ReviewState.OPEN)
    actions.save_review(row, {first.pk: 3}, "", version=0, by=reviewer)
    with pytest.raises(actions.CriteriaInUse):
        actions.save_criteria(call, list(Criterion.objects.all()), by=officer)


def test_an_interest_declared_unasked_ends_her_review(reviewer: Any, review: Any, auditor: Any, client_of: Any) -> None:
    for _twice in range(2):
        actions.declare_interest(review.application, ConflictKind.FAMILY, "cousin", by=reviewer)
    review.refresh_from_db()
    assert review.state == ReviewState.CONFLICTED
    assert queries.has_conflict(reviewer, review.application)
    assert queries.conflicted_applications(reviewer) == {review.application_id}
    shown = client_of(auditor).get(reverse("reviews:conflicts"))
    assert shown.context["count"] == 1


def test_a_finished_call_takes_no_declaration(reviewer: Any, review: Any) -> None:
    Call.objects.update(state=CallState.FINISHED)
    with pytest.raises(actions.ReviewsClosed):
        actions.declare_no_conflict(Review.objects.select_related("application__call").get(), by=reviewer)
