"""The match as people meet it: seats, rank lists, a sealed run, two officers, results with reasons."""

import hashlib
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from applications.models import Application, Call
from common.job_states import JobState
from common.refusals import IllegalMove, OutOfDate, SamePersonTwice
from matching import actions, queries, tasks
from matching.actions import solving
from matching.models import MatchResult, MatchRun, Opening, RankList, SeatChange
from matching.queries import desk, reasons
from matching.states import RankListState, RunState
from notifications.models import Notification
from people.states import Role
from reviews.models import Conflict
from reviews.states import ConflictKind
from tests.factories.applications import EligibleFactory
from tests.factories.people import holder
from tests.matching.helpers import certify, list_of, page, seal


def test_a_run_is_sealed_solved_confirmed_by_another_and_published(
    solved: MatchRun, ranked: Any, officer: Any, second_officer: Any, call_lab: Any, other_call_lab: Any, lab_head: Any
) -> None:
    assert (solved.state, solved.job_state, solved.violations) == (RunState.SOLVED, JobState.READY, [])
    assert solved.instance_sha256 == hashlib.sha256(solved.instance.encode()).hexdigest()
    assert not any(row.name in solved.instance for row in ranked)
    placed = {row.application_id: row.call_lab_id for row in MatchResult.objects.all()}
    assert placed == {ranked[0].pk: call_lab.pk, ranked[1].pk: other_call_lab.pk, ranked[2].pk: None}
    with pytest.raises(SamePersonTwice):
        actions.confirm_run(solved, by=officer)
    with pytest.raises(IllegalMove):
        actions.publish_run(solved, by=second_officer)
    for _twice in range(2):
        actions.confirm_run(solved, by=second_officer)
    for _twice in range(2):
        actions.publish_run(solved, by=officer)
    kinds = sorted(Notification.objects.values_list("kind", flat=True))
    assert kinds.count("match_placed") == 2
    assert kinds.count("match_unplaced") == 1
    assert lab_head.email in Notification.objects.filter(kind="match_lab").values_list("address", flat=True)
    tasks.announce(solved.pk)
    assert tasks.solve(solved.pk) is None
    assert MatchRun.objects.get().state == RunState.PUBLISHED


def test_the_same_frozen_lists_come_out_the_same(solved: MatchRun) -> None:
    outcome = solved.outcome
    MatchRun.objects.update(state=RunState.REQUESTED, job_state=JobState.REQUESTED, outcome="", outcome_sha256="")
    assert actions.solve_run(solved.pk) is True
    assert MatchRun.objects.get().outcome == outcome


def test_a_stranger_verifies_with_one_file(solved: MatchRun, tmp_path: Path) -> None:
    for name, text in (("i.json", solved.instance), ("o.json", solved.outcome), ("v.py", queries.verifier_source())):
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-I", "v.py", "i.json", "o.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    forged = json.loads(solved.outcome)
    forged["matches"] = forged["matches"][:-1] if isinstance(forged["matches"], list) else {}
    (tmp_path / "o.json").write_text(json.dumps(forged))
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize("change", ["withdrawn", "seats", "list", "conflict", "outcome", "late_eligible"])
def test_what_changed_since_the_sealing_stops_the_confirmation(
    solved: MatchRun, ranked: Any, second_officer: Any, lab_head: Any, call_lab: Any, reviewed: Any, change: str
) -> None:
    if change == "withdrawn":
        Application.objects.filter(pk=ranked[0].pk).update(state="withdrawn")
    if change == "seats":
        Opening.objects.update(seats=2)
    if change == "list":
        RankList.objects.update(certified_at=timezone.now() + timedelta(hours=1))
    if change == "conflict":
        Conflict.objects.create(application=ranked[0], person=lab_head, declared_by=lab_head, kind="family")
    if change == "outcome":
        MatchRun.objects.update(outcome_sha256="f" * 64)
    if change == "late_eligible":
        EligibleFactory(call=reviewed, ranked_labs=[call_lab.pk])
    run = MatchRun.objects.select_related("call").get()
    with pytest.raises(actions.ChecksFailed):
        actions.confirm_run(run, by=second_officer)
    assert [check for check in queries.checks_of(run) if not check.is_met]


def test_a_run_that_breaks_the_rule_cannot_be_used(sealed: Any, reviewed: Any, officer: Any) -> None:
    run = actions.request_run(reviewed, by=officer)
    with mock.patch.object(solving, "violations", return_value=["somebody prefers somebody"]):
        actions.solve_run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.job_state) == (RunState.REQUESTED, JobState.FAILED)
    with pytest.raises(actions.ReasonNeeded):
        actions.discard_run(run, by=officer, reason=" ")
    actions.discard_run(run, by=officer, reason="a fault")
    assert actions.request_run(reviewed, by=officer).pk != run.pk


def test_a_crash_while_solving_is_said_and_a_lost_run_taken_up_again(sealed: Any, reviewed: Any, officer: Any) -> None:
    run = actions.request_run(reviewed, by=officer)
    with mock.patch.object(solving, "solve", side_effect=RuntimeError("broken")):
        assert actions.solve_run(run.pk) is False
    run.refresh_from_db()
    assert run.job_state == JobState.FAILED
    MatchRun.objects.update(job_state=JobState.REQUESTED, job_requested_at=timezone.now() - timedelta(hours=1))
    tasks.sweep()
    assert actions.solve_run(run.pk) is True


def test_what_stands_in_the_way_of_a_run_is_said(
    people: Any, reviewed: Any, officer: Any, call_lab: Any, lab_head: Any
) -> None:
    certify(call_lab, [people[0].pk], lab_head)
    with pytest.raises(actions.NotReady, match="not due yet"):
        actions.request_run(reviewed, by=officer)
    Call.objects.update(ranks_due_at=timezone.now() - timedelta(hours=1))
    with pytest.raises(actions.NotReady, match="overdue"):
        actions.request_run(Call.objects.get(), by=officer)
    Application.objects.all().update(state="ineligible")
    with pytest.raises(actions.NotReady, match="No application is eligible"):
        actions.request_run(Call.objects.get(), by=officer)


def test_seats_are_fixed_while_a_run_stands_on_them(solved: MatchRun, officer: Any, reviewed: Any) -> None:
    opening = Opening.objects.select_related("call_lab__call").first()
    with pytest.raises(actions.SeatsFixed):
        actions.ask_for_seats(opening, actions.Seats(5), by=officer, reason="more")
    with pytest.raises(actions.SeatsFixed):
        actions.open_seats(reviewed, by=officer)
    actions.discard_run(solved, by=officer, reason="again")
    assert actions.ask_for_seats(opening, actions.Seats(5), by=officer, reason="more money").state == "asked"


def test_a_lab_ranks_with_buttons_and_certifies(
    client_of: Any, lab_head: Any, people: Any, call_lab: Any, other_lab_head: Any
) -> None:
    row = list_of(call_lab)
    signed, url = client_of(lab_head), page("rank", row.opening)

    def press(**more: Any) -> list[int]:
        row.refresh_from_db()
        answer = signed.post(url, {"version": row.version, "order": row.ranked, **more})
        assert answer.status_code == 302
        row.refresh_from_db()
        return list(row.ranked)

    first, second = people[0].pk, people[1].pk
    assert press(add=str(first)) == [first]
    assert press(add=str(second)) == [first, second]
    assert press(move=f"up:{second}") == [second, first]
    assert press(move=f"down:{first}") == [second, first]
    assert press(remove=str(second)) == [first]
    assert signed.get(url).status_code == 200
    stale = signed.post(url, {"version": 0, "order": [second], "save": "1"})
    assert stale.status_code == 409
    assert signed.post(url, {"version": row.version, "order": [first], "certify": "1"}).status_code == 409
    assert press(save="1", certify="1", knows_missing="1") == [first]
    assert row.state == RankListState.PROPOSED
    assert signed.post(page("confirm", row.opening), {"version": row.version}).status_code == 409
    assert client_of(holder(Role.LAB_MEMBER, call_lab.lab.place)).post(page("confirm", row.opening)).status_code == 302
    row.refresh_from_db()
    assert row.state == RankListState.CERTIFIED
    assert signed.post(url, {"version": row.version, "order": [second], "save": "1"}).status_code == 409
    assert signed.post(page("reopen", row.opening)).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.sha256, row.certified_by) == (RankListState.DRAFT, "", None)
    assert client_of(other_lab_head).get(url).status_code in {403, 404}
    assert signed.get(reverse("matching:ranking")).status_code == 200


def test_what_is_not_the_labs_to_rank_is_refused(people: Any, call_lab: Any, lab_head: Any) -> None:
    row, stranger = list_of(call_lab), EligibleFactory()
    for wrong in ([stranger.pk], [people[0].pk, people[0].pk]):
        with pytest.raises(actions.UnknownCandidate):
            actions.save_ranking(row, wrong, version=0, by=lab_head)
    actions.save_ranking(row, [people[0].pk], version=0, by=lab_head)
    with pytest.raises(OutOfDate):
        actions.certify_ranking(row, version=0, by=lab_head)
    with pytest.raises(actions.CandidatesMissing, match="2 candidates"):
        actions.certify_ranking(row, version=1, by=lab_head)
    certified = actions.certify_ranking(row, version=1, by=lab_head, knows_missing=True)
    assert actions.certify_ranking(certified, version=1, by=lab_head).sha256 == certified.sha256
    with pytest.raises(SamePersonTwice):
        actions.confirm_ranking(certified, version=1, by=lab_head)
    actions.confirm_ranking(certified, version=1, by=holder(Role.LAB_MEMBER, call_lab.lab.place))
    Call.objects.filter(pk=people[0].call_id).update(ranks_due_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(actions.TooLate):
        actions.reopen_ranking(list_of(call_lab), by=lab_head)


def test_an_interest_hides_the_candidate_and_leaves_the_place_to_others(
    client_of: Any, people: Any, call_lab: Any, lab: Any, lab_head: Any
) -> None:
    member = holder(Role.LAB_MEMBER, lab.place)
    row = actions.save_ranking(list_of(call_lab), [people[0].pk, people[1].pk], version=0, by=lab_head)
    signed = client_of(member)
    data = {"number": people[0].number, "kind": ConflictKind.FAMILY, "note": "my sister"}
    assert signed.post(page("interest", row.opening), data).status_code == 302
    row.refresh_from_db()
    assert row.ranked == [people[1].pk]
    actions.save_ranking(row, [people[0].pk, people[1].pk], version=row.version, by=lab_head)
    shown = signed.get(page("rank", row.opening)).content.decode()
    assert people[0].name not in shown
    with pytest.raises(actions.CannotCertify):
        actions.certify_ranking(row, version=row.version, by=member)
    with pytest.raises(actions.UnknownCandidate):
        actions.save_ranking(row, [people[0].pk], version=row.version, by=member)
    kept = actions.save_ranking(row, [people[2].pk, people[1].pk], version=row.version, by=member)
    assert kept.ranked == [people[0].pk, people[2].pk, people[1].pk]
    with pytest.raises(actions.InterestedHand):
        actions.certify_ranking(kept, version=kept.version, by=lab_head, knows_missing=True)
    actions.certify_ranking(kept, version=kept.version, by=lab_head, knows_missing=True, takes_over=True)
    with pytest.raises(actions.ListSealed):
        actions.declare_interest(kept, people[1], ConflictKind.FAMILY, by=member)


def test_the_officers_pages(client_of: Any, officer: Any, second_officer: Any, sealed: Any, reviewed: Any) -> None:
    signed, second = client_of(officer), client_of(second_officer)
    assert signed.get(reverse("matching:calls")).status_code == 200
    assert signed.get(page("runs", reviewed)).status_code == 200
    assert signed.post(page("runs", reviewed), {"open": "1"}).status_code == 302
    opening = Opening.objects.first()
    assert signed.get(page("seats", opening)).status_code == 200
    assert signed.post(page("seats", opening), {"seats": -1}).status_code == 422
    assert signed.post(page("seats", opening), {"seats": 1, "reason": "none"}).status_code == 302
    assert second.post(page("change", SeatChange.objects.get(), verb="approve")).status_code == 302
    assert signed.post(page("runs", reviewed), {"run": "1"}).status_code == 302
    run = MatchRun.objects.get()
    assert signed.get(page("progress", run)).status_code == 200
    assert signed.get(page("run", run)).status_code == 200
    tasks.solve(run.pk)
    assert signed.get(page("run", run)).context["figures"].placed == 2
    assert signed.post(page("gesture", run, verb="confirm")).status_code in {403, 409}
    assert second.post(page("gesture", run, verb="confirm")).status_code == 302
    assert second.post(page("gesture", run, verb="nothing")).status_code == 302
    assert second.post(page("gesture", run, verb="publish")).status_code == 302
    assert signed.get(page("run", run)).context["labs"]
    assert signed.post(page("gesture", run, verb="discard"), {"reason": "x"}).status_code == 409


def test_everybody_reads_her_own_result_with_its_reasons_and_nobody_elses(
    client_of: Any, client: Any, solved: MatchRun, ranked: Any, officer: Any, second_officer: Any, call_lab: Any,
    lab_head: Any, other_lab_head: Any, stranger: Any, auditor: Any,
) -> None:  # fmt: skip
    placed, second, unplaced = ranked
    before = client_of(placed.applicant).get(page("result", placed))
    assert b"not published" in before.content
    assert client_of(stranger).get(page("run", solved)).status_code == 404
    actions.confirm_run(solved, by=second_officer)
    actions.publish_run(solved, by=officer)
    assert call_lab.lab.name_en.encode() in client_of(placed.applicant).get(page("result", placed)).content
    told = client_of(second.applicant).get(page("result", second)).content.decode()
    assert "you stood at number 2" in told
    assert placed.name not in told
    assert "did not put you on its list" in client_of(unplaced.applicant).get(page("result", unplaced)).content.decode()
    for person in (stranger, second.applicant):
        assert client_of(person).get(page("result", placed)).status_code == 404
    opening = call_lab.opening
    assert placed.name in client_of(lab_head).get(page("lab_result", opening)).content.decode()
    assert client_of(other_lab_head).get(page("lab_result", opening)).status_code in {403, 404}
    shown = client.get(reverse("matching:published")).content.decode()
    assert solved.call.name in shown
    for name in ("instance.json", "outcome.json", "verifier.py"):
        text = client_of(stranger).get(page("file", solved, name=name)).content.decode()
        assert placed.name not in text
    assert client_of(stranger).get(page("file", solved, name="secret")).status_code == 404
    assert client_of(auditor).get(page("run", solved)).status_code == 200
    assert [item.kind for item in desk.desk_items(placed.applicant)] == ["info"]


def test_what_waits_on_each_desk(
    people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, lab_head: Any, other_lab_head: Any, officer: Any,
    second_officer: Any,
) -> None:  # fmt: skip
    def labels(person: Any) -> list[str]:
        return [str(item.label) for item in desk.desk_items(person)]

    assert labels(lab_head) == ["Rank your candidates and certify the list"]
    certify(call_lab, [people[0].pk], lab_head)
    certify(other_call_lab, [], other_lab_head)
    assert labels(lab_head) == []
    assert labels(officer) == labels(second_officer) == ["Commit a secret for the lottery"]
    actions.commit_secret(reviewed, by=officer)
    assert (labels(officer), labels(second_officer)) == ([], ["Commit a secret for the lottery"])
    seal(reviewed, second_officer)
    assert labels(officer) == ["Run the match"]
    run = actions.request_run(Call.objects.get(), by=officer)
    assert labels(officer) == ["The match is being solved"]
    MatchRun.objects.update(job_state=JobState.FAILED)
    assert labels(officer) == ["The match could not be solved: look why"]
    MatchRun.objects.update(job_state=JobState.REQUESTED)
    tasks.solve(run.pk)
    assert labels(officer) == ["The match waits for a second officer"]
    assert labels(second_officer) == ["Check and confirm the match"]
    actions.confirm_run(MatchRun.objects.get(), by=second_officer)
    assert labels(officer) == labels(second_officer) == ["Publish the match"]


@pytest.mark.parametrize("code", [*reasons.SENTENCES, "ranked_above", "stayed_over_there"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_reason_is_a_sentence_in_both_languages(code: str, language: str) -> None:
    entry = {"reason": code, "held": 1, "position": 3, "cutoff": 1, "places_up": 2}
    with translation.override(language):
        words = reasons._words(entry)
    assert len(words) == 2
    assert all("%" not in sentence and sentence.endswith(".") for sentence in words)


@pytest.mark.parametrize(
    ("code", "held", "up", "said"),
    [
        ("ranked_above", 1, 1, ["Its 1 seat went to a candidate", "1 place higher"]),
        ("ranked_above", 3, 2, ["All 3 seats went to candidates", "2 places higher"]),
        ("stayed_over_there", 1, 0, ["The 1 seat of the lab's own went to a candidate"]),
        ("stayed_over_there", 2, 4, ["All 2 seats of the lab's own", "4 places higher"]),
        ("reserved_seat", 2, 2, ["The seats open to you", "2 places higher"]),
        ("lost_lottery", 2, 1, ["The lottery decided", "1 place higher"]),
        ("institute_cap", 1, 1, ["its institute had reached", "1 place higher"]),
        ("not_ranked", 1, None, ["did not put you on its list"]),
    ],
)
def test_reasons_count_as_people_speak_and_say_what_would_have_been_enough(
    code: str, held: int, up: int | None, said: list[str]
) -> None:
    words = reasons._words({"reason": code, "held": held, "position": 9, "cutoff": 5, "places_up": up})
    assert len(words) == len(said)
    assert all(part in sentence for part, sentence in zip(said, words, strict=True))


def test_who_has_her_first_choice_reads_so(client_of: Any, published: MatchRun, ranked: Any) -> None:
    first, second = (client_of(row.applicant).get(page("result", row)).content.decode() for row in ranked[:2])
    assert "This lab is your first choice: none stood above it" in first
    assert "This lab is your first choice" not in second
