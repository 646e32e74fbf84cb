"""Yearly reviews: opened in time, written by the head, decided by an officer, renewed by a change."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.db.utils import IntegrityError
from django.urls import reverse

from common.refusals import Refusal, SamePersonTwice
from fellowships import actions
from fellowships.models import Amendment, YearlyReview
from fellowships.states import Recommendation
from fellowships.tasks import remind
from notifications.models import Notification
from people.models import RoleGrant

RENEW, END = Recommendation.RENEW, Recommendation.END


@pytest.fixture(autouse=True)
def _in_may() -> Any:
    """The appointment runs from 1 July 2026 to 30 June 2027; it is 10 May 2027."""
    with time_machine.travel("2027-05-10T03:00Z"):
        yield


@pytest.fixture
def review(appointment: Any, lab_head: Any) -> YearlyReview:
    remind()
    return YearlyReview.objects.get()


@pytest.mark.parametrize(
    ("day", "years"),
    [("2026-07-01", []), ("2027-03-31", []), ("2027-04-01", [1]), ("2027-06-30", [1])],
)
def test_opens_three_months_before_the_year_ends(appointment: Any, lab_head: Any, day: str, years: list[int]) -> None:
    RoleGrant.objects.update(starts_on=date(2026, 1, 1))
    with time_machine.travel(f"{day}T03:00Z"):
        remind()
        remind()
    assert list(YearlyReview.objects.values_list("year", flat=True)) == years
    assert Notification.objects.filter(kind="review_due", to=lab_head).count() == len(years)


def test_head_recommends_officer_decides_another_approves(review: Any, lab_head: Any, officer: Any) -> None:
    with pytest.raises(actions.NotRecommended):
        actions.decide_review(review, by=officer, renews=True)
    with pytest.raises(Refusal, match="Write the review"):
        actions.recommend(review, RENEW, " ", by=lab_head)
    with pytest.raises(SamePersonTwice):
        actions.recommend(review, RENEW, "I am good.", by=review.appointment.fellow)
    actions.recommend(review, RENEW, "Two papers, and a third under way.", by=lab_head)
    assert Notification.objects.get(kind="review_written").to == officer
    with pytest.raises(SamePersonTwice):
        actions.decide_review(review, by=lab_head, renews=True)
    actions.decide_review(review, by=officer, renews=True)
    asked = Amendment.objects.get()
    assert (asked.kind, asked.until_on, asked.asked_by) == ("extension", date(2028, 6, 30), officer)
    assert review.extension_id == asked.pk
    assert Notification.objects.get(kind="review_decided").to == review.appointment.fellow
    with pytest.raises(actions.ReviewDecided):
        actions.recommend(review, END, "No.", by=lab_head)
    with pytest.raises(actions.ReviewDecided):
        actions.decide_review(review, by=officer, renews=True)


def test_deciding_otherwise_takes_words(review: Any, lab_head: Any, officer: Any) -> None:
    actions.recommend(review, RENEW, "Good.", by=lab_head)
    with pytest.raises(Refusal, match="against the recommendation"):
        actions.decide_review(review, by=officer, renews=False)
    actions.decide_review(review, by=officer, renews=False, note="The lab closes.")
    assert not Amendment.objects.exists()


def test_long_term_is_reviewed_without_an_extension(appointment: Any, lab_head: Any, officer: Any) -> None:
    type(appointment).objects.filter(pk=appointment.pk).update(ends_on=date(2028, 12, 31))
    remind()
    review = YearlyReview.objects.get()
    actions.recommend(review, RENEW, "Good.", by=lab_head)
    assert actions.decide_review(review, by=officer, renews=True).extension_id is None


def test_database_lets_nobody_review_alone(review: Any, lab_head: Any) -> None:
    with pytest.raises(IntegrityError, match="yearly_review_takes_two_people"), transaction.atomic():
        YearlyReview.objects.filter(pk=review.pk).update(
            recommendation="renew", recommended_by=lab_head, decided_by=lab_head, is_renewed=True
        )


def test_pages_of_head_officer_and_fellow(
    review: Any, lab_head: Any, officer: Any, fellow: Any, client_of: Any
) -> None:
    address = reverse("fellowships:review", args=[review.key])
    head, theirs, hers = client_of(lab_head), client_of(officer), client_of(fellow)
    assert fellow.full_name in head.get(reverse("fellowships:reviews")).content.decode()
    assert hers.get(address).status_code == 404
    assert head.post(address, {"recommendation": "renew"}).status_code == 422
    assert head.post(address, {"recommendation": "renew", "words": "Good."}).status_code == 302
    assert theirs.post(address, {"verb": "end", "months": "12"}).status_code == 409
    assert theirs.post(address, {"verb": "renew", "months": "6"}).status_code == 302
    assert Amendment.objects.get().until_on == date(2027, 12, 31)
    assert "Good." in hers.get(address).content.decode()
    assert "Year 1" in hers.get(reverse("fellowships:appointment", args=[review.appointment.key])).content.decode()


def test_nobody_else_reads_a_review(
    review: Any, stranger: Any, other_officer: Any, other_lab_head: Any, finance_officer: Any, client_of: Any
) -> None:
    address = reverse("fellowships:review", args=[review.key])
    for person in (stranger, other_officer, other_lab_head, finance_officer):
        assert client_of(person).get(address).status_code == 404
    assert client_of(stranger).get(reverse("fellowships:reviews")).status_code == 403


def test_list_costs_little(review: Any, lab_head: Any, client_of: Any, django_assert_num_queries: Any) -> None:
    client = client_of(lab_head)
    with django_assert_num_queries(5):
        assert client.get(reverse("fellowships:reviews")).status_code == 200
