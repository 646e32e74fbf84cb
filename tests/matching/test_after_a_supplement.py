"""After a supplementary round: nobody's place is given twice, and who came by it keeps hers in every filling."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from applications.actions import withdraw
from common.refusals import Refusal
from matching import actions, queries, tasks, verifier
from matching.models import Group, MatchResult, MatchRun, Opening, Supplement, SupplementList, WaveOffer
from matching.queries.supplement import turns
from matching.states import RefillKind
from people.states import Role
from tests.factories.applications import CallLabFactory, EligibleFactory
from tests.factories.labs import LabFactory
from tests.factories.people import holder
from tests.matching.helpers import certify, seal

WAYS = [str(kind) for kind in RefillKind]


@pytest.fixture
def published(
    people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, lab_head: Any, other_lab_head: Any, officer: Any,
    second_officer: Any,
) -> MatchRun:  # fmt: skip
    """The first lab ranks 0 and 2, and 0 is placed there; the other one ranked nobody, so its seat is free."""
    certify(call_lab, [people[0].pk, people[2].pk], lab_head)
    certify(other_call_lab, [], other_lab_head)
    return publish(reviewed, officer, second_officer)


def publish(call: Any, officer: Any, second_officer: Any) -> MatchRun:
    run = actions.request_run(seal(call, officer, second_officer), by=officer)
    tasks.solve(run.pk)
    run.refresh_from_db()
    actions.confirm_run(run, by=second_officer)
    return actions.publish_run(run, by=officer)


def opened(run: MatchRun, by: Any) -> Supplement:
    now = timezone.now()
    return Supplement.objects.create(run=run, wishes_due_at=now, first_wave_at=now, opened_by=by)


def on_offer(run: MatchRun, person: Any, call_lab: Any, by: Any) -> WaveOffer:
    found = Supplement.objects.filter(run=run).first() or opened(run, by)
    result = MatchResult.objects.get(run=run, application=person)
    closes_at = timezone.now() + timedelta(hours=1)
    return WaveOffer.objects.create(supplement=found, wave=1, result=result, call_lab=call_lab, closes_at=closes_at)


def placed_of(person: Any) -> int | None:
    return MatchResult.objects.get(application=person).call_lab_id


@transaction.atomic
def put(result: MatchResult, call_lab: Any) -> None:
    """Past every action, as the database sees it when the transaction ends."""
    MatchResult.objects.filter(pk=result.pk).update(call_lab=call_lab, choice=1)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize("accepts_offer", [False, True])
def test_who_came_by_a_round_stays_in_every_filling(
    published: MatchRun, people: Any, call_lab: Any, other_call_lab: Any, officer: Any, kind: str, accepts_offer: bool
) -> None:
    first, second, third = people
    offer = on_offer(published, second, other_call_lab, officer)
    actions.answer_wave_offer(offer, accepts=True, by=second.applicant)
    if accepts_offer:
        actions.fix_place(MatchResult.objects.get(application=second), by=officer)
    withdraw(first, by=first.applicant, reason="another position")
    tasks.vacate_withdrawn()
    shown = {each.kind: each for each in queries.previews_of(published)}[kind]
    assert shown.problem == ""
    assert [each.result.application for each in shown.moved] == [third]
    made = actions.decide_refill(published, kind, shown.outcome_sha256, by=officer)
    assert [placed_of(row) for row in people] == [None, other_call_lab.pk, call_lab.pk]
    assert verifier.violations(made.instance.encode(), made.outcome.encode()) == []
    name = MatchResult.objects.get(application=second).pseudonym
    assert f'["{name}","l2"]' in made.outcome


def test_a_preview_is_the_same_before_and_after_the_place_is_free(
    people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, lab_head: Any, other_lab_head: Any, officer: Any,
    second_officer: Any,
) -> None:  # fmt: skip
    """Who withdrew sits nowhere: the one who stays moves up to the open seat, and the reserved one is free."""
    type(people[1]).objects.filter(pk__in=[row.pk for row in people[1:]]).update(residence="US")
    type(people[0]).objects.filter(pk=people[0].pk).update(residence="KR")
    abroad = [{"fact": "residence", "is_among": False, "values": ["KR"], "question": ""}]
    group = Group(code="overseas", name_en="Abroad", name_ko="해외", conditions=abroad)
    actions.save_group(reviewed, group, by=officer)
    wanted = actions.Seats(2, None, "open_first", (("overseas", 1),))
    change = actions.ask_for_seats(Opening.objects.get(call_lab=call_lab), wanted, by=officer, reason="policy")
    actions.approve_change(change, by=second_officer)
    certify(call_lab, [row.pk for row in people], lab_head)
    certify(other_call_lab, [], other_lab_head)
    run = publish(reviewed, officer, second_officer)
    assert [placed_of(row) for row in people] == [call_lab.pk, call_lab.pk, None]
    actions.fix_place(MatchResult.objects.get(application=people[1]), by=officer)
    withdraw(people[0], by=people[0].applicant, reason="another position")
    shown = queries.previews_of(run)[0]
    actions.decide_refill(run, shown.kind, shown.outcome_sha256, by=officer)
    assert [placed_of(row) for row in people] == [None, call_lab.pk, call_lab.pk]


def test_a_seat_on_offer_is_not_given_by_a_filling(
    published: MatchRun, people: Any, call_lab: Any, other_call_lab: Any, officer: Any
) -> None:
    first, second, third = people
    actions.vacate(MatchResult.objects.get(application=first), by=officer, reason="declined")
    offer = on_offer(published, second, call_lab, officer)
    assert [each.moved for each in queries.previews_of(published)] == [[], [], []]
    assert [each[0].call_lab_id for each in queries.free_places(published)] == [call_lab.pk, other_call_lab.pk]
    assert set(queries.free_now(offer.supplement)) == {other_call_lab.pk}
    actions.answer_wave_offer(offer, accepts=False, by=second.applicant)
    shown = queries.previews_of(published)[0]
    elsewhere = on_offer(published, third, other_call_lab, officer)
    shown = queries.previews_of(published)[0]
    actions.decide_refill(published, shown.kind, shown.outcome_sha256, by=officer)
    assert placed_of(third) == call_lab.pk
    elsewhere.refresh_from_db()
    assert elsewhere.state == "lapsed"


def test_an_offer_of_a_seat_that_is_held_again_is_refused(
    published: MatchRun, people: Any, call_lab: Any, officer: Any
) -> None:
    offer = on_offer(published, people[1], call_lab, officer)
    with pytest.raises(actions.OfferOver, match="held again"):
        actions.answer_wave_offer(offer, accepts=True, by=people[1].applicant)
    assert placed_of(people[1]) is None


def test_the_database_counts_who_holds_a_seat(published: MatchRun, people: Any, call_lab: Any) -> None:
    with pytest.raises(IntegrityError, match="has 1 seats"):
        put(MatchResult.objects.get(application=people[1]), call_lab)


def at_once(*acts: Any) -> list[Any]:
    barrier, came = Barrier(len(acts)), []

    def run(act: Any) -> None:
        try:
            barrier.wait(timeout=10)
            came.append(act())
        except Refusal as refusal:
            came.append(type(refusal))
        finally:
            connection.close()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return came


@pytest.mark.django_db(transaction=True)
def test_two_accept_the_last_seat_at_the_same_moment(
    published: MatchRun, people: Any, other_call_lab: Any, officer: Any
) -> None:
    offers = [on_offer(published, person, other_call_lab, officer) for person in people[1:]]
    came = at_once(
        *(lambda offer=offer: actions.answer_wave_offer(
            offer, accepts=True, by=offer.result.application.applicant).state for offer in offers)
    )  # fmt: skip
    assert sorted(map(str, came)) == sorted([str(actions.OfferOver), "accepted"])
    assert MatchResult.objects.filter(call_lab=other_call_lab).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_a_filling_do_not_give_one_seat_twice(
    published: MatchRun, people: Any, call_lab: Any, officer: Any, second_officer: Any
) -> None:
    with transaction.atomic():
        actions.vacate(MatchResult.objects.get(application=people[0]), by=officer, reason="declined")
    sha256 = queries.previews_of(published)[0].outcome_sha256
    offer = on_offer(published, people[1], call_lab, officer)
    at_once(
        lambda: actions.answer_wave_offer(offer, accepts=True, by=people[1].applicant).state,
        lambda: actions.decide_refill(published, "waitlist", sha256, by=second_officer).pk,
    )
    assert MatchResult.objects.filter(call_lab=call_lab).count() == 1


@pytest.fixture
def third_lab(reviewed: Any, institute: Any, officer: Any) -> Any:
    """Another lab of the first lab's institute, with two seats."""
    made = CallLabFactory(call=reviewed, lab=LabFactory(code="MFG", institute=institute), seats_announced=2)
    actions.open_seats(reviewed, by=officer)
    return made


def test_what_is_free_stays_under_the_cap(
    reviewed: Any, people: Any, third_lab: Any, institute: Any, call_lab: Any, other_call_lab: Any, lab_head: Any,
    other_lab_head: Any, officer: Any, second_officer: Any,
) -> None:  # fmt: skip
    """Three seats at the institute, two places at most; one is held, so the other lab may offer one of its two."""
    wanted = actions.Cap(2, ("MFG", "LLM"), {"LLM": 1, "MFG": 1})
    change = actions.ask_for_cap(reviewed, institute, wanted, by=officer, reason="Rooms are short.")
    actions.approve_change(change, by=second_officer)
    certify(call_lab, [people[0].pk], lab_head)
    certify(other_call_lab, [], other_lab_head)
    certify(third_lab, [], holder(Role.LAB_HEAD, third_lab.lab.place))
    run = publish(reviewed, officer, second_officer)
    free = {row.call_lab_id: number for row, _held, number in queries.free_places(run)}
    assert free == {other_call_lab.pk: 1, third_lab.pk: 1}
    found = opened(run, officer)
    second, third = (MatchResult.objects.get(application=row) for row in people[1:])
    opening = Opening.objects.get(call_lab=third_lab)
    SupplementList.objects.create(supplement=found, opening=opening, ranked=[second.pk, third.pk], saved_by=officer)
    assert turns(found) == [(third_lab.pk, second.pk)]
    row = EligibleFactory(call=reviewed, ranked_labs=[third_lab.pk])
    late = MatchResult.objects.create(run=run, application=row, pseudonym="late")
    actions.take_place(late, third_lab, by=officer, reason="next")
    more = MatchResult.objects.create(
        run=run, application=EligibleFactory(call=reviewed, ranked_labs=[third_lab.pk]), pseudonym="more"
    )
    with pytest.raises(actions.NoPlace):
        actions.take_place(more, third_lab, by=officer, reason="next")
    assert queries.free_places(run) == [(other_call_lab.opening, 0, 1)]
    with pytest.raises(IntegrityError, match="has a cap of 2"):
        put(more, third_lab)


def test_a_lab_under_its_target_offers_first(
    reviewed: Any, people: Any, third_lab: Any, institute: Any, call_lab: Any, other_call_lab: Any, lab_head: Any,
    other_lab_head: Any, officer: Any, second_officer: Any,
) -> None:  # fmt: skip
    wanted = actions.Cap(2, ("MFG", "LLM"), {"LLM": 1, "MFG": 1})
    actions.approve_change(
        actions.ask_for_cap(reviewed, institute, wanted, by=officer, reason="Rooms are short."), by=second_officer
    )
    for row, head in ((call_lab, lab_head), (other_call_lab, other_lab_head)):
        certify(row, [], head)
    certify(third_lab, [], holder(Role.LAB_HEAD, third_lab.lab.place))
    run = publish(reviewed, officer, second_officer)
    found = opened(run, officer)
    everybody = list(MatchResult.objects.order_by("application").values_list("pk", flat=True))
    for row in (third_lab, call_lab):
        opening = Opening.objects.get(call_lab=row)
        SupplementList.objects.create(supplement=found, opening=opening, ranked=everybody, saved_by=officer)
    assert turns(found) == [(third_lab.pk, everybody[0]), (call_lab.pk, everybody[0])]


def test_a_seat_that_went_over_is_not_free_and_both_labs_read_what_is_so(
    client_of: Any, reviewed: Any, people: Any, third_lab: Any, call_lab: Any, other_call_lab: Any, lab_head: Any,
    other_lab_head: Any, officer: Any, second_officer: Any,
) -> None:  # fmt: skip
    third_head = holder(Role.LAB_HEAD, third_lab.lab.place)
    giver = Opening.objects.get(call_lab=third_lab)
    made = actions.offer_reversion(giver, Opening.objects.get(call_lab=call_lab), 1, by=third_head)
    actions.agree_to_reversion(made, by=lab_head)
    certify(call_lab, [row.pk for row in people], lab_head)
    certify(other_call_lab, [], other_lab_head)
    certify(third_lab, [], third_head)
    run = publish(reviewed, officer, second_officer)
    free = {row.call_lab_id: number for row, _held, number in queries.free_places(run)}
    assert free == {other_call_lab.pk: 1, third_lab.pk: 1}
    told = {row.opening.call_lab_id: (len(row.names), row.seats) for row in queries.places_by_lab(run)}
    assert told == {call_lab.pk: (2, 2), other_call_lab.pk: (0, 1), third_lab.pk: (0, 1)}
    assert {row.opening.call_lab_id: row.unfilled for row in queries.insights_of(run)}[third_lab.pk] == 1
    taker = client_of(lab_head).get(f"/results/labs/{call_lab.opening.key}/").content.decode()
    assert "No seat stays empty" in taker
    assert "1 seat came over from another lab" in taker
    page = client_of(third_head).get(f"/results/labs/{giver.key}/").content.decode()
    assert "1 seat stays empty" in page
    assert "1 seat went over to another lab" in page
