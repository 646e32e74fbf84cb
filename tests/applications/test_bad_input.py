"""Whatever people send: a clear answer each, nothing lost, no fault of ours. A table; see `test_there_are_enough`."""

import io
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from applications import actions
from applications.models import Application, Document, ReferenceLetter
from applications.queries.letters import hash_of
from applications.states import ApplicationState
from tests.applications.conftest import pdf
from tests.factories.applications import ApplicationFactory, CallLabFactory, DraftFactory, QuestionFactory

TOKEN = "a-personal-token"
HUGE = "가나다 " * 300_000
NASTY = {
    "zero width": "Kim\u200b\u200dMin",
    "right to left": "\u202egnp.exe",
    "emoji": "Robots 🤖👩‍🔬🇰🇷",
    "combining flood": "e" + "\u0301" * 50,
    "markup": "<script>alert(1)</script>",
    "attribute": '"><img src=x onerror=alert(1)>',
    "template": "{{ 7|add:7 }}{% csrf_token %}",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "formula plus": "+1+1",
    "formula at": "@SUM(A1)",
    "sql": "'; DROP TABLE applications_application; --",
    "like": "100%_\\",
    "hanja": "金敏雅 (김민아)",
    "non breaking": "a\u00a0b\u2028c",
    "not normal": "Ame\u0301lie",
    "tab": "a\tb",
}
TEXTS = [
    ("about", "given_name"),
    ("about", "native_name"),
    ("about", "current_position"),
    ("doctorate", "phd_institution"),
    ("research", "title"),
    ("research", "summary"),
]
KEPT = [(section, field, name) for section, field in TEXTS for name in NASTY]
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("about", {"given_name": "x" * 101}, "at most 100"),
    ("about", {"given_name": HUGE}, "at most 100"),
    ("about", {"given_name": "a\x00b"}, "Null characters"),
    ("about", {"citizenship": "XX"}, "valid choice"),
    ("about", {"citizenship": "kr'--"}, "valid choice"),
    ("about", {"residence": "🇰🇷"}, "valid choice"),
    ("about", {"orcid": "0000-0000-0000-0000"}, "not an ORCID"),
    ("about", {"orcid": "0000-0002-1825-0098"}, "not an ORCID"),
    ("about", {"orcid": "٠٠٠٠-٠٠٠٢-١٨٢٥-٠٠٩٧"}, "not an ORCID"),
    ("about", {"orcid": "https://evil.example/0000-0002-1825-0097"}, "not an ORCID"),
    ("about", {"orcid": "9" * 90}, "not an ORCID"),
    ("doctorate", {"phd_awarded_on": "2026-02-30"}, "valid date"),
    ("doctorate", {"phd_awarded_on": "0000-00-00"}, "valid date"),
    ("doctorate", {"phd_awarded_on": "99999-01-01"}, "valid date"),
    ("doctorate", {"phd_awarded_on": "next year"}, "valid date"),
    ("doctorate", {"career_break_months": "-1"}, "greater than or equal to 0"),
    ("doctorate", {"career_break_months": "99999999"}, "less than or equal"),
    ("doctorate", {"career_break_months": "1e3"}, "whole number"),
    ("doctorate", {"career_break_months": "NaN"}, "whole number"),
    ("doctorate", {"phd_country": "Atlantis"}, "valid choice"),
    ("research", {"summary": HUGE}, "at most 6000"),
    ("research", {"summary": "x" * 6001}, "at most 6000"),
    ("research", {"title": "x" * 201}, "at most 200"),
    ("research", {"sectors": ["999999"]}, "valid choice"),
    ("research", {"sectors": ["1 OR 1=1"]}, "not a valid"),
    ("research", {"earliest_start_on": "31/12/2026"}, "valid date"),
    ("labs", {"ranked_labs": ["999999"]}, "valid choice"),
    ("labs", {"ranked_labs": ["-1"]}, "valid choice"),
    ("labs", {"ranked_labs": ["9" * 40]}, "valid choice"),
    ("labs", {"ranked_labs": ["abc"]}, "valid choice"),
    ("labs", {"ranked_labs": ["1;2"]}, "valid choice"),
    ("labs", {"motivation": "x" * 6001}, "at most 6000"),
]
FORGED = [
    "zzzzzzzzzzzz", "a", "A" * 200, "0", "-1", quote("김"), quote("../../etc/passwd", safe=""), "null", "1%20OR%201=1",
]  # fmt: skip
PLACES = [
    "/applications/{}/", "/applications/{}/form/about/", "/applications/{}/receipt/", "/applications/{}/receipt.pdf",
    "/applications/{}/letters/", "/documents/{}/", "/screening/{}/", "/corrections/{}/", "/calls/{}/", "/letters/{}/",
    "/letters/hand-in/{}/",
]  # fmt: skip
ADDRESSES = [place.format(key) for place in PLACES for key in FORGED]  # a case each
FILTERS = [
    "state=zzz", "state=%00", "lab=abc", "lab=-1", "lab=99999999999999999999", "q=%25%25%25", "q=__", "q=%5C", "q='",
    "q=%00", "q=" + "x" * 500, "q=" + quote("김 민 아 a b c d e"), "q=%F0%9F%A4%96", "after=zzz", "before=zzz",
    "after=" + "A" * 3000, "size=9999", "size=-1", "size=abc", "sort=evil", "sort=-evil", "sort=--number", "call=zzz",
    "q=%FF%FE", "q=99999999999999999999",
]  # fmt: skip
UNSAFE = [
    ("applications:submit", {}), ("applications:reopen", {}), ("applications:withdraw", {"reason": "x"}),
    ("applications:upload", {"kind": "cv"}), ("applications:ask", {}),
]  # fmt: skip


def locked() -> bytes:
    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret")
    writer.write(made)
    return made.getvalue()


def scripted() -> bytes:
    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    action = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("1")})
    writer._root_object[NameObject("/OpenAction")] = action
    writer.write(made)
    return made.getvalue()


FILES: list[tuple[str, Any, str]] = [
    ("empty.pdf", lambda: b"", "empty"),
    ("renamed.pdf", lambda: b"MZ\x90\x00" + b"\x00" * 4000, "not a PDF"),
    ("zip.pdf", lambda: b"PK\x03\x04" + b"\x00" * 4000, "not a PDF"),
    ("text.pdf", lambda: "이력서".encode("cp949"), "not a PDF"),
    ("page.html", lambda: b"<html><script>alert(1)</script></html>", "not a PDF"),
    ("cut.pdf", lambda: pdf().read()[:200], "damaged"),
    ("head.pdf", lambda: b"%PDF-1.7\n", "damaged"),
    ("rubbish.pdf", lambda: b"%PDF-1.7\n" + b"\xff\x00" * 4000, "damaged"),
    ("locked.pdf", locked, "password"),
    ("scripted.pdf", scripted, "script"),
]


def page(name: str, row: Any, **more: Any) -> str:
    return reverse(f"applications:{name}", kwargs={"key": row.key, **more})


@pytest.mark.parametrize(("section", "field"), TEXTS)
def test_odd_words_are_kept_as_typed_and_shown_as_words(client_of: Any, draft: Any, section: str, field: str) -> None:
    signed = client_of(draft.applicant)
    for name, typed in NASTY.items():
        assert signed.post(page("section", draft, section=section), {field: typed}).status_code == 302
        assert getattr(Application.objects.get(pk=draft.pk), field) == typed.strip(), name
        shown = signed.get(page("section", draft, section=section)).content.decode()
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


@pytest.mark.parametrize(("section", "data", "says"), REFUSED)
def test_what_cannot_be_is_said_beside_it_and_changes_nothing(
    client_of: Any, draft: Any, section: str, data: dict[str, Any], says: str
) -> None:
    before = Application.objects.filter(pk=draft.pk).values().get()
    signed = client_of(draft.applicant)
    answer = signed.post(page("section", draft, section=section), data)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    kept = signed.post(page("autosave", draft, section=section), data)
    assert kept.status_code == 200
    after = Application.objects.filter(pk=draft.pk).values().get()
    assert {**before, "saved_at": None} == {**after, "saved_at": None}


@pytest.mark.parametrize("place", PLACES)
def test_a_forged_address_finds_nothing(client_of: Any, officer: Any, place: str) -> None:
    signed = client_of(officer)
    for key in FORGED:
        assert signed.get(place.format(key)).status_code in {404, 410}, key


@pytest.mark.parametrize("query", FILTERS)
def test_a_forged_filter_finds_what_it_can(client_of: Any, officer: Any, call_lab: Any, query: str) -> None:
    row = ApplicationFactory(call=call_lab.call, ranked_labs=[call_lab.pk])
    signed = client_of(officer)
    for path in (reverse("applications:screening"), reverse("reviews:assignment", args=[row.call.key])):
        assert signed.get(f"{path}?{query}").status_code == 200
    assert signed.get(f"{reverse('applications:screening_csv')}?{query}").status_code == 200


@pytest.mark.parametrize(("name", "content", "says"), FILES)
def test_a_file_that_cannot_be_is_named(client_of: Any, draft: Any, name: str, content: Any, says: str) -> None:
    kept = Document.objects.get(application=draft).sha256
    upload = SimpleUploadedFile(name, content(), content_type="application/pdf")
    answer = client_of(draft.applicant).post(page("upload", draft), {"kind": "cv", "file": upload})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert Document.objects.get(application=draft, is_current=True).sha256 == kept


@pytest.mark.parametrize("kind", ["", "passport", "cv\x00", "x" * 500, "plan' --"])
def test_a_document_of_no_kind_is_refused(client_of: Any, draft: Any, kind: str) -> None:
    answer = client_of(draft.applicant).post(page("upload", draft), {"kind": kind, "file": pdf()})
    assert answer.status_code == 422
    assert Document.objects.filter(application=draft).count() == 1


@pytest.mark.parametrize(
    "given", ["../../../cv.pdf", "C:\\cv.pdf", "\u202efdp.cv", "a" * 400 + ".pdf", ".pdf", "이력서.pdf"]
)
def test_a_files_name_is_made_clean(client_of: Any, draft: Any, given: str) -> None:
    file = pdf(2, name="x.pdf")
    file.name = given
    assert client_of(draft.applicant).post(page("upload", draft), {"kind": "cv", "file": file}).status_code == 302
    name = Document.objects.get(application=draft, is_current=True).name
    assert name.endswith(".pdf")
    assert not set(name) & set("/\\\u202e")
    assert len(name) <= 130


@pytest.mark.parametrize(("route", "data"), UNSAFE)
def test_without_its_token_a_gesture_is_refused(draft: Any, route: str, data: dict[str, Any]) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(draft.applicant)
    answer = strict.post(reverse(route, args=[draft.key]), data)
    assert answer.status_code == 403
    assert Application.objects.get(pk=draft.pk).state == ApplicationState.DRAFT


def test_a_referees_form_needs_its_token_too(draft: Any) -> None:
    ReferenceLetter.objects.filter(pk=draft.letters.first().pk).update(link_sha256=hash_of(TOKEN))
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("applications:letter", args=[TOKEN]), {"text": "x"}).status_code == 403


@pytest.mark.parametrize(
    "email", ["", "no", "a@b", "a@b@c.d", "x" * 300 + "@e.org", "a@b.c\nBcc: x@y.z", "<a@b.cd>", "a b@c.de"]
)
def test_an_address_that_is_none_asks_nobody(client_of: Any, draft: Any, email: str) -> None:
    before = draft.letters.count()
    data = {"referee_name": "R", "email": email, "language": "en"}
    assert client_of(draft.applicant).post(page("ask", draft), data).status_code == 422
    assert draft.letters.count() == before


@pytest.mark.parametrize("text", ["", "   ", "\n\t ", "\u200b"[:0]])
def test_an_empty_letter_is_none(client: Client, draft: Any, text: str) -> None:
    ReferenceLetter.objects.filter(pk=draft.letters.first().pk).update(link_sha256=hash_of(TOKEN))
    assert client.post(reverse("applications:letter", args=[TOKEN]), {"text": text}).status_code == 409


@pytest.mark.parametrize(
    "figures", [("0", "5", "5"), ("101", "5", "5"), ("5", "", ""), ("5", "x", "5"), ("5", "5", "999"), ("-5", "5", "5")]
)
def test_a_comparison_that_cannot_be_is_said(client: Client, draft: Any, figures: tuple[str, str, str]) -> None:
    ReferenceLetter.objects.filter(pk=draft.letters.first().pk).update(link_sha256=hash_of(TOKEN))
    data = dict(zip(("best_percent", "of_people", "in_years"), figures, strict=True))
    answer = client.post(reverse("applications:letter", args=[TOKEN]), {"text": "Good.", **data})
    assert answer.status_code == 422


def test_gestures_twice_are_once(client_of: Any, draft: Any) -> None:
    signed = client_of(draft.applicant)
    assert [signed.post(page("submit", draft)).status_code for _n in range(2)] == [302, 302]
    row = Application.objects.get(pk=draft.pk)
    assert (row.version, row.submissions.count()) == (1, 1)
    assert [signed.post(page("withdraw", draft), {"reason": "x"}).status_code for _n in range(2)] == [302, 302]
    assert signed.post(page("submit", draft)).status_code in {302, 409}


def test_anothers_keys_lead_nowhere(client_of: Any, draft: Any, stranger: Any) -> None:
    signed, other = client_of(stranger), DraftFactory(call=draft.call, applicant=stranger)
    for name in ("application", "submit", "reopen", "withdraw", "receipt", "referees", "upload"):
        got = signed.get(page(name, draft), follow=True)
        assert got.status_code == 404
        assert signed.post(page(name, draft)).status_code in {404, 405}
    foreign = CallLabFactory()
    answer = signed.post(page("section", other, section="labs"), {"ranked_labs": [str(foreign.pk)]})
    assert answer.status_code == 422
    assert Application.objects.get(pk=other.pk).ranked_labs == []


def test_a_version_that_is_rubbish_harms_nothing(client_of: Any, draft: Any) -> None:
    signed, url = client_of(draft.applicant), page("autosave", draft, section="research")
    for version in ("zzz", "title", "title=", "=&=&", "title=~", "x" * 5000, "title=a~b~c"):
        assert signed.post(url, {"title": "T", "version": version}).status_code in {200, 409}


def test_own_questions_meet_the_same(client_of: Any, draft: Any, officer: Any) -> None:
    QuestionFactory(section__call=draft.call, code="note", kind="long")
    actions.put_form_in_force(draft.call, by=officer)
    signed, url = client_of(draft.applicant), page("section", draft, section="questions")
    for typed in NASTY.values():
        assert signed.post(url, {"answer_note": typed}).status_code == 302
        assert Application.objects.get(pk=draft.pk).answers == {"note": typed}
    assert signed.post(url, {"answer_note": HUGE}).status_code == 422
    assert signed.post(url, {"answer_note": "a\x00b"}).status_code == 422
    assert signed.post(url, {"answer_other": "smuggled", "answers": "{}"}).status_code == 302
    assert set(Application.objects.get(pk=draft.pk).answers) == {"note"}


def test_after_the_deadline_everything_says_so(client_of: Any, draft: Any) -> None:
    draft.call.closes_at = timezone.now() - timedelta(minutes=1)
    draft.call.save()
    signed = client_of(draft.applicant)
    assert signed.post(page("submit", draft)).status_code == 409
    late = signed.post(page("autosave", draft, section="research"), {"title": "Late"})
    assert late.status_code == 409
    assert "closed at" in late.json()["words"]


def test_there_are_enough() -> None:
    cases = [KEPT, REFUSED, ADDRESSES, FILTERS, FILES, UNSAFE]
    assert sum(len(rows) for rows in cases) >= 200


@pytest.mark.parametrize("name", ["grace_minutes", "term_months", "letters_most", "reviews_needed", "max_choices"])
@pytest.mark.parametrize("typed", ["99999", "-1", "1.5", "ten"])
def test_a_calls_figures_fit_their_columns(client_of: Any, officer: Any, call: Any, name: str, typed: str) -> None:
    answer = client_of(officer).post(page("edit_call", call), {name: typed})
    assert answer.status_code == 422
    assert name in answer.context["form"].errors
