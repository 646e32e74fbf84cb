"""Writing an application: starting it, sections with autosave, two windows, files, submitting on the page."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from applications import actions
from applications.models import Application, Document
from applications.states import ApplicationState, DocumentKind, Section
from outreach.models import Channel
from people.models import Consent
from tests.applications.conftest import pdf
from tests.factories.applications import DraftFactory
from tests.factories.labs import SectorFactory
from tests.factories.outreach import CampaignFactory, ChannelFactory

ORCID = "0000-0002-1825-0097"  # the example of ORCID's own documentation


def page(name: str, row: Any, **more: str) -> str:
    return reverse(f"applications:{name}", kwargs={"key": row.key, **more})


def version_in(signed: Any, draft: Any, section: str) -> str:
    return str(signed.get(page("section", draft, section=section)).context["form"]["version"].value())


def test_starting_needs_the_necessary_consents_and_remembers_the_channel(
    client_of: Any, applicant: Any, call: Any, texts: Any
) -> None:
    campaign = CampaignFactory(channel=ChannelFactory(code="linkedin"), code="spring")
    signed = client_of(applicant)
    assert signed.get("/?campaign=spring").status_code == 200
    url = page("start", call)
    assert signed.get(url).status_code == 200
    refused = signed.post(url, {"consent_0": "on"})
    assert refused.status_code == 422
    assert not Application.objects.exists()
    data = {f"consent_{text.pk}": "on" for text in texts}
    begun = signed.post(url, data)
    draft = Application.objects.get()
    assert begun["Location"] == page("section", draft, section="about")
    assert (draft.campaign, draft.channel) == (campaign, Channel.objects.get(code="linkedin"))
    assert Consent.objects.filter(email=applicant.email).count() == len(texts)
    signed.post(url, data)
    assert Application.objects.count() == 1


@pytest.mark.parametrize(("opens", "closes", "says"), [(1, 9, "opens at"), (-9, -1, "closed at")])
def test_a_call_that_is_not_open_takes_nobody(
    client_of: Any, applicant: Any, call: Any, texts: Any, opens: int, closes: int, says: str
) -> None:
    call.opens_at, call.closes_at = timezone.now() + timedelta(days=opens), timezone.now() + timedelta(days=closes)
    call.save()
    answer = client_of(applicant).post(page("start", call), {f"consent_{text.pk}": "on" for text in texts})
    assert answer.status_code == 409
    assert says in answer.content.decode()


@pytest.mark.parametrize("section", [section.value for section in Section if section != Section.QUESTIONS])
def test_each_section_is_shown_and_nobody_else_sees_it(
    client_of: Any, applicant: Any, stranger: Any, officer: Any, draft: Any, section: str
) -> None:
    url = page("section", draft, section=section)
    assert client_of(applicant).get(url).status_code == 200
    assert client_of(stranger).get(url).status_code == 404
    assert client_of(officer).get(url).status_code == 404


def test_a_section_is_kept_and_leads_to_the_next(client_of: Any, applicant: Any, draft: Any) -> None:
    signed, sector = client_of(applicant), SectorFactory()
    data = {
        "title": "A better question",
        "summary": "Line one\r\nLine two",
        "sectors": [sector.pk],
        "version": version_in(signed, draft, "research"),
    }
    answer = signed.post(page("section", draft, section="research"), data)
    assert answer["Location"] == page("section", draft, section="labs")
    draft.refresh_from_db()
    assert (draft.title, draft.summary) == ("A better question", "Line one\nLine two")
    assert list(draft.sectors.all()) == [sector]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [(ORCID, ORCID), (f"https://orcid.org/{ORCID}", ORCID), (ORCID.replace("-", ""), ORCID), ("", "")],
)
def test_an_orcid_is_kept_in_one_form(client_of: Any, applicant: Any, draft: Any, typed: str, kept: str) -> None:
    signed = client_of(applicant)
    data = {"orcid": typed, "version": version_in(signed, draft, "about")}
    assert signed.post(page("section", draft, section="about"), data).status_code == 302
    draft.refresh_from_db()
    assert draft.orcid == kept


@pytest.mark.parametrize("typed", ["0000-0002-1825-0098", "1234", "orcid"])
def test_a_wrong_orcid_is_named_beside_the_field(client_of: Any, applicant: Any, draft: Any, typed: str) -> None:
    answer = client_of(applicant).post(page("section", draft, section="about"), {"orcid": typed})
    assert answer.status_code == 422
    assert b"This is not an ORCID iD" in answer.content
    assert typed.encode() in answer.content


def test_autosave_says_when_it_saved_and_what_does_not_fit_yet(client_of: Any, applicant: Any, draft: Any) -> None:
    signed = client_of(applicant)
    url = page("autosave", draft, section="about")
    version = version_in(signed, draft, "about")
    said = signed.post(url, {"current_position": "Doctoral candidate", "orcid": "12", "version": version}).json()
    assert said["words"].startswith("Saved, except what does not fit yet")
    draft.refresh_from_db()
    assert (draft.current_position, draft.orcid) == ("Doctoral candidate", "")
    said = signed.post(url, {"current_position": "Postdoc", "version": said["version"]}).json()
    assert said["words"].startswith("Saved at")
    assert signed.post(page("autosave", draft, section="documents"), {}).status_code == 404


def test_two_windows_merge_by_field_and_say_so(client_of: Any, applicant: Any, draft: Any) -> None:
    signed = client_of(applicant)
    url = page("autosave", draft, section="research")
    version = version_in(signed, draft, "research")
    shown = {"title": draft.title, "summary": draft.summary, "version": version}
    assert signed.post(url, {**shown, "title": "From window one"}).status_code == 200
    assert signed.post(url, {**shown, "summary": "From window two"}).status_code == 200
    draft.refresh_from_db()
    assert (draft.title, draft.summary) == ("From window one", "From window two")
    clash = signed.post(url, {**shown, "title": "From window two"})
    assert clash.status_code == 409
    assert "another window" in clash.json()["words"]
    sent = signed.post(page("section", draft, section="research"), {**shown, "title": "From window two"})
    assert sent.status_code == 422
    insisting = sent.context["form"]["version"].value()
    again = signed.post(
        page("section", draft, section="research"),
        {**shown, "title": "From window two", "version": insisting},
    )
    assert again.status_code == 302
    draft.refresh_from_db()
    assert draft.title == "From window two"


def test_labs_are_ranked_with_buttons_too(
    client_of: Any, applicant: Any, draft: Any, call_lab: Any, other_call_lab: Any
) -> None:
    signed, url = client_of(applicant), page("section", draft, section="labs")

    def press(**gesture: str) -> list[int]:
        draft.refresh_from_db()
        data = {"motivation": "Why", "ranked_labs": draft.ranked_labs, **gesture}
        data["version"] = version_in(signed, draft, "labs")
        assert signed.post(url, data)["Location"] == url
        draft.refresh_from_db()
        return list(draft.ranked_labs)

    first, second = call_lab.pk, other_call_lab.pk
    assert press(add=str(second)) == [first, second]
    assert press(move=f"up:{second}") == [second, first]
    assert press(move=f"down:{first}") == [second, first]
    assert press(remove=str(second)) == [first]
    assert signed.get(url).status_code == 200


@pytest.mark.parametrize(("labs", "says"), [([1, 1], "twice"), ([1, 2], "at most 1"), (["x"], "")])
def test_a_list_that_does_not_fit_is_not_kept(
    client_of: Any, applicant: Any, draft: Any, call_lab: Any, other_call_lab: Any, labs: list[Any], says: str
) -> None:
    draft.call.max_choices = 1
    draft.call.save()
    known = {1: call_lab.pk, 2: other_call_lab.pk}
    data = {"ranked_labs": [known.get(lab, lab) for lab in labs], "motivation": "x" * 6001}
    answer = client_of(applicant).post(page("section", draft, section="labs"), data)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "at most 6000 fit" in answer.content.decode()


def test_documents_are_replaced_never_overwritten(client_of: Any, applicant: Any, draft: Any) -> None:
    signed, url = client_of(applicant), page("upload", draft)
    sent = pdf(3, "new.pdf")
    content = sent.read()
    for _again in range(2):
        assert signed.post(url, {"kind": "cv", "file": type(sent)("new.pdf", content)}).status_code == 302
    assert [row.is_current for row in draft.documents.order_by("pk")] == [False, True]
    current = draft.documents.get(is_current=True)
    assert (current.name, current.pages) == ("new.pdf", 3)
    served = signed.get(reverse("applications:document", kwargs={"key": current.key}))
    assert b"".join(served.streaming_content) == content
    assert served["Cache-Control"] == "private, no-store"
    assert signed.post(reverse("applications:remove_document", kwargs={"key": current.key})).status_code == 409


def test_what_may_go_is_taken_out_once(client_of: Any, applicant: Any, draft: Any) -> None:
    signed = client_of(applicant)
    signed.post(page("upload", draft), {"kind": DocumentKind.PLAN, "file": pdf(1, "plan.pdf")})
    plan = Document.objects.get(kind=DocumentKind.PLAN)
    for _again in range(2):
        assert signed.post(reverse("applications:remove_document", kwargs={"key": plan.key})).status_code == 302
    plan.refresh_from_db()
    assert not plan.is_current


@pytest.mark.parametrize("content", [b"", b"MZ a program", b"%PDF-1.7 broken"])
def test_a_wrong_file_is_refused_beside_its_place(client_of: Any, applicant: Any, draft: Any, content: bytes) -> None:
    answer = client_of(applicant).post(page("upload", draft), {"kind": "plan", "file": type(pdf())("x.pdf", content)})
    assert answer.status_code == 422
    assert not Document.objects.filter(kind="plan").exists()


def test_what_is_too_large_is_dropped_while_it_arrives(
    client_of: Any, applicant: Any, draft: Any, settings: Any
) -> None:
    settings.UPLOAD_LIMIT_BYTES = 100
    answer = client_of(applicant).post(page("upload", draft), {"kind": "plan", "file": pdf(1, "plan.pdf")})
    assert answer.status_code == 422
    assert b"larger than 100" in answer.content


def test_submitting_on_the_page_gives_a_receipt_and_a_pdf(client_of: Any, applicant: Any, draft: Any) -> None:
    signed = client_of(applicant)
    assert signed.get(page("receipt", draft)).status_code == 302
    assert signed.get(page("receipt_pdf", draft)).status_code == 302
    assert signed.post(page("submit", draft))["Location"] == page("receipt", draft)
    draft.refresh_from_db()
    assert draft.receipt_sha256 in signed.get(page("receipt", draft)).content.decode()
    assert signed.get(page("receipt_pdf", draft)).content.startswith(b"%PDF-")
    assert signed.get(page("application", draft)).status_code == 200
    assert signed.get(page("section", draft, section="about"))["Location"] == page("application", draft)
    late = signed.post(page("autosave", draft, section="about"), {"current_position": "x"})
    assert late.status_code == 409
    checked = signed.post(
        reverse("applications:verify"), {"number": str(draft), "sha256": f" {draft.receipt_sha256.upper()} "}
    )
    assert checked.context["is_genuine"] is True
    assert applicant.family_name.encode() not in checked.content.split(b"<main")[1]
    assert signed.post(reverse("applications:verify"), {"number": "x", "sha256": "12"}).status_code == 422
    assert signed.get(reverse("applications:verify")).status_code == 200


def test_an_incomplete_application_is_led_to_what_is_missing(client_of: Any, applicant: Any, draft: Any) -> None:
    Application.objects.filter(pk=draft.pk).update(title="")
    answer = client_of(applicant).post(page("submit", draft), follow=True)
    assert b"Something is still missing" in answer.content
    assert b"#id_title" in answer.content


def test_reopening_and_withdrawing_on_the_page(client_of: Any, applicant: Any, draft: Any) -> None:
    signed = client_of(applicant)
    actions.submit(draft, by=applicant)
    assert signed.post(page("reopen", draft))["Location"] == page("section", draft, section="about")
    assert signed.get(page("withdraw", draft)).status_code == 200
    assert signed.post(page("withdraw", draft), {"reason": ""}).status_code == 422
    assert signed.post(page("withdraw", draft), {"reason": "Another offer"}).status_code == 302
    draft.refresh_from_db()
    assert draft.state == ApplicationState.WITHDRAWN
    assert signed.get(reverse("applications:mine")).status_code == 200


def test_a_list_costs_the_same_number_of_queries_for_one_and_three(
    client_of: Any, applicant: Any, draft: Any, django_assert_num_queries: Any
) -> None:
    signed = client_of(applicant)
    url = reverse("applications:mine")
    signed.get(url)
    with django_assert_num_queries(4) as counted:
        signed.get(url)
    DraftFactory(applicant=applicant)
    DraftFactory(applicant=applicant)
    with django_assert_num_queries(len(counted)):
        signed.get(url)


def test_the_page_says_in_json_that_it_saved(client_of: Any, applicant: Any, draft: Any) -> None:
    answer = client_of(applicant).post(page("autosave", draft, section="referees"), {"has_waived_access": "on"})
    assert json.loads(answer.content)["words"].startswith("Saved at")
