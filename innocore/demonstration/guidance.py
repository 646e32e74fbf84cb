"""Mentors of two kinds for every fellow, their meetings, and what is due."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from fellowships.models import Appointment
from innocore.demonstration import words
from innocore.demonstration.cast import fill_roles
from innocore.demonstration.rounds import audit
from labs.models import Institute, PartnerOrganisation
from mentoring.models import Meeting, Mentor, MentorAssignment
from mentoring.states import MentorKind
from people.models import User
from people.states import Role

FELLOWS_OF_ONE = 8


def make_mentors(cast: dict[str, User], number: int, random: Random) -> list[Mentor]:
    """`number` mentors and the cast's, half at institutes, half at companies and partners abroad."""
    institutes, partners = list(Institute.objects.all()), list(PartnerOrganisation.objects.all())
    people = [cast["mentor"], *fill_roles(random, Role.MENTOR, number, cast["admin"])]
    made = [
        Mentor(
            user=user,
            institute=random.choice(institutes) if position % 2 == 0 else None,
            organisation=random.choice(partners) if position % 2 else None,
            kinds=[MentorKind.DOMAIN, MentorKind.AI] if position % 2 == 0 else [MentorKind.CO_LAB, MentorKind.GLOBAL],
            expertise=", ".join(words.topic(random, random.choice(list(words.FIELDS)))),
            most_fellows=FELLOWS_OF_ONE,
        )
        for position, user in enumerate(people)
    ]
    return Mentor.objects.bulk_create(made)


def guide(
    appointments: Sequence[Appointment], cast: dict[str, User], today: date, random: Random
) -> list[MentorAssignment]:
    """A mentor of an institute and one of a partner for every fellow; meetings of the last months."""
    half = len(appointments) // FELLOWS_OF_ONE + 1
    mentors = make_mentors(cast, 2 * half, random)
    inside, outside = mentors[::2], mentors[1::2]
    ordered = sorted(appointments, key=lambda row: row.fellow_id != cast["fellow"].pk)
    made = [
        MentorAssignment(
            appointment=appointment,
            mentor=group[position % len(group)],
            kind=random.choice(group[position % len(group)].kinds),
            starts_on=appointment.starts_on + timedelta(days=14),
            assigned_by=cast["officer"],
        )
        for position, appointment in enumerate(ordered)
        for group in (inside, outside)
    ]
    MentorAssignment.objects.bulk_create(made)
    audit(("mentoring.assigned", row, cast["officer"], None) for row in made)
    _meetings(made, today, random)
    return made


def _meetings(assignments: Sequence[MentorAssignment], today: date, random: Random) -> None:
    rows = []
    for assignment in assignments:
        for back in random.sample(range(3, 200), random.randint(1, 3)):
            held_on = today - timedelta(days=back)
            rows.append(
                Meeting(
                    assignment=assignment,
                    held_on=held_on,
                    minutes=random.choice((30, 45, 60, 90)),
                    notes=random.choice(words.MEETINGS),
                    next_on=held_on + timedelta(days=30) if back < 40 else None,
                    logged_by=assignment.mentor.user,
                )
            )
    Meeting.objects.bulk_create(rows, batch_size=1000)
    audit(("mentoring.meeting.logged", row, row.logged_by, None) for row in rows)
