"""The lab's desk: levels, turning down, pasting, drafts side by side, sealing, exceptional changes by two officers."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from common.models import AuditEntry
from common.refusals import SamePersonTwice
from matching import actions, queries, tasks
from matching.models import ListAmendment, ListSeal, MatchResult, NotAcceptable, RankDraft
from people.states import Role
from reviews.models import Conflict
from tests.factories.applications import EligibleFactory, ReferenceLetterFactory
from tests.factories.people import RoleGrantFactory, holder
from tests.matching.helpers import certify, let_due_pass, list_of, page, seal


@pytest.fixture
def member(lab: Any) -> Any:
    return holder(Role.LAB_MEMBER, lab.place)


def test_level_candidates_stay_level_until_the_lottery(
    people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, lab_head: Any, other_lab_head: Any, member: Any,
    officer: Any, second_officer: Any,
) -> None:  # fmt: skip
    first, second, third = (row.pk for row in people)
    row = actions.save_ranking(list_of(call_lab), [first, second, third], version=0, by=lab_head, tied={second, third})
    assert row.class_sizes == [3]
    row = actions.save_ranking(row, [second, first, third], version=1, by=lab_head, tied={third})
    assert row.class_sizes == [1, 2]
    Conflict.objects.create(application=people[2], person=member, declared_by=member, kind="family")
    row = actions.save_ranking(row, [first, second], version=2, by=member)
    assert (row.ranked, row.class_sizes) == ([first, second, third], [1, 2])
    actions.certify_ranking(row, version=3, by=lab_head, takes_over=True)
    actions.confirm_ranking(row, version=3, by=holder(Role.LAB_MEMBER, call_lab.lab.place))
    certify(other_call_lab, [], other_lab_head)
    run = actions.request_run(seal(reviewed, officer, second_officer), by=officer)
    tasks.solve(run.pk)
    assert '"ranks":[["a' in run.instance
    told = MatchResult.objects.get(application=people[0])
    assert (told.call_lab_id, told.choice) == (call_lab.pk, 1)


def test_turned_down_with_a_reason_and_nobody_forgotten(
    client_of: Any, people: Any, call_lab: Any, lab_head: Any, member: Any
) -> None:
    row = list_of(call_lab)
    signed, url = client_of(lab_head), page("rank", row.opening)
    first, second, third = (each.pk for each in people)
    signed.post(url, {"version": 0, "order": [first, second], "tied": [second], "save": "1"})
    row.refresh_from_db()
    assert row.class_sizes == [2]
    assert "1 candidate is neither ranked nor turned down" in signed.get(url).content.decode()
    down = {"version": 1, "order": [first, second], "tied": [second], "unfit": third}
    assert signed.post(url, down).status_code == 409
    assert signed.post(url, {**down, f"reason_{third}": "start"}).status_code == 302
    assert "Cannot start in time" in signed.get(url).content.decode()
    actions.turn_down(row, people[0], "field", by=member)
    row.refresh_from_db()
    assert (row.ranked, row.class_sizes, NotAcceptable.objects.count()) == ([second], [], 2)
    actions.save_ranking(row, [first, second], version=row.version, by=member)
    assert list(NotAcceptable.objects.values_list("application", flat=True)) == [third]
    actions.certify_ranking(row, version=row.version, by=lab_head)
    with pytest.raises(actions.ListSealed):
        actions.turn_down(row, people[1], "field", by=member)


def test_letters_stand_beside_each_candidate_and_open(
    client_of: Any, people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, lab_head: Any, other_lab_head: Any,
    stranger: Any, django_assert_num_queries: Any,
) -> None:  # fmt: skip
    first, second, third = people
    for state in ("asked", "opened", "declined", "cancelled"):
        ReferenceLetterFactory(application=first, state=state)
    arrived = ReferenceLetterFactory(application=first, state="received", text="She found it first.")
    ReferenceLetterFactory(application=second, state="received", text="He was there too.")
    # what another candidate, or she in another application, was written is counted nowhere here
    ReferenceLetterFactory(application=EligibleFactory(applicant=first.applicant), state="received", text="Elsewhere.")
    row = actions.save_ranking(list_of(call_lab), [first.pk], version=0, by=lab_head)
    with django_assert_num_queries(12):
        desk = queries.desk_of(row.opening, lab_head)
    assert desk.ranked[0].letters == queries.Letters(arrived=1, waiting=2, declined=1)
    others = {each.application.pk: each.letters for each in desk.unranked}
    assert (others[second.pk], others[third.pk]) == (queries.Letters(arrived=1), queries.Letters())
    signed, read = client_of(lab_head), reverse("applications:candidate", args=[first.key])
    shown = signed.get(page("rank", row.opening)).content.decode()
    assert f'<a href="{read}#d-letters">Letters 1 / 4</a>, 2 waiting, 1 declined' in shown
    assert "She found it first." not in shown
    opened = signed.get(read).content.decode()
    assert 'id="d-letters"' in opened
    assert arrived.text in opened
    assert client_of(stranger).get(page("rank", row.opening)).status_code == 404
    Conflict.objects.create(application=first, person=lab_head, declared_by=lab_head, kind="family")
    assert read not in signed.get(page("rank", row.opening)).content.decode()
    type(second).objects.filter(pk=second.pk).update(ranked_labs=[call_lab.pk])
    hers = reverse("applications:candidate", args=[second.key])
    assert client_of(other_lab_head).get(page("rank", row.opening)).status_code == 404
    assert client_of(other_lab_head).get(hers).status_code == 404


def test_a_typed_place_moves_a_candidate(client_of: Any, people: Any, call_lab: Any, lab_head: Any) -> None:
    row = list_of(call_lab)
    keys = [each.pk for each in people]
    typed = {f"was_{pk}": place for place, pk in enumerate(keys, start=1)}
    typed |= {f"place_{pk}": place for place, pk in enumerate(keys, start=1)} | {f"place_{keys[2]}": 1}
    client_of(lab_head).post(page("rank", row.opening), {"version": 0, "order": keys, "save": "1", **typed})
    row.refresh_from_db()
    assert row.ranked == [keys[2], keys[0], keys[1]]


def test_three_hundred_candidates_stay_handy(
    client_of: Any, reviewed: Any, call_lab: Any, lab_head: Any, django_assert_num_queries: Any
) -> None:
    EligibleFactory.create_batch(297, call=reviewed, ranked_labs=[call_lab.pk])
    keys = list(queries.candidates_of(call_lab.opening).order_by("pk").values_list("pk", flat=True))
    row = actions.save_ranking(list_of(call_lab), keys, version=0, by=lab_head)
    with django_assert_num_queries(12):
        desk = queries.desk_of(row.opening, lab_head)
    assert (desk.is_long, len(desk.ranked), desk.missing) == (True, 300, 0)
    signed, url = client_of(lab_head), page("rank", row.opening)
    shown = signed.get(url).content.decode()
    assert f'name="place_{keys[0]}"' in shown
    assert shown.count('name="remove"') == 300
    # the Enter key in a place presses the first button of the form: it saves, and takes nobody out
    assert shown.index('name="save"') < shown.index('name="remove"')
    assert len(shown) < 1_100 * 300 + 30_000
    typed = {f"{name}_{pk}": place for place, pk in enumerate(keys, start=1) for name in ("was", "place")}
    posted = {"version": 1, "order": keys, "tied": keys[1:], **typed, f"place_{keys[-1]}": 1, "remove": keys[0]}
    assert signed.post(url, posted).status_code == 302
    row.refresh_from_db()
    assert (row.ranked, row.class_sizes) == ([keys[-1], *keys[1:-1]], [299])
    assert len(row.ranked) == 299


def test_several_candidates_are_added_at_once(client_of: Any, people: Any, call_lab: Any, lab_head: Any) -> None:
    row = list_of(call_lab)
    first, second, third = (each.pk for each in people)
    signed, url = client_of(lab_head), page("rank", row.opening)
    assert "Add the ticked candidates" in signed.get(url).content.decode()
    posted = {"version": 0, "order": [second], "add": [third, first, second, third], "several": "1"}
    assert "Added at the end" in signed.post(url, posted, follow=True).content.decode()
    row.refresh_from_db()
    assert row.ranked == [second, third, first]


def test_a_draft_keeps_its_ties(client_of: Any, people: Any, call_lab: Any, lab_head: Any, member: Any) -> None:
    first, second, third = (each.pk for each in people)
    row = list_of(call_lab)
    posted = {"version": 0, "order": [first, second, third], "tied": [second], "draft": "1"}
    client_of(lab_head).post(page("rank", row.opening), posted)
    assert RankDraft.objects.get().class_sizes == [2, 1]
    actions.keep_draft(row, [third, second, first], by=member, tied={second, first})
    merged = queries.compare(row.opening, *queries.drafts_on(row.opening), lab_head)
    assert {each.application.pk: (each.first, each.second) for each in merged.rows} == {
        first: (1, 1), second: (1, 1), third: (3, 1),
    }  # fmt: skip
    assert (merged.ranked, merged.tied) == ([first, second, third], {second})


@pytest.mark.parametrize(
    ("text", "ranked", "errors"),
    [
        ("{0}\n\n{1}, {2}", [0, 1, 2], {}),
        ("CALL-{2}\n{name0}", [2, 0], {}),
        ("{native1}\n{upper0}", [1, 0], {}),
        ("{0}\n999999\n{0}", [0], {2: "no candidate", 3: "line 1"}),
        ("Twin Same", [], {1: "several candidates"}),
        ("<script>", [], {1: "no candidate"}),
        ("", [], {}),
    ],
)
def test_a_pasted_list_with_errors_beside_the_line(
    people: Any, call_lab: Any, text: str, ranked: list[int], errors: dict[int, str]
) -> None:
    EligibleFactory.create_batch(
        2, call=people[0].call, ranked_labs=[call_lab.pk], given_name="Twin", family_name="Same"
    )
    names = {f"name{n}": f"{row.given_name} {row.family_name}" for n, row in enumerate(people)}
    names |= {f"native{n}": row.native_name for n, row in enumerate(people)}
    names["upper0"] = f"{people[0].family_name} {people[0].given_name}".upper()
    pasted = queries.read_pasted(call_lab.opening, text.format(*(row.number for row in people), **names))
    assert pasted.ranked == [people[place].pk for place in ranked]
    found = {line.number: " ".join(map(str, line.errors)) for line in pasted.lines if line.errors}
    assert found.keys() == errors.keys()
    assert all(words in found[number] for number, words in errors.items())
    assert pasted.class_sizes == ([1, 2] if "," in text else [])


def test_pasting_saves_only_what_is_wholly_understood(
    client_of: Any, people: Any, call_lab: Any, lab_head: Any, other_lab_head: Any
) -> None:
    signed, url = client_of(lab_head), page("paste", call_lab.opening)
    wrong = signed.post(url, {"lines": f"{people[0].number}\nnobody"})
    assert (wrong.status_code, list_of(call_lab).ranked) == (422, [])
    assert "is no candidate of this lab" in wrong.content.decode()
    assert signed.post(url, {"lines": f"{people[1].number}\n{people[0].number}"}).status_code == 302
    assert list_of(call_lab).ranked == [people[1].pk, people[0].pk]
    assert client_of(other_lab_head).get(url).status_code == 404
    Conflict.objects.create(application=people[0], person=lab_head, declared_by=lab_head, kind="family")
    assert not queries.read_pasted(call_lab.opening, str(people[0].number), lab_head).is_clean


def test_two_drafts_are_compared_and_merged(
    client_of: Any, people: Any, call_lab: Any, lab_head: Any, member: Any
) -> None:
    first, second, third = (row.pk for row in people)
    row = list_of(call_lab)
    signed, url = client_of(lab_head), page("drafts", row.opening)
    assert "Two drafts are needed" in signed.get(url).content.decode()
    signed.post(page("rank", row.opening), {"version": 0, "order": [first, second], "draft": "1"})
    actions.keep_draft(row, [third, first], by=member)
    row.refresh_from_db()
    assert (row.ranked, RankDraft.objects.count()) == ([], 2)
    merged = queries.compare(row.opening, *queries.drafts_on(row.opening), lab_head)
    assert merged.ranked == [first, third, second]
    assert [each.twice_mean for each in merged.rows] == [3, 4, 5]
    assert [each.gap for each in merged.rows] == [1, None, None]
    assert signed.get(url).status_code == 200
    assert signed.post(url).status_code == 302
    row.refresh_from_db()
    assert (row.ranked, row.state) == ([first, third, second], "draft")


def test_lists_are_sealed_when_they_are_due_and_their_hashes_are_public(
    client: Any, ranked: Any, reviewed: Any, call_lab: Any, lab_head: Any
) -> None:
    address = reverse("matching:seals", args=[reviewed.key])
    assert actions.seal_lists(reviewed) == 0
    assert "No list is sealed yet" in client.get(address).content.decode()
    client.force_login(lab_head)
    desk = reverse("matching:rank", args=[list_of(call_lab).opening.key])
    assert "Take it up again" in client.get(desk).content.decode()
    client.logout()
    let_due_pass()
    tasks.seal_due()
    tasks.seal_due()
    assert ListSeal.objects.count() == 2
    shown = client.get(address).content.decode()
    assert list_of(call_lab).sha256 in shown
    assert ranked[0].name not in shown
    with pytest.raises(actions.TooLate):
        actions.reopen_ranking(list_of(call_lab), by=lab_head)
    client.force_login(lab_head)
    assert "Take it up again" not in client.get(desk).content.decode()


def test_an_exceptional_change_needs_two_officers_and_shows(
    client_of: Any, client: Any, ranked: Any, reviewed: Any, call_lab: Any, officer: Any, second_officer: Any,
    lab_head: Any, lab: Any,
) -> None:  # fmt: skip
    row, url = list_of(call_lab), page("amend", call_lab.opening)
    with pytest.raises(actions.NotSealed):
        actions.ask_amendment(row, [ranked[1].pk], [], by=officer, reason="before its time")
    for each in (officer, second_officer):
        actions.commit_secret(reviewed, by=each)
    let_due_pass()
    tasks.seal_due()
    before = row.sha256
    both = holder(Role.LAB_MEMBER, lab.place)
    RoleGrantFactory(user=both, role=Role.PROGRAMME_OFFICER, place=lab.institute.place)
    for nobody in (both, lab_head):
        assert client_of(nobody).get(url).status_code == 403
    signed = client_of(officer)
    lines = f"{ranked[1].number}\n{ranked[0].number}"
    assert signed.post(url, {"lines": lines, "reason": ""}).status_code == 422
    assert signed.post(url, {"lines": "nobody", "reason": "x"}).status_code == 422
    assert (
        signed.post(url, {"lines": lines, "reason": "The lab swapped two lines; its minutes prove it."}).status_code
        == 302
    )
    made = ListAmendment.objects.get()
    assert signed.post(page("amendment", made, verb="approve")).status_code == 409
    assert list_of(call_lab).sha256 == before
    shown = client_of(second_officer).get(url).content.decode()
    assert f"{ranked[0].number}: 1 → 2" in shown
    assert client_of(second_officer).post(page("amendment", made, verb="approve")).status_code == 302
    row.refresh_from_db()
    assert (row.ranked, row.sha256 != before) == ([ranked[1].pk, ranked[0].pk], True)
    public = client.get(reverse("matching:seals", args=[reviewed.key])).content.decode()
    assert before in public
    assert row.sha256 in public
    assert "its minutes prove it" in public
    assert AuditEntry.objects.filter(verb="matching.approve_amendment.refused", by_id=officer.pk).count() == 1
    assert AuditEntry.objects.filter(verb="matching.amend_list.refused", by_id=both.pk).count() == 1
    reviewed.refresh_from_db()
    run = actions.request_run(reviewed, by=officer)
    tasks.solve(run.pk)
    run.refresh_from_db()
    assert [str(check.label) for check in queries.checks_of(run) if not check.is_met] == []
    with pytest.raises(actions.SeatsFixed):
        actions.ask_amendment(row, [], [], by=officer, reason="too late")
    actions.discard_run(run, by=officer, reason="one more change")
    again = actions.ask_amendment(row, [], [2], by=officer, reason="nobody")
    assert actions.decline_amendment(again, by=officer).state == "declined"
    with pytest.raises(actions.NotOnTheList):
        actions.ask_amendment(row, [EligibleFactory().pk], [], by=officer, reason="a stranger")
    Conflict.objects.create(application=ranked[1], person=officer, declared_by=officer, kind="family")
    with pytest.raises(SamePersonTwice):
        actions.ask_amendment(row, [], [], by=officer, reason="mine")
    assert timezone.now() - made.asked_at < timedelta(hours=1)
