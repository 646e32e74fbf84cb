"""Degrees, positions and publications of invented applicants, from a stream of chance of their own."""

from random import Random
from typing import Any

from applications.models import Application
from applications.publications import publication
from innocore.demonstration import words

PAPERS = (
    "{a} with fewer labels than classes",
    "On the limits of {b} in the wild",
    "A benchmark for {a} and {b}",
    "Robust {a} by learned priors",
    "Notes on {b}",
    "Reading {b} through {a}",
)
VENUES = ("Journal of Invented Results", "Proceedings of the Saebyeok Conference", "Letters in Applied Learning")


def give_career(application: Application, number: int) -> None:
    """Fill in `application`, which is not saved yet; `number` is the applicant's in her round."""
    random = Random(f"career {application.call_id} {number}")
    doctorate = application.phd_awarded_on
    ended = doctorate.year if doctorate else 2024
    country = str(application.phd_country.code)
    first, from_where = random.choice(words.UNIVERSITIES)
    application.degrees = [
        _degree("PhD", application.phd_institution, country, application.phd_field, ended - 5, ended),
        _degree("BSc", first, from_where, application.phd_field, ended - 9, ended - 5),
    ]
    role = random.choice(("Postdoctoral researcher", "Research engineer", "Research associate"))
    place, land = random.choice(words.UNIVERSITIES)
    application.employment = [
        {
            "role": role,
            "institution": place,
            "country": land,
            "from": f"{ended}-{random.randint(1, 12):02}",
            "until": "",
        }
    ]
    if random.random() < 0.12:
        _take_a_break(application, ended, random)
    application.publications = _papers(application, ended, random)


def _degree(name: str, place: str, country: str, field: str, begun: int, ended: int) -> dict[str, str]:
    period = {"from": f"{begun}-03", "until": f"{ended}-02"}
    return {"degree": name, "institution": place, "country": country, "field": field, **period}


def _take_a_break(application: Application, ended: int, random: Random) -> None:
    reason = random.choice(("parental", "military", "care"))
    application.career_breaks = [{"reason": reason, "from": f"{ended}-09-01", "until": f"{ended + 1}-08-31"}]
    application.career_break_months = 12


def _papers(application: Application, ended: int, random: Random) -> list[dict[str, Any]]:
    first, second = application.phd_field, random.choice(random.choice(list(words.FIELDS.values())))
    rows = []
    for place, title in enumerate(random.sample(PAPERS, random.randint(2, 5))):
        row = publication(
            kind=random.choice(("article", "article", "conference", "preprint")),
            title=title.format(a=first, b=second).capitalize(),
            authors=application.name,
            venue=random.choice(VENUES),
            year=str(ended - random.randint(0, 3)),
        )
        if row is not None:
            rows.append({**row, "is_starred": place < 2})
    return rows
