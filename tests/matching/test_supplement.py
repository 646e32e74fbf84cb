"""A supplementary round: candidates name labs, labs put them in order, places are offered in timed waves."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from common.refusals import SamePersonTwice
from matching import actions, queries, tasks
from matching.models import MatchResult, MatchRun, Supplement, WaveOffer
from matching.queries import desk
from notifications.models import Notification
from tests.factories.applications import EligibleFactory
from tests.matching.helpers import certify, page, seal


@pytest.fixture
def published(
    people: Any, reviewed: Any, call_lab: Any, other_call_lab: Any, lab_head: Any, other_lab_head: Any, officer: Any,
    second_officer: Any,
) -> MatchRun:  # fmt: skip
    """The first lab takes the first of three; the other one ranked nobody, so its seat is free and two have none."""
    certify(call_lab, [people[0].pk], lab_head)
    certify(other_call_lab, [], other_lab_head)
    run = actions.request_run(seal(reviewed, officer, second_officer), by=officer)
    tasks.solve(run.pk)
    run.refresh_from_db()
    actions.confirm_run(run, by=second_officer)
    return actions.publish_run(run, by=officer)


def timetable(**changed: Any) -> actions.Timetable:
    now = timezone.now()
    given = {"wishes_due_at": now + timedelta(hours=1), "first_wave_at": now + timedelta(hours=2), "wave_hours": 10}
    return actions.Timetable(**{**given, "waves": 2, **changed})


def hours_go_by(hours: int) -> None:
    for row in Supplement.objects.all():
        Supplement.objects.filter(pk=row.pk).update(
            wishes_due_at=row.wishes_due_at - timedelta(hours=hours),
            first_wave_at=row.first_wave_at - timedelta(hours=hours),
        )
    for offer in WaveOffer.objects.all():
        WaveOffer.objects.filter(pk=offer.pk).update(closes_at=offer.closes_at - timedelta(hours=hours))


def test_places_are_offered_wave_by_wave(
    client_of: Any, published: MatchRun, people: Any, officer: Any, other_call_lab: Any, other_lab_head: Any,
    lab_head: Any, stranger: Any,
) -> None:  # fmt: skip
    signed, url = client_of(officer), page("supplement", published)
    assert signed.get(url).status_code == 200
    at = [timezone.localtime(timezone.now() + timedelta(hours=hours)) for hours in (1, 2)]
    posted = {"wishes_due_at": f"{at[0]:%Y-%m-%dT%H:%M}", "first_wave_at": f"{at[1]:%Y-%m-%dT%H:%M}", "waves": 2}
    assert signed.post(url, {**posted, "wave_hours": 0}).status_code == 422
    assert signed.post(url, {**posted, "wave_hours": 10}).status_code == 302
    found = Supplement.objects.get()
    assert Notification.objects.filter(kind="supplement_open").count() == 2
    assert list(Notification.objects.filter(kind="supplement_lab").values_list("to", flat=True)) == [other_lab_head.pk]
    _placed, second, third = people
    for person in (second, third):
        her = client_of(person.applicant)
        assert her.get(page("own_supplement", person)).status_code == 200
        assert her.post(page("own_supplement", person), {"lab": other_call_lab.pk}).status_code == 302
    assert client_of(stranger).get(page("own_supplement", second)).status_code == 404
    results = {row.application_id: row for row in MatchResult.objects.all()}
    head, desk_of_lab = client_of(other_lab_head), page("lab_supplement", other_call_lab.opening)
    assert third.name in head.get(desk_of_lab).content.decode()
    first_two = {"order": [results[third.pk].pk], "add": results[second.pk].pk}
    assert head.post(desk_of_lab, first_two).status_code == 302
    assert client_of(lab_head).get(desk_of_lab).status_code == 404
    assert actions.make_waves() == 0
    hours_go_by(3)
    tasks.make_waves()
    tasks.make_waves()
    offer = WaveOffer.objects.get()
    assert (offer.result.application_id, offer.wave) == (third.pk, 1)
    assert [str(each.label) for each in desk.desk_items(third.applicant)][0].startswith("A place is offered")
    hours_go_by(10)
    tasks.make_waves()
    offer.refresh_from_db()
    assert offer.state == "lapsed"
    with pytest.raises(actions.OfferOver):
        actions.answer_wave_offer(offer, accepts=True, by=third.applicant)
    next_one = WaveOffer.objects.get(wave=2)
    with pytest.raises(SamePersonTwice):
        actions.answer_wave_offer(next_one, accepts=True, by=third.applicant)
    assert client_of(third.applicant).post(page("answer_wave_offer", next_one, verb="accept")).status_code == 404
    her = client_of(second.applicant)
    assert her.post(page("answer_wave_offer", next_one, verb="accept")).status_code == 302
    taken = MatchResult.objects.get(application=second)
    assert (taken.call_lab_id, taken.choice) == (other_call_lab.pk, 2)
    assert "in the supplementary round" in her.get(page("result", second)).content.decode()
    assert queries.supplement_figures(found)[0][1:] == (0, 2, 2, 1)
    assert signed.get(url).status_code == 200
    hours_go_by(10)
    assert actions.make_waves() == 0


def test_what_a_round_refuses(
    published: MatchRun, people: Any, officer: Any, call_lab: Any, other_call_lab: Any, other_lab_head: Any
) -> None:
    for wrong in ({"wishes_due_at": timezone.now()}, {"first_wave_at": timezone.now()}):
        with pytest.raises(actions.WrongTimetable):
            actions.open_supplement(published, timetable(**wrong), by=officer)
    found = actions.open_supplement(published, timetable(), by=officer)
    placed, second, third = (MatchResult.objects.get(application=row) for row in people)
    with pytest.raises(actions.WishesClosed):
        actions.name_labs(found, placed, [other_call_lab.pk], by=people[0].applicant)
    with pytest.raises(actions.WishesClosed):
        actions.name_labs(found, second, [other_call_lab.pk], by=people[2].applicant)
    with pytest.raises(actions.NotWishing):
        actions.name_labs(found, second, [call_lab.pk], by=people[1].applicant)
    actions.name_labs(found, second, [other_call_lab.pk], by=people[1].applicant)
    for wrong_list in ([third.pk], [second.pk, second.pk]):
        with pytest.raises(actions.NotWishing):
            actions.rank_wishing(found, other_call_lab.opening, wrong_list, by=other_lab_head)
    actions.name_labs(found, second, [], by=people[1].applicant)
    assert queries.wishes_of(second) == set()
    hours_go_by(2)
    found.refresh_from_db()
    with pytest.raises(actions.WishesClosed):
        actions.name_labs(found, third, [other_call_lab.pk], by=people[2].applicant)


def test_no_round_where_every_seat_is_filled(published: MatchRun, reviewed: Any, officer: Any, people: Any) -> None:
    actions.vacate(MatchResult.objects.get(application=people[0]), by=officer, reason="declined")
    free = {row.call_lab.lab.code: number for row, _held, number in queries.free_places(published)}
    assert free == {"LLM": 1, "SOLAR": 1}
    MatchResult.objects.filter(application=people[1]).update(call_lab=reviewed.call_labs.first(), choice=1)
    MatchResult.objects.filter(application=people[2]).update(call_lab=reviewed.call_labs.last(), choice=2)
    EligibleFactory(call=reviewed)
    with pytest.raises(actions.NothingFree):
        actions.open_supplement(published, timetable(), by=officer)
