"""Comparison, suggestions, assistants, letters by hand, waivers, old links, and signs for officers to look."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from applications import actions, queries
from applications.actions.letters import EnoughReferees, NeedsHand, Referee, Written
from applications.marks import marks_of
from applications.models import Application, ReferenceLetter, Waiver
from applications.queries.letters import hash_of
from applications.queries.signs import is_same_network
from applications.states import ApplicationState, LetterState
from common.refusals import SamePersonTwice
from notifications.models import Notification
from tests.applications.conftest import pdf
from tests.factories.applications import ApplicationFactory, ReferenceLetterFactory

TOKEN = "a-personal-token"
SENTENCE = "She solved a problem on which three of our groups had worked in vain for many years"
OTHER = "I have rarely met somebody who explains her work so patiently to people of another field"


def page(name: str, token: str = TOKEN) -> str:
    return reverse(f"applications:{name}", args=[token])


@pytest.fixture
def letter(draft: Any) -> Any:
    row = draft.letters.first()
    row.link_sha256 = hash_of(TOKEN)
    row.save()
    return row


def test_a_comparison_is_whole_or_none(client: Any, letter: Any) -> None:
    wrong = client.post(page("letter"), {"text": "Good.", "best_percent": 5})
    assert wrong.status_code == 422
    assert "all three figures" in wrong.content.decode()
    data = {"text": "Good.", "best_percent": 5, "of_people": 40, "in_years": 12}
    assert client.post(page("letter"), data).status_code == 302
    letter.refresh_from_db()
    assert (letter.best_percent, letter.of_people, letter.in_years) == (5, 40, 12)
    assert client.post(page("letter"), {**data, "best_percent": 0}).status_code == 422
    with pytest.raises(IntegrityError), transaction.atomic():
        ReferenceLetter.objects.filter(pk=letter.pk).update(of_people=None)


def test_the_comparison_is_read_with_the_letter(
    client: Any, client_of: Any, letter: Any, officer: Any, applicant: Any
) -> None:
    client.post(page("letter"), {"text": "Good.", "best_percent": 5, "of_people": 40, "in_years": 12})
    Application.objects.filter(pk=letter.application_id).update(
        state=ApplicationState.SUBMITTED, number=1, version=1, submitted_at=timezone.now(), receipt_sha256="a" * 64
    )
    dossier = reverse("applications:dossier", args=[letter.application.key])
    assert "Among the best 5 % of 40 people" in client_of(officer).get(dossier).content.decode()
    hers = client_of(applicant).get(reverse("applications:application", args=[letter.application.key]))
    assert "Among the best" not in hers.content.decode()


def test_declining_with_a_suggestion_tells_the_applicant(client: Any, client_of: Any, letter: Any) -> None:
    data = {"note": "No time", "suggestion": "Professor Kim, kim@example.edu"}
    assert client.post(page("letter_decline"), data).status_code == 302
    letter.refresh_from_db()
    assert letter.suggestion == data["suggestion"]
    shown = (
        client_of(letter.application.applicant)
        .get(reverse("applications:referees", args=[letter.application.key]))
        .content.decode()
    )
    assert "Professor Kim" in shown
    assert "No time" not in shown
    told = Notification.objects.get(kind="letter_declined")
    assert "Professor Kim" in str(told.context)


def test_an_assistant_hands_in_and_reads_nothing(client: Any, letter: Any) -> None:
    client.post(page("letter"), {"text": "Between us: brilliant."})
    made = client.post(page("letter_assistant")).content.decode()
    link = re.search(r"http://testserver(/letters/hand-in/[^<]+)", made)
    assert link is not None
    shown = client.get(link[1]).content.decode()
    assert letter.referee_name in shown
    assert "brilliant" not in shown
    assert letter.application.applicant.family_name not in shown
    assert client.post(link[1], {"file": pdf(name="evil.exe.pdf")}).context["is_done"] is True
    letter.refresh_from_db()
    assert (letter.text, bool(letter.file)) == ("Between us: brilliant.", True)
    assert client.post(link[1], {"file": b""}).status_code == 422
    client.post(page("letter_assistant"))
    assert client.get(link[1]).status_code == 404


def test_what_the_referee_wrote_stays_beside_a_pdf_from_others(client: Any, letter: Any, officer: Any) -> None:
    figures = {"best_percent": 5, "of_people": 40, "in_years": 12}
    client.post(page("letter"), {"text": "Sent.", **figures})
    client.post(page("letter_autosave"), {"text": "Sent, and being changed."})
    link = actions.link_for_assistant(letter, by=None)
    assert client.post(page("hand_in", link), {"file": pdf()}).context["is_done"] is True
    actions.receive_by_hand(ReferenceLetter.objects.get(pk=letter.pk), _checked(), by=officer, reason="By post")
    letter.refresh_from_db()
    assert (letter.text, letter.draft_text) == ("Sent.", "Sent, and being changed.")
    assert (letter.best_percent, letter.of_people, letter.in_years) == (5, 40, 12)


def test_an_assistants_link_ends_with_the_letter(client: Any, letter: Any) -> None:
    token = actions.link_for_assistant(letter, by=None)
    assert client.get(page("hand_in", token)).status_code == 200
    actions.cancel_letter(letter, by=None)
    assert client.get(page("hand_in", token)).status_code == 404
    assert client.get(page("hand_in", "nonsense")).status_code == 404


def test_an_old_link_renews_itself_with_one_click(client: Any, letter: Any) -> None:
    ReferenceLetter.objects.filter(pk=letter.pk).update(link_sent_at=timezone.now() - timedelta(days=1))
    actions.resend_link(ReferenceLetter.objects.get(pk=letter.pk), by=letter.application.applicant)
    ReferenceLetter.objects.filter(pk=letter.pk).update(link_sent_at=timezone.now() - timedelta(days=1))
    dead = client.get(page("letter"))
    assert dead.status_code == 410
    assert page("letter_renew") in dead.content.decode()
    mail.outbox.clear()
    assert client.post(page("letter_renew")).status_code == 302
    assert Notification.objects.filter(kind="letter_link").count() == 2
    assert client.post(page("letter_renew", "nonsense")).status_code == 302


def test_an_officer_receives_a_letter_by_hand_also_late(
    client_of: Any, officer: Any, stranger: Any, letter: Any
) -> None:
    application = letter.application
    Application.objects.filter(pk=application.pk).update(
        state=ApplicationState.SUBMITTED, number=1, version=1, submitted_at=timezone.now(), receipt_sha256="a" * 64
    )
    application.call.letters_due_at = timezone.now() - timedelta(days=1)
    application.call.save()
    url = reverse("applications:by_hand", args=[letter.key])
    assert client_of(stranger).get(url).status_code == 404
    assert client_of(application.applicant).get(url).status_code == 403
    signed = client_of(officer)
    assert signed.get(url).status_code == 200
    assert signed.post(url, {"file": pdf()}).status_code == 422
    done = signed.post(url, {"file": pdf(), "reason": "By post on 3 June"})
    assert done["Location"] == reverse("applications:dossier", args=[application.key])
    letter.refresh_from_db()
    assert (letter.state, letter.by_hand_by) == (LetterState.RECEIVED, officer)
    assert Notification.objects.filter(kind="letter_received").count() == 1


def test_nobody_puts_in_a_letter_about_herself_or_without_saying_how(officer: Any, letter: Any) -> None:
    with pytest.raises(SamePersonTwice):
        actions.receive_by_hand(letter, _checked(), by=letter.application.applicant, reason="x")
    with pytest.raises(NeedsHand):
        actions.receive_by_hand(letter, _checked(), by=officer, reason=" ")


def _checked() -> Any:
    file = pdf()
    return actions.CheckedFile(file, "letter.pdf", file.size, 1, "b" * 64)


def test_what_she_says_about_reading_is_kept_word_for_word(client_of: Any, draft: Any) -> None:
    Application.objects.update(has_waived_access=False)
    signed = client_of(draft.applicant)
    url = reverse("applications:section", args=[draft.key, "referees"])
    shown = signed.get(url).context["form"]["version"].value()
    signed.post(url, {"has_waived_access": "on", "version": shown})
    with translation.override("ko"):
        actions.save_section(draft, {"has_waived_access": False}, "", by=draft.applicant)
    said = list(Waiver.objects.order_by("pk"))
    assert [(row.has_waived, row.language) for row in said] == [(True, "en"), (False, "ko")]
    assert "I give up the right" in said[0].text
    assert said[0].version != said[1].version
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        Waiver.objects.update(has_waived=True)


def test_a_call_says_how_many_letters_and_whether_they_come_first(draft: Any, call: Any) -> None:
    call.letters_most, call.needs_letters_first = call.letters_needed, True
    call.save()
    row = Application.objects.get(pk=draft.pk)
    with pytest.raises(EnoughReferees):
        actions.request_letter(row, Referee("One more", "more@example.edu"), by=row.applicant)
    assert "0 of 2 are there" in queries.gaps(row)[0].words
    row.letters.update(state=LetterState.RECEIVED, text="x")
    assert queries.gaps(row) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        type(call).objects.filter(pk=call.pk).update(letters_most=1)


def test_signs_for_an_officer_to_look(client_of: Any, officer: Any, call: Any, call_lab: Any) -> None:
    actions.load_free_mail(["gmail.com"], by=None)
    row = ApplicationFactory(call=call, ranked_labs=[call_lab.pk], submitted_from="203.0.113.9")
    one = ReferenceLetterFactory(application=row, email="prof@gmail.com")
    two = ReferenceLetterFactory(application=ApplicationFactory(call=call), email="other@example.edu")
    words = f"{SENTENCE}. {OTHER}! Warmly."
    actions.submit_letter(two, Written(words.upper()), by=None, address="198.51.100.1")
    actions.submit_letter(one, Written(words), by=None, address="203.0.113.77")
    assert [signal.words for signal in queries.signals_of(row)] == [
        "The address is of a free mail service, not of an institution.",
        "It was sent from the network from which the applicant submitted.",
        "It shares 2 long sentences with another letter.",
    ]
    shown = client_of(officer).get(reverse("applications:dossier", args=[row.key])).content.decode()
    assert "free mail service" in shown
    clean = ReferenceLetterFactory(application=two.application, email="third@example.edu")
    actions.submit_letter(clean, Written("Short and kind."), by=None, address=None)
    assert [signal.referee for signal in queries.signals_of(two.application)] == [two.referee_name]


def test_networks_and_marks() -> None:
    assert is_same_network("2001:db8:1::1", "2001:db8:1:ffff::2")
    assert not is_same_network("2001:db8:1::1", "203.0.113.9")
    assert not is_same_network(None, "203.0.113.9")
    assert marks_of(f"{SENTENCE}.") == marks_of(f"  {SENTENCE.upper()} !\n")
    assert marks_of("Too short to tell.") == []
