"""Files of applications: the picture of a first page, pictures taken in, malware, files as answers, who opens what."""

import io
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from applications import actions
from applications.models import Document
from applications.scanning import scan
from applications.states import ScanState
from common.models import AuditEntry
from common.pdf import render_pdf
from innocore.reference import _read
from notifications.models import Notification
from reviews.queries import blind_papers_of
from tests.applications.conftest import pdf
from tests.factories.applications import DocumentFactory, FormSectionFactory, QuestionFactory


def written(words: str, name: str = "plan.pdf") -> SimpleUploadedFile:
    data = {"title": "A document", "lang": "en", "programme": "X", "sections": [{"title": "Part", "words": words}]}
    return SimpleUploadedFile(name, render_pdf("report", data), "application/pdf")


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "white").save(made, kind, **options)
    return made.getvalue()


def send(client: Any, row: Any, file: Any, **data: str) -> Any:
    return client.post(reverse("applications:upload", args=[row.key]), {"kind": "plan", "file": file, **data})


def opened(client: Any, address: str) -> int:
    """The status of a file's address, with the file read and closed."""
    answer = client.get(address)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return int(answer.status_code)


class Daemon(threading.Thread):
    """Answers each INSTREAM with `says`; counts the bytes that came."""

    def __init__(self, server: socket.socket, says: bytes) -> None:
        super().__init__(daemon=True)
        self.server, self.says, self.got = server, says, 0

    def run(self) -> None:
        while True:
            try:
                client, _address = self.server.accept()
            except OSError:
                return
            with client, client.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                while size := struct.unpack("!I", stream.read(4))[0]:
                    self.got += len(stream.read(size))
                client.sendall(self.says[:4])
                client.sendall(self.says[4:])


@pytest.fixture
def daemon(settings: Any) -> Iterator[Any]:
    servers = []

    def answering(says: bytes) -> Daemon:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)
        settings.CLAMAV_ADDRESS = f"tcp:127.0.0.1:{server.getsockname()[1]}"
        made = Daemon(server, says)
        made.start()
        return made

    yield answering
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    ("says", "verdict", "signature"),
    [
        (b"stream: OK\0", "clean", ""),
        (b"stream: Eicar-Signature FOUND\0", "infected", "Eicar-Signature"),
        (b"INSTREAM size limit exceeded. ERROR\0", "silent", ""),
        (b"\0", "silent", ""),
    ],
)
def test_a_scanner_is_understood(daemon: Any, settings: Any, says: bytes, verdict: str, signature: str) -> None:
    running = daemon(says)
    found = scan([b"x" * 100_000, b"y"], settings.CLAMAV_ADDRESS)
    assert (found.said, found.signature, running.got) == (verdict, signature, 100_001)


def test_a_scanner_is_asked_over_a_socket_of_the_machine(tmp_path: Path) -> None:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "s"))
    server.listen()
    Daemon(server, b"stream: OK\0").start()
    assert scan([b"x"], f"unix:{tmp_path / 's'}").said == "clean"
    server.close()
    assert scan([b"x"], f"unix:{tmp_path / 'nobody'}").said == "silent"
    assert scan([b"x"], "tcp:127.0.0.1:1").said == "silent"
    assert scan([b"x"], "nonsense").said == "silent"


def test_what_a_scanner_finds_is_refused_and_changes_nothing(client_of: Any, draft: Any, daemon: Any) -> None:
    daemon(b"stream: Eicar-Signature FOUND\0")
    answer = send(client_of(draft.applicant), draft, pdf())
    assert answer.status_code == 422
    assert "malware scanner found something" in answer.content.decode()
    assert not Document.objects.filter(kind="plan").exists()


def test_a_clean_file_says_so(client_of: Any, draft: Any, daemon: Any) -> None:
    daemon(b"stream: OK\0")
    send(client_of(draft.applicant), draft, pdf())
    assert Document.objects.get(kind="plan").scan == ScanState.CLEAN


def test_a_silent_scanner_loses_no_file_and_nobody_else_opens_it(
    client_of: Any, draft: Any, officer: Any, settings: Any, daemon: Any
) -> None:
    settings.CLAMAV_ADDRESS = "tcp:127.0.0.1:1"
    send(client_of(draft.applicant), draft, pdf())
    row = Document.objects.get(kind="plan")
    type(draft).objects.filter(pk=draft.pk).update(
        state="submitted", number=1, submitted_at=draft.started_at, receipt_sha256="x"
    )
    address = reverse("applications:document", args=[row.key])
    assert row.scan == ScanState.WAITING
    assert opened(client_of(draft.applicant), address) == 200
    assert client_of(officer).get(address).status_code == 403
    daemon(b"stream: OK\0")
    assert actions.look_into_waiting() >= 1
    assert opened(client_of(officer), address) == 200


def test_what_is_found_later_is_taken_out_and_its_owner_told(draft: Any, daemon: Any) -> None:
    row = DocumentFactory(application=draft, kind="plan", scan="waiting")
    daemon(b"stream: Eicar-Signature FOUND\0")
    actions.look_into_waiting()
    actions.look_into_waiting()
    row.refresh_from_db()
    assert (row.scan, row.is_current) == (ScanState.INFECTED, False)
    assert Notification.objects.filter(kind="document_infected", to=draft.applicant).count() == 1
    assert AuditEntry.objects.get(verb="applications.document.infected").after["signature"] == "Eicar-Signature"


def test_a_closer_look_draws_the_first_page_and_reads_the_text(client_of: Any, draft: Any, stranger: Any) -> None:
    send(client_of(draft.applicant), draft, written("Born in 1990, a plan about lasers."))
    row = Document.objects.get(kind="plan")
    actions.look_closer(row)
    row.refresh_from_db()
    assert "a plan about lasers" in row.text
    address = reverse("applications:document_preview", args=[row.key])
    shown = client_of(draft.applicant).get(address)
    assert (shown.status_code, shown["Content-Type"], shown["Cache-Control"]) == (200, "image/png", "private, no-store")
    assert b"".join(shown.streaming_content).startswith(b"\x89PNG")
    assert client_of(stranger).get(address).status_code == 404
    page = client_of(draft.applicant).get(reverse("applications:section", args=[draft.key, "documents"]))
    assert "First page of plan.pdf" in page.content.decode()


def test_a_file_that_kills_the_closer_look_is_kept_without_a_picture(draft: Any) -> None:
    row = DocumentFactory(application=draft, kind="plan", file__data=b"%PDF-1.7 nothing")
    actions.look_closer(row)
    row.refresh_from_db()
    assert (row.preview.name, row.text, row.looked_at is None) == ("", "", False)


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", "png"), ("JPEG", "jpg")])
def test_a_picture_is_made_anew_where_the_call_allows_it(client_of: Any, draft: Any, kind: str, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    content = picture(kind, exif=exif) + b"<script>hidden</script>"
    type(draft.call).objects.update(allows_images=True)
    assert send(client_of(draft.applicant), draft, SimpleUploadedFile("my.photo.JPEG", content)).status_code == 302
    row = Document.objects.get(kind="plan")
    kept = row.file.read()
    assert (row.name, row.pages, row.media_type.partition("/")[0]) == (f"my.photo.{suffix}", 1, "image")
    assert row.file.name.endswith(f".{suffix}")
    assert b"taken at home" not in kept
    assert b"hidden" not in kept
    actions.look_closer(row)
    assert row.preview.name


@pytest.mark.parametrize(
    ("content", "allowed", "says"),
    [
        (picture(), False, "not a PDF"),
        (picture()[:60], True, "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 500, True, "damaged"),
        (b"\xff\xd8\xff" + b"x" * 500, True, "damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", True, "neither"),
        (b"GIF89a" + b"x" * 50, True, "neither"),
        (b"MZ a program", True, "neither"),
        (b"", True, "empty"),
    ],
)
def test_a_picture_that_cannot_be_says_why(
    client_of: Any, draft: Any, content: bytes, allowed: bool, says: str
) -> None:
    type(draft.call).objects.update(allows_images=allowed)
    answer = send(client_of(draft.applicant), draft, SimpleUploadedFile("photo.png", content))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Document.objects.filter(kind="plan").exists()


def test_a_picture_of_too_many_points_is_refused(client_of: Any, draft: Any) -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    type(draft.call).objects.update(allows_images=True)
    answer = send(client_of(draft.applicant), draft, SimpleUploadedFile("bomb.png", bomb.getvalue()))
    assert "50 million points" in answer.content.decode()


@pytest.fixture
def asked(draft: Any, officer: Any) -> Any:
    section = FormSectionFactory(call=draft.call)
    QuestionFactory(
        section=section, code="proof", kind="file", label_en="Your proof", is_required=True, seen_by=["officer"]
    )
    actions.put_form_in_force(draft.call, by=officer)
    return draft


def test_a_question_is_answered_by_a_file(client_of: Any, asked: Any, officer: Any, lab_head: Any) -> None:
    signed = client_of(asked.applicant)
    questions = reverse("applications:section", args=[asked.key, "questions"])
    assert "Your proof" in signed.get(questions).content.decode()
    review = reverse("applications:section", args=[asked.key, "review"])
    assert "questions/#slot-answer_proof" in signed.get(review).content.decode()
    with pytest.raises(actions.Incomplete):
        actions.submit(asked, by=asked.applicant)
    assert send(signed, asked, pdf(1, "proof.pdf"), kind="answer", question="proof")["Location"] == questions
    assert "proof.pdf" in signed.get(questions).content.decode()
    asked.refresh_from_db()
    sent = actions.submit(asked, by=asked.applicant)
    row = Document.objects.get(question="proof")
    listed = sent.submissions.get().content["documents"]
    assert [each["sha256"] for each in listed if each.get("question") == "proof"] == [row.sha256]
    dossier = client_of(officer).get(reverse("applications:dossier", args=[sent.key])).content.decode()
    address = reverse("applications:document", args=[row.key])
    assert address in dossier
    assert opened(client_of(officer), address) == 200
    type(sent).objects.filter(pk=sent.pk).update(state="eligible")
    assert client_of(lab_head).get(address).status_code == 403
    assert not [paper for paper in blind_papers_of(sent) if paper.document.question]


def test_a_file_is_taken_out_of_its_answer(client_of: Any, asked: Any) -> None:
    signed = client_of(asked.applicant)
    send(signed, asked, pdf(), kind="answer", question="proof")
    signed.post(reverse("applications:remove_document", args=[Document.objects.get(question="proof").key]))
    asked.refresh_from_db()
    assert asked.answers["proof"] is None


@pytest.mark.parametrize(
    ("kind", "question", "status"),
    [("answer", "", 409), ("answer", "other", 409), ("plan", "proof", 409), ("cv", "", 302)],
)
def test_a_file_that_nothing_asks_for_is_refused(
    client_of: Any, asked: Any, kind: str, question: str, status: int
) -> None:
    answer = send(client_of(asked.applicant), asked, pdf(2), kind=kind, question=question)
    assert answer.status_code == status
    assert not Document.objects.exclude(question="").exists()


def test_a_file_too_large_or_wrong_is_said_beside_its_question(client_of: Any, asked: Any) -> None:
    answer = send(
        client_of(asked.applicant), asked, SimpleUploadedFile("x.pdf", b"no"), kind="answer", question="proof"
    )
    assert answer.status_code == 422
    assert "This is not a PDF" in answer.content.decode()
    assert "Your proof" in answer.content.decode()


def test_reviewers_get_texts_without_what_the_law_keeps_from_them(application: Any) -> None:
    actions.load_blind_words(_read("applications", "data", "blind-words.toml")["word"], by=None)
    DocumentFactory(application=application, kind="cv", text="Date of birth: 1 May 1990. Ten papers.")
    plan = DocumentFactory(application=application, kind="plan", text="A plan about lasers.")
    cv, shown = blind_papers_of(application)
    assert cv.is_text
    assert "1990" not in cv.text
    assert "Ten papers" in cv.text
    assert not shown.is_text
    Document.objects.filter(pk=plan.pk).update(text="Sex: female. A plan.")
    assert blind_papers_of(application)[1].is_text
    application.call.reads_texts = False
    assert not any(paper.is_text for paper in blind_papers_of(application))
