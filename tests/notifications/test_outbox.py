"""The outbox: written with the action, sent once, tried again, shown, sent again, bounced."""

import io
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from innocore.mailfile import EmailBackend
from notifications import actions, queries, tasks
from notifications.actions import MAX_ATTEMPTS, NotSendable
from notifications.models import Notification
from notifications.states import NotificationState

KIND = "application_withdrawn"


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def told(applicant: Any) -> Notification:
    actions.notify(KIND, to=applicant, about=applicant, dedupe="1", call="The call", path="/x/")
    return Notification.objects.get()


def test_telling_twice_is_one_message_and_needs_a_transaction(applicant: Any, told: Notification) -> None:
    actions.notify(KIND, to=applicant, about=None, dedupe="1", call="The call", path="/x/")
    assert Notification.objects.count() == 1
    with (
        mock.patch.object(transaction.get_connection(), "in_atomic_block", new=False),
        pytest.raises(RuntimeError, match="outside a transaction"),
    ):
        actions.notify(KIND, to=applicant, about=None, dedupe="2", call="", path="")


def test_a_message_is_sent_once_with_a_name_of_its_own(told: Notification) -> None:
    tasks.deliver(told.pk)
    assert actions.deliver(told.pk) is False
    sent = mail.outbox[0]
    assert len(mail.outbox) == 1
    assert sent.extra_headers["Message-ID"].startswith(f"<{told.key}@")
    assert "text/html" in [part.mimetype for part in sent.alternatives]
    told.refresh_from_db()
    assert (told.state, told.subject, told.body) == (NotificationState.SENT, sent.subject, sent.body)


def test_she_is_written_to_in_her_language(applicant: Any) -> None:
    applicant.language = "ko"
    applicant.save()
    actions.notify(KIND, to=applicant, about=None, dedupe="1", call="공고", path="/x/")
    actions.deliver(Notification.objects.get().pk)
    assert any("가" <= sign <= "힣" for sign in mail.outbox[0].subject)


def test_a_failure_is_tried_again_later_and_given_up_at_last(told: Notification) -> None:
    with mock.patch("notifications.actions._send", side_effect=OSError("no server")):
        for attempt in range(1, MAX_ATTEMPTS + 1):
            assert actions.deliver(told.pk) is False
            told.refresh_from_db()
            assert (told.attempts, told.error) == (attempt, "no server")
            assert told.due_at > timezone.now()
            Notification.objects.update(due_at=timezone.now())
    assert told.state == NotificationState.FAILED


def test_the_sweep_finds_what_waits_and_what_a_dead_worker_left(told: Notification) -> None:
    assert actions.sweep() == 1
    Notification.objects.update(state=NotificationState.SENDING, claimed_at=timezone.now())
    assert actions.sweep() == 0
    Notification.objects.update(claimed_at=timezone.now() - timedelta(minutes=11))
    assert actions.sweep() == 1
    tasks.sweep()
    assert actions.claim(told.pk) is not None
    assert actions.claim(told.pk) is None


def test_a_secret_is_forgotten_once_sent_and_never_shown(
    client_of: Any, applicant: Any, officer: Any, told: Notification
) -> None:
    actions.notify(KIND, to=applicant, about=None, dedupe="s", is_secret=True, call="code 123456", path="/x/")
    secret = Notification.objects.get(is_secret=True)
    url = reverse("notifications:message", args=[secret.key])
    assert client_of(officer).get(url).status_code == 403
    assert queries.previews_of(secret) == []
    actions.deliver(secret.pk)
    secret.refresh_from_db()
    assert (secret.body, secret.context) == ("", {})
    with pytest.raises(NotSendable):
        actions.resend(secret, by=officer)


def test_an_officer_sees_both_languages_and_sends_once_more(
    client_of: Any, officer: Any, applicant: Any, stranger: Any, told: Notification
) -> None:
    url = reverse("notifications:message", args=[told.key])
    assert [language for language, _subject, _body in queries.previews_of(told)] == ["en", "ko"]
    assert client_of(applicant).get(url).status_code == 200
    assert client_of(stranger).get(url).status_code == 404
    signed = client_of(officer)
    assert signed.get(url).status_code == 200
    actions.deliver(told.pk)
    told.refresh_from_db()
    assert [row[0] for row in queries.previews_of(told)] == ["en"]
    assert signed.post(url, {"address": "not an address"}).status_code in {200, 422}
    assert signed.post(url, {"address": "right@example.org"}).status_code == 302
    assert told.resends.get().address == "right@example.org"
    assert client_of(applicant).post(url, {"address": "x@example.org"}).status_code == 200
    assert told.resends.count() == 1


def test_the_outbox_is_for_officers_and_found_by_words_and_state(
    client_of: Any, officer: Any, stranger: Any, told: Notification
) -> None:
    url = reverse("notifications:outbox")
    assert client_of(stranger).get(url).status_code == 403
    signed = client_of(officer)
    assert len(signed.get(url, {"q": "applicant@", "state": "queued"}).context["page"].rows) == 1
    assert len(signed.get(url, {"state": "sent"}).context["page"].rows) == 0
    assert len(signed.get(url, {"state": "nonsense"}).context["page"].rows) == 1
    assert client_of(stranger).get(reverse("notifications:mine")).status_code == 200


def test_bounces_come_by_the_mail_servers_token_only(
    client: Any, officer: Any, told: Notification, settings: Any
) -> None:
    url = reverse("notifications:bounces")
    data = {"message_id": f"<{told.key}@innocore.example>", "reason": "no such user"}
    settings.BOUNCE_TOKEN = ""
    assert client.post(url, data, headers={"X-Bounce-Token": ""}).status_code == 403
    settings.BOUNCE_TOKEN = "token"
    assert client.post(url, data, headers={"X-Bounce-Token": "wrong"}).status_code == 403
    assert client.post(url, data, headers={"X-Bounce-Token": "token"}).json() == {"recorded": False}
    actions.deliver(told.pk)
    assert client.post(url, data, headers={"X-Bounce-Token": "token"}).json() == {"recorded": True}
    told.refresh_from_db()
    assert (told.state, told.error) == (NotificationState.BOUNCED, "no such user")
    assert [item.count for item in queries.desk_items(officer)] == [1]
    assert queries.desk_items(told.to) == []


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_delivery_report_from_standard_input(
    told: Notification, monkeypatch: pytest.MonkeyPatch, is_ours: bool
) -> None:
    actions.deliver(told.pk)
    key = told.key if is_ours else "z" * 12
    report = f"Subject: Undelivered\n\nThe message\n\nMessage-ID: <{key}@innocore.example>\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(report))
    said = io.StringIO()
    call_command("record_bounces", stdout=said)
    assert (told.address in said.getvalue()) == is_ours
    told.refresh_from_db()
    assert (told.state == NotificationState.BOUNCED) == is_ours


def test_mail_as_files_one_each_and_read_in_the_mailbox(client: Any, settings: Any, tmp_path: Any) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    assert client.get("/mailbox/").status_code == 200
    messages = [mail.EmailMessage(f"제목 {number}", "본문", to=[f"to{number}@example.org"]) for number in range(2)]
    assert EmailBackend().send_messages(messages) == 2
    listed = client.get("/mailbox/", {"to": "TO1@"})
    assert [row.subject for row in listed.context["mails"]] == ["제목 1"]
    shown = client.get(f"/mailbox/{listed.context['mails'][0].name}/")
    assert "본문" in shown.content.decode()
    assert client.get("/mailbox/nothing/").status_code == 404
