"""Nobody with an interest in a candidate has a hand in a list: who wrote, drafted, turned down, amended."""

from typing import Any

import pytest

from common.models import AuditEntry
from matching import actions, queries, tasks
from matching.models import ListAmendment, MatchRun, NotAcceptable, RankDraft, RankList
from people.states import Role
from reviews.models import Conflict
from tests.factories.people import holder
from tests.matching.helpers import carry_all, list_of, page, seal


def has_interest(person: Any, application: Any) -> None:
    Conflict.objects.create(application=application, person=person, declared_by=person, kind="family")


@pytest.fixture
def member(lab: Any) -> Any:
    return holder(Role.LAB_MEMBER, lab.place)


def failing(run: MatchRun) -> list[tuple[str, str]]:
    return [(str(each.label), each.detail) for each in queries.checks_of(run) if not each.is_met]


@pytest.mark.parametrize("hand", ["saved", "drafted", "turned_down", "asked", "approved", "proposed"])
@pytest.mark.parametrize("judged", ["ranked", "turned_down"])
def test_whoever_had_a_hand_in_it_is_held_against_whomever_the_list_judges(
    solved: MatchRun, ranked: Any, call_lab: Any, officer: Any, second_officer: Any, member: Any, hand: str, judged: str
) -> None:
    row, third = list_of(call_lab), ranked[2]
    assert failing(solved) == []
    if hand == "saved":
        AuditEntry.objects.create(
            by_id=member.pk, verb="matching.ranking.saved", subject_type="matching.ranklist", subject_id=str(row.pk),
            gesture="00000000-0000-0000-0000-000000000000",
        )  # fmt: skip
    elif hand == "drafted":
        RankDraft.objects.create(rank_list=row, author=member, ranked=[])
    elif hand == "proposed":
        RankList.objects.filter(pk=row.pk).update(proposed_by=member)
    elif hand == "turned_down":
        NotAcceptable.objects.create(rank_list=row, application=ranked[1], reason="field", by=member)
    else:
        two = (member, officer) if hand == "asked" else (officer, member)
        ListAmendment.objects.create(rank_list=row, reason="x", asked_by=two[0], approved_by=two[1], state="approved")
    if judged == "turned_down":
        NotAcceptable.objects.create(rank_list=row, application=third, reason="field", by=officer)
    assert failing(solved) == []
    has_interest(member, third if judged == "turned_down" else ranked[0])
    assert failing(solved) == [("Nobody with a conflict of interest had a hand in a list", "LLM")]
    with pytest.raises(actions.ChecksFailed, match="had a hand"):
        actions.confirm_run(solved, by=second_officer)


def test_a_declined_amendment_is_no_hand_in_the_list(
    solved: MatchRun, ranked: Any, call_lab: Any, officer: Any, member: Any
) -> None:
    ListAmendment.objects.create(rank_list=list_of(call_lab), reason="x", asked_by=member, state="declined")
    has_interest(member, ranked[0])
    assert failing(solved) == []


def test_a_colleague_takes_over_what_somebody_with_an_interest_wrote(
    client_of: Any, people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, lab_head: Any, member: Any,
    officer: Any, second_officer: Any, other_lab_head: Any,
) -> None:  # fmt: skip
    first, second, third = people
    row = actions.save_ranking(list_of(call_lab), [first.pk, second.pk], version=0, by=member)
    actions.keep_draft(row, [second.pk], by=member)
    actions.turn_down(row, third, "field", by=member)
    actions.declare_interest(row, first, "family", by=member)
    row.refresh_from_db()
    assert (row.ranked, row.saved_by_id) == ([second.pk], member.pk)
    row = actions.save_ranking(row, [second.pk, first.pk], version=row.version, by=lab_head)
    assert queries.interested_in([row]) == {row.pk: {member.pk}}
    signed, url = client_of(lab_head), page("rank", row.opening)
    assert "take it over as my own" in signed.get(url).content.decode()
    posted = {"version": row.version, "order": [second.pk, first.pk], "certify": "1"}
    refused = signed.post(url, posted)
    assert (refused.status_code, "had a hand in it" in refused.content.decode()) == (409, True)
    assert signed.post(url, {**posted, "takes_over": "1"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.saved_by_id, RankDraft.objects.count()) == ("proposed", lab_head.pk, 0)
    assert NotAcceptable.objects.get().by_id == lab_head.pk
    assert AuditEntry.objects.get(verb="matching.ranking.taken_over").before == {"by": [member.pk]}
    with pytest.raises(actions.CannotCertify):
        actions.confirm_ranking(row, version=row.version, by=member)
    actions.confirm_ranking(row, version=row.version, by=holder(Role.LAB_MEMBER, call_lab.lab.place))
    assert queries.interested_in([row]) == {row.pk: set()}
    other = actions.save_ranking(list_of(other_call_lab), [second.pk], version=0, by=other_lab_head)
    actions.certify_ranking(other, version=1, by=other_lab_head, knows_missing=True)
    actions.confirm_ranking(other, version=1, by=holder(Role.LAB_MEMBER, other_call_lab.lab.place))
    carry_all()
    run = actions.request_run(seal(reviewed, officer, second_officer), by=officer)
    tasks.solve(run.pk)
    assert failing(MatchRun.objects.get()) == []


def test_an_interest_declared_after_proposing_stops_the_second_person(
    people: Any, call_lab: Any, lab_head: Any, member: Any
) -> None:
    row = actions.save_ranking(list_of(call_lab), [people[0].pk], version=0, by=member)
    actions.certify_ranking(row, version=1, by=lab_head, knows_missing=True)
    has_interest(member, people[0])
    with pytest.raises(actions.InterestedHand):
        actions.confirm_ranking(row, version=1, by=holder(Role.LAB_MEMBER, call_lab.lab.place))


def test_who_has_an_interest_in_a_candidate_turned_down_does_not_certify(
    people: Any, call_lab: Any, lab_head: Any, member: Any
) -> None:
    row = list_of(call_lab)
    actions.turn_down(row, people[2], "field", by=lab_head)
    has_interest(member, people[2])
    with pytest.raises(actions.CannotCertify):
        actions.certify_ranking(row, version=row.version, by=member, knows_missing=True)
