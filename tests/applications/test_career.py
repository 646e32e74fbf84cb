"""Degrees, positions, career breaks and a partner: rows that are typed in, read, counted and shown to whom."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from applications import actions
from applications.career import Unreadable, cleaned, day_of, merged, month_of, months_of
from applications.forms.rows import code_of
from applications.models import Submission
from applications.queries import partner_words
from reviews.queries import blind_copy
from tests.factories import applications, people


def section(row: Any, name: str) -> str:
    return reverse("applications:section", args=[row.key, name])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("2021-09", "2021-09"), ("2021.9", "2021-09"), ("09/2021", "2021-09"), ("2021", "2021"), ("12/1999", "1999-12")],
)
def test_a_month_is_read_as_people_write_it(typed: str, kept: str) -> None:
    assert month_of(typed) == kept


@pytest.mark.parametrize("typed", ["2021-13", "2021-00", "soon", "1821-01", "2021-9-1", "20210"])
def test_a_month_that_cannot_be_is_refused(typed: str) -> None:
    with pytest.raises(Unreadable):
        month_of(typed)


@pytest.mark.parametrize(("typed", "kept"), [("2021-09-01", "2021-09-01"), ("2021.9.1", "2021-09-01")])
def test_a_day_is_read_as_people_write_it(typed: str, kept: str) -> None:
    assert day_of(typed) == kept


@pytest.mark.parametrize("typed", ["2021-02-30", "2021", "tomorrow", "31/12/2021"])
def test_a_day_that_cannot_be_is_refused(typed: str) -> None:
    with pytest.raises(Unreadable):
        day_of(typed)


@pytest.mark.parametrize(("typed", "code"), [("South Korea", "KR"), ("대한민국", "KR"), ("kr", "KR"), ("Atlantis", "")])
def test_a_country_is_known_by_name_in_either_language(typed: str, code: str) -> None:
    assert code_of(typed) == code


@pytest.mark.parametrize(
    ("breaks", "since", "months"),
    [
        ([("2022-03-01", "2022-08-31")], None, 6),
        ([("2022-03-01", "2022-08-31"), ("2022-06-01", "2022-11-30")], None, 9),
        ([("2020-01-01", "2022-12-31")], date(2022, 1, 1), 12),
        ([("2020-01-01", "2020-12-31")], date(2022, 1, 1), 0),
        ([("2022-03-01", "9999-12-31")], date(9999, 12, 1), 1),
        ([], None, 0),
    ],
)
def test_months_of_breaks_count_each_day_once(breaks: Any, since: Any, months: int) -> None:
    assert months_of([{"from": begins, "until": ends} for begins, ends in breaks], since) == months


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"degree": "PhD"}, "University"),
        ({"degree": "PhD", "institution": "X", "country": "Atlantis"}, "country"),
        ({"degree": "PhD", "institution": "X", "from": "2021-09", "until": "2020"}, "ends before"),
        ({"degree": "PhD", "institution": "X", "from": "then"}, "2021-09"),
    ],
)
def test_a_row_that_does_not_fit_says_why(row: Any, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        cleaned("degrees", row, code_of)


def test_a_year_that_holds_the_month_is_no_end_before_the_beginning() -> None:
    assert cleaned("degrees", {"degree": "PhD", "institution": "X", "from": "2021-09", "until": "2021"}, code_of)


def test_rows_that_are_there_are_not_added_again() -> None:
    present = [{"degree": "PhD", "institution": "Example University", "from": "2018"}]
    more = [{"degree": "phd", "institution": "EXAMPLE  University", "from": "2018-09"}, {"degree": "MSc"}]
    assert [row["degree"] for row in merged(present, more, 8)] == ["PhD", "MSc"]
    assert len(merged([], [{"degree": str(n)} for n in range(20)], 8)) == 8


def test_degrees_and_positions_are_kept_and_a_wrong_row_loses_nothing(client_of: Any, draft: Any) -> None:
    signed = client_of(draft.applicant)
    data = {
        "degrees-0-degree": "PhD", "degrees-0-institution": "Example University", "degrees-0-country": "South Korea",
        "degrees-0-from": "2018-09", "degrees-0-until": "2022", "employment-0-role": "Engineer",
    }  # fmt: skip
    answer = signed.post(section(draft, "career"), data)
    assert answer.status_code == 422
    assert "Row 1: Missing: Institution" in answer.content.decode()
    assert 'value="Engineer"' in answer.content.decode()
    saved = signed.post(reverse("applications:autosave", args=[draft.key, "career"]), data).json()
    assert "Positions" in saved["words"]
    draft.refresh_from_db()
    assert draft.degrees[0] == {
        "degree": "PhD", "institution": "Example University", "country": "KR", "field": "",
        "from": "2018-09", "until": "2022",
    }  # fmt: skip
    assert signed.post(section(draft, "career"), {**data, "employment-0-institution": "Acme"}).status_code == 302
    draft.refresh_from_db()
    assert draft.employment[0]["institution"] == "Acme"


def test_breaks_fill_in_their_months(client_of: Any, draft: Any) -> None:
    data = {
        "phd_awarded_on": "2022-01-01", "career_break_months": "0", "career_breaks-0-reason": "parental",
        "career_breaks-0-from": "2022-03-01", "career_breaks-0-until": "2023-02-28",
    }  # fmt: skip
    assert client_of(draft.applicant).post(section(draft, "doctorate"), data).status_code == 302
    draft.refresh_from_db()
    assert draft.career_break_months == 12
    assert [row["reason"] for row in draft.breaks] == ["Parental leave"]


def test_a_receipt_holds_the_rows_and_they_come_back_with_the_version(applicant: Any, draft: Any) -> None:
    draft.degrees, draft.partner_email = [{"degree": "PhD"}], "partner@example.org"
    draft.save()
    actions.submit(draft, by=applicant)
    assert Submission.objects.get(application=draft).content["degrees"] == [{"degree": "PhD"}]
    assert "publications" not in Submission.objects.get(application=draft).content
    actions.reopen(draft, by=applicant)
    draft.degrees, draft.publications = [], [{"key": "x", "title": "New"}]
    draft.save()
    actions.restore_last_version(draft, by=None)
    draft.refresh_from_db()
    assert (draft.degrees, draft.publications) == ([{"degree": "PhD"}], [])


def test_reviewers_read_no_years_of_degrees_and_no_reasons_of_breaks(application: Any) -> None:
    application.degrees = [{"degree": "BSc", "institution": "Example University", "from": "1999", "until": "2003"}]
    application.employment = [{"role": "Engineer", "institution": "Acme", "from": "2021", "until": ""}]
    application.career_breaks = [{"reason": "parental", "from": "2022-03-01", "until": "2022-08-31"}]
    copy = blind_copy(application)
    assert copy.degrees == ["BSc · Example University"]
    assert copy.positions == ["Engineer · Acme · 2021"]
    assert "parental" not in repr(copy)


def test_partners_who_name_each_other_are_known_as_two(application: Any, call: Any, call_lab: Any) -> None:
    assert partner_words(application) == ""
    application.partner_email = "Partner@example.org"
    assert partner_words(application) == "has not applied to this call"
    partner = people.UserFactory(email="partner@example.org")
    other = applications.ApplicationFactory(applicant=partner, call=call, ranked_labs=[call_lab.pk])
    assert partner_words(application) == "does not name the applicant"
    type(other).objects.filter(pk=other.pk).update(partner_email=application.applicant.email.upper())
    assert partner_words(application) == "names the applicant too"


def test_officers_read_the_rows_in_the_dossier(client_of: Any, officer: Any, application: Any) -> None:
    application.degrees = [{"degree": "PhD", "institution": "Example University", "country": "KR"}]
    application.career_breaks = [{"reason": "care", "from": "2022-03-01", "until": "2022-08-31"}]
    application.partner_email = "partner@example.org"
    application.save()
    page = client_of(officer).get(reverse("applications:dossier", args=[application.key])).content.decode()
    for words in ("Example University, South Korea", "Care for relatives", "partner@example.org", "has not applied"):
        assert words in page
