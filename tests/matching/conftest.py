"""A call in review with two labs and three candidates, up to a solved run."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from applications.models import Application
from applications.states import CallState
from matching import actions, tasks
from matching.models import MatchRun
from tests.factories.applications import EligibleFactory
from tests.matching.helpers import certify, seal


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def reviewed(call: Any, call_lab: Any, other_call_lab: Any, officer: Any) -> Any:
    """A call in review with one seat in each of two labs, and three candidates who want the first most."""
    call.state = CallState.REVIEW
    call.closes_at, call.ranks_due_at = timezone.now() - timedelta(days=30), timezone.now() + timedelta(days=3)
    call.opens_at = call.closes_at - timedelta(days=30)
    call.save()
    for row in (call_lab, other_call_lab):
        row.seats_announced = 1
        row.save()
    actions.open_seats(call, by=officer)
    for _number in range(3):
        EligibleFactory(call=call, ranked_labs=[call_lab.pk, other_call_lab.pk])
    return call


@pytest.fixture
def people(reviewed: Any) -> list[Any]:
    return list(Application.objects.order_by("pk"))


@pytest.fixture
def ranked(people: Any, call_lab: Any, other_call_lab: Any, lab_head: Any, other_lab_head: Any) -> Any:
    """The first lab prefers 0 to 1 and does not want 2; the other takes 1 only."""
    certify(call_lab, [people[0].pk, people[1].pk], lab_head)
    certify(other_call_lab, [people[1].pk], other_lab_head)
    return people


@pytest.fixture
def sealed(ranked: Any, reviewed: Any, officer: Any, second_officer: Any) -> Any:
    return seal(reviewed, officer, second_officer)


@pytest.fixture
def solved(sealed: Any, ranked: Any, reviewed: Any, officer: Any) -> MatchRun:
    run = actions.request_run(reviewed, by=officer)
    tasks.solve(run.pk)
    return MatchRun.objects.get(pk=run.pk)


@pytest.fixture
def published(solved: MatchRun, officer: Any, second_officer: Any) -> MatchRun:
    """The first is placed in the first lab, the second in the other one, the third nowhere."""
    actions.confirm_run(solved, by=second_officer)
    return actions.publish_run(solved, by=officer)
