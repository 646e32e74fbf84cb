"""Publications read from what reference managers write, known again, put first, and kept through a submission."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications import actions
from applications.publications import MOST, doi_of, joined, publication, read

BIBTEX = r"""
@string{nat = "Nature"}
@comment{exported yesterday}
@article{one,
  title = {{D}eep learning for {\'e}tude \& M{\"u}ller},
  author = {Kim, Min-Ji and M{\"u}ller, J{\"o}rg},
  journal = nat, year = 2023, doi = {https://doi.org/10.1038/S41586-023-0001-1}
}
@misc{two, title = {한국어 논문}, author = {홍길동}, year = {2022}, archivePrefix = {arXiv}}
"""
RIS = """TY  - JOUR
AU  - Kim, Min-Ji
AU  - Müller, Jörg
TI  - Deep learning for étude & Müller
JO  - Nature
PY  - 2023/01/02
DO  - 10.1038/s41586-023-0001-1
ER  -

TY  - CPAPER
TI  - Another one
PY  - 2021
ER  -
"""


def test_bibtex_is_read_with_its_accents_and_strings() -> None:
    first, second = read(BIBTEX).rows
    assert first["title"] == "Deep learning for étude & Müller"
    assert (first["authors"], first["venue"], first["year"]) == ("Min-Ji Kim; Jörg Müller", "Nature", "2023")
    assert (first["doi"], first["kind"]) == ("10.1038/s41586-023-0001-1", "article")
    assert (second["title"], second["authors"], second["kind"]) == ("한국어 논문", "홍길동", "preprint")


def test_ris_is_read() -> None:
    first, second = read(RIS).rows
    assert (first["authors"], first["year"]) == ("Min-Ji Kim; Jörg Müller", "2023")
    assert (second["title"], second["kind"], second["year"]) == ("Another one", "conference", "2021")


def test_dois_are_read_a_line_each() -> None:
    found = read("10.1000/abc.\nhttps://doi.org/10.1000/DEF\n\nnonsense")
    assert [row["doi"] for row in found.rows] == ["10.1000/abc", "10.1000/def"]
    assert found.unread == ["4: nonsense"]


def test_a_broken_entry_spoils_no_other_and_is_named() -> None:
    found = read("@article{a, title = {Broken, year=2020\n}\n@article{b, title={Whole}, year={2021}}")
    assert [row["title"] for row in found.rows] == ["Whole"]
    assert found.unread[0].startswith("1: @article{a")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0" * 50,
        "@article{x, title={" + "{" * 20_000,
        "TY  - \nER  - ",
        "@" * 5000,
        "\ufeff",
        "a" * 100_000,
        "{}\n@{}",
    ],
)
def test_nothing_to_read_is_no_accident(text: str) -> None:
    assert read(text).rows == []


@pytest.mark.parametrize(
    ("typed", "doi"),
    [("doi:10.1000/ABC;", "10.1000/abc"), ("https://dx.doi.org/10.1000/x(1)y", "10.1000/x(1)y"), ("10/abc", "")],
)
def test_a_doi_is_found_in_what_people_paste(typed: str, doi: str) -> None:
    assert doi_of(typed) == doi


def test_the_same_publication_is_known_again_and_completed() -> None:
    by_title = publication(title="Deep Learning for Étude and Muller", year="2023")
    bare = publication(title="deep  learning for etude and müller!")
    rows, new, known = joined([by_title], [bare, publication(title="Deep learning for étude & Müller", year="2019")])
    assert (new, known) == (1, 1)
    rows, new, known = joined(rows, [publication(title=by_title["title"], year="2023", doi="10.1000/abc")])
    assert (new, known, rows[0]["doi"]) == (0, 1, "10.1000/abc")
    assert joined([], [publication(title=f"T{n}") for n in range(MOST + 5)])[1] == MOST


def test_a_list_is_taken_in_from_a_text_and_a_file_once(client_of: Any, draft: Any) -> None:
    signed, page = client_of(draft.applicant), reverse("applications:publications_read_in", args=[draft.key])
    assert signed.post(page, {"text": BIBTEX}).status_code == 302
    upload = SimpleUploadedFile("mine.ris", RIS.encode("utf-8"), "application/x-research-info-systems")
    answer = signed.post(page, {"text": "", "file": upload}, follow=True)
    assert "1 publication was added. 1 was there already." in answer.content.decode()
    draft.refresh_from_db()
    assert len(draft.publications) == 3


def test_what_holds_no_publication_is_said_beside_it_and_kept(client_of: Any, draft: Any) -> None:
    signed, page = client_of(draft.applicant), reverse("applications:publications_read_in", args=[draft.key])
    answer = signed.post(page, {"text": "my great paper"})
    assert answer.status_code == 422
    assert "No publication was found" in answer.content.decode()
    assert "my great paper" in answer.content.decode()


def test_one_is_typed_in_and_a_wrong_doi_is_said(client_of: Any, draft: Any) -> None:
    signed, page = client_of(draft.applicant), reverse("applications:publications_add", args=[draft.key])
    data = {"kind": "book", "title": "A book", "doi": "about it"}
    assert "This is not a DOI" in signed.post(page, data).content.decode()
    assert signed.post(page, {**data, "doi": ""}).status_code == 302
    draft.refresh_from_db()
    assert (draft.publications[0]["title"], draft.publications[0]["kind"]) == ("A book", "book")


def test_some_are_put_first_up_to_what_the_call_allows(client_of: Any, draft: Any) -> None:
    rows = [publication(title=f"Title {n}", year=str(2010 + n)) for n in range(7)]
    actions.add_publications(draft, rows, by=draft.applicant)
    signed, page = client_of(draft.applicant), reverse("applications:publications_change", args=[draft.key])
    signed.post(page, {"first": [row["key"] for row in rows[:2]]})
    draft.refresh_from_db()
    assert [row["title"] for row in draft.publications_shown][:3] == ["Title 1", "Title 0", "Title 6"]
    with pytest.raises(actions.TooManyFirst):
        actions.put_first(draft, [row["key"] for row in rows], by=draft.applicant)
    signed.post(page, {"remove": rows[0]["key"]})
    draft.refresh_from_db()
    assert len(draft.publications) == 6


def test_nobody_else_changes_them_nor_after_submitting(client_of: Any, stranger: Any, application: Any) -> None:
    page = reverse("applications:publications_add", args=[application.key])
    data = {"kind": "book", "title": "A book"}
    assert client_of(stranger).post(page, data).status_code == 404
    assert "submitted" in client_of(application.applicant).post(page, data).content.decode()
    application.refresh_from_db()
    assert application.publications == []
