"""Reference letters: asking, links that renew themselves, writing without an account, reminders."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications import actions, queries
from applications.actions import letters
from applications.models import Application, ReferenceLetter
from applications.queries.letters import hash_of
from applications.states import ApplicationState, CallState, LetterState
from common.models import AuditEntry
from notifications.models import Notification
from tests.applications.conftest import pdf
from tests.factories.applications import ReferenceLetterFactory

REFEREE = actions.Referee("Ada Professor", "Ada@Example.edu", "Supervisor", "Example University", "en")


def told(kind: str) -> list[str]:
    return sorted(Notification.objects.filter(kind=kind).values_list("address", flat=True))


@pytest.fixture
def letter(application: Any) -> Any:
    """A letter whose link is `token`, asked for a day ago."""
    before = timezone.now() - timedelta(days=1)
    return ReferenceLetterFactory(
        application=application, email="ada@example.edu", link_sha256=hash_of("token"), asked_at=before,
        link_sent_at=before,
    )  # fmt: skip


def page(name: str = "letter", token: str = "token") -> str:
    return reverse(f"applications:{name}", kwargs={"token": token})


def test_a_referee_is_asked_by_mail_and_only_the_hash_of_her_link_is_kept(application: Any, applicant: Any) -> None:
    letter = actions.request_letter(application, REFEREE, by=applicant)
    assert letter.email == "ada@example.edu"
    mail = Notification.objects.get(kind="letter_asked")
    token = mail.context["path"].rstrip("/").rsplit("/", 1)[-1]
    assert hash_of(token) == letter.link_sha256
    assert token not in str(AuditEntry.objects.values_list("after"))


@pytest.mark.parametrize("change", ["same", "own", "many", "late", "dead"])
def test_what_cannot_be_asked(application: Any, applicant: Any, call: Any, change: str) -> None:
    refusals = {
        "same": letters.AlreadyAsked, "own": letters.OwnLetter, "many": letters.EnoughReferees,
        "late": actions.LettersClosed, "dead": letters.NotAsked,
    }  # fmt: skip
    email = applicant.email.upper() if change == "own" else REFEREE.email
    if change == "same":
        ReferenceLetterFactory(application=application, email="ada@example.edu")
    if change == "many":
        ReferenceLetterFactory.create_batch(5, application=application)
    if change == "late":
        call.letters_due_at = timezone.now() - timedelta(minutes=1)
        call.save()
    if change == "dead":
        Application.objects.filter(pk=application.pk).update(state=ApplicationState.WITHDRAWN)
    with pytest.raises(refusals[change]):
        actions.request_letter(Application.objects.get(pk=application.pk), actions.Referee("Ada", email), by=applicant)


def test_a_new_link_replaces_the_old_one_at_most_every_ten_minutes(letter: Any, applicant: Any) -> None:
    actions.resend_link(letter, by=applicant)
    assert queries.letter_behind("token").is_valid is False
    assert queries.letter_behind("token").letter == letter
    with pytest.raises(actions.TooSoon):
        actions.resend_link(letter, by=applicant)
    assert told("letter_link") == [letter.email]


def test_a_referee_renews_her_own_links_and_nobody_learns_who_is_asked(letter: Any, client: Client) -> None:
    lost = reverse("applications:find_link")
    first = client.post(lost, {"email": "ADA@example.edu"}, follow=True)
    second = client.post(lost, {"email": "nobody@example.edu"}, follow=True)
    assert first.status_code == second.status_code == 200
    assert b"a new link is on its way" in first.content
    assert b"a new link is on its way" in second.content
    assert client.post(lost, {"email": "ada@example.edu"}).status_code == 302
    assert told("letter_link") == ["ada@example.edu"]
    assert client.post(lost, {"email": "no address"}).status_code == 422
    assert client.get(lost).status_code == 200


def test_the_referee_writes_without_an_account(letter: Any, client: Client) -> None:
    opened = client.get(page())
    assert opened.status_code == 200
    assert opened["Cache-Control"].count("no-store") == 1
    figures = {"best_percent": "3", "of_people": "25", "in_years": "many"}
    saved = client.post(page("letter_autosave"), {"text": "Half of it\r\n", **figures})
    assert saved.json()["words"].startswith("Saved at")
    kept = client.get(page()).context["form"]
    assert {name: kept[name].value() for name in figures} == figures
    letter.refresh_from_db()
    assert (letter.state, letter.draft_text) == (LetterState.OPENED, "Half of it\n")
    empty = client.post(page(), {"text": " "})
    assert empty.status_code == 409
    sent = client.post(page(), {"text": "She is good.", "file": pdf(2, "letter.pdf")})
    assert (sent.status_code, sent["Location"]) == (302, page("letter_sent"))
    letter.refresh_from_db()
    assert (letter.state, letter.text, letter.file_name) == (LetterState.RECEIVED, "She is good.", "letter.pdf")
    assert told("letter_received") == [letter.application.applicant.email]
    assert "She is good" not in str(list(AuditEntry.objects.values("before", "after", "note")))
    assert b"Thank you" in client.get(page("letter_sent")).content


def test_a_letter_sent_again_takes_the_place_of_the_first_and_keeps_or_drops_the_file(
    letter: Any, client: Client
) -> None:
    client.post(page(), {"text": "First", "file": pdf(1, "one.pdf")})
    client.post(page(), {"text": "Second"})
    letter.refresh_from_db()
    assert (letter.text, letter.file_name) == ("Second", "one.pdf")
    client.post(page(), {"text": "Third", "drops_file": "on"})
    letter.refresh_from_db()
    assert (letter.text, bool(letter.file)) == ("Third", False)
    assert told("letter_received") == [letter.application.applicant.email]


def test_a_file_that_is_no_pdf_is_refused_beside_it_and_the_text_is_not_lost(letter: Any, client: Client) -> None:
    answer = client.post(page(), {"text": "Kept words", "file": pdf(1).__class__("a.exe", b"MZ")})
    assert answer.status_code == 422
    assert b"This is not a PDF" in answer.content
    assert b"Kept words" in answer.content


def test_declining_tells_the_applicant_and_may_be_taken_back(letter: Any, client: Client) -> None:
    assert client.post(page("letter_decline"), {"note": "No time"}).status_code == 302
    actions.decline_letter(letter, by=None)
    assert told("letter_declined") == [letter.application.applicant.email]
    assert client.post(page(), {"text": "After all"}).status_code == 302
    letter.refresh_from_db()
    assert letter.state == LetterState.RECEIVED


def test_a_cancelled_letter_says_so_and_takes_nothing(letter: Any, applicant: Any, client: Client) -> None:
    actions.cancel_letter(letter, by=applicant)
    actions.cancel_letter(letter, by=applicant)
    assert told("letter_cancelled") == [letter.email]
    assert client.get(page()).status_code == 410
    assert client.get(page("letter_sent")).status_code == 410
    assert client.post(page("letter_decline")).status_code == 410
    assert client.post(page("letter_autosave"), {"text": "x"}).status_code == 409
    assert actions.renew_link(letter, by=None) is False
    for gesture in (
        lambda: actions.resend_link(letter, by=applicant),
        lambda: actions.save_letter_draft(letter, "x", by=None),
        lambda: actions.submit_letter(letter, actions.Written("x"), by=None),
    ):
        with pytest.raises(letters.NotAsked):
            gesture()


def test_an_unknown_link_is_a_page_that_helps(db: None, client: Client) -> None:
    answer = client.get(page(token="never-sent"))
    assert answer.status_code == 404
    assert b"ask for another" in answer.content
    assert client.get(page("letter_sent", "never-sent")).status_code == 404


def test_when_letters_are_due_nothing_comes_in(letter: Any, call: Any, client: Client) -> None:
    call.letters_due_at = timezone.now() - timedelta(minutes=1)
    call.save()
    assert client.get(page()).status_code == 200
    assert client.post(page(), {"text": "Too late"}).status_code == 409
    late = client.post(page("letter_autosave"), {"text": "Too late"})
    assert late.status_code == 409
    assert "due" in late.json()["words"]
    letter.refresh_from_db()
    assert letter.state == LetterState.ASKED


def test_the_applicant_sees_who_wrote_and_never_what(
    letter: Any, applicant: Any, stranger: Any, client_of: Any
) -> None:
    actions.submit_letter(letter, actions.Written("Between us: brilliant."), by=None)
    mine = reverse("applications:referees", kwargs={"key": letter.application.key})
    shown = client_of(applicant).get(mine)
    assert b"Received" in shown.content
    assert b"brilliant" not in shown.content
    assert client_of(stranger).get(mine).status_code == 404
    assert client_of(applicant).get(reverse("applications:letter_file", kwargs={"key": letter.key})).status_code == 403


def test_asking_resending_and_cancelling_on_her_page(application: Any, applicant: Any, client_of: Any) -> None:
    signed = client_of(applicant)
    ask = reverse("applications:ask", kwargs={"key": application.key})
    data = {"referee_name": "Ada", "email": "ada@example.edu", "institution": "", "relation": "", "language": "ko"}
    assert signed.post(ask, data).status_code == 302
    again = signed.post(ask, data)
    assert again.status_code == 409
    assert b"You have asked this address already." in again.content
    assert signed.post(ask, {**data, "email": "no address"}).status_code == 422
    letter = ReferenceLetter.objects.get()

    def gesture(verb: str) -> Any:
        return signed.post(reverse("applications:letter_gesture", kwargs={"key": letter.key, "verb": verb}))

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert gesture("resend").status_code == 302
    assert gesture("cancel").status_code == 302
    letter.refresh_from_db()
    assert letter.state == LetterState.CANCELLED
    assert (told("letter_link"), told("letter_cancelled")) == ([letter.email], [letter.email])


@pytest.mark.parametrize(
    ("left", "mails"),
    [(timedelta(days=8), 0), (timedelta(days=6), 1), (timedelta(hours=30), 1), (timedelta(hours=1), 1)],
)
def test_referees_are_reminded_once_a_stage_and_the_first_link_goes_on_working(
    letter: Any, call: Any, left: timedelta, mails: int
) -> None:
    letter.asked_at = timezone.now() - timedelta(days=10)
    letter.save()
    call.closes_at = timezone.now() + left - timedelta(hours=1)
    call.letters_due_at = timezone.now() + left
    call.save()
    actions.remind()
    actions.remind()
    assert len(told("letter_reminder")) == mails
    assert queries.letter_behind("token").is_valid


@pytest.mark.parametrize(("reminders", "mails"), [([], 0), ([24], 0), ([100], 1)])
def test_the_call_says_when_referees_are_reminded(letter: Any, call: Any, reminders: list[int], mails: int) -> None:
    ReferenceLetter.objects.filter(pk=letter.pk).update(asked_at=timezone.now() - timedelta(days=30))
    call.letters_due_at, call.letter_reminders = timezone.now() + timedelta(hours=72), reminders
    call.save()
    actions.remind()
    actions.remind()
    assert len(told("letter_reminder")) == mails


def test_the_referees_of_a_dead_draft_are_left_in_peace(letter: Any, call: Any) -> None:
    Application.objects.filter(pk=letter.application_id).update(state=ApplicationState.DRAFT)
    call.closes_at, call.letters_due_at = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)
    call.save()
    actions.remind()
    assert told("letter_reminder") == []


@pytest.mark.parametrize("left", [timedelta(days=6), timedelta(days=1), timedelta(hours=3), timedelta(minutes=30)])
def test_applicants_are_reminded_once_a_stage(draft: Any, call: Any, left: timedelta) -> None:
    Application.objects.filter(pk=draft.pk).update(started_at=timezone.now() - timedelta(days=10))
    call.closes_at = timezone.now() + left
    call.save()
    assert actions.remind() > 0
    actions.remind()
    assert told("application_reminder") == [draft.applicant.email]
    assert Notification.objects.get(kind="application_reminder").context["is_complete"] is (not queries.gaps(draft))


def test_who_began_within_the_stage_or_whose_call_is_over_is_not_reminded(draft: Any, call: Any) -> None:
    call.closes_at = timezone.now() + timedelta(hours=1)
    call.save()
    actions.remind()
    call.state = CallState.REVIEW
    call.save()
    actions.remind()
    assert told("application_reminder") == []
