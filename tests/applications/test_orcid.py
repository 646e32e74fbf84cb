"""ORCID: a record read with whatever it lacks, taken into a draft, and a referee who says who she is."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from applications import actions
from applications.models import ReferenceLetter
from applications.orcid import OrcidAway, Person, fetch_record
from applications.queries.letters import hash_of
from applications.queries.signs import signals_of
from tests.factories.applications import ReferenceLetterFactory

IDENTIFIER = "0000-0002-1825-0097"
ORGANISATION = {"name": "Example University", "address": {"country": "DE"}}
RECORD = {
    "activities-summary": {
        "educations": {"affiliation-group": [{"summaries": [{"education-summary": {
            "role-title": "PhD", "department-name": "Physics", "organization": ORGANISATION,
            "start-date": {"year": {"value": "2018"}, "month": {"value": "09"}}, "end-date": None,
        }}]}]},
        "employments": {"affiliation-group": [{"summaries": [{"employment-summary": {
            "role-title": None, "organization": {"name": "Acme", "address": None}, "start-date": {"year": None},
        }}]}, {"summaries": None}]},
        "works": {"group": [
            {"work-summary": [{
                "type": "journal-article", "title": {"title": {"value": "A paper"}},
                "journal-title": {"value": "Journal"}, "publication-date": {"year": {"value": "2023"}},
                "external-ids": {"external-id": [{"external-id-type": "doi", "external-id-value": "10.1000/ABC"}]},
            }]},
            {"work-summary": []}, {"work-summary": [{"title": None, "type": 7}]},
        ]},
    }
}  # fmt: skip


class Stub:
    """ORCID's endpoints; `answers` maps the end of a path to a status and a body."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {
            "/oauth/token": (200, json.dumps({"access_token": "t", "orcid": IDENTIFIER, "name": "Ada Lee"}).encode()),
            "/record": (200, json.dumps(RECORD).encode()),
        }
        self.asked: list[tuple[str, str]] = []


@pytest.fixture
def stub(settings: Any) -> Iterator[Stub]:
    made = Stub()

    class Answering(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            made.asked.append((self.path, body))
            status, said = next(each for end, each in made.answers.items() if self.path.endswith(end))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _answer

        def log_message(self, *args: Any) -> None:
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.ORCID_CLIENT_ID, settings.ORCID_SECRET = "APP-1", "secret"
    settings.ORCID_BASE = settings.ORCID_PUBLIC_API = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()


def test_a_record_is_read_whatever_it_lacks(stub: Stub) -> None:
    found = fetch_record(IDENTIFIER)
    assert found.degrees == [
        {"degree": "PhD", "field": "Physics", "institution": "Example University", "country": "DE",
         "from": "2018-09", "until": ""}
    ]  # fmt: skip
    assert found.employment == [{"role": "", "institution": "Acme", "country": "", "from": "", "until": ""}]
    assert [(row["title"], row["doi"], row["kind"]) for row in found.publications] == [
        ("A paper", "10.1000/abc", "article")
    ]
    fetch_record(IDENTIFIER)
    assert [path for path, _body in stub.asked].count("/oauth/token") == 1


@pytest.mark.parametrize(
    "body", [b"{}", b'{"activities-summary": null}', b'{"activities-summary": {"works": [], "educations": 3}}']
)
def test_an_empty_record_is_no_accident(stub: Stub, body: bytes) -> None:
    stub.answers["/record"] = (200, body)
    found = fetch_record(IDENTIFIER)
    assert (found.degrees, found.employment, found.publications) == ([], [], [])


@pytest.mark.parametrize(
    ("end", "status", "body"),
    [
        ("/record", 404, b"{}"), ("/record", 500, b""), ("/record", 200, b"<html>"), ("/record", 200, b"[]"),
        ("/record", 200, b" " * 5_000_001), ("/oauth/token", 401, b"{}"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_said(stub: Stub, end: str, status: int, body: bytes) -> None:
    stub.answers[end] = (status, body)
    with pytest.raises(OrcidAway):
        fetch_record(IDENTIFIER)


def test_nobody_at_orcid_is_said(stub: Stub, settings: Any) -> None:
    settings.ORCID_BASE = "http://127.0.0.1:1"
    with pytest.raises(OrcidAway):
        fetch_record(IDENTIFIER)


def test_a_record_is_taken_into_a_draft_once_and_changes_nothing_of_hers(
    client_of: Any, draft: Any, stub: Stub
) -> None:
    draft.orcid, draft.degrees = IDENTIFIER, [{"degree": "phd", "institution": "Example University", "from": "2018"}]
    draft.save()
    signed, go = client_of(draft.applicant), reverse("applications:orcid_take", args=[draft.key, "career"])
    assert (
        "Fetch from ORCID" in signed.get(reverse("applications:section", args=[draft.key, "career"])).content.decode()
    )
    assert "degrees and positions 1, publications 1" in signed.post(go, follow=True).content.decode()
    assert "degrees and positions 0, publications 0" in signed.post(go, follow=True).content.decode()
    draft.refresh_from_db()
    assert (draft.degrees[0]["degree"], len(draft.degrees), len(draft.employment)) == ("phd", 1, 1)


def test_without_keys_an_id_or_an_answer_nothing_is_taken(
    client_of: Any, draft: Any, stub: Stub, settings: Any, stranger: Any
) -> None:
    signed, go = client_of(draft.applicant), reverse("applications:orcid_take", args=[draft.key, "career"])
    type(draft).objects.filter(pk=draft.pk).update(orcid="")
    assert "Give your ORCID iD" in signed.post(go, follow=True).content.decode()
    type(draft).objects.filter(pk=draft.pk).update(orcid=IDENTIFIER)
    stub.answers["/record"] = (503, b"")
    assert "ORCID does not answer now" in signed.post(go, follow=True).content.decode()
    assert client_of(stranger).post(go).status_code == 404
    settings.ORCID_CLIENT_ID = ""
    assert signed.post(go).status_code == 404
    assert "ORCID" not in signed.get(reverse("applications:section", args=[draft.key, "career"])).content.decode()


@pytest.fixture
def letter(application: Any) -> ReferenceLetter:
    return ReferenceLetterFactory(application=application, link_sha256=hash_of("token-1"))


def there(client: Client, token: str = "token-1") -> str:
    """Begin at ORCID; the state that was sent there."""
    away = client.post(reverse("applications:letter_orcid", args=[token]))["Location"]
    assert token not in away
    return parse_qs(urlsplit(away).query)["state"][0]


def come_back(client: Client, **query: str) -> Any:
    return client.get(reverse("applications:orcid_back"), query, follow=True)


def test_a_referee_says_who_she_is_and_takes_it_back(client: Client, letter: Any, stub: Stub) -> None:
    page = reverse("applications:letter", args=["token-1"])
    assert "Confirm with ORCID" in client.get(page).content.decode()
    state = there(client)
    assert f"{IDENTIFIER} (Ada Lee)" in come_back(client, code="c", state=state).content.decode()
    letter.refresh_from_db()
    assert (letter.orcid, letter.orcid_name) == (IDENTIFIER, "Ada Lee")
    before = letter.orcid_at
    come_back(client, code="c", state=state)
    letter.refresh_from_db()
    assert letter.orcid_at == before  # replayed
    for _twice in range(2):
        client.post(reverse("applications:letter_orcid_forget", args=["token-1"]))
    letter.refresh_from_db()
    assert (letter.orcid, letter.orcid_at) == ("", None)


def test_what_does_not_confirm_changes_nothing(client: Client, letter: Any, stub: Stub) -> None:
    assert "not known here" in come_back(client, code="c", state="forged").content.decode()
    assert "not known here" in come_back(Client(), code="c", state=there(client)).content.decode()
    assert "Nothing was confirmed" in come_back(client, error="access_denied", state=there(client)).content.decode()
    state = there(client)
    session = client.session
    session["orcid_sign_ins"] = {key: [token, 0] for key, (token, _at) in session["orcid_sign_ins"].items()}
    session.save()
    assert "Nothing was confirmed" in come_back(client, code="c", state=state).content.decode()
    stub.answers["/oauth/token"] = (400, b"{}")
    assert "ORCID does not answer" in come_back(client, code="c", state=there(client)).content.decode()
    letter.refresh_from_db()
    assert letter.orcid == ""


def test_a_state_belongs_to_the_letter_that_it_was_made_for(client: Client, letter: Any, stub: Stub) -> None:
    other = ReferenceLetterFactory(link_sha256=hash_of("token-2"))
    first, second = there(client), there(client, "token-2")
    come_back(client, code="c", state=second)
    other.refresh_from_db()
    letter.refresh_from_db()
    assert (other.orcid, letter.orcid) == (IDENTIFIER, "")
    come_back(client, code="c", state=first)
    letter.refresh_from_db()
    assert letter.orcid == IDENTIFIER


def test_a_dead_link_leads_to_no_sign_in(client: Client, letter: Any, stub: Stub, settings: Any) -> None:
    for name in ("letter_orcid", "letter_orcid_forget"):
        assert client.post(reverse(f"applications:{name}", args=["unknown"])).status_code == 404
    settings.ORCID_SECRET = ""
    assert client.post(reverse("applications:letter_orcid", args=["token-1"])).status_code == 404


def test_officers_see_it_and_the_applicant_does_not(client_of: Any, officer: Any, letter: Any) -> None:
    ReferenceLetter.objects.filter(pk=letter.pk).update(state="received", text="Good.")
    type(letter.application).objects.filter(pk=letter.application.pk).update(orcid=IDENTIFIER)
    letter.refresh_from_db()
    actions.confirm_orcid(letter, Person(IDENTIFIER, "Ada Lee"), by=None)
    application = type(letter.application).objects.get()
    assert any("applicant's own ORCID iD" in each.words for each in signals_of(application))
    assert "Ada Lee" in client_of(officer).get(reverse("applications:dossier", args=[application.key])).content.decode()
    hers = client_of(application.applicant).get(reverse("applications:application", args=[application.key]))
    assert "Ada Lee" not in hers.content.decode()


def test_the_database_keeps_it_whole(letter: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ReferenceLetter.objects.filter(pk=letter.pk).update(orcid=IDENTIFIER)
