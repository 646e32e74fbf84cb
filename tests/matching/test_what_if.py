"""The what-if desk: a sandbox out of which nothing comes, and lotteries as a job with progress."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.job_states import JobState
from common.models import AuditEntry
from matching import actions, queries, tasks
from matching.models import Group, LotteryStudy, MatchResult, MatchRun, Opening
from tests.matching.helpers import certify, page, seal


def test_another_seat_moves_people_and_nothing_is_written(
    client_of: Any, solved: MatchRun, ranked: Any, officer: Any, call_lab: Any
) -> None:
    signed, url = client_of(officer), page("what_if", solved)
    assert signed.get(url).status_code == 200
    before = (MatchRun.objects.values().get(), list(MatchResult.objects.values()), list(Opening.objects.values()))
    with CaptureQueriesContext(connection) as captured:
        tried = signed.post(url, {"try": "1", "seats_l1": "2", "seats_l2": "1", "minimum_l2": "1"})
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
    signed, data = client_of(officer), {"try": "1", "seats_l1": "1", "seats_l2": "1", **asked}
    tried = signed.post(page("what_if", solved), data)
    assert [row.would_hold for row in tried.context["sandbox"].labs] == held


def test_a_reserve_for_nobody_and_too_many_seats(client_of: Any, solved: MatchRun, officer: Any) -> None:
    reserves = {"l1": {"overseas": 9}}
    plain = queries.sandbox_of(solved)
    assert "reserves" in queries.tried_out(solved, plain, queries.Asked(reserves=reserves)).problem
    wrong = client_of(officer).post(page("what_if", solved), {"try": "1", "seats_l1": "-3"})
    assert (wrong.status_code, wrong.context["sandbox"].moves) == (422, None)


def test_names_that_are_tried_stand_in_no_address_however_many(
    client_of: Any, solved: MatchRun, ranked: Any, officer: Any
) -> None:
    signed, url = client_of(officer), page("what_if", solved)
    lines = "\n".join([*(row.name for row in ranked), *("Somebody Else" for _line in range(5000))])
    tried = signed.post(url, {"try": "1", "seats_l1": "1", "seats_l2": "1", "ranked_lab": "l1", "lines": lines})
    assert (tried.status_code, tried.context["sandbox"].moves is None) == (200, False)
    asked = signed.get(url, {"try": "1", "seats_l1": "2", "ranked_lab": "l1", "lines": ranked[0].name})
    assert asked.context["sandbox"].moves is None
    assert '<form method="get"' not in tried.content.decode()


def test_the_order_of_filling_is_tried_too(
    client_of: Any, people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, lab_head: Any, other_lab_head: Any,
    officer: Any, second_officer: Any,
) -> None:  # fmt: skip
    for row, country in zip(people, ("US", "KR", "US"), strict=True):
        row.residence = country
        row.save()
    abroad = [{"fact": "residence", "is_among": False, "values": ["KR"], "question": ""}]
    actions.save_group(
        reviewed, Group(code="overseas", name_en="Abroad", name_ko="해외", conditions=abroad), by=officer
    )
    wanted = actions.Seats(2, None, "open_first", (("overseas", 1),))
    actions.approve_change(actions.ask_for_seats(call_lab.opening, wanted, by=officer, reason="x"), by=second_officer)
    certify(call_lab, [row.pk for row in people], lab_head)
    certify(other_call_lab, [], other_lab_head)
    run = actions.request_run(seal(reviewed, officer, second_officer), by=officer)
    tasks.solve(run.pk)
    signed, url = client_of(officer), page("what_if", run)
    as_it_is = {"try": "1", "seats_l1": "2", "seats_l2": "1", "reserve_l1_overseas": "1", "order_l1": "open_first"}
    assert len(signed.post(url, as_it_is).context["sandbox"].moves.moves) == 0
    tried = signed.post(url, {**as_it_is, "order_l1": "reserved_first"})
    assert len(tried.context["sandbox"].moves.moves) == 2
    assert 'value="reserved_first" selected' in tried.content.decode()
    assert signed.post(url, {**as_it_is, "order_l1": "mine_first"}).status_code == 422
    for address, person in ((page("choices", people[0]), people[0].applicant),
                            (page("result", people[0]), people[0].applicant)):  # fmt: skip
        shown = client_of(person).get(address).content.decode()
        assert "1 of 2 seats is reserved for: Abroad." in shown
        assert "The other seats are filled first" in shown


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
