"""An officer alone, with the rights of her office and of a lab: each attempt is refused, and stands in the audit."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.models import AuditEntry
from common.refusals import IllegalMove, SamePersonTwice
from matching import actions, queries, tasks
from matching.engine.lottery import number_of
from matching.models import Group, ListAmendment, ListSeal, MatchRun, Pseudonym, RankList, SeatChange, SeedShare
from matching.states import RunState
from people.states import Role
from tests.factories.people import RoleGrantFactory
from tests.matching.helpers import let_due_pass, list_of, page, seal


@pytest.fixture
def audit(db: None) -> Any:
    """How often a refusal of that name was written down of that person."""

    def counted(what: str, person: Any) -> int:
        return AuditEntry.objects.filter(verb=f"matching.{what}.refused", by_id=person.pk).count()

    return counted


def test_she_cannot_choose_the_seed(ranked: Any, reviewed: Any, officer: Any, second_officer: Any, audit: Any) -> None:
    actions.commit_secret(reviewed, by=officer)
    with pytest.raises(SamePersonTwice):
        actions.commit_secret(reviewed, by=officer, secret="the second line is mine too")
    let_due_pass()
    reviewed.refresh_from_db()
    with pytest.raises(actions.NotReady):
        actions.request_run(reviewed, by=officer)
    with pytest.raises(actions.NothingNamed):
        actions.enter_public_value(reviewed, "42", by=officer)
    assert [audit(what, officer) for what in ("commit_secret", "request_run", "enter_public_value")] == [1, 1, 1]
    mine = SeedShare.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        SeedShare.objects.create(call=reviewed, officer=officer, position=2, sha256=mine.sha256, sealed=mine.sealed)


def draw_of(run: MatchRun) -> tuple[int, ...]:
    """The applicants of a run in the order of their lottery numbers."""
    rows = run.results.values_list("pseudonym", "application__applicant_id")
    people = {number_of(run.seed, name): person for name, person in rows}
    assert len(people) == run.call.applications.filter(state="eligible").count()
    return tuple(people[number] for number in sorted(people))


def test_she_cannot_draw_again_until_the_lottery_suits_her(
    solved: MatchRun, reviewed: Any, officer: Any, second_officer: Any, audit: Any
) -> None:
    drawn = {draw_of(solved)}
    for _time in range(3):
        actions.discard_run(solved, by=officer, reason="I would rather have another draw")
        solved = actions.request_run(reviewed, by=officer)
        drawn.add(draw_of(solved))
    assert len(drawn) == 1
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        Pseudonym.objects.filter(call=reviewed).update(name="a00000000")
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        Pseudonym.objects.filter(call=reviewed).delete()
    name, person = Pseudonym.objects.values_list("name", "person_id").first()
    for wrong in ({"name": "a1", "person_id": person}, {"name": name, "person": officer}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Pseudonym.objects.create(call=reviewed, **wrong)
    other = SeedShare.objects.get(officer=second_officer)
    with pytest.raises(actions.SeedUsed):
        actions.give_up_share(other, by=officer, reason="she lost it")
    assert audit("give_up_share", officer) == 1
    assert MatchRun.objects.filter(state=RunState.DISCARDED).count() == 3


def test_she_cannot_change_a_sealed_list(
    client_of: Any, ranked: Any, reviewed: Any, officer: Any, second_officer: Any, call_lab: Any, audit: Any
) -> None:
    seal(reviewed, officer, second_officer)
    actions.seal_lists(reviewed)
    row, signed = list_of(call_lab), client_of(officer)
    before = (row.ranked, row.sha256)
    posted = {"version": row.version, "order": [ranked[1].pk], "save": "1"}
    assert signed.post(page("rank", row.opening), posted).status_code == 403
    with pytest.raises(actions.ListSealed):
        actions.save_ranking(row, [ranked[1].pk], version=row.version, by=officer)
    with pytest.raises(actions.TooLate):
        actions.reopen_ranking(row, by=officer)
    made = actions.ask_amendment(row, [ranked[1].pk], [], by=officer, reason="because I say so")
    with pytest.raises(SamePersonTwice):
        actions.approve_amendment(made, by=officer)
    assert [audit(what, officer) for what in ("rank", "save_ranking", "reopen_ranking", "approve_amendment")] == [1] * 4
    row.refresh_from_db()
    assert (row.ranked, row.sha256) == before
    with pytest.raises(IntegrityError), transaction.atomic():
        ListAmendment.objects.filter(pk=made.pk).update(approved_by=officer)
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        ListSeal.objects.update(sha256="0" * 64)
    RankList.objects.filter(pk=row.pk).update(ranked=[ranked[1].pk])
    run = actions.request_run(reviewed, by=second_officer)
    tasks.solve(run.pk)
    with pytest.raises(actions.ChecksFailed, match="hash that was published"):
        actions.confirm_run(run, by=officer)


def test_she_cannot_see_an_outcome_by_a_lab_heads_eyes(
    client_of: Any, ranked: Any, reviewed: Any, officer: Any, lab: Any, audit: Any
) -> None:
    run = actions.request_draft(reviewed, by=officer)
    tasks.solve(run.pk)
    shown = client_of(officer).get(page("run", run))
    assert "labs" not in shown.context
    assert not any(row.name in shown.content.decode() for row in ranked)
    RoleGrantFactory(user=officer, role=Role.LAB_HEAD, place=lab.place)
    head = type(officer).objects.get(pk=officer.pk)
    signed = client_of(head)
    for address in (page("run", run), page("what_if", run)):
        assert signed.get(address).status_code == 403
    for name in ("instance.json", "outcome.json"):
        assert signed.get(page("file", run, name=name)).status_code == 403
    assert signed.get(page("report", run)).status_code == 403
    assert [audit(what, officer) for what in ("view_run", "try_out", "view_files", "view_report")] == [1, 1, 2, 1]
    assert queries.places_of(run).count() == 0
    assert (
        "not published" in signed.get(page("lab_result", list_of(reviewed.call_labs.first()).opening)).content.decode()
    )


ABROAD = [{"fact": "residence", "is_among": False, "values": ["KR"], "question": ""}]
AT_HOME = [{"fact": "residence", "is_among": True, "values": ["KR"], "question": ""}]


@pytest.fixture
def reserved(reviewed: Any, officer: Any, second_officer: Any, call_lab: Any) -> Group:
    """A group that a seat of the first lab is reserved for, as two officers decided."""
    group = Group(code="overseas", name_en="Abroad", name_ko="해외", conditions=ABROAD)
    actions.save_group(reviewed, group, by=officer)
    wanted = actions.Seats(1, None, "reserved_first", (("overseas", 1),))
    change = actions.ask_for_seats(call_lab.opening, wanted, by=officer, reason="policy")
    actions.approve_change(change, by=second_officer)
    return group


def test_she_cannot_turn_a_reserve_alone(
    client_of: Any, reviewed: Any, officer: Any, second_officer: Any, reserved: Group, audit: Any
) -> None:
    reserved.conditions = AT_HOME
    with pytest.raises(actions.GroupReserved):
        actions.save_group(reviewed, reserved, by=officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Group.objects.filter(pk=reserved.pk).update(conditions=AT_HOME)
    fields = {"code": "overseas", "name_en": "Abroad", "name_ko": "해외", "fact_1": "residence", "among_1": "yes",
              "values_1": "KR", "among_2": "yes"}  # fmt: skip
    signed, address = client_of(officer), page("group_edit", reviewed, code="overseas")
    assert signed.post(address, fields).status_code == 422
    assert signed.post(address, {**fields, "reason": "It suits me."}).status_code == 302
    change = SeatChange.objects.get(group=reserved)
    assert [was for _name, was, _will in change.differences] == ["Country where she lives now: none of KR"]
    assert signed.post(page("change", change, verb="approve")).status_code == 409
    assert Group.objects.get().conditions == ABROAD
    assert signed.post(address, {"remove": "1"}).status_code == 409
    assert [audit(what, officer) for what in ("save_group", "approve_change", "remove_group")] == [1, 1, 1]
    actions.approve_change(change, by=second_officer)
    assert Group.objects.get().conditions == AT_HOME


def test_she_cannot_change_a_group_between_asking_and_approval(
    reviewed: Any, officer: Any, second_officer: Any, call_lab: Any
) -> None:
    group = actions.save_group(
        reviewed, Group(code="overseas", name_en="Abroad", name_ko="해외", conditions=ABROAD), by=officer
    )
    wanted = actions.Seats(1, None, "reserved_first", (("overseas", 1),))
    actions.ask_for_seats(call_lab.opening, wanted, by=officer, reason="policy")
    group.conditions = AT_HOME
    with pytest.raises(actions.GroupReserved):
        actions.save_group(reviewed, group, by=officer)
    with pytest.raises(actions.GroupInUse):
        actions.remove_group(group, by=officer)


def test_two_officers_cannot_change_a_group_once_the_lists_are_sealed(
    ranked: Any, reviewed: Any, officer: Any, second_officer: Any, reserved: Group
) -> None:
    wanted = actions.GroupWanted("At home", "국내", AT_HOME)
    change = actions.ask_for_group(reserved, wanted, by=officer, reason="before its time")
    seal(reviewed, officer, second_officer)
    actions.seal_lists(reviewed)
    for moment in (reviewed.ranks_due_at, timezone.now() + timedelta(days=9)):
        type(reviewed).objects.update(ranks_due_at=moment)
        for act in (
            lambda: actions.approve_change(change, by=second_officer),
            lambda: actions.ask_for_group(reserved, wanted, by=officer, reason="again"),
            lambda: actions.save_group(reviewed, Group(code="new", name_en="New", name_ko="새"), by=officer),
            lambda: actions.remove_group(reserved, by=officer),
        ):
            with pytest.raises(actions.GroupsSealed):
                act()
        with pytest.raises(IntegrityError), transaction.atomic():
            Group.objects.filter(pk=reserved.pk).update(name_en="Anybody")
        with pytest.raises(IntegrityError), transaction.atomic():
            Group.objects.create(call=reviewed, code="new", name_en="New", name_ko="새", conditions=AT_HOME)
    assert Group.objects.get().conditions == ABROAD


def test_a_change_of_a_group_since_the_draft_stands_beside_the_checks(
    client_of: Any, ranked: Any, reviewed: Any, officer: Any, second_officer: Any, reserved: Group
) -> None:
    tasks.solve(actions.request_draft(reviewed, by=officer).pk)
    wanted = actions.GroupWanted("At home", "국내", AT_HOME)
    change = actions.ask_for_group(reserved, wanted, by=officer, reason="The call says so.")
    actions.approve_change(change, by=second_officer)
    run = actions.request_run(seal(reviewed, officer, second_officer), by=officer)
    tasks.solve(run.pk)
    changes = queries.changes_since_draft(MatchRun.objects.get(pk=run.pk))
    assert changes is not None
    assert [(entry.verb, entry.note) for entry in changes.groups] == [("matching.group.saved", "The call says so.")]
    assert changes.regrouped == 3
    assert "The call says so." in client_of(second_officer).get(page("run", run)).content.decode()


def test_she_cannot_approve_the_amendment_of_her_own_labs_list(
    client_of: Any, ranked: Any, reviewed: Any, officer: Any, second_officer: Any, call_lab: Any, lab: Any, audit: Any
) -> None:
    seal(reviewed, officer, second_officer)
    actions.seal_lists(reviewed)
    row = list_of(call_lab)
    made = actions.ask_amendment(row, [ranked[1].pk], [], by=officer, reason="minutes of the lab")
    RoleGrantFactory(user=second_officer, role=Role.LAB_HEAD, place=lab.place)
    both = type(officer).objects.get(pk=second_officer.pk)
    for verb in ("approve", "decline"):
        assert client_of(both).post(page("amendment", made, verb=verb)).status_code == 403
    for act in (actions.approve_amendment, actions.decline_amendment):
        with pytest.raises(actions.OfTheLab):
            act(made, by=both)
    with pytest.raises(actions.OfTheLab):
        actions.ask_amendment(row, [], [], by=both, reason="mine")
    made.refresh_from_db()
    assert (made.state, audit("amend_list", both), audit("approve_amendment", both)) == ("asked", 2, 1)


def test_she_cannot_publish(
    client_of: Any, solved: MatchRun, officer: Any, second_officer: Any, lab_head: Any, audit: Any
) -> None:
    signed = client_of(officer)
    with pytest.raises(SamePersonTwice):
        actions.confirm_run(solved, by=officer)
    with pytest.raises(IllegalMove):
        actions.publish_run(solved, by=officer)
    with pytest.raises(IllegalMove):
        actions.schedule_run(solved, timezone.now() + timedelta(hours=1), by=officer)
    for verb in ("confirm", "publish"):
        assert signed.post(page("gesture", solved, verb=verb)).status_code == 409
    assert [audit(what, officer) for what in ("confirm_run", "publish_run", "schedule_run")] == [2, 2, 1]
    assert client_of(lab_head).post(page("gesture", solved, verb="publish")).status_code == 404
    assert audit("decide_run", lab_head) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        MatchRun.objects.filter(pk=solved.pk).update(
            confirmed_by=officer, confirmed_at=timezone.now(), state="confirmed"
        )
    solved.refresh_from_db()
    assert solved.state == RunState.SOLVED
