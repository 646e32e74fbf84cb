"""Killed workers, lost connections, an emptied broker, double clicks: nothing is lost, doubled or half done."""

import email
import threading
from datetime import date, timedelta
from email import policy
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications import actions as applications
from applications.models import Application, Submission
from applications.states import ApplicationState, DocumentKind
from common.refusals import IllegalMove, SamePersonTwice
from funding.actions import payroll
from funding.models import Entry, PayLine, PaymentBatch, PayrollRun
from funding.queries.books import faults
from innocore.celery import app
from matching import actions as matching
from matching.models import MatchRun
from matching.states import RunState
from notifications.actions import notify
from notifications.actions import sweep as sweep_messages
from notifications.models import Notification
from people.models import User
from people.states import Role
from reports.actions import request_report
from reports.actions import sweep as sweep_reports
from reports.models import ReportRun
from tests.broken.conftest import Hand, Worker, at_once, until
from tests.broker import use_broker
from tests.factories import people
from tests.factories.applications import DocumentFactory, DraftFactory
from tests.factories.funding import BankDetailFactory, PayerAccountFactory, confirmed_rates
from tests.factories.matching import MatchRunFactory

pytestmark = pytest.mark.django_db(transaction=True)


def mails(folder: Path) -> list[Any]:
    return [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml")]


def test_worker_killed_in_the_middle_of_a_report(
    worker: Worker, hand: Hand, ministry: User, appointment: Any, client_of: Any
) -> None:
    with hand.holding("LOCK TABLE fellowships_appointment IN ACCESS EXCLUSIVE MODE"):
        run = request_report("people", by=ministry, file_format="xlsx", language="en")
        until(lambda: ReportRun.objects.filter(pk=run.pk, job_state="running").exists())
        until(hand.blocked)
        worker.kill()
    shown = client_of(ministry).get(reverse("reports:report", args=[run.key]))
    assert shown.status_code == 200
    ReportRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=10))
    worker.start()
    assert sweep_reports() == 1
    until(lambda: ReportRun.objects.filter(pk=run.pk, job_state="ready").exists())
    run.refresh_from_db()
    with run.file.open() as made:
        assert made.read(2) == b"PK"
    assert Notification.objects.filter(kind="report_ready").count() == 1


def test_worker_killed_in_the_middle_of_a_mail_batch(worker: Worker, tmp_path: Path) -> None:
    worker.stop()
    with transaction.atomic():
        for number in range(40):
            notify(
                "session_cancelled", to=f"visitor{number}@example.org", about=None, dedupe=str(number), person="Mina",
                city="Boston", when="", path="/",
            )  # fmt: skip
    worker.start()
    until(lambda: Notification.objects.filter(state="sent").count() >= 3)
    worker.kill()
    assert Notification.objects.exclude(state="sent").exists()
    Notification.objects.filter(state="sending").update(claimed_at=timezone.now() - timedelta(minutes=30))
    worker.start()
    sweep_messages()
    until(lambda: not Notification.objects.exclude(state="sent").exists())
    sent = mails(tmp_path / "mail")
    assert {str(message["To"]) for message in sent} == {f"visitor{number}@example.org" for number in range(40)}
    ids = [str(message["Message-ID"]) for message in sent]
    assert len(set(ids)) == 40
    assert len(ids) <= 41, "only the one that was being sent may be sent again, under the same Message-ID"


@pytest.fixture
def released(
    appointment: Any, institute: Any, finance_officer: User, second_finance_officer: User, third_finance_officer: User
) -> PayrollRun:
    """A payroll of October 2026 that three people brought to its release; the worker has not heard of it."""
    confirmed_rates(second_finance_officer)
    BankDetailFactory(user=appointment.fellow)
    PayerAccountFactory(institute=institute)
    run = payroll.prepare_payroll(institute, date(2026, 10, 1), by=finance_officer)
    payroll.approve_payroll(run, by=second_finance_officer)
    return run


def test_worker_killed_in_the_middle_of_a_payroll_release(
    worker: Worker, hand: Hand, released: PayrollRun, third_finance_officer: User
) -> None:
    before = Entry.objects.count()
    with hand.holding("LOCK TABLE funding_payment IN EXCLUSIVE MODE"):
        payroll.release_payroll(released, by=third_finance_officer)
        until(hand.blocked)
        worker.kill()
        hand.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    assert (PaymentBatch.objects.count(), Entry.objects.count()) == (0, before)
    worker.start()
    for _again in range(3):
        payroll.sweep()
    until(lambda: PaymentBatch.objects.exists())
    payroll.sweep()
    assert (PaymentBatch.objects.count(), PayLine.objects.count(), Entry.objects.count()) == (1, 1, before + 1)
    assert not faults()


@pytest.fixture
def draft(call: Any, call_lab: Any, applicant: User) -> Application:
    """Everything is there to submit."""
    call.letters_needed = 0
    call.save()
    made = DraftFactory(call=call, applicant=applicant, ranked_labs=[call_lab.pk])
    DocumentFactory(application=made, kind=DocumentKind.CV)
    return made


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def test_database_is_lost_under_a_submit(draft: Application, applicant: User, hand: Hand) -> None:
    client, answers = signed_in(applicant), []
    address = reverse("applications:submit", args=[draft.key])

    def submit() -> None:
        answers.append(client.post(address))
        connections.close_all()

    with hand.holding(f"SELECT 1 FROM applications_call WHERE id = {draft.call_id} FOR UPDATE"):
        thread = threading.Thread(target=submit)
        thread.start()
        blocked = until(hand.blocked)
        hand.run(f"SELECT pg_terminate_backend({blocked[0]})")
        thread.join(timeout=30)
    assert answers[0].status_code == 503
    assert "<h1" in answers[0].content.decode()
    draft.refresh_from_db()
    assert (draft.state, draft.number) == (ApplicationState.DRAFT, None)
    assert signed_in(applicant).post(address).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.number, Submission.objects.count()) == (ApplicationState.SUBMITTED, 1, 1)


def test_emptied_broker_loses_no_message(worker: Worker, tmp_path: Path) -> None:
    worker.stop()
    with transaction.atomic():
        notify("letter_thanks", to="referee@example.org", about=None, dedupe="1", applicant="Mina", call="Call", due="")
    with app.connection_for_write() as link:
        assert link.default_channel.client.llen("celery") == 1
        link.default_channel.client.flushdb()
    worker.start()
    assert sweep_messages() == 1
    until(lambda: Notification.objects.get().state == "sent")
    assert len(mails(tmp_path / "mail")) == 1


def test_broker_that_does_not_answer_stops_nobody(draft: Application, applicant: User) -> None:
    use_broker("redis://127.0.0.1:1/0")
    try:
        answer = signed_in(applicant).post(reverse("applications:submit", args=[draft.key]))
    finally:
        use_broker("memory://")
    assert answer.status_code == 302
    assert Notification.objects.get(kind="application_submitted").state == "queued"


def test_double_click_submits_once(draft: Application, applicant: User) -> None:
    address = reverse("applications:submit", args=[draft.key])
    clients = [signed_in(applicant) for _each in range(2)]
    came = at_once(*(lambda client=client: client.post(address).status_code for client in clients))
    assert came == [302, 302]
    assert Submission.objects.count() == 1
    assert Notification.objects.filter(kind="application_submitted").count() == 1


def test_two_applicants_never_share_a_number(draft: Application, call: Any, call_lab: Any) -> None:
    drafts = [draft, *DraftFactory.create_batch(3, call=call, ranked_labs=[call_lab.pk])]
    for made in drafts[1:]:
        DocumentFactory(application=made, kind=DocumentKind.CV)
    came = at_once(*(lambda made=made: applications.submit(made, by=made.applicant).number for made in drafts))
    assert sorted(came) == [1, 2, 3, 4]


def test_two_officers_confirm_at_once(officer: User, second_officer: User, other_officer: User, call: Any) -> None:
    run = MatchRunFactory(call=call, requested_by=officer)
    solved = {"state": RunState.SOLVED, "outcome": "{}", "violations": []}
    MatchRun.objects.filter(pk=run.pk).update(**solved)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matching.actions.runs.checks_of", lambda run: [])
        with pytest.raises(SamePersonTwice):
            matching.confirm_run(MatchRun.objects.get(), by=officer)
        came = at_once(
            lambda: matching.confirm_run(MatchRun.objects.get(), by=second_officer).confirmed_by_id,
            lambda: matching.confirm_run(MatchRun.objects.get(), by=other_officer).confirmed_by_id,
        )
    refused = [each for each in came if isinstance(each, IllegalMove)]
    assert len(refused) == 1
    assert MatchRun.objects.get().confirmed_by_id in came


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("cv.pdf", b"", "empty"),
        ("cv.pdf", b"MZ\x90\x00 a program", "not a PDF"),
        ("cv.exe", b"MZ\x90\x00 a program", "not a PDF"),
        ("cv.pdf", b"%PDF-1.7\n" + b"garbage" * 40, "damaged"),
    ],
)
def test_strange_uploads_are_refused_beside_the_field(
    draft: Application, applicant: User, name: str, content: bytes, words: str
) -> None:
    draft.documents.all().delete()
    upload = {"kind": "cv", "file": SimpleUploadedFile(name, content)}
    answer = signed_in(applicant).post(reverse("applications:upload", args=[draft.key]), upload)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not draft.documents.exists()


def test_200_megabytes_are_dropped_as_they_arrive(draft: Application, applicant: User, tmp_path: Path) -> None:
    draft.documents.all().delete()
    upload = {"kind": "cv", "file": SimpleUploadedFile("cv.pdf", b"%PDF-1.7\n" + bytes(200 * 2**20))}
    answer = signed_in(applicant).post(reverse("applications:upload", args=[draft.key]), upload)
    assert answer.status_code == 422
    assert "larger than" in answer.content.decode()
    assert not draft.documents.exists()


def test_session_that_expires_on_a_long_form_loses_nothing(person: Any, draft: Application, applicant: User) -> None:
    applicant.set_password("journey-pass-1")
    applicant.save()
    people.verified(applicant)
    her = person().sign_in(applicant.email)
    her.open(reverse("applications:section", args=[draft.key, "research"]))
    her.context.clear_cookies(name="sessionid")
    her.context.clear_cookies(name="__Host-sessionid")
    her.fill(summary="Written while the session had ended.")
    her.page.wait_for_timeout(300)
    her.page.locator("main button.btn-primary").last.click()
    her.page.wait_for_url(lambda url: "/accounts/login" in url)
    her.page.fill("input[name=login]", applicant.email)
    her.page.fill("input[name=password]", "journey-pass-1")
    her.page.press("input[name=password]", "Enter")
    her.page.wait_for_url(lambda url: "/form/research" in url)
    assert her.page.input_value("main [name=summary]") == "Written while the session had ended."


def test_role_that_ended_opens_nothing(officer: User, institute: Any) -> None:
    client = signed_in(officer)
    assert client.get(reverse("applications:screening")).status_code == 200
    officer.role_grants.update(ends_on=timezone.localdate() - timedelta(days=1), starts_on=date(2020, 1, 1))
    assert client.get(reverse("applications:screening")).status_code == 403


def test_deadline_refuses_by_the_second(draft: Application, applicant: User) -> None:
    with time_machine.travel(draft.call.last_moment, tick=False):
        assert applications.submit(draft, by=applicant).number == 1
    with (
        time_machine.travel(draft.call.last_moment + timedelta(seconds=1), tick=False),
        pytest.raises(applications.DeadlinePassed),
    ):
        applications.reopen(draft, by=applicant)


def test_reviewer_is_no_officer(reviewer: User) -> None:
    assert reviewer.holds(Role.REVIEWER)
    assert signed_in(reviewer).get(reverse("applications:screening")).status_code == 403
