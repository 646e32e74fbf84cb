"""The what-if desk: a sandbox out of which nothing comes, and lotteries as a job with progress."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.job_states import JobState
from common.models import AuditEntry
from matching import actions, queries, tasks
from matching.models import LotteryStudy, MatchResult, MatchRun, Opening
from tests.matching.helpers import page


def test_another_seat_moves_people_and_nothing_is_written(
    client_of: Any, solved: MatchRun, ranked: Any, officer: Any, call_lab: Any
) -> None:
    signed, url = client_of(officer), page("what_if", solved)
    assert signed.get(url).status_code == 200
    before = (MatchRun.objects.values().get(), list(MatchResult.objects.values()), list(Opening.objects.values()))
    with CaptureQueriesContext(connection) as captured:
        tried = signed.get(url, {"try": "1", "seats_l1": "2", "seats_l2": "1", "minimum_l2": "1"})
    assert not [each for each in captured.captured_queries if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    sandbox = tried.context["sandbox"]
    assert [(row.held, row.would_hold) for row in sandbox.labs] == [(1, 2), (1, 0)]
    assert (sandbox.moves.better, sandbox.moves.worse) == (1, 0)
    assert sandbox.flows == [("SOLAR", "LLM", 1)]
    price = sandbox.labs[1].price
    assert (price.is_reached, len(price.sent), price.moves.worse) == (True, 1, 1)
    after = (MatchRun.objects.values().get(), list(MatchResult.objects.values()), list(Opening.objects.values()))
    assert after == before


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ({"ranked_lab": "l1", "lines": "{1}"}, [1, 0]),
        ({"ranked_lab": "l2", "lines": "{2}\n{1}"}, [1, 1]),
        ({"cap_i1": "0"}, [0, 1]),
        ({"seats_l1": "0", "seats_l2": "0"}, [0, 0]),
    ],
)
def test_lists_caps_and_seats_in_the_sandbox(
    client_of: Any, solved: MatchRun, ranked: Any, officer: Any, asked: dict[str, str], held: list[int]
) -> None:
    asked = {name: value.format(*(row.number for row in ranked)) for name, value in asked.items()}
    tried = client_of(officer).get(page("what_if", solved), {"try": "1", "seats_l1": "1", "seats_l2": "1", **asked})
    assert [row.would_hold for row in tried.context["sandbox"].labs] == held


def test_a_reserve_for_nobody_and_too_many_seats(client_of: Any, solved: MatchRun, officer: Any) -> None:
    reserves = {"l1": {"overseas": 9}}
    plain = queries.sandbox_of(solved)
    assert "reserves" in queries.tried_out(solved, plain, queries.Asked(reserves=reserves)).problem
    wrong = client_of(officer).get(page("what_if", solved), {"try": "1", "seats_l1": "-3"})
    assert wrong.context["sandbox"].moves is None


def test_a_thousand_lotteries_as_a_job(client_of: Any, solved: MatchRun, officer: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("matching.actions.sandbox.MANY", 20)
    signed, url = client_of(officer), page("what_if", solved)
    assert signed.post(url, {"study": "1"}).status_code == 302
    study = LotteryStudy.objects.get()
    assert "Waiting to start" in signed.get(page("study", solved)).content.decode()
    tasks.study(study.pk)
    study.refresh_from_db()
    assert (study.job_state, study.found["touched"], study.found["placed"]) == (JobState.READY, 0, 2)
    assert actions.make_study(study.pk) is False
    assert "the place of 0 applicants" in signed.get(url).content.decode()
    assert AuditEntry.objects.filter(verb="matching.study.asked").count() == 1


def test_the_sandbox_is_for_officers(
    client_of: Any, solved: MatchRun, ranked: Any, lab_head: Any, stranger: Any, auditor: Any, reviewed: Any
) -> None:
    for person in (lab_head, stranger, ranked[0].applicant):
        assert client_of(person).get(page("what_if", solved)).status_code == 404
    assert client_of(auditor).get(page("what_if", solved)).status_code == 403
