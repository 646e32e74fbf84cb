"""After the match: places given up, who follows by which way, an officer's decision, everybody told."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from applications.actions import withdraw
from common.refusals import OutOfDate
from matching import actions, queries, tasks
from matching.models import MatchResult, MatchRun, PlaceChange, Refill
from matching.queries import desk
from notifications.models import Notification
from tests.matching.helpers import page


def placed_of(person: Any) -> int | None:
    return MatchResult.objects.get(application=person).call_lab_id


def shas(run: MatchRun) -> dict[str, str]:
    return {str(each.kind): each.outcome_sha256 for each in queries.previews_of(run)}


def test_a_withdrawal_cascades(
    client_of: Any, published: MatchRun, ranked: Any, officer: Any, call_lab: Any, other_call_lab: Any, lab_head: Any
) -> None:
    first, second, _third = ranked
    withdraw(first, by=first.applicant, reason="another position")
    signed, url = client_of(officer), page("after", published)
    shown = signed.get(url).content.decode()
    assert f"{second.number} · {second.name}" in shown
    assert placed_of(first) == call_lab.pk
    tasks.vacate_withdrawn()
    assert placed_of(first) is None
    assert "Places were given up: decide who follows" in [str(item.label) for item in desk.desk_items(officer)]
    sha256 = shas(published)["waitlist"]
    assert signed.post(url, {"kind": "waitlist", "outcome": "0" * 64}).status_code == 409
    assert signed.post(url, {"kind": "waitlist", "outcome": sha256}).status_code == 302
    assert (placed_of(second), queries.places_of(published).count()) == (call_lab.pk, 1)
    moved = MatchResult.objects.get(application=second)
    assert (moved.choice, moved.explanation["refusals"]) == (1, [])
    told = Notification.objects.filter(kind="match_moved")
    assert list(told.values_list("to", flat=True)) == [second.applicant_id]
    assert lab_head.pk in Notification.objects.filter(kind="match_lab_changed").values_list("to", flat=True)
    assert "you moved to" in client_of(second.applicant).get(page("result", second)).content.decode()
    assert "You hold no place any more" in client_of(first.applicant).get(page("result", first)).content.decode()
    assert [str(item.label) for item in desk.desk_items(officer)] == []
    assert [(row.left_id, row.took_id) for row in PlaceChange.objects.order_by("pk")] == [
        (call_lab.pk, None),
        (other_call_lab.pk, call_lab.pk),
    ]
    with pytest.raises(actions.NothingMoves):
        actions.decide_refill(published, "waitlist", shas(published)["waitlist"], by=officer)


def test_a_filling_is_proved_by_the_strangers_verifier(
    published: MatchRun, ranked: Any, officer: Any, tmp_path: Path
) -> None:
    actions.vacate(MatchResult.objects.get(application=ranked[0]), by=officer, reason="declined")
    made = actions.decide_refill(published, "afresh", shas(published)["afresh"], by=officer)
    for name, text in (("i.json", made.instance), ("o.json", made.outcome), ("v.py", queries.verifier_source())):
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-I", "v.py", "i.json", "o.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert len(json.loads(made.instance)["applicants"]) == 2


def test_who_accepted_stays_even_from_a_better_place(
    published: MatchRun, ranked: Any, officer: Any, other_call_lab: Any
) -> None:
    first, second, _third = (MatchResult.objects.get(application=row) for row in ranked)
    actions.fix_place(second, by=officer)
    actions.vacate(first, by=officer, reason="declined")
    assert [each.moved for each in queries.previews_of(published)] == [[], [], []]
    second.refresh_from_db()
    assert (second.call_lab_id, second.is_fixed) == (other_call_lab.pk, True)


def test_nobody_who_withdrew_is_placed_and_twice_is_once(published: MatchRun, ranked: Any, officer: Any) -> None:
    first, second, third = ranked
    withdraw(second, by=second.applicant, reason="moved away")
    result = MatchResult.objects.get(application=first)
    for _twice in range(2):
        actions.vacate(result, by=officer, reason="declined")
    assert PlaceChange.objects.count() == 1
    assert all(each.moved == [] for each in queries.previews_of(published))
    assert queries.free_places(published)[0][1:] == (0, 1)
    with pytest.raises(OutOfDate):
        actions.decide_refill(published, "rematch", "0" * 64, by=officer)
    assert not Refill.objects.exists()
    with pytest.raises(actions.NotPublished):
        actions.fix_place(MatchResult.objects.get(application=third), by=officer)


def test_nothing_is_given_up_before_publication(
    client_of: Any, solved: MatchRun, ranked: Any, officer: Any, lab_head: Any
) -> None:
    with pytest.raises(actions.NotPublished):
        actions.vacate(MatchResult.objects.get(application=ranked[0]), by=officer, reason="declined")
    assert client_of(officer).get(page("after", solved)).status_code == 409
    assert client_of(lab_head).get(page("after", solved)).status_code == 404
