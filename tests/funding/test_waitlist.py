"""The next of the waitlist: one click, once, and the match hears of it."""

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from fellowships import actions as fellowships
from fellowships.actions import Declining, Terms
from fellowships.models import Offer
from funding.actions import offers
from matching import actions as matching
from matching.models import ChoiceList, Group, MatchResult, PlaceChange, Reserve, Supplement, WaveOffer
from matching.queries import Vacancy, free_places, frozen, next_results, previews_of, waits_for_decision
from notifications.models import Notification
from tests.factories.applications import EligibleFactory
from tests.factories.fellowships import fund
from tests.factories.matching import MatchResultFactory, OpeningFactory, RankListFactory
from tests.funding.offering import at_once, sign


@pytest.fixture
def next_two(placed: Any, call_lab: Any) -> Any:
    """Two candidates whom the match placed nowhere, in the order of the lab's list; a third chose elsewhere."""
    rows = [EligibleFactory(call=call_lab.call, ranked_labs=[call_lab.pk]) for _number in range(2)]
    elsewhere = EligibleFactory(call=call_lab.call, ranked_labs=[call_lab.pk + 999])
    for row in (*rows, elsewhere):
        MatchResultFactory(run=placed.run, application=row, call_lab=None, choice=None)
    opening = OpeningFactory(call_lab=call_lab, seats=1)
    ranked = [elsewhere.pk, placed.application.pk, rows[1].pk, rows[0].pk]
    RankListFactory(
        opening=opening, ranked=ranked, state="certified", sha256="1" * 64, certified_by=placed.run.requested_by
    )
    freeze(placed.run)
    return [rows[1], rows[0]]


def freeze(run: Any) -> None:
    """Give the run the input that the rows stand for, as sealing does."""
    names = dict(run.results.values_list("application_id", "pseudonym"))
    run.instance = frozen(run.call, "0", names).canonical()
    run.instance_sha256 = hashlib.sha256(run.instance.encode()).hexdigest()
    run.save()


@pytest.fixture
def better(placed: Any, next_two: Any, call_lab: Any, other_call_lab: Any) -> Any:
    """The first of the two holds a place in another lab, which she likes less; the second holds none."""
    first = next_two[0]
    OpeningFactory(call_lab=other_call_lab, seats=1)
    opening = other_call_lab.opening
    RankListFactory(
        opening=opening, ranked=[first.pk], state="certified", sha256="2" * 64, certified_by=placed.run.requested_by
    )
    first.ranked_labs = [call_lab.pk, other_call_lab.pk]
    first.save()
    result = first.match_results.get()
    result.call_lab, result.choice = other_call_lab, 2
    result.save()
    freeze(placed.run)
    return result


def test_next_of_the_waitlist_by_one_click(
    placed: Any, next_two: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any, client_of: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    with pytest.raises(fellowships.NotNext):
        offers.offer_next(first, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    client = client_of(officer)
    assert next_two[0].name in client.get(reverse("funding:offers")).content.decode()
    assert client.post(reverse("funding:offer_next", args=[first.key])).status_code == 302
    second = Offer.objects.get(replaces=first)
    assert (second.application, second.salary_krw_a_year) == (next_two[0], 90_000_000)
    assert client.post(reverse("funding:offer_next", args=[first.key])).status_code == 409
    offers.decline(second, by=second.application.applicant, why=Declining("pay"))
    third = offers.offer_next(second, by=officer)
    assert third.application == next_two[1]
    offers.decline(third, by=third.application.applicant, why=Declining("lab"))
    with pytest.raises(fellowships.NotNext):
        offers.offer_next(third, by=officer)
    assert "Nobody is left" in client.get(reverse("funding:offers")).content.decode()


def test_the_match_hears_of_every_answer(
    placed: Any, next_two: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    placed.refresh_from_db()
    assert (placed.call_lab, placed.vacated_at is not None) == (None, True)
    assert waits_for_decision(placed.run)
    second = offers.offer_next(first, by=officer)
    result = MatchResult.objects.get(application=next_two[0])
    assert (result.call_lab, result.choice, result.is_fixed) == (call_lab, 1, False)
    assert not waits_for_decision(placed.run)
    assert free_places(placed.run) == []
    sign(second)
    result.refresh_from_db()
    assert result.is_fixed
    changes = PlaceChange.objects.values_list("result", "left", "took", "reason")
    assert list(changes) == [
        (placed.pk, call_lab.pk, None, "declined"),
        (result.pk, None, call_lab.pk, "next on the waitlist"),
    ]


def test_a_withdrawn_offers_place_goes_with_the_next_offer(
    placed: Any, next_two: Any, terms: Terms, officer: Any, second_officer: Any, call_lab: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    fellowships.ask_withdrawal(first, by=officer, note="A wrong term.")
    offers.withdraw(first, by=second_officer)
    placed.refresh_from_db()
    assert placed.call_lab == call_lab
    offers.offer_next(first, by=officer)
    placed.refresh_from_db()
    assert (placed.call_lab, placed.vacated_at is not None) == (None, True)


def test_a_place_that_a_filling_took_is_not_offered_again(
    placed: Any, next_two: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any, client_of: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    desk = reverse("funding:offers")
    assert "Places that are free again" in client_of(officer).get(desk).content.decode()
    matching.take_place(next_two[1].match_results.get(), call_lab, by=officer, reason="a filling")
    assert "Places that are free again" not in client_of(officer).get(desk).content.decode()
    with pytest.raises(fellowships.NotNext):
        offers.offer_next(first, by=officer)
    with pytest.raises(matching.NoPlace):
        matching.take_place(next_two[0].match_results.get(), call_lab, by=officer, reason="the same place")
    assert Offer.objects.count() == 1


def test_a_seat_on_offer_in_a_wave_is_not_free(
    placed: Any, next_two: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    now = timezone.now()
    found = Supplement.objects.create(run=placed.run, wishes_due_at=now, first_wave_at=now, opened_by=officer)
    WaveOffer.objects.create(
        supplement=found, wave=1, result=next_two[1].match_results.get(), call_lab=call_lab, closes_at=now
    )
    with pytest.raises(fellowships.NotNext):
        offers.offer_next(first, by=officer)
    with pytest.raises(matching.NoPlace):
        matching.take_place(next_two[0].match_results.get(), call_lab, by=officer, reason="the same seat")
    assert Offer.objects.count() == 1


def test_a_better_ranked_candidate_in_a_worse_place_is_next(
    placed: Any, next_two: Any, better: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any,
    other_call_lab: Any, other_lab_head: Any, client_of: Any,
) -> None:  # fmt: skip
    """The waitlist and the match's own filling name the same person, and the page says what she leaves."""
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    shown = previews_of(placed.run)[0]
    assert [(each.result, each.took) for each in shown.moved] == [(better, call_lab)]
    client = client_of(officer)
    page = client.get(reverse("funding:offer", args=[first.key])).content.decode()
    assert f"{next_two[0].name} holds a place in {other_call_lab.lab} now, her choice number 2." in page
    assert client.post(reverse("funding:offer_next", args=[first.key])).status_code == 302
    assert Offer.objects.get(replaces=first).application == next_two[0]
    better.refresh_from_db()
    assert (better.call_lab, better.choice) == (call_lab, 1)
    assert [(row[0].call_lab, row[2]) for row in free_places(placed.run)] == [(other_call_lab, 1)]
    assert waits_for_decision(placed.run)
    change = PlaceChange.objects.latest("pk")
    assert (change.left, change.took) == (other_call_lab, call_lab)
    told = Notification.objects.filter(kind="match_lab_changed")
    assert list(told.values_list("to", flat=True)) == [other_lab_head.pk]


def test_who_accepted_elsewhere_is_passed_over(
    placed: Any, next_two: Any, better: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    matching.fix_place(better, by=officer)
    assert offers.offer_next(first, by=officer).application == next_two[1]
    with pytest.raises(matching.NoPlace):
        matching.take_place(better, call_lab, by=officer, reason="she stays")


def test_an_offer_that_waits_for_her_answer_comes_first(
    placed: Any, next_two: Any, better: Any, terms: Terms, officer: Any, second_officer: Any, applicant: Any,
    call_lab: Any, other_call_lab: Any, client_of: Any,
) -> None:  # fmt: skip
    for row in (call_lab, other_call_lab):
        fund(row.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    standing = offers.offer(next_two[0], other_call_lab, terms, by=officer)
    page = client_of(officer).get(reverse("funding:offer", args=[first.key])).content.decode()
    assert f"An offer of {other_call_lab.lab} waits for the answer of {next_two[0].name}." in page
    assert "Offer the place to the next" not in page
    with pytest.raises(fellowships.HasOffer):
        offers.offer_next(first, by=officer)
    fellowships.ask_withdrawal(standing, by=officer, note="A place that she likes more is free.")
    offers.withdraw(standing, by=second_officer)
    assert offers.offer_next(first, by=officer).application == next_two[0]


def test_nobody_leaves_a_better_place_for_a_worse_one(
    placed: Any, next_two: Any, better: Any, officer: Any, call_lab: Any, other_call_lab: Any
) -> None:
    type(placed).objects.filter(pk=placed.pk).update(call_lab=None, choice=None, vacated_at=timezone.now())
    type(better).objects.filter(pk=better.pk).update(call_lab=call_lab, choice=1)
    with pytest.raises(matching.NoPlace):
        matching.take_place(better, other_call_lab, by=officer, reason="worse")
    assert next_results(placed.run.call, [Vacancy(other_call_lab.pk, placed.application_id)]) == {}


def test_a_reserved_seat_goes_to_the_next_of_its_group(
    placed: Any, next_two: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any
) -> None:
    """As a filling has it: the lower-ranked one belongs to the group for which the only seat is reserved."""
    abroad = [{"fact": "residence", "is_among": False, "values": ["KR"], "question": ""}]
    group = Group.objects.create(
        call=call_lab.call, code="overseas", name_en="Abroad", name_ko="해외", conditions=abroad
    )
    Reserve.objects.create(opening=call_lab.opening, group=group, seats=1)
    for row, country in zip(next_two, ("KR", "US"), strict=True):
        row.residence = country
        row.save()
    freeze(placed.run)
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    assert [each.result.application for each in previews_of(placed.run)[0].moved] == [next_two[1]]
    assert offers.offer_next(first, by=officer).application == next_two[1]


def test_her_choice_counts_in_the_order_that_stands(
    placed: Any, next_two: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any, client_of: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    ChoiceList.objects.create(application=next_two[0], ranked=[call_lab.pk + 999, call_lab.pk])
    result = next_two[0].match_results.get()
    result.explanation = {"refusals": [{"choice": choice, "code": "full"} for choice in (1, 2)]}
    result.save()
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    offers.offer_next(first, by=officer)
    result.refresh_from_db()
    assert (result.choice, [row["choice"] for row in result.explanation["refusals"]]) == (2, [1])


def test_each_reads_what_became_of_her_place(
    placed: Any, next_two: Any, terms: Terms, officer: Any, second_officer: Any, applicant: Any, call_lab: Any,
    client_of: Any,
) -> None:  # fmt: skip
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    fellowships.ask_withdrawal(first, by=officer, note="A wrong term.")
    offers.withdraw(first, by=second_officer)
    offers.offer_next(first, by=officer)
    hers = client_of(applicant).get(reverse("matching:result", args=[placed.application.key])).content.decode()
    assert "your place ended" in hers
    assert "You hold no place any more" in hers
    following = next_two[0]
    page = client_of(following.applicant).get(reverse("matching:result", args=[following.key])).content.decode()
    assert "you were next on its waitlist" in page
    assert "You are placed in" in page


def test_who_is_not_next_gets_no_offer(
    placed: Any, next_two: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    with pytest.raises(fellowships.NotNext):
        offers.offer(next_two[1], call_lab, terms, by=officer, replaces=first)


@pytest.mark.django_db(transaction=True)
def test_two_officers_offer_a_free_place_once(
    placed: Any, next_two: Any, terms: Terms, officer: Any, second_officer: Any, applicant: Any, call_lab: Any
) -> None:
    with transaction.atomic():
        fund(call_lab.lab, 2027, 400_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    other = Offer.objects.get(pk=first.pk)
    came = at_once(
        lambda: offers.offer_next(first, by=officer).pk, lambda: offers.offer_next(other, by=second_officer).pk
    )
    assert came.count(fellowships.NotNext) == 1
    assert Offer.objects.filter(replaces=first).count() == 1


def test_terms_for_the_next_lie_ahead(sent: Any) -> None:
    with time_machine.travel("2027-02-10T03:00Z"):
        terms = offers.terms_for_next(sent)
        assert terms.deadline_at > timezone.now() + timedelta(days=2)
    assert terms.starts_on == date(2027, 3, 1)
    assert terms.ends_on == date(2028, 2, 29)
