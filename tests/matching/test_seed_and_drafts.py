"""A seed that nobody chose, drafts that decide nothing, publishing at a set instant, attempts that are written down."""

import hashlib
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from applications.models import Application
from common.models import AuditEntry
from common.refusals import SamePersonTwice
from matching import actions, queries, tasks
from matching.actions import pseudonyms
from matching.models import ChoiceList, MatchResult, MatchRun, SeedShare
from matching.queries.checks import checks_of
from matching.states import RunState
from notifications.models import Notification
from people.states import Role
from reviews.models import Conflict
from tests.factories.applications import EligibleFactory
from tests.factories.people import RoleGrantFactory, holder
from tests.matching.helpers import certify, let_due_pass, page, seal

SECRET = "correct horse battery staple"


def unmet(run: MatchRun) -> list[str]:
    return [
        str(check.label)
        for check in checks_of(MatchRun.objects.select_related("call").get(pk=run.pk))
        if not check.is_met
    ]


def test_the_seed_is_made_of_two_secrets_and_a_public_value(
    ranked: Any, reviewed: Any, officer: Any, second_officer: Any
) -> None:
    actions.name_public_value(reviewed, "the lottery of 5 December", by=officer)
    first = actions.commit_secret(reviewed, by=officer, secret=SECRET)
    second = actions.commit_secret(reviewed, by=second_officer, secret=SECRET[::-1], keeps_it=True)
    assert (first.sealed != "", SECRET in first.sealed, second.sealed) == (True, False, "")
    let_due_pass()
    reviewed.refresh_from_db()
    with pytest.raises(actions.NotReady, match=r"keeps her secret.*public value"):
        actions.request_run(reviewed, by=officer)
    with pytest.raises(actions.NotTheSecret):
        actions.hand_in_secret(second, SECRET, by=second_officer)
    actions.hand_in_secret(second, SECRET[::-1], by=second_officer)
    actions.enter_public_value(reviewed, "3 14 15 9 26 5", by=officer)
    run = actions.request_run(reviewed, by=officer)
    made = hashlib.sha256(f"{SECRET}\n{SECRET[::-1]}\n3 14 15 9 26 5".encode()).hexdigest()
    assert run.seed == made
    tasks.solve(run.pk)
    assert unmet(run) == []
    assert not SeedShare.objects.exclude(revealed="").exists()
    actions.confirm_run(run, by=second_officer)
    actions.publish_run(run, by=officer)
    assert list(SeedShare.objects.values_list("revealed", flat=True)) == [SECRET, SECRET[::-1]]
    with pytest.raises(actions.SeedUsed):
        actions.enter_public_value(reviewed, "1 2 3 4 5 6", by=officer)


@pytest.mark.parametrize("secret", ["short", "two lines of it\nand the other", "x" * 201])
def test_a_secret_that_could_be_guessed_or_is_no_line_is_refused(reviewed: Any, officer: Any, secret: str) -> None:
    with pytest.raises(actions.SecretUnfit):
        actions.commit_secret(reviewed, by=officer, secret=secret)


def test_what_one_officer_cannot_do_about_the_seed(
    ranked: Any, reviewed: Any, officer: Any, second_officer: Any, other_officer: Any, call_lab: Any
) -> None:
    mine = actions.commit_secret(reviewed, by=officer, secret=SECRET)
    with pytest.raises(SamePersonTwice):
        actions.commit_secret(reviewed, by=officer)
    with pytest.raises(SamePersonTwice):
        actions.give_up_share(mine, by=officer, reason="I would rather have another")
    with pytest.raises(SamePersonTwice):
        actions.hand_in_secret(mine, SECRET, by=second_officer)
    with pytest.raises(actions.NotDrawnYet):
        actions.hand_in_secret(mine, SECRET, by=officer)
    with pytest.raises(actions.NothingNamed):
        actions.enter_public_value(reviewed, "7", by=officer)
    applied = EligibleFactory(call=reviewed, ranked_labs=[call_lab.pk])
    with pytest.raises(SamePersonTwice):
        actions.commit_secret(reviewed, by=applied.applicant)
    applied.delete()
    actions.commit_secret(reviewed, by=second_officer)
    with pytest.raises(actions.SeedComplete):
        actions.commit_secret(reviewed, by=other_officer)
    let_due_pass()
    reviewed.refresh_from_db()
    with pytest.raises(actions.SeedClosed):
        actions.name_public_value(reviewed, "what I like", by=officer)
    given_up = actions.give_up_share(mine, by=second_officer, reason="She is ill, and kept it herself.")
    with pytest.raises(actions.NotReady, match="secret"):
        actions.request_run(reviewed, by=officer)
    again = actions.commit_secret(reviewed, by=other_officer)
    assert (again.position, again.pk == given_up.pk) == (1, False)
    run = actions.request_run(reviewed, by=officer)
    with pytest.raises(actions.SeedUsed):
        actions.give_up_share(again, by=second_officer, reason="another draw")
    actions.discard_run(run, by=officer, reason="a typing error in the reason")
    assert actions.request_run(reviewed, by=officer).seed == run.seed
    refused = AuditEntry.objects.filter(verb__startswith="matching.", verb__endswith=".refused")
    assert refused.filter(by_id=officer.pk, verb="matching.commit_secret.refused").count() == 1
    assert refused.count() == 10


def test_too_late_to_commit(ranked: Any, reviewed: Any, officer: Any, client_of: Any) -> None:
    let_due_pass()
    reviewed.refresh_from_db()
    with pytest.raises(actions.SeedClosed):
        actions.commit_secret(reviewed, by=officer)
    with pytest.raises(actions.NotReady, match="Move that deadline"):
        actions.request_run(reviewed, by=officer)


def test_a_draft_is_marked_logged_and_decides_nothing(
    client_of: Any,
    ranked: Any,
    reviewed: Any,
    officer: Any,
    second_officer: Any,
    lab_head: Any,
    call_lab: Any,
    lab: Any,
) -> None:
    draft = actions.request_draft(reviewed, by=officer)
    tasks.solve(draft.pk)
    draft.refresh_from_db()
    assert (draft.state, draft.is_draft) == (RunState.SOLVED, True)
    assert AuditEntry.objects.filter(verb="matching.run.requested", after__is_draft=True, by_id=officer.pk).exists()
    for refused in (actions.confirm_run, actions.publish_run):
        with pytest.raises(actions.DecidesNothing):
            refused(draft, by=second_officer)
    assert client_of(lab_head).get(page("run", draft)).status_code == 404
    assert client_of(ranked[0].applicant).get(page("run", draft)).status_code == 404
    both = holder(Role.LAB_MEMBER, lab.place)
    RoleGrantFactory(user=both, role=Role.PROGRAMME_OFFICER, place=lab.institute.place)
    assert client_of(both).get(page("run", draft)).status_code == 403
    assert client_of(both).get(page("file", draft, name="outcome.json")).status_code == 403
    seen = AuditEntry.objects.filter(verb="matching.view_run.refused", subject_id=str(draft.pk))
    assert set(seen.values_list("by_id", flat=True)) == {lab_head.pk, ranked[0].applicant_id, both.pk}
    assert queries.result_of(ranked[0]) is None
    assert client_of(officer).get(page("run", draft)).status_code == 200
    certified = call_lab.opening.rank_list
    actions.reopen_ranking(certified, by=lab_head)
    certify(call_lab, [ranked[1].pk, ranked[0].pk], lab_head)
    seal(reviewed, officer, second_officer)
    run = actions.request_run(reviewed, by=officer)
    assert run.seed != draft.seed
    tasks.solve(run.pk)
    changes = queries.changes_since_draft(MatchRun.objects.get(pk=run.pk))
    assert changes is not None
    assert (changes.lists, changes.seats, changes.joined, changes.left) == (["LLM"], [], 0, 0)
    assert changes.moved == 2
    assert unmet(run) == []


def test_a_pseudonym_is_drawn_once_a_call_and_whoever_comes_later_gets_hers_then(
    client_of: Any, ranked: Any, reviewed: Any, call_lab: Any, officer: Any, second_officer: Any
) -> None:
    draft = actions.request_draft(reviewed, by=officer)
    names = dict(draft.results.values_list("application_id", "pseudonym"))
    assert names.keys() == {row.pk for row in ranked}
    later = EligibleFactory(call=reviewed, ranked_labs=[call_lab.pk])
    assert queries.pseudonym_of(later) == ""
    seal(reviewed, officer, second_officer)
    tasks.seal_due()
    assert not MatchRun.objects.filter(is_draft=False).exists()
    mailed = {row.about_id: row.context["pseudonym"] for row in Notification.objects.filter(kind="choices_certified")}
    assert mailed == {str(pk): name for pk, name in {**names, later.pk: queries.pseudonym_of(later)}.items()}
    assert mailed[str(later.pk)] in client_of(later.applicant).get(page("choices", later)).content.decode()
    run = actions.request_run(reviewed, by=officer)
    assert dict(run.results.values_list("application_id", "pseudonym")) == {int(pk): row for pk, row in mailed.items()}
    last = EligibleFactory(call=reviewed, ranked_labs=[call_lab.pk])
    actions.discard_run(run, by=officer, reason="Somebody became eligible.")
    again = actions.request_run(reviewed, by=officer)
    found = {str(pk): name for pk, name in again.results.values_list("application_id", "pseudonym")}
    assert found == {**mailed, str(last.pk): queries.pseudonym_of(last)}
    assert len(set(found.values())) == 5
    assert AuditEntry.objects.filter(verb="matching.pseudonyms.drawn").count() == 3


def test_a_name_that_is_taken_is_not_given_again(reviewed: Any, people: Any) -> None:
    with mock.patch.object(pseudonyms.secrets, "randbelow", side_effect=[7, 7, 7, 8, 9]):
        assert sorted(actions.draw_pseudonyms(reviewed).values()) == ["a00000007", "a00000008", "a00000009"]


def test_everybody_is_told_at_the_set_instant(
    client_of: Any, solved: MatchRun, ranked: Any, officer: Any, second_officer: Any
) -> None:
    actions.confirm_run(solved, by=second_officer)
    with pytest.raises(actions.NotInTheFuture):
        actions.schedule_run(solved, timezone.now() - timedelta(minutes=1), by=officer)
    at = timezone.localtime(timezone.now() + timedelta(hours=2))
    signed = client_of(officer)
    signed.post(page("gesture", solved, verb="schedule"), {"at": ""})
    assert signed.post(page("gesture", solved, verb="schedule"), {"at": f"{at:%Y-%m-%dT%H:%M}"}).status_code == 302
    assert signed.get(page("run", solved)).status_code == 200
    assert actions.publish_due() == 0
    assert queries.result_of(ranked[0]) is None
    signed.post(page("gesture", solved, verb="unschedule"))
    solved.refresh_from_db()
    assert (solved.state, solved.confirmed_by_id, solved.publish_at) == (RunState.CONFIRMED, second_officer.pk, None)
    actions.schedule_run(solved, timezone.now() + timedelta(hours=2), by=officer)
    MatchRun.objects.update(publish_at=timezone.now())
    tasks.publish_due()
    solved.refresh_from_db()
    assert (solved.state, solved.published_by_id) == (RunState.PUBLISHED, None)
    assert Notification.objects.filter(kind__in=["match_placed", "match_unplaced"]).count() == 3


def test_what_cannot_be_published_at_its_instant_waits_and_its_officers_are_told(
    solved: MatchRun, ranked: Any, officer: Any, second_officer: Any
) -> None:
    actions.confirm_run(solved, by=second_officer)
    actions.schedule_run(solved, timezone.now() + timedelta(hours=2), by=officer)
    MatchRun.objects.update(publish_at=timezone.now())
    Application.objects.filter(pk=ranked[0].pk).update(state="withdrawn")
    assert actions.publish_due() == 0
    solved.refresh_from_db()
    assert (solved.state, solved.publish_at) == (RunState.CONFIRMED, None)
    told = Notification.objects.filter(kind="match_held_back")
    assert set(told.values_list("to", flat=True)) == {officer.pk, second_officer.pk}


@pytest.mark.parametrize("change", ["secret", "seed", "late", "officer_applied", "officer_declared", "reordered"])
def test_what_is_wrong_with_seed_or_officers_stops_the_confirmation(
    solved: MatchRun, ranked: Any, second_officer: Any, officer: Any, call_lab: Any, reviewed: Any, change: str
) -> None:
    if change == "secret":
        SeedShare.objects.filter(position=1).update(sha256="0" * 64)
    if change == "seed":
        MatchRun.objects.update(seed="0" * 64)
    if change == "late":
        SeedShare.objects.update(committed_at=timezone.now() + timedelta(minutes=1))
    if change == "officer_applied":
        EligibleFactory(call=reviewed, applicant=officer, state="withdrawn")
    if change == "officer_declared":
        Conflict.objects.create(application=ranked[2], person=officer, declared_by=officer, kind="family")
    if change == "reordered":
        ChoiceList.objects.filter(application=ranked[0]).update(ranked=[call_lab.pk])
    assert len(unmet(solved)) >= 1
    with pytest.raises(actions.ChecksFailed):
        actions.confirm_run(solved, by=second_officer)
    assert MatchResult.objects.filter(run=solved).count() == 3


def test_the_page_of_the_seed(client_of: Any, reviewed: Any, ranked: Any, officer: Any, second_officer: Any) -> None:
    signed, url = client_of(officer), page("seed", reviewed)
    assert signed.post(url, {"verb": "commit", "secret": "short"}).status_code == 409
    assert signed.post(url, {"verb": "source", "source": "the lottery"}).status_code == 302
    assert signed.post(url, {"verb": "commit", "secret": SECRET, "keeps_it": "on"}).status_code == 302
    share = SeedShare.objects.get()
    other = client_of(second_officer)
    assert share.sha256 in other.get(url).content.decode()
    assert SECRET not in other.get(url).content.decode()
    let_due_pass()
    assert signed.post(url, {"verb": "value", "value": ""}).status_code == 422
    assert signed.post(url, {"verb": "value", "value": "1 2 3"}).status_code == 302
    assert signed.post(url, {"verb": "hand_in", "share": share.key, "secret": "x"}).status_code == 409
    assert signed.post(url, {"verb": "hand_in", "share": share.key, "secret": SECRET}).status_code == 302
    assert other.post(url, {"verb": "give_up", "share": share.key, "reason": "wrong"}).status_code == 302
    assert other.get(url).status_code == 200
    assert other.post(page("runs", reviewed), {"draft": "1"}).status_code == 302
