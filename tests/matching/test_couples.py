"""Two applicants who rank together: from asking to a result, stable or owned up to; and what stays theirs alone."""

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from common.refusals import OutOfDate, SamePersonTwice
from matching import actions, queries, tasks, verifier
from matching.models import ChoiceList, Couple, MatchResult, MatchRun, Opening
from matching.queries.checks import checks_of
from matching.queries.couples import agreed_couples
from notifications.models import Notification
from tests.matching.helpers import certify, page, seal


def joined(first: Any, second: Any, pairs: list[Any] | None = None) -> Couple:
    """Both agreed on `pairs`, or on those that their lists suggest."""
    couple = actions.ask_couple(first, second.applicant.email.upper(), by=first.applicant)
    actions.join_couple(couple, by=second.applicant)
    actions.save_pairs(couple, pairs or couple.pairs, version=1, by=first.applicant)
    couple.refresh_from_db()
    return actions.agree_pairs(couple, version=couple.version, by=second.applicant)


def solved(call: Any, officer: Any, second_officer: Any) -> MatchRun:
    run = actions.request_run(seal(call, officer, second_officer), by=officer)
    tasks.solve(run.pk)
    return MatchRun.objects.get(pk=run.pk)


def test_both_agree_to_one_list(people: Any, call_lab: Any, other_call_lab: Any) -> None:
    first, second, third = people
    couple = actions.ask_couple(first, second.applicant.email, by=first.applicant)
    assert Notification.objects.filter(kind="couple_asked", to=second.applicant).count() == 1
    for who in (first, third):
        with pytest.raises(SamePersonTwice):
            actions.join_couple(couple, by=who.applicant)
    with pytest.raises(actions.InACouple):
        actions.ask_couple(first, third.applicant.email, by=first.applicant)
    actions.join_couple(couple, by=second.applicant)
    one, two = call_lab.pk, other_call_lab.pk
    assert couple.pairs == [(one, one), (one, two), (two, one), (two, two)]
    assert agreed_couples(first.call) == []
    for wrong in ([], [(one, one), (one, one)], [(None, None)], [(one, 0)]):
        with pytest.raises(actions.WrongPairs):
            actions.save_pairs(couple, wrong, version=1, by=first.applicant)
    actions.save_pairs(couple, [(one, two), (None, two)], version=1, by=first.applicant)
    with pytest.raises(OutOfDate):
        actions.agree_pairs(couple, version=1, by=second.applicant)
    actions.agree_pairs(couple, version=2, by=second.applicant)
    assert [row.pairs for row in agreed_couples(first.call)] == [[(one, two), (None, two)]]
    # a change takes the other's word back
    actions.save_pairs(couple, [(None, two), (one, two)], version=2, by=second.applicant)
    assert agreed_couples(first.call) == []
    actions.end_couple(couple, by=first.applicant)
    assert actions.ask_couple(second, third.applicant.email, by=second.applicant).state == "asked"


def test_one_couple_a_person_whoever_answers_whom(people: Any) -> None:
    first, second, third = people
    joined(first, second)
    other = actions.ask_couple(third, second.applicant.email, by=third.applicant)
    with pytest.raises(actions.InACouple):
        actions.join_couple(other, by=second.applicant)
    with pytest.raises(IntegrityError, match="in another couple"), transaction.atomic():
        Couple.objects.filter(pk=other.pk).update(state="joined")
    with pytest.raises(actions.NotYourself):
        actions.ask_couple(third, third.applicant.email, by=third.applicant)


def test_nobody_learns_who_applied(client_of: Any, people: Any, lab_head: Any, officer: Any) -> None:
    first, second, _third = people
    url = page("couple", first)
    known, unknown = (
        client_of(first.applicant).post(url, {"email": email}, follow=True).content.decode()
        for email in (second.applicant.email, "nobody@example.org")
    )
    assert "Asked. If somebody applied with this address" in known
    Couple.objects.all().delete()
    again = client_of(first.applicant).post(url, {"email": "nobody@example.org"}, follow=True).content.decode()
    assert "Asked. If somebody applied with this address" in again
    assert "You asked nobody@example.org. Nothing is agreed before she answers." in again
    assert "Nothing is agreed before she answers." in known
    assert unknown.count("Asked. If somebody") == 0
    for person in (lab_head, officer, second.applicant):
        assert client_of(person).get(url).status_code in {403, 404}
        key = Couple.objects.get().key
        assert client_of(person).post(reverse("matching:settle_couple", args=[key, "end"])).status_code == 404


def test_a_couple_is_placed_by_its_pairs_and_everything_is_checked(
    client_of: Any, people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, officer: Any, second_officer: Any,
    lab_head: Any, other_lab_head: Any,
) -> None:  # fmt: skip
    first, second, third = people
    one, two = call_lab.pk, other_call_lab.pk
    joined(first, second, [(two, one), (one, two)])
    # alone the first would get the first lab; as a couple they want it the other way round
    certify(call_lab, [row.pk for row in people], lab_head)
    certify(other_call_lab, [row.pk for row in people], other_lab_head)
    run = solved(reviewed, officer, second_officer)
    assert (run.state, run.unstable, run.violations) == ("solved", None, [])
    held = {row.application_id: (row.call_lab_id, row.choice) for row in MatchResult.objects.all()}
    assert held == {first.pk: (two, 1), second.pk: (one, 1), third.pk: (None, None)}
    assert verifier.violations(run.instance.encode(), run.outcome.encode()) == []
    assert [str(check.label) for check in checks_of(run) if not check.is_met] == []
    copy = json.loads(ChoiceList.objects.get(application=first).text)
    assert copy["couple"] == {"with": second.number, "pairs": [["SOLAR", "LLM"], ["LLM", "SOLAR"]]}
    mail = Notification.objects.get(kind="choices_certified", to=first.applicant)
    assert mail.context["order"].splitlines()[0] == f"1. {other_call_lab.lab.name} + {call_lab.lab.name}"
    Couple.objects.update(ranked=[[one, two]])
    assert [str(check.label) for check in checks_of(run) if not check.is_met] == [
        "Every applicant's order of labs is the one of which she has a copy"
    ]
    Couple.objects.update(ranked=[[two, one], [one, two]])
    actions.confirm_run(run, by=second_officer)
    actions.publish_run(run, by=officer)
    shown = client_of(first.applicant).get(page("result", first)).content.decode()
    assert f"You and {second.name} ranked pairs of labs" in shown
    assert "ranked pairs of labs" not in client_of(third.applicant).get(page("result", third)).content.decode()
    lab = client_of(lab_head).get(page("lab_result", Opening.objects.get(call_lab=call_lab))).content.decode()
    assert "couple" not in lab.lower()
    after = client_of(officer).get(page("after", run))
    assert after.status_code == 200


def test_no_stable_outcome_is_said_and_decided_by_two(
    client_of: Any, people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, officer: Any, second_officer: Any,
    lab_head: Any, other_lab_head: Any,
) -> None:  # fmt: skip
    """A couple that comes only together, and a single: whoever is placed, somebody blocks (after Roth 1984)."""
    first, second, third = people
    one, two = call_lab.pk, other_call_lab.pk
    joined(first, second, [(one, two)])
    # the first lab prefers the couple's first to the single, the second lab the single to the couple's second
    certify(call_lab, [first.pk, third.pk], lab_head)
    certify(other_call_lab, [third.pk, second.pk], other_lab_head)
    run = solved(reviewed, officer, second_officer)
    assert run.state == "solved"
    assert run.unstable is not None
    assert run.violations == []
    names = dict(run.results.values_list("application_id", "pseudonym"))
    assert run.unstable["couples"] == [sorted([names[first.pk], names[second.pk]])]
    assert len(run.unstable["blocking"]) == json.loads(run.outcome)["unstable"]["blocking"] >= 1
    shown = client_of(second_officer).get(page("run", run)).content.decode()
    assert "No outcome suits every list" in shown
    assert names[first.pk] in shown
    assert [str(check.label) for check in checks_of(run) if not check.is_met] == []
    with pytest.raises(SamePersonTwice):
        actions.confirm_run(run, by=officer)
    actions.confirm_run(run, by=second_officer)
    actions.publish_run(run, by=officer)
    for row in people:
        assert client_of(row.applicant).get(page("result", row)).status_code == 200
    # an outcome that hides what blocks is still refused
    hidden = {key: value for key, value in json.loads(run.outcome).items() if key != "unstable"}
    text = json.dumps(hidden, sort_keys=True, separators=(",", ":"))
    assert any(" block: " in words for words in verifier.violations(run.instance.encode(), text.encode()))


def test_who_withdraws_leaves_the_other_with_her_own_order(
    people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, officer: Any, second_officer: Any, lab_head: Any,
    other_lab_head: Any,
) -> None:  # fmt: skip
    first, second, _third = people
    joined(first, second, [(other_call_lab.pk, call_lab.pk)])
    certify(call_lab, [row.pk for row in people], lab_head)
    certify(other_call_lab, [row.pk for row in people], other_lab_head)
    type(second).objects.filter(pk=second.pk).update(state="withdrawn", withdrawn_at=timezone.now())
    run = solved(reviewed, officer, second_officer)
    assert json.loads(run.instance)["couples"] == []
    assert MatchResult.objects.get(application=first).call_lab_id == call_lab.pk
    assert [str(check.label) for check in checks_of(run) if not check.is_met] == []


def test_pairs_are_put_in_order_in_the_browser(client_of: Any, people: Any, call_lab: Any, other_call_lab: Any) -> None:
    first, second, _third = people
    hers, his = client_of(first.applicant), client_of(second.applicant)
    url, other = page("couple", first), page("couple", second)
    assert hers.post(url, {"email": "not an address"}).status_code == 422
    hers.post(url, {"email": second.applicant.email})
    assert "asks you to rank together" in his.get(other).content.decode()
    assert "Somebody asks you to rank together" in his.get(reverse("home")).content.decode()
    key = Couple.objects.get().key
    assert his.post(reverse("matching:settle_couple", args=[key, "join"])).status_code == 302
    shown = hers.get(url).content.decode()
    assert f"You rank together with {second.name}." in shown
    options = queries.options_of(Couple.objects.get())
    order = [str(options.index(pair) + 1) for pair in Couple.objects.get().pairs]
    posted = {"version": 1, "order": order, "move": f"down:{order[0]}"}
    assert hers.post(url, posted).status_code == 302
    assert hers.post(url, posted).status_code == 409
    assert "You agree to this list; the other one does not yet." in hers.get(url).content.decode()
    left = his.get(other).content.decode()
    assert "Agree to the list as it stands" in left
    assert his.post(reverse("matching:settle_couple", args=[key, "agree"]), {"version": 1}).status_code == 409
    assert his.post(reverse("matching:settle_couple", args=[key, "agree"]), {"version": 2}).status_code == 302
    assert "It is in the match." in his.get(other).content.decode()
    assert Couple.objects.get().pairs[0] == (call_lab.pk, other_call_lab.pk)
