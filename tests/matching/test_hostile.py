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
from matching.models import ListAmendment, ListSeal, MatchRun, Pseudonym, RankList, SeedShare
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
