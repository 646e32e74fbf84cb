"""Interviews: times offered, one schedule for all, notes that only the lab reads, and what the database refuses."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from applications.states import CallState
from common.models import AuditEntry
from common.refusals import IllegalMove, OutOfDate
from notifications.models import Notification
from people.states import Role
from reviews import actions, queries
from reviews.models import Conflict, Interview, InterviewPlan, InterviewSlot
from reviews.states import InterviewState
from tests.factories import people as staff
from tests.factories.applications import CallLabFactory, EligibleFactory
from tests.factories.labs import LabFactory

pytestmark = pytest.mark.django_db


def _hour(days: int, hour: int) -> datetime:
    """That hour in Korea, days from today."""
    noon = timezone.localtime() + timedelta(days=days)
    return noon.replace(hour=hour, minute=0, second=0, microsecond=0)


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def call_lab() -> Any:
    lab = CallLabFactory(lab=LabFactory(code="TALK"))
    lab.call.state, lab.call.closes_at = CallState.REVIEW, timezone.now() - timedelta(days=9)
    lab.call.opens_at, lab.call.ranks_due_at = timezone.now() - timedelta(days=40), timezone.now() + timedelta(days=20)
    lab.call.save()
    return lab


@pytest.fixture
def head(call_lab: Any) -> Any:
    return staff.holder(Role.LAB_HEAD, call_lab.lab.place)


@pytest.fixture
def candidates(call_lab: Any) -> list[Any]:
    return [EligibleFactory(call=call_lab.call, ranked_labs=[call_lab.pk]) for _ in range(3)]


def terms(**other: Any) -> actions.PlanTerms:
    values = {"minutes": 30, "place": "Room 1", "words": "", "answers_due_at": timezone.now() + timedelta(days=2)}
    return actions.PlanTerms(**{**values, **other})


@pytest.fixture
def plan(call_lab: Any, head: Any) -> InterviewPlan:
    """Two times on one morning, an hour in all."""
    made = actions.save_plan(call_lab, terms(), by=head)
    assert actions.offer_times(made, _hour(5, 10), _hour(5, 11), by=head) == 2
    return made


@pytest.fixture
def asked(plan: InterviewPlan, candidates: list[Any], head: Any) -> list[Interview]:
    actions.ask_for_times(plan, [row.pk for row in candidates], by=head)
    return list(plan.interviews.order_by("application"))


def name(interview: Interview, *slots: InterviewSlot, words: str = "") -> Interview:
    return actions.name_times(interview, [slot.pk for slot in slots], words, by=interview.application.applicant)


def publish(plan: InterviewPlan, by: Any) -> int:
    return actions.publish_schedule(plan, version=queries.schedule_of(plan).version, by=by)


def answer_late(plan: InterviewPlan) -> None:
    """The candidates' deadline passes."""
    InterviewPlan.objects.filter(pk=plan.pk).update(answers_due_at=timezone.now() - timedelta(minutes=1))
    plan.refresh_from_db()


def held(interview: Interview, by: Any) -> Interview:
    """As if its hour had come."""
    past = timezone.now() - timedelta(hours=2)
    times = {"starts_at": past, "ends_at": past + timedelta(minutes=30)}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        InterviewSlot.objects.filter(pk=interview.slot_id).update(**times)
        Interview.objects.filter(pk=interview.pk).update(**times)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    return actions.say_held(interview, was_held=True, by=by)


def test_as_many_as_can_be_then_as_early(plan: Any, asked: list[Interview], head: Any) -> None:
    early, late = plan.slots.all()
    name(asked[0], early, late)
    name(asked[1], early)
    with pytest.raises(actions.NotAnswered):
        publish(plan, head)
    name(asked[2], words="I sit in an aeroplane all that day.")
    found = queries.schedule_of(plan)
    assert [(row.pk, slot.pk) for row, slot in found.pairs] == [(asked[1].pk, early.pk), (asked[0].pk, late.pk)]
    assert ([row.pk for row in found.without], found.unanswered) == ([asked[2].pk], 0)
    with pytest.raises(OutOfDate):
        actions.publish_schedule(plan, version="what another tab showed", by=head)
    assert not Interview.objects.filter(state=InterviewState.PLANNED).exists()
    assert publish(plan, head) == 2
    told = Notification.objects.filter(kind="interview_planned").values_list("to", flat=True)
    assert set(told) == {row.application.applicant_id for row in asked[:2]}
    with pytest.raises(actions.NothingToPlan):
        publish(plan, head)


def test_mail_says_the_hour_where_she_lives(plan: Any, asked: list[Interview], head: Any) -> None:
    person = asked[0].application.applicant
    type(person).objects.filter(pk=person.pk).update(timezone="America/New_York", language="en")
    name(asked[0], plan.slots.first())
    answer_late(plan)
    publish(plan, head)
    said = Notification.objects.get(kind="interview_planned").context["at"]
    local = plan.slots.first().starts_at.astimezone(ZoneInfo("America/New_York"))
    assert said.startswith(f"{local:%H:%M} {local.tzname()}, {local.day} ")


def test_another_labs_interview_takes_the_time_without_a_word(plan: Any, asked: list[Interview], head: Any) -> None:
    lab = CallLabFactory(call=plan.call_lab.call)
    other_head = staff.holder(Role.LAB_HEAD, lab.lab.place)
    who = asked[0].application
    type(who).objects.filter(pk=who.pk).update(ranked_labs=[plan.call_lab_id, lab.pk])
    other = actions.save_plan(lab, terms(), by=other_head)
    actions.offer_times(other, _hour(5, 10), _hour(5, 11), by=other_head)
    actions.ask_for_times(other, [who.pk], by=other_head)
    theirs = other.interviews.get()
    name(asked[0], *plan.slots.all())
    name(theirs, *other.slots.all())
    publish(other, other_head)
    theirs.refresh_from_db()
    # the same hour is no longer among what she named to the first lab; nothing says why
    assert [slot.starts_at for slot in asked[0].possible.all()] == [plan.slots.last().starts_at]
    with pytest.raises(actions.AnswerOver):
        name(asked[0], *plan.slots.all())
    shown = {slot.pk: slot.is_taken for slot in queries.possible_times(asked[0])}
    assert list(shown.values()) == [True, False]
    same = plan.slots.first()
    with pytest.raises(IntegrityError, match="one_interview_at_a_time"), transaction.atomic():
        Interview.objects.filter(pk=asked[0].pk).update(
            state="planned", slot=same, starts_at=same.starts_at, ends_at=same.ends_at
        )


def test_the_database_keeps_times_and_places(plan: Any, asked: list[Interview], call_lab: Any, head: Any) -> None:
    first, second = plan.slots.all()
    late = {"starts_at": first.starts_at + timedelta(minutes=10), "ends_at": first.ends_at + timedelta(minutes=10)}
    with pytest.raises(IntegrityError, match="interview_slots_apart"), transaction.atomic():
        InterviewSlot.objects.create(plan=plan, **late)
    rows = Interview.objects.filter(pk=asked[0].pk)
    with pytest.raises(IntegrityError, match="planned_interview_has_its_time"), transaction.atomic():
        rows.update(state="planned")
    with pytest.raises(IntegrityError, match="a time of its own lab"), transaction.atomic():
        rows.update(state="planned", slot=first, starts_at=second.starts_at, ends_at=second.ends_at)
    rows.update(state="planned", slot=first, starts_at=first.starts_at, ends_at=first.ends_at)
    with pytest.raises(IntegrityError, match="slot_id"), transaction.atomic():
        Interview.objects.filter(pk=asked[1].pk).update(
            state="planned", slot=first, starts_at=first.starts_at, ends_at=first.ends_at
        )


@pytest.mark.parametrize(
    ("since", "until"), [((0, 0), (0, 1)), ((1, 10), (1, 12)), ((25, 10), (25, 11)), ((6, 10), (6, 10))]
)
def test_times_that_cannot_be_offered(plan: Any, head: Any, since: tuple[int, int], until: tuple[int, int]) -> None:
    with pytest.raises(actions.WrongTimes):
        actions.offer_times(plan, _hour(*since), _hour(*until), by=head)
    assert plan.slots.count() == 2


def test_times_that_overlap_are_left_out(plan: Any, head: Any) -> None:
    assert actions.offer_times(plan, _hour(5, 9), _hour(5, 12), by=head) == 4
    assert plan.slots.count() == 6
    actions.remove_time(plan, plan.slots.first(), by=head)
    assert plan.slots.count() == 5
    with pytest.raises(actions.WrongTimes):
        actions.save_plan(plan.call_lab, terms(minutes=45), by=head)
    with pytest.raises(actions.WrongTimes):
        actions.save_plan(plan.call_lab, terms(answers_due_at=_hour(6, 10)), by=head)


def test_who_can_be_asked(plan: Any, candidates: list[Any], head: Any) -> None:
    stranger = EligibleFactory(call=plan.call_lab.call, ranked_labs=[CallLabFactory(call=plan.call_lab.call).pk])
    Conflict.objects.create(application=candidates[2], person=head, declared_by=head, kind="family")
    for wrong in ([], [stranger.pk], [candidates[2].pk, candidates[0].pk], [0]):
        with pytest.raises(actions.NotAskable):
            actions.ask_for_times(plan, wrong, by=head)
    assert {row.pk for row in queries.candidates_to_ask(plan, head)} == {candidates[0].pk, candidates[1].pk}
    actions.ask_for_times(plan, [candidates[0].pk], by=head)
    with pytest.raises(actions.NotAskable):
        actions.ask_for_times(plan, [candidates[0].pk], by=head)
    assert plan.interviews.count() == 1


def test_declining_frees_the_hour_and_she_can_be_asked_again(plan: Any, asked: list[Interview], head: Any) -> None:
    first = plan.slots.first()
    name(asked[0], first)
    answer_late(plan)
    publish(plan, head)
    actions.decline_interview(asked[0], "I found a post.", by=asked[0].application.applicant)
    assert Notification.objects.filter(kind="interview_declined", to=head).count() == 1
    asked[0].refresh_from_db()
    assert (asked[0].state, asked[0].slot, asked[0].possible.count()) == ("declined", None, 0)
    actions.save_plan(plan.call_lab, terms(), by=head)
    plan.refresh_from_db()
    actions.ask_for_times(plan, [asked[0].application_id], by=head)
    asked[0].refresh_from_db()
    assert (asked[0].state, asked[0].answer) == ("asked", "")


def test_notes_are_kept_with_their_reasons(plan: Any, asked: list[Interview], head: Any) -> None:
    name(asked[0], plan.slots.first())
    answer_late(plan)
    publish(plan, head)
    asked[0].refresh_from_db()
    with pytest.raises(actions.NotHeld):
        actions.say_held(asked[0], was_held=True, by=head)
    with pytest.raises(actions.NotHeld):
        actions.write_note(asked[0], 4, "Early.", by=head)
    held(asked[0], head)
    for points in (0, 6):
        with pytest.raises(actions.NotHeld):
            actions.write_note(asked[0], points, "", by=head)
    actions.write_note(asked[0], 4, "Clear.", by=head)
    actions.write_note(asked[0], 4, "Clear.", by=head)
    with pytest.raises(actions.NotHeld):
        actions.write_note(asked[0], 2, "Clear.", by=head)
    member = staff.holder(Role.LAB_MEMBER, plan.call_lab.lab.place)
    actions.write_note(asked[0], 5, "", by=member)
    actions.write_note(asked[0], 2, "Less clear.", reason="I read her paper again.", by=head)
    told = AuditEntry.objects.filter(verb__startswith="reviews.interview.noted").order_by("pk")
    assert [(row.before.get("points"), row.after["points"]) for row in told] == [(None, 4), (None, 5), (4, 2)]
    found = queries.interview_summaries(plan.call_lab, [row.application_id for row in asked])
    assert found[asked[0].application_id].words == "3.5 / 5 (2)"
    assert found[asked[1].application_id].words == "Asked for times"
    with pytest.raises(actions.NotHeld):
        actions.say_held(asked[0], was_held=False, by=head)
    type(plan.call_lab.call).objects.update(ranks_due_at=timezone.now())
    asked[0].refresh_from_db()
    with pytest.raises(actions.InterviewsClosed):
        actions.write_note(Interview.objects.get(pk=asked[0].pk), 1, "", reason="Late.", by=head)


def test_calling_off_says_why(plan: Any, asked: list[Interview], head: Any) -> None:
    with pytest.raises(actions.NotAskable):
        actions.call_off(asked[0], " ", by=head)
    actions.call_off(asked[0], "The lab's head is ill.", by=head)
    assert Notification.objects.get(kind="interview_off").context["why"] == "The lab's head is ill."
    with pytest.raises(IllegalMove):
        actions.call_off(asked[0], "Again.", by=head)


def test_only_the_lab_and_the_candidate_find_it(
    client_of: Any, plan: Any, asked: list[Interview], head: Any, candidates: list[Any]
) -> None:
    lab_page, talk = reverse("reviews:interviews_of_lab", args=[plan.key]), asked[0]
    one, own = reverse("reviews:interview", args=[talk.key]), reverse("reviews:own_interview", args=[talk.key])
    for role, place in ((Role.PROGRAMME_OFFICER, plan.call_lab.lab.institute.place), (Role.AUDITOR, None)):
        person = client_of(staff.holder(role, place) if place else staff.holder(role))
        assert [person.get(url).status_code for url in (lab_page, one, own)] == [404, 404, 404]
    her = client_of(talk.application.applicant)
    assert [her.get(url).status_code for url in (lab_page, one, own)] == [404, 403, 200]
    assert client_of(candidates[1].applicant).get(own).status_code == 404
    assert client_of(head).get(own).status_code == 403
    shown = client_of(head).get(lab_page).content.decode()
    assert talk.application.name in shown
    Conflict.objects.create(application=talk.application, person=head, declared_by=head, kind="family")
    name(talk, plan.slots.first())
    hidden = client_of(head).get(lab_page).content.decode()
    assert talk.application.name not in hidden
    assert "who is not shown to you" in hidden
    assert client_of(head).get(one).status_code == 404


def test_a_lab_plans_in_the_browser_and_a_candidate_answers(
    client_of: Any, call_lab: Any, head: Any, candidates: list[Any]
) -> None:
    lab = client_of(head)
    assert "Plan interviews" in lab.get(reverse("reviews:interviews")).content.decode()
    due = f"{_hour(3, 18):%Y-%m-%dT%H:%M}"
    start = reverse("reviews:start_interviews", args=[call_lab.pk])
    wrong = lab.post(start, {"minutes": 5, "place": "Hall", "words": "", "answers_due_at": due})
    assert (wrong.status_code, "Hall" in wrong.content.decode()) == (422, True)
    assert (
        lab.post(start, {"minutes": 20, "place": "Hall", "words": "Hello.", "answers_due_at": due}).status_code == 302
    )
    plan = InterviewPlan.objects.get()
    times = reverse("reviews:interview_times", args=[plan.key])
    backwards = lab.post(times, {"day": f"{_hour(6, 0):%Y-%m-%d}", "since": "11:00", "until": "10:00"})
    assert backwards.status_code == 422
    assert lab.post(times, {"day": f"{_hour(6, 0):%Y-%m-%d}", "since": "10:00", "until": "11:00"}).status_code == 302
    ask = reverse("reviews:interview_candidates", args=[plan.key])
    assert candidates[0].name in lab.get(ask).content.decode()
    assert lab.post(ask, {"ask": [candidates[0].pk]}).status_code == 302
    talk = Interview.objects.get()
    own, her = reverse("reviews:own_interview", args=[talk.key]), client_of(candidates[0].applicant)
    assert "Say when you can come" in her.get(reverse("home")).content.decode()
    assert her.post(own, {"words": ""}).status_code == 409
    assert her.post(own, {"slot": [slot.pk for slot in plan.slots.all()], "words": "Gladly."}).status_code == 302
    shown = lab.get(reverse("reviews:interviews_of_lab", args=[plan.key])).content.decode()
    assert queries.schedule_of(plan).version in shown
    url = reverse("reviews:publish_interviews", args=[plan.key])
    assert lab.post(url, {"version": queries.schedule_of(plan).version}).status_code == 302
    calendar = her.get(reverse("reviews:interview_calendar", args=[talk.key]))
    first = plan.slots.first().starts_at
    assert f"DTSTART:{first.astimezone(UTC):%Y%m%dT%H%M%SZ}" in calendar.content.decode()
    assert "Come to your interview" in her.get(reverse("home")).content.decode()
    talk.refresh_from_db()
    held(talk, head)
    page = reverse("reviews:interview", args=[talk.key])
    assert lab.post(page, {"points": "9", "text": "Kept words."}).status_code == 422
    assert lab.post(page, {"points": "4", "text": "Good."}).status_code == 302
    assert "Good." in lab.get(page).content.decode()
    assert "Good." not in her.get(own).content.decode()


def test_the_labs_page_costs_the_same_for_many(
    plan: Any, candidates: list[Any], head: Any, client_of: Any, django_assert_num_queries: Any
) -> None:
    many = EligibleFactory.create_batch(30, call=plan.call_lab.call, ranked_labs=[plan.call_lab_id])
    actions.ask_for_times(plan, [row.pk for row in [*many, *candidates]], by=head)
    for talk in plan.interviews.select_related("plan", "application__applicant"):
        name(talk, *plan.slots.all())
    signed, url = client_of(head), reverse("reviews:interviews_of_lab", args=[plan.key])
    signed.get(url)
    with django_assert_num_queries(9):
        shown = signed.get(url)
    assert shown.status_code == 200
