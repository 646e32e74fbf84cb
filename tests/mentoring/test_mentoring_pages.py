"""Pages of mentoring: who sees which, what wrong input does, what a page costs, and that it speaks Korean."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from mentoring import actions
from mentoring.models import Meeting, Mentor, MentorAssignment, Transition
from mentoring.queries import desk_items
from mentoring.states import Destination, MentorKind
from people.models import User
from people.states import Role
from tests.factories.applications import ApplicationFactory, CallLabFactory
from tests.factories.fellowships import AppointmentFactory
from tests.factories.labs import PartnerOrganisationFactory
from tests.factories.mentoring import MeetingFactory, MentorAssignmentFactory, MentorFactory
from tests.factories.people import RoleGrantFactory, UserFactory

TODAY = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _autumn() -> Any:
    with translation.override("en"), time_machine.travel("2026-10-01 12:00+09:00", tick=False):
        yield


@pytest.fixture
def mentor(mentor_person: Any, institute: Any) -> Any:
    return MentorFactory(user=mentor_person, institute=institute, expertise="Diffusion models")


@pytest.fixture
def assignment(appointment: Any, mentor: Any) -> Any:
    return MentorAssignmentFactory(appointment=appointment, mentor=mentor)


@pytest.fixture
def elsewhere(other_lab: Any, call: Any) -> Any:
    """A fellow of another institute's lab, guided by another mentor."""
    seat = CallLabFactory(call=call, lab=other_lab)
    application = ApplicationFactory(call=call, applicant=UserFactory(family_name="Elsewhere"))
    row = AppointmentFactory(offer__application=application, offer__call_lab=seat)
    return MentorAssignmentFactory(appointment=row, mentor=MentorFactory(institute=other_lab.institute))


def page(name: str, row: Any = None) -> str:
    return reverse(f"mentoring:{name}", kwargs={"key": row.key} if row is not None else None)


def korean(user: User) -> User:
    user.language = "ko"
    user.save(update_fields=["language"])
    return user


def text(response: Any) -> str:
    return str(response.content.decode())


def fellow_in(lab: Any, call: Any, family_name: str = "Seo") -> Any:
    application = ApplicationFactory(call=call, applicant=UserFactory(family_name=family_name))
    seat = lab.call_labs.filter(call=call).first() or CallLabFactory(call=call, lab=lab)
    return AppointmentFactory(offer__application=application, offer__call_lab=seat)


class TestWhoSees:
    def test_stranger_is_refused_everywhere(self, client_of: Any, stranger: Any, assignment: Any) -> None:
        client = client_of(stranger)
        refused = {
            page("assignment", assignment): 404,
            page("assign", assignment.appointment): 404,
            page("transition", assignment.appointment): 404,
            page("mentors"): 403,
            page("fellows"): 403,
        }
        for address, status in refused.items():
            assert client.get(address).status_code == status, address
            assert client.post(address).status_code == status, address
        assert client.post(page("end", assignment)).status_code == 404
        assert client.get(page("end", assignment))["Location"] == page("assignment", assignment)
        shown = client.get(page("mine"))
        assert shown.status_code == 200
        assert assignment.appointment.fellow.full_name not in text(shown)
        assignment.refresh_from_db()
        assert assignment.ends_on is None

    def test_nobody_without_signing_in(self, client: Any, assignment: Any) -> None:
        for address in (page("mine"), page("assignment", assignment)):
            assert client.get(address).status_code == 302

    def test_mentor_sees_only_her_fellows(
        self, client_of: Any, mentor_person: Any, assignment: Any, elsewhere: Any
    ) -> None:
        client = client_of(mentor_person)
        shown = text(client.get(page("mine")))
        assert assignment.appointment.fellow.full_name in shown
        assert elsewhere.appointment.fellow.full_name not in shown
        assert client.get(page("assignment", assignment)).status_code == 200
        assert client.get(page("assignment", elsewhere)).status_code == 404
        assert client.get(page("assign", assignment.appointment)).status_code == 404
        assert client.post(page("end", assignment)).status_code == 403
        assert client.get(page("mentors")).status_code == 403

    def test_mentor_sees_no_more_once_it_has_ended(self, client_of: Any, mentor_person: Any, assignment: Any) -> None:
        actions.end_mentoring(assignment, by=None)
        client = client_of(mentor_person)
        assert client.get(page("assignment", assignment)).status_code == 403
        assert assignment.appointment.fellow.full_name not in text(client.get(page("mine")))

    def test_fellow_reads_but_neither_logs_nor_ends(
        self, client_of: Any, fellow: Any, assignment: Any, elsewhere: Any
    ) -> None:
        MeetingFactory(assignment=assignment, goals="Write it up", next_on=date(2026, 11, 2))
        client = client_of(fellow)
        assert assignment.mentor.user.full_name in text(client.get(page("mine")))
        shown = text(client.get(page("assignment", assignment)))
        assert "We spoke of the first results." in shown
        assert "Write it up" in shown
        assert 'name="notes"' not in shown
        form = {"held_on": "2026-09-30", "minutes": "30", "notes": "forged"}
        assert client.post(page("assignment", assignment), form).status_code == 403
        assert client.post(page("end", assignment)).status_code == 403
        assert client.get(page("assign", assignment.appointment)).status_code == 403
        assert client.get(page("transition", assignment.appointment)).status_code == 403
        assert client.get(page("assignment", elsewhere)).status_code == 404
        assert Meeting.objects.count() == 1

    def test_lab_head_sees_only_her_lab(self, client_of: Any, lab_head: Any, assignment: Any, elsewhere: Any) -> None:
        self._sees_the_one_alone(client_of(lab_head), assignment, elsewhere)

    def test_officer_sees_only_her_institute(
        self, client_of: Any, officer: Any, assignment: Any, elsewhere: Any
    ) -> None:
        self._sees_the_one_alone(client_of(officer), assignment, elsewhere)

    def test_head_of_another_lab_of_the_institute_sees_nothing(
        self, client_of: Any, other_lab_head: Any, other_officer: Any, assignment: Any
    ) -> None:
        for person in (other_lab_head, other_officer):
            client = client_of(person)
            assert client.get(page("assign", assignment.appointment)).status_code == 404
            assert client.get(page("assignment", assignment)).status_code == 404
            assert client.post(page("end", assignment)).status_code == 404

    def _sees_the_one_alone(self, client: Any, one: Any, other: Any) -> None:
        shown = text(client.get(page("fellows")))
        assert one.appointment.fellow.full_name in shown
        assert other.appointment.fellow.full_name not in shown
        for name, status in (("assign", 200), ("transition", 200)):
            assert client.get(page(name, one.appointment)).status_code == status
            assert client.get(page(name, other.appointment)).status_code == 404
        assert client.get(page("assignment", one)).status_code == 200
        assert client.get(page("assignment", other)).status_code == 404
        assert client.post(page("end", other)).status_code == 404


class TestForms:
    def test_mentor_logs_a_meeting(self, client_of: Any, mentor_person: Any, assignment: Any) -> None:
        form = {"held_on": "2026-09-30", "minutes": "30", "notes": "<b>bold</b> plans", "next_on": "2026-10-20"}
        answered = client_of(mentor_person).post(page("assignment", assignment), form, follow=True)
        assert answered.status_code == 200
        assert "&lt;b&gt;bold&lt;/b&gt; plans" in text(answered)
        assert Meeting.objects.get().next_on == date(2026, 10, 20)

    @pytest.mark.parametrize(
        "wrong", [{"notes": ""}, {"held_on": "soon"}, {"minutes": "0"}, {"minutes": "99999"}, {"minutes": "many"}]
    )
    def test_wrong_meeting_keeps_what_was_typed(
        self, client_of: Any, mentor_person: Any, assignment: Any, wrong: dict[str, str]
    ) -> None:
        form = {"held_on": "2026-09-30", "minutes": "30", "notes": "Notes", "goals": "kept words", **wrong}
        shown = client_of(mentor_person).post(page("assignment", assignment), form)
        assert shown.status_code == 422
        assert "kept words" in text(shown)
        assert not Meeting.objects.exists()

    def test_refused_meeting_says_why_and_keeps(self, client_of: Any, mentor_person: Any, assignment: Any) -> None:
        form = {"held_on": "2026-10-05", "minutes": "30", "notes": "kept words"}
        shown = client_of(mentor_person).post(page("assignment", assignment), form)
        assert shown.status_code == 409
        assert "A meeting is logged after it was held." in text(shown)
        assert "kept words" in text(shown)

    def test_lab_head_assigns_and_ends(self, client_of: Any, lab_head: Any, appointment: Any, mentor: Any) -> None:
        client = client_of(lab_head)
        form = {"mentor": mentor.pk, "kind": MentorKind.GLOBAL, "starts_on": ""}
        for _double in range(2):
            assert client.post(page("assign", appointment), form).status_code == 302
        made = MentorAssignment.objects.get()
        assert (made.kind, made.starts_on, made.assigned_by) == ("global", TODAY, lab_head)
        assert mentor.user.full_name in text(client.get(page("assign", appointment)))
        for _double in range(2):
            answered = client.post(page("end", made))
            assert answered["Location"] == page("assign", appointment)
        made.refresh_from_db()
        assert made.ends_on == TODAY

    def test_wrong_assignment_keeps_what_was_typed(
        self, client_of: Any, officer: Any, appointment: Any, mentor: Any
    ) -> None:
        form = {"mentor": mentor.pk, "kind": "uncle", "starts_on": "someday"}
        shown = client_of(officer).post(page("assign", appointment), form)
        assert shown.status_code == 422
        assert "someday" in text(shown)
        assert not MentorAssignment.objects.exists()

    def test_full_mentor_is_said_beside_the_field(
        self, client_of: Any, officer: Any, appointment: Any, mentor: Any
    ) -> None:
        Mentor.objects.filter(pk=mentor.pk).update(most_fellows=0)
        form = {"mentor": mentor.pk, "kind": MentorKind.AI, "starts_on": "2026-10-01"}
        shown = client_of(officer).post(page("assign", appointment), form)
        assert shown.status_code == 409
        assert "already guides 0 fellows" in text(shown)

    def test_mentor_who_takes_nobody_is_not_offered(
        self, client_of: Any, officer: Any, appointment: Any, mentor: Any
    ) -> None:
        assert "0 of 8 fellows" in text(client_of(officer).get(page("assign", appointment)))
        Mentor.objects.filter(pk=mentor.pk).update(is_active=False)
        form = {"mentor": mentor.pk, "kind": MentorKind.AI}
        assert client_of(officer).post(page("assign", appointment), form).status_code == 422

    def test_officer_records_and_corrects_the_job_after(self, client_of: Any, officer: Any, appointment: Any) -> None:
        client, address = client_of(officer), page("transition", appointment)
        form = {"destination": "startup", "organisation": "Own Ltd", "position": "CEO", "starts_on": "2027-08-01"}
        assert client.post(address, form)["Location"] == page("fellows")
        assert "Own Ltd" in text(client.get(address))
        assert client.post(address, {**form, "organisation": "Other Ltd"}).status_code == 302
        kept = Transition.objects.get()
        assert (kept.organisation, kept.recorded_by, kept.appointment) == ("Other Ltd", officer, appointment)

    def test_wrong_job_after_keeps_what_was_typed(self, client_of: Any, officer: Any, appointment: Any) -> None:
        form = {"destination": "moon", "organisation": "kept words", "starts_on": ""}
        shown = client_of(officer).post(page("transition", appointment), form)
        assert shown.status_code == 422
        assert "kept words" in text(shown)
        assert not Transition.objects.exists()


class TestLists:
    @pytest.mark.parametrize("asked", [{"q": "diffusion"}, {"q": "KAIST"}, {"kind": "domain", "q": ""}, {"q": "홍길"}])
    def test_mentors_are_found(self, client_of: Any, officer: Any, mentor: Any, asked: dict[str, str]) -> None:
        company = PartnerOrganisationFactory(name_en="Nothing Ltd", name_ko="없음")
        other = MentorFactory(
            user=UserFactory(family_name="Unfound", native_name="아무개"),
            institute=None,
            organisation=company,
            kinds=[MentorKind.GLOBAL],
        )
        shown = text(client_of(officer).get(page("mentors"), asked))
        assert mentor.user.full_name in shown
        assert other.user.full_name not in shown
        found = text(client_of(officer).get(page("mentors"), {"q": "nothing ltd"}))
        assert other.user.full_name in found

    def test_wrong_filter_shows_all(self, client_of: Any, officer: Any, mentor: Any) -> None:
        shown = client_of(officer).get(page("mentors"), {"kind": "uncle", "sort": "load"})
        assert mentor.user.full_name in text(shown)
        assert shown.context["is_filtered"] is False

    def test_nothing_found_says_so(self, client_of: Any, officer: Any, mentor: Any) -> None:
        shown = client_of(officer).get(page("mentors"), {"kind": "global"})
        assert (shown.status_code, shown.context["count"], shown.context["is_filtered"]) == (200, 0, True)

    def test_load_counts_fellows_not_assignments_that_ended(
        self, client_of: Any, officer: Any, assignment: Any, call: Any, lab: Any
    ) -> None:
        MentorAssignmentFactory(
            appointment=fellow_in(lab, call), mentor=assignment.mentor, ends_on=assignment.starts_on
        )
        assert "1 / 8" in text(client_of(officer).get(page("mentors")))

    def test_those_without_a_mentor_come_first(
        self, client_of: Any, officer: Any, assignment: Any, call: Any, lab: Any
    ) -> None:
        alone = fellow_in(lab, call)
        shown = client_of(officer).get(page("fellows"))
        assert [(row.pk, row.mentors) for row in shown.context["page"].rows] == [
            (alone.pk, 0),
            (assignment.appointment.pk, 1),
        ]

    def test_mentors_page_by_page(self, client_of: Any, officer: Any, institute: Any) -> None:
        MentorFactory.create_batch(26, institute=institute)
        client = client_of(officer)
        first = client.get(page("mentors"), {"sort": "-load"}).context["page"]
        second = client.get(page("mentors"), {"sort": "-load", "after": first.next_cursor}).context["page"]
        assert (len(first.rows), len(second.rows)) == (20, 6)
        assert not {row.pk for row in first.rows} & {row.pk for row in second.rows}


class TestCosts:
    """What a page asks of the database: the same for one row and for three."""

    @pytest.fixture
    def costs(self, django_assert_num_queries: Any) -> Any:
        def check(client: Any, address: str, expected: int, count: Any, add: Any) -> None:
            client.get(address)
            for number in (1, 3):
                for _more in range(number - count()):
                    add()
                with django_assert_num_queries(expected):
                    assert client.get(address).status_code == 200
                assert count() == number

        return check

    def test_mine(self, costs: Any, client_of: Any, mentor_person: Any, assignment: Any, call: Any, lab: Any) -> None:
        costs(
            client_of(mentor_person),
            page("mine"),
            5,
            MentorAssignment.objects.count,
            lambda: MentorAssignmentFactory(appointment=fellow_in(lab, call), mentor=assignment.mentor),
        )

    def test_mentors(self, costs: Any, client_of: Any, officer: Any, mentor: Any, institute: Any) -> None:
        client = client_of(officer)
        costs(client, page("mentors"), 5, Mentor.objects.count, lambda: MentorFactory(institute=institute))

    def test_fellows(self, costs: Any, client_of: Any, officer: Any, appointment: Any, call: Any, lab: Any) -> None:
        count = type(appointment).objects.count
        costs(client_of(officer), page("fellows"), 5, count, lambda: fellow_in(lab, call))

    def test_mentors_of_a_fellow(self, costs: Any, client_of: Any, officer: Any, assignment: Any) -> None:
        appointment = assignment.appointment
        costs(
            client_of(officer),
            page("assign", appointment),
            7,
            MentorAssignment.objects.count,
            lambda: MentorAssignmentFactory(appointment=appointment),
        )

    def test_meetings(self, costs: Any, client_of: Any, fellow: Any, assignment: Any) -> None:
        MeetingFactory(assignment=assignment)
        costs(
            client_of(fellow),
            page("assignment", assignment),
            5,
            Meeting.objects.count,
            lambda: MeetingFactory(
                assignment=assignment, held_on=date(2026, 8, 1) + timedelta(days=Meeting.objects.count())
            ),
        )


def test_pages_in_korean(client_of: Any, officer: Any, mentor_person: Any, assignment: Any) -> None:
    MeetingFactory(assignment=assignment)
    officers, mentors = client_of(korean(officer)), client_of(korean(mentor_person))
    appointment = assignment.appointment
    fellow = appointment.fellow
    pages = [
        (mentors, page("mine"), "Mentoring", fellow.native_name),
        (mentors, page("assignment", assignment), "Meetings so far", fellow.native_name),
        (officers, page("mentors"), "Mentors", assignment.mentor.user.native_name),
        (officers, page("fellows"), "Fellows and mentors", fellow.native_name),
        (officers, page("assign", appointment), "Mentors of %(fellow)s", "연구단 LLM"),
        (officers, page("transition", appointment), "The job after: %(fellow)s", fellow.native_name),
    ]
    for client, address, heading, korean_words in pages:
        shown = client.get(address)
        assert shown.status_code == 200
        assert '<html lang="ko"' in text(shown), address
        assert korean_words in text(shown), address
        with translation.override("ko"):
            assert gettext(heading) % {"fellow": fellow.full_name} in text(shown), address


def test_admin_desk_of_the_room(client_of: Any, admin_person: Any, officer: Any, assignment: Any) -> None:
    meeting = MeetingFactory(assignment=assignment)
    gone = Transition.objects.create(
        appointment=assignment.appointment, destination=Destination.OTHER, organisation="Works", starts_on=TODAY
    )
    client = client_of(admin_person)
    for row in (assignment.mentor, assignment, meeting, gone):
        name = row._meta.model_name
        listed = client.get(reverse(f"admin:mentoring_{name}_changelist"), {"q": "example"})
        assert listed.status_code == 200
        assert client.get(reverse(f"admin:mentoring_{name}_change", args=[row.pk])).status_code == 200
        assert client.get(reverse(f"admin:mentoring_{name}_add")).status_code == 403
        assert client_of(officer).get(reverse(f"admin:mentoring_{name}_changelist")).status_code == 302


class TestDesk:
    def test_nothing_for_others(self, stranger: Any, assignment: Any) -> None:
        assert desk_items(stranger) == []

    def test_next_meeting_is_due(self, mentor_person: Any, assignment: Any) -> None:
        MeetingFactory(assignment=assignment, next_on=date(2026, 10, 8))
        (item,) = desk_items(mentor_person)
        assert assignment.appointment.fellow.full_name in str(item.label)
        assert item.due_at is not None
        assert item.due_at.date() == date(2026, 10, 8)
        assert item.url == page("assignment", assignment)

    def test_long_silence_asks_for_a_meeting(self, mentor_person: Any, assignment: Any) -> None:
        (item,) = desk_items(mentor_person)
        assert "92 days" in str(item.detail)
        MeetingFactory(assignment=assignment, held_on=date(2026, 8, 17))
        assert desk_items(mentor_person) == []
        MeetingFactory(assignment=assignment, held_on=date(2026, 8, 10), next_on=date(2026, 9, 1))
        with time_machine.travel("2026-10-02 12:00+09:00"):
            (item,) = desk_items(mentor_person)
        assert "46 days" in str(item.detail)

    def test_ended_guidance_asks_for_nothing(self, mentor_person: Any, assignment: Any) -> None:
        actions.end_mentoring(assignment, by=None)
        assert desk_items(mentor_person) == []

    def test_costs_the_same_for_one_and_three(
        self, mentor_person: Any, assignment: Any, call: Any, lab: Any, django_assert_num_queries: Any
    ) -> None:
        for number in (1, 3):
            while MentorAssignment.objects.count() < number:
                MentorAssignmentFactory(appointment=fellow_in(lab, call), mentor=assignment.mentor)
            person = User.objects.get(pk=mentor_person.pk)
            with django_assert_num_queries(2):
                assert len(desk_items(person)) == number


def test_permissions_without_a_row(officer: Any, stranger: Any, mentor_person: Any, assignment: Any) -> None:
    assert officer.has_perm("mentoring.assign")
    assert not stranger.has_perm("mentoring.assign")
    assert not mentor_person.has_perm("mentoring.log_meeting")
    assert mentor_person.has_perm("mentoring.guide")
    assert not mentor_person.has_perm("mentoring.manage_mentors")


def test_role_that_ended_opens_nothing(client_of: Any, institute: Any, assignment: Any) -> None:
    former = UserFactory()
    RoleGrantFactory(user=former, role=Role.PROGRAMME_OFFICER, place=institute.place, ends_on=TODAY - timedelta(days=1))
    assert client_of(former).get(page("assign", assignment.appointment)).status_code == 404
    assert client_of(former).get(page("fellows")).status_code == 403


def test_an_officer_enrols_a_mentor_and_changes_what_she_takes(
    client_of: Any, officer: Any, stranger: Any, lab_head: Any, institute: Any
) -> None:
    signed, url = client_of(officer), page("enrol")
    data = {
        "email": "STRANGER@example.org", "institute": institute.pk, "organisation": "", "kinds": [MentorKind.AI],
        "expertise": "Diffusion models", "most_fellows": 3,
    }  # fmt: skip
    assert signed.get(url).status_code == 200
    home = PartnerOrganisationFactory()
    for wrong in ({"email": "nobody@example.org"}, {"institute": ""}, {"organisation": home.pk}, {"kinds": []}):
        assert signed.post(url, {**data, **wrong}).status_code == 422
    assert signed.post(url, data)["Location"] == page("mentors")
    assert signed.post(url, data).status_code == 422
    made = Mentor.objects.get()
    assert (made.user, made.institute, made.kinds, made.most_fellows) == (stranger, institute, ["ai"], 3)
    assert User.objects.get(pk=stranger.pk).holds(Role.MENTOR)
    edit = page("edit_mentor", made)
    assert signed.get(edit).status_code == 200
    assert signed.post(edit, {"kinds": ["ai", "global"], "expertise": "", "most_fellows": 2}).status_code == 302
    made.refresh_from_db()
    assert (made.kinds, made.most_fellows, made.is_active) == (["ai", "global"], 2, False)
    assert b"takes no fellows" in signed.get(page("mentors")).content
    assert client_of(lab_head).get(url).status_code == 403
    assert client_of(lab_head).get(edit).status_code == 403
    assert client_of(User.objects.get(pk=stranger.pk)).get(edit).status_code == 403
