"""An applicant puts her labs in another order until her deadline, and gets a certified copy after it."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from applications.models import Application
from common.refusals import OutOfDate
from matching import actions, queries, tasks
from matching.models import ChoiceList, MatchResult
from matching.queries import desk
from notifications.models import Notification
from notifications.rendering import render
from tests.matching.helpers import certify, let_due_pass, page, seal


def test_the_later_order_is_in_the_match_and_the_lab_sees_none_of_it(
    client_of: Any, people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, lab_head: Any, other_lab_head: Any,
    officer: Any, second_officer: Any,
) -> None:  # fmt: skip
    hers = people[0]
    signed, url = client_of(hers.applicant), page("choices", hers)
    assert [str(item.label) for item in desk.desk_items(hers.applicant)] == [
        "You may still change the order of your labs"
    ]
    assert signed.get(url).status_code == 200
    moved = {"version": 0, "order": [call_lab.pk, other_call_lab.pk], "move": f"up:{other_call_lab.pk}"}
    assert signed.post(url, moved).status_code == 302
    assert queries.choices_of([hers.pk]) == {hers.pk: [other_call_lab.pk, call_lab.pk]}
    assert signed.post(url, {**moved, "version": 0}).status_code == 409
    assert client_of(people[1].applicant).get(url).status_code == 404
    certify(call_lab, [hers.pk], lab_head)
    certify(other_call_lab, [hers.pk], other_lab_head)
    run = actions.request_run(seal(reviewed, officer, second_officer), by=officer)
    tasks.solve(run.pk)
    assert MatchResult.objects.get(application=hers).call_lab_id == other_call_lab.pk
    row = ChoiceList.objects.get(application=hers)
    text = (
        f'{{"call":"{reviewed.code}","format":"innocore-choice-list/2","labs":["SOLAR","LLM"],'
        f'"name":"{queries.pseudonym_of(hers)}","number":{hers.number},"salt":"{row.salt}"}}'
    )
    assert row.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert len(row.salt) == 32
    assert row.sha256 in signed.get(url).content.decode()
    mails = Notification.objects.filter(kind="choices_certified")
    assert mails.count() == 3
    assert mails.get(to=hers.applicant).context["sha256"] == row.sha256
    for language in ("en", "ko"):
        assert (
            queries.pseudonym_of(hers) in render("choices_certified", language, mails.get(to=hers.applicant).context)[1]
        )
    assert actions.certify_choices(reviewed) == 0


def test_what_cannot_be_changed(people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, officer: Any) -> None:
    hers, both = people[0], [other_call_lab.pk, call_lab.pk]
    for wrong in ([call_lab.pk], [call_lab.pk, call_lab.pk], [*both, 0]):
        with pytest.raises(actions.NotHerLabs):
            actions.reorder_choices(hers, wrong, version=0, by=hers.applicant)
    with pytest.raises(actions.NotInTheMatch):
        actions.reorder_choices(hers, both, version=0, by=people[1].applicant)
    actions.reorder_choices(hers, both, version=0, by=hers.applicant)
    with pytest.raises(OutOfDate):
        actions.reorder_choices(hers, both, version=0, by=hers.applicant)
    let_due_pass()
    tasks.seal_due()
    with pytest.raises(actions.ChoicesClosed):
        actions.reorder_choices(Application.objects.get(pk=hers.pk), both, version=1, by=hers.applicant)
    with pytest.raises(actions.ChoicesClosed):
        actions.set_choices_deadline(reviewed, timezone.now() + timedelta(days=1), by=officer)


def test_applicants_have_a_deadline_of_their_own(client_of: Any, people: Any, reviewed: Any, officer: Any) -> None:
    signed, url = client_of(officer), page("choices_deadline", reviewed)
    at = timezone.localtime(timezone.now() + timedelta(days=9))
    assert signed.post(url, {"at": ""}).status_code == 302
    assert signed.post(url, {"at": "2020-01-01T10:00"}).status_code == 409
    assert signed.post(url, {"at": f"{at:%Y-%m-%dT%H:%M}"}).status_code == 302
    let_due_pass()
    assert actions.certify_choices_due() == 0
    reviewed.refresh_from_db()
    assert "Applicants may still change the order of their labs." in [
        str(each) for each in queries.why_no_run(reviewed)
    ]
