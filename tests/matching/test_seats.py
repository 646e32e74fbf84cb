"""Seats that two people decide on: reserves by groups, caps, minimums, money, seats that go over between labs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.refusals import SamePersonTwice
from labs.models import Lab
from matching import actions, queries, tasks
from matching.engine import instance as instances
from matching.models import Group, InstituteCap, MatchResult, MatchRun, Opening, Reversion, SeatChange
from matching.queries.checks import checks_of
from matching.queries.freezing import frozen
from matching.queries.groups import belongs
from people.states import Role
from tests.factories.applications import CallLabFactory, EligibleFactory
from tests.factories.labs import LabFactory
from tests.factories.people import holder
from tests.matching.helpers import carry_all, certify, page, seal

OVERSEAS = [{"fact": "residence", "is_among": False, "values": ["KR"], "question": ""}]
RETURNING = [*OVERSEAS, {"fact": "citizenship", "is_among": True, "values": ["KR"], "question": ""}]
WOMAN = [{"fact": "answer", "is_among": True, "values": ["woman"], "question": "gender"}]


@pytest.mark.parametrize(
    ("conditions", "facts", "answers", "expected"),
    [
        (OVERSEAS, {"residence": {"US"}}, {}, True),
        (OVERSEAS, {"residence": {"KR"}}, {}, False),
        (OVERSEAS, {"residence": set()}, {}, False),
        (RETURNING, {"residence": {"US"}, "citizenship": {"KR"}}, {}, True),
        (RETURNING, {"residence": {"US"}, "citizenship": {"DE"}}, {}, False),
        (WOMAN, {}, {"gender": "woman"}, True),
        (WOMAN, {}, {"gender": ["man", "woman"]}, True),
        (WOMAN, {}, {"gender": "man"}, False),
        (WOMAN, {}, {}, False),
        ([{"fact": "answer", "is_among": True, "values": ["yes"], "question": "first"}], {}, {"first": True}, True),
        ([{"fact": "answer", "is_among": True, "values": ["yes"], "question": "first"}], {}, {"first": 1}, False),
        ([{"fact": "sector", "is_among": True, "values": ["ai"]}], {"sector": {"ai", "bio"}}, {}, True),
        ([], {"residence": {"US"}}, {}, False),
    ],
)
def test_who_belongs_to_a_group(conditions: Any, facts: Any, answers: Any, expected: bool) -> None:
    assert belongs(conditions, {name: frozenset(values) for name, values in facts.items()}, answers) is expected


def sealed_lab(call: Any, name: str = "l1") -> Any:
    names = {pk: f"a{pk}" for pk in queries.members_of([], call.applications.values_list("pk", flat=True))}
    return next(lab for lab in frozen(call, "0", names).labs if lab.id == name)


def test_seats_need_a_reason_and_a_second_officer(
    reviewed: Any, officer: Any, second_officer: Any, call_lab: Any
) -> None:
    actions.save_group(
        reviewed, Group(code="overseas", name_en="Abroad", name_ko="해외", conditions=OVERSEAS), by=officer
    )
    opening = Opening.objects.select_related("call_lab__call", "call_lab__lab").get(call_lab=call_lab)
    wanted = actions.Seats(4, 2, "reserved_first", (("overseas", 2),))
    for wrong in (actions.Seats(1, None, "open_first", (("overseas", 2),)), actions.Seats(1, 2),
                  actions.Seats(3, None, "open_first", (("nobody", 1),))):  # fmt: skip
        with pytest.raises(actions.SeatsDoNotAddUp):
            actions.ask_for_seats(opening, wrong, by=officer, reason="wrong")
    change = actions.ask_for_seats(opening, wanted, by=officer, reason="The institute found the money.")
    with pytest.raises(actions.ChangeWaits):
        actions.ask_for_seats(opening, wanted, by=second_officer, reason="me too")
    with pytest.raises(SamePersonTwice):
        actions.approve_change(change, by=officer)
    assert Opening.objects.get(pk=opening.pk).seats == 1
    assert [str(words) for words in queries.why_no_run(reviewed)].count("A change of seats waits for approval.") == 1
    actions.approve_change(change, by=second_officer)
    lab = sealed_lab(reviewed)
    assert (lab.seats, lab.reserve_order) == (4, "reserved_first")
    assert lab.reserves == (instances.Reserve("overseas", 2),)
    assert {name for name, _was, _will in change.differences} == {"seats", "minimum", "order of filling", "reserves"}
    with pytest.raises(actions.GroupInUse):
        actions.remove_group(Group.objects.get(), by=officer)


def test_a_reserve_decides_and_nobody_of_the_lab_sees_who_belongs(
    client_of: Any, people: Any, reviewed: Any, officer: Any, second_officer: Any, call_lab: Any, other_call_lab: Any,
    lab_head: Any, other_lab_head: Any,
) -> None:  # fmt: skip
    for row, country in zip(people, ("KR", "KR", "US"), strict=True):
        row.residence = country
        row.save()
    actions.save_group(
        reviewed, Group(code="overseas", name_en="Abroad", name_ko="해외", conditions=OVERSEAS), by=officer
    )
    opening = call_lab.opening
    wanted = actions.Seats(2, None, "open_first", (("overseas", 1),))
    actions.approve_change(actions.ask_for_seats(opening, wanted, by=officer, reason="policy"), by=second_officer)
    certify(call_lab, [row.pk for row in people], lab_head)
    certify(other_call_lab, [people[1].pk], other_lab_head)
    shown = client_of(lab_head).get(page("rank", opening)).content.decode()
    assert "overseas" not in shown
    assert client_of(lab_head).get(page("own_seats", opening)).status_code == 200
    run = actions.request_run(seal(reviewed, officer, second_officer), by=officer)
    tasks.solve(run.pk)
    placed = {row.application_id: row.call_lab_id for row in MatchResult.objects.all()}
    assert placed == {people[0].pk: call_lab.pk, people[1].pk: other_call_lab.pk, people[2].pk: call_lab.pk}
    members = {each["id"] for each in json.loads(MatchRun.objects.get().instance)["applicants"] if each["groups"]}
    assert members == set(MatchResult.objects.filter(application=people[2]).values_list("pseudonym", flat=True))


@pytest.fixture
def third(reviewed: Any, institute: Any, officer: Any) -> Any:
    """Another lab of the first lab's institute, with two seats."""
    made = CallLabFactory(call=reviewed, lab=LabFactory(code="MFG", institute=institute), seats_announced=2)
    actions.open_seats(reviewed, by=officer)
    return made


def test_an_institute_gives_seats_back_with_a_second_officer(
    client_of: Any, reviewed: Any, officer: Any, other_officer: Any, third: Any, lab_head: Any, call_lab: Any,
    other_lab_head: Any,
) -> None:  # fmt: skip
    hers, other = client_of(officer), client_of(other_officer)
    words, url = "gives seats back to the programme here", page("openings", reviewed)
    shown = hers.get(url).content.decode()
    assert words in shown
    assert page("seats", third.opening) in shown
    fewer = {"seats": 1, "minimum": "", "reason": "Nobody to supervise a second fellow"}
    # an officer of another institute does not give away what is not hers, nor does a lab
    for person in (other_officer, lab_head, other_lab_head):
        assert client_of(person).post(page("seats", third.opening), fewer).status_code in {403, 404}
    assert hers.post(page("seats", third.opening), fewer).status_code == 302
    assert Opening.objects.get(call_lab=third).seats == 2
    change = SeatChange.objects.get()
    assert hers.post(page("change", change, verb="approve")).status_code == 409
    assert other.post(page("change", change, verb="approve")).status_code == 302
    assert Opening.objects.get(call_lab=third).seats == 1
    assert "To give seats back" in client_of(lab_head).get(page("own_seats", call_lab.opening)).content.decode()


def test_an_institutes_cap_is_two_peoples_decision(
    reviewed: Any, third: Any, institute: Any, officer: Any, second_officer: Any, call_lab: Any
) -> None:
    for wrong in (
        actions.Cap(2, ("LLM",), {"LLM": 1}),
        actions.Cap(1, ("LLM", "MFG"), {"LLM": 1, "MFG": 1}),
        actions.Cap(5, ("LLM", "MFG"), {"LLM": 2, "MFG": 1}),
    ):
        with pytest.raises(actions.SeatsDoNotAddUp):
            actions.ask_for_cap(reviewed, institute, wrong, by=officer, reason="wrong")
    wanted = actions.Cap(2, ("MFG", "LLM"), {"LLM": 1, "MFG": 1})
    change = actions.ask_for_cap(reviewed, institute, wanted, by=officer, reason="Rooms are short.")
    actions.approve_change(change, by=second_officer)
    sealed = frozen(reviewed, "0", {})
    house = next(each for each in sealed.institutes if each.cap is not None)
    assert (house.cap, house.order) == (2, ("l3", "l1"))
    assert {lab.id: lab.target for lab in sealed.labs if lab.institute == house.id} == {"l1": 1, "l3": 1}
    with pytest.raises(actions.HasACap):
        actions.offer_reversion(third.opening, call_lab.opening, 1, by=holder(Role.LAB_HEAD, third.lab.place))
    none = actions.ask_for_cap(reviewed, institute, actions.Cap(None), by=officer, reason="Rooms were found.")
    actions.approve_change(none, by=second_officer)
    assert not InstituteCap.objects.exists()
    assert {lab.target for lab in frozen(reviewed, "0", {}).labs} == {None}


def test_seats_go_over_only_if_they_stay_empty_and_both_labs_agree(
    client_of: Any, people: Any, reviewed: Any, third: Any, call_lab: Any, other_call_lab: Any, officer: Any,
    second_officer: Any, lab_head: Any, other_lab_head: Any,
) -> None:  # fmt: skip
    third_head = holder(Role.LAB_HEAD, third.lab.place)
    with pytest.raises(actions.InstitutesAgree):
        actions.offer_reversion(third.opening, other_call_lab.opening, 1, by=third_head)
    with pytest.raises(actions.NotTheirSeats):
        actions.offer_reversion(third.opening, third.opening, 1, by=third_head)
    giver = client_of(third_head)
    assert giver.post(page("own_seats", third.opening), {"taker": call_lab.opening.key, "seats": 9}).status_code == 409
    assert giver.post(page("own_seats", third.opening), {"taker": call_lab.opening.key, "seats": 1}).status_code == 302
    made = Reversion.objects.get()
    assert client_of(other_lab_head).post(page("reversion", made, verb="agree")).status_code == 404
    assert giver.post(page("reversion", made, verb="agree")).status_code == 302
    assert Reversion.objects.get().state == "offered"
    assert client_of(lab_head).post(page("reversion", made, verb="agree")).status_code == 302
    sealed = frozen(reviewed, "0", {})
    house = next(each for each in sealed.institutes if each.cap is not None)
    assert (house.cap, house.order) == (3, ("l1", "l3"))
    certify(call_lab, [row.pk for row in people], lab_head)
    certify(other_call_lab, [], other_lab_head)
    certify(third, [], third_head)
    run = actions.request_run(seal(reviewed, officer, second_officer), by=officer)
    tasks.solve(run.pk)
    results = {row.application_id: row for row in MatchResult.objects.all()}
    assert [results[row.pk].call_lab_id for row in people] == [call_lab.pk, call_lab.pk, None]
    assert results[people[2].pk].explanation["refusals"][0]["reason"] in {"ranked_above", "stayed_over_there"}
    assert [str(check.label) for check in checks_of(MatchRun.objects.get()) if not check.is_met] == []
    with pytest.raises(actions.SeatsFixed):
        actions.end_reversion(made, by=lab_head)


def test_seats_go_over_to_another_institute_whose_officer_agrees_and_whose_money_carries_them(
    client_of: Any, people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, officer: Any, second_officer: Any,
    other_officer: Any, lab_head: Any, other_lab_head: Any,
) -> None:  # fmt: skip
    """The second lab wants nobody; the first one, of another institute, takes its seat over and wants all."""
    giver, taker = Opening.objects.get(call_lab=other_call_lab), Opening.objects.get(call_lab=call_lab)
    carry_all()
    asked = {"giver": giver.key, "taker": taker.key, "seats": 1}
    url = page("give_over", reviewed)
    assert [client_of(person).post(url, asked).status_code for person in (lab_head, other_lab_head)] == [403, 403]
    # an officer of the taker's institute cannot name what is not hers to give
    assert client_of(officer).post(url, asked).status_code == 422
    assert client_of(other_officer).post(url, {**asked, "seats": 2}).status_code == 409
    assert client_of(other_officer).post(url, asked).status_code == 302
    made = Reversion.objects.get()
    shown = client_of(lab_head).get(page("own_seats", taker)).content.decode()
    assert "The officers of the two institutes settle this." in shown
    assert "/agree/" not in shown
    for person in (lab_head, other_officer):
        assert client_of(person).post(page("reversion", made, verb="agree")).status_code == 409
    refused = client_of(officer).post(page("reversion", made, verb="agree"))
    assert (refused.status_code, Reversion.objects.get().state) == (409, "offered")
    Opening.objects.filter(pk=taker.pk).update(seats_funded=taker.seats + 1)
    assert client_of(officer).post(page("reversion", made, verb="agree")).status_code == 302
    assert Reversion.objects.get().state == "agreed"
    words = "A lab has more seats than the money carries."
    assert words not in [str(each) for each in queries.why_no_run(reviewed)]
    Opening.objects.filter(pk=taker.pk).update(seats_funded=taker.seats)
    assert words in [str(each) for each in queries.why_no_run(reviewed)]
    Opening.objects.filter(pk=taker.pk).update(seats_funded=taker.seats + 1)
    certify(call_lab, [row.pk for row in people], lab_head)
    certify(other_call_lab, [], other_lab_head)
    sealed = seal(reviewed, officer, second_officer)
    Opening.objects.filter(pk=taker.pk).update(seats_funded=taker.seats + 1)
    run = actions.request_run(sealed, by=officer)
    tasks.solve(run.pk)
    placed = list(MatchResult.objects.order_by("application").values_list("call_lab", flat=True))
    assert placed == [call_lab.pk, call_lab.pk, None]
    assert [str(check.label) for check in checks_of(MatchRun.objects.get()) if not check.is_met] == []


def test_no_cap_where_seats_go_over_whichever_came_first(
    reviewed: Any, institute: Any, call_lab: Any, other_call_lab: Any, officer: Any, other_officer: Any
) -> None:
    giver, taker = Opening.objects.get(call_lab=other_call_lab), Opening.objects.get(call_lab=call_lab)
    Opening.objects.update(seats_funded=9, funded_source="a letter of the ministry")
    made = actions.offer_reversion(giver, taker, 1, by=other_officer)
    with pytest.raises(actions.SeatsDoNotAddUp):
        actions.ask_for_cap(reviewed, institute, actions.Cap(1, ("LLM",), {"LLM": 1}), by=officer, reason="Rooms.")
    with transaction.atomic():
        InstituteCap.objects.create(call=reviewed, institute=institute, cap=1, order=[call_lab.pk])
        with pytest.raises(IntegrityError, match="no institute has a cap"), transaction.atomic():
            Reversion.objects.filter(pk=made.pk).update(state="agreed")
        InstituteCap.objects.all().delete()
    actions.agree_to_reversion(made, by=officer)
    with pytest.raises(IntegrityError, match="no institute has a cap"), transaction.atomic():
        InstituteCap.objects.create(call=reviewed, institute=institute, cap=1, order=[call_lab.pk])
    with pytest.raises(actions.InstitutesAgree):
        actions.end_reversion(made, by=holder(Role.LAB_HEAD, call_lab.lab.place))
    assert actions.end_reversion(made, by=other_officer).state == "ended"


def test_no_seat_reaches_a_lab_to_which_it_was_never_offered(
    reviewed: Any, third: Any, institute: Any, call_lab: Any, officer: Any, lab_head: Any
) -> None:
    """A gives to B. Neither may agree with C, in whichever direction: C or B would take what was meant for another."""
    fourth = CallLabFactory(call=reviewed, lab=LabFactory(code="BIO", institute=institute), seats_announced=2)
    actions.open_seats(reviewed, by=officer)
    giver, taker, other = (Opening.objects.get(call_lab=row) for row in (third, call_lab, fourth))
    head, other_head = holder(Role.LAB_HEAD, third.lab.place), holder(Role.LAB_HEAD, fourth.lab.place)
    first = actions.offer_reversion(giver, taker, 1, by=head)
    actions.agree_to_reversion(first, by=lab_head)
    asked = [
        actions.offer_reversion(giver, other, 1, by=head),
        actions.offer_reversion(other, taker, 1, by=other_head),
        actions.offer_reversion(taker, other, 1, by=lab_head),
        actions.offer_reversion(other, giver, 1, by=other_head),
    ]
    for made in asked:
        with pytest.raises(actions.AgreedElsewhere):
            actions.agree_to_reversion(made, by=officer)
        with pytest.raises(IntegrityError), transaction.atomic():
            Reversion.objects.filter(pk=made.pk).update(state="agreed")
    assert [(house.cap, house.order) for house in queries.frozen_seats(reviewed, Opening.objects.all())[0]][-1] == (
        giver.seats + taker.seats,
        [call_lab.pk, third.pk],
    )
    actions.end_reversion(first, by=head)
    assert actions.agree_to_reversion(asked[0], by=other_head).state == "agreed"


def test_no_run_beyond_the_money(people: Any, reviewed: Any, officer: Any, call_lab: Any, other_call_lab: Any) -> None:
    words = "A lab has more seats than the money carries."
    assert words not in [str(each) for each in queries.why_no_run(reviewed)]
    changed = actions.state_money(reviewed, {call_lab.pk: 0, other_call_lab.pk: None}, by=officer)
    assert [row.call_lab_id for row in changed] == [call_lab.pk]
    assert words in [str(each) for each in queries.why_no_run(reviewed)]
    assert Opening.objects.get(call_lab=call_lab).funded_source.startswith("The books on ")
    assert actions.state_money(reviewed, {call_lab.pk: 0}, by=officer) == []


def test_another_figure_than_the_books_takes_a_reason_and_a_second_officer(
    people: Any, reviewed: Any, officer: Any, second_officer: Any, call_lab: Any
) -> None:
    with pytest.raises(actions.ReasonForMoney, match="LLM"):
        actions.state_money(reviewed, {call_lab.pk: 7}, by=officer, reason=" ")
    assert SeatChange.objects.count() == 0
    actions.state_money(reviewed, {call_lab.pk: 7}, by=officer, reason="Letter 12 of the ministry")
    change = SeatChange.objects.get()
    assert change.values == {"seats_funded": 7, "proposed": 0}
    assert Opening.objects.get(call_lab=call_lab).seats_funded is None
    assert "A change of seats waits for approval." in [str(each) for each in queries.why_no_run(reviewed)]
    with pytest.raises(SamePersonTwice):
        actions.approve_change(change, by=officer)
    actions.approve_change(change, by=second_officer)
    opening = Opening.objects.get(call_lab=call_lab)
    assert (opening.seats_funded, opening.funded_source) == (7, "Letter 12 of the ministry")


def test_no_final_run_while_a_lab_with_seats_has_no_figure(
    client_of: Any, ranked: Any, reviewed: Any, officer: Any, second_officer: Any, call_lab: Any
) -> None:
    words = "Nobody stated yet how many seats the money carries: LLM, SOLAR."
    draft = actions.request_draft(reviewed, by=officer)
    tasks.solve(draft.pk)
    assert "LLM, SOLAR. A final run is refused" in client_of(officer).get(page("run", draft)).content.decode()
    seal(reviewed, officer, second_officer)
    Opening.objects.update(seats_funded=None)
    with pytest.raises(actions.NotReady, match=words):
        actions.request_run(reviewed, by=officer)
    carry_all()
    run = actions.request_run(reviewed, by=officer)
    assert run.money["LLM"] | {"books": None} == {
        "seats": 1, "stated": 1, "source": "a letter of the ministry", "books": None,
    }  # fmt: skip
    assert [row["fiscal_year"] for row in run.money["LLM"]["books"]] == sorted(
        {reviewed.starts_on.year, (reviewed.starts_on + timedelta(days=360)).year}
    )
    tasks.solve(run.pk)
    Opening.objects.filter(call_lab=call_lab).update(seats_funded=None)
    money = next(check for check in checks_of(MatchRun.objects.get(pk=run.pk)) if "Money" in str(check.label))
    assert (money.is_met, money.is_known, money.detail) == (False, False, "LLM")


def test_reversions_end_when_the_lists_are_due(third: Any, reviewed: Any, call_lab: Any) -> None:
    head = holder(Role.LAB_HEAD, third.lab.place)
    type(reviewed).objects.update(ranks_due_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(actions.ReversionsClosed):
        actions.offer_reversion(Opening.objects.get(call_lab=third), call_lab.opening, 1, by=head)


def test_the_pages_of_seats(
    client_of: Any, reviewed: Any, officer: Any, second_officer: Any, call_lab: Any, institute: Any, stranger: Any
) -> None:
    signed, second = client_of(officer), client_of(second_officer)
    EligibleFactory(call=reviewed, residence="US", ranked_labs=[call_lab.pk])
    group = {"code": "overseas", "name_en": "Abroad", "name_ko": "해외", "fact_1": "residence", "among_1": "no",
             "values_1": "KR", "among_2": "yes"}  # fmt: skip
    assert signed.post(page("group", reviewed), {**group, "fact_2": "answer", "values_2": "x"}).status_code == 422
    assert signed.post(page("group", reviewed), group).status_code == 302
    assert signed.get(page("group_edit", reviewed, code="overseas")).status_code == 200
    seats = {"seats": 3, "minimum": "", "reserve_order": "open_first", "reserve_overseas": 1, "reason": "policy"}
    assert signed.post(page("seats", call_lab.opening), {**seats, "seats": 0}).status_code == 409
    assert signed.post(page("seats", call_lab.opening), seats).status_code == 302
    assert signed.get(page("openings", reviewed)).status_code == 200
    change = SeatChange.objects.get()
    assert signed.post(page("change", change, verb="approve")).status_code == 409
    assert second.post(page("change", change, verb="approve")).status_code == 302
    cap = {"cap": 2, "target_LLM": 2, "turn_LLM": 1, "reason": "rooms"}
    assert signed.post(page("cap", reviewed, code="KAIST"), cap).status_code == 302
    assert second.post(page("change", SeatChange.objects.first(), verb="decline")).status_code == 302
    stated = {f"lab_{call_lab.pk}": 3}
    assert signed.post(page("money", reviewed), stated).status_code == 409
    assert signed.post(page("money", reviewed), {**stated, "reason": "letter 3"}).status_code == 302
    assert "the books carry 0" in signed.get(page("openings", reviewed)).content.decode()
    assert second.post(page("change", SeatChange.objects.first(), verb="approve")).status_code == 302
    assert "A place costs" in signed.get(page("money", reviewed)).content.decode()
    assert "Abroad: 1" in signed.get(page("openings", reviewed)).content.decode()
    assert signed.post(page("group_edit", reviewed, code="overseas"), {"remove": "1"}).status_code == 409
    assert client_of(stranger).get(page("openings", reviewed)).status_code in {403, 404}
    assert Lab.objects.count() == 2
