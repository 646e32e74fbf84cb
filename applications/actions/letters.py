"""Reference letters: the applicant asks, replaces and cancels; the referee writes behind a personal link."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions.documents import CheckedFile
from applications.marks import marks_of
from applications.models import Application, AssistantLink, PastLink, ReferenceLetter
from applications.queries.letters import ALIVE, awaited_from, hash_of
from applications.states import LetterState
from common.audit import record
from common.gestures import action
from common.later import later
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from common.when import instant_words
from notifications.actions import notify
from people.models import User

LINK_EVERY: Final = timedelta(minutes=10)
MOST_EVER_ASKED: Final = 12
COMPARISON: Final = ("best_percent", "of_people", "in_years")
WRITTEN: Final = ("text", "draft_text", "draft_figures", "text_marks", "address", *COMPARISON, "file", "file_name")


class LettersClosed(Refusal):
    words = _("Letters for this call were due at %(at)s; nothing can be asked for or sent any more.")


class NotAsked(Refusal):
    words = _("This letter is no longer asked for. Thank you; there is nothing more to do.")


class AlreadyAsked(Refusal):
    words = _("You have asked this address already.")


class OwnLetter(Refusal):
    words = _("This is your own address. Ask somebody else to write about you.")


class EnoughReferees(Refusal):
    words = _("You have asked as many referees as this call allows. Cancel one who has not written yet first.")


class TooSoon(Refusal):
    words = _("A link was sent a few minutes ago. Please wait ten minutes before sending another one.")


class NothingWritten(Refusal):
    words = _("Write your letter here, or choose a PDF.")


class NeedsHand(Refusal):
    words = _("Say how the letter reached you.")


@dataclass(frozen=True)
class Written:
    """What a referee says: words, a PDF, and how the applicant compares (the best n % of m people in y years)."""

    text: str = ""
    upload: CheckedFile | None = None
    comparison: tuple[int, int, int] | None = None
    keeps_file: bool = False
    keeps_draft: bool = False


@dataclass(frozen=True)
class Referee:
    """Whom the applicant asks for a letter."""

    name: str
    email: str
    relation: str = ""
    institution: str = ""
    language: str = "en"


def _refuse_unless_due(application: Application) -> None:
    if application.state not in ALIVE:
        raise NotAsked
    if timezone.now() > application.call.letters_due_at:
        raise LettersClosed(at=instant_words(application.call.letters_due_at))


@action
def request_letter(application: Application, referee: Referee, *, by: User) -> ReferenceLetter:
    """Ask `referee` for a letter: she gets a personal link by mail, of which only the hash is kept.

    Possible from the draft on until letters are due. Refuses an address asked already, the applicant's own, and more
    referees than the call allows.
    """
    lock(application)
    _refuse_unless_due(application)
    email = referee.email.lower()
    if email == application.applicant.email.lower():
        raise OwnLetter(field="email")
    standing = application.letters.exclude(state=LetterState.CANCELLED)
    if standing.filter(email__iexact=email).exists():
        raise AlreadyAsked(field="email")
    many = standing.exclude(state=LetterState.DECLINED).count()
    if many >= application.call.letters_most or application.letters.count() >= MOST_EVER_ASKED:
        raise EnoughReferees
    token = secrets.token_urlsafe(32)
    letter = ReferenceLetter.objects.create(
        application=application,
        referee_name=referee.name,
        email=email,
        relation=referee.relation,
        institution=referee.institution,
        language=referee.language,
        link_sha256=hash_of(token),
    )
    record("applications.letter.asked", letter, by=by, after={"email": email})
    mail_link("letter_asked", letter, token)
    return letter


def mail_link(kind: str, letter: ReferenceLetter, token: str) -> None:
    application = letter.application
    call = application.call
    notify(
        kind,
        to=letter.email,
        about=letter,
        dedupe=f"{letter.pk}:{letter.link_sha256[:24]}",
        is_secret=True,
        language=letter.language,
        name=letter.referee_name,
        applicant=application.applicant.full_name or application.applicant.email,
        call=call.name_ko if letter.language == "ko" else call.name_en,
        due=later(instant_words, call.letters_due_at),
        due_utc=later(instant_words, call.letters_due_at, "UTC"),
        path=reverse("applications:letter", kwargs={"token": token}),
    )


def _tell_referee(kind: str, letter: ReferenceLetter, dedupe: str) -> None:
    """Mail to the referee that holds no link."""
    call = letter.application.call
    notify(
        kind,
        to=letter.email,
        about=letter,
        dedupe=dedupe,
        language=letter.language,
        name=letter.referee_name,
        applicant=letter.application.applicant.full_name,
        call=call.name_ko if letter.language == "ko" else call.name_en,
        due=later(instant_words, call.letters_due_at),
    )


def _tell_applicant(kind: str, letter: ReferenceLetter) -> None:
    notify(
        kind,
        to=letter.application.applicant,
        about=letter,
        dedupe=str(letter.pk),
        referee=letter.referee_name,
        suggestion=letter.suggestion,
        path=reverse("applications:section", kwargs={"key": letter.application.key, "section": "referees"}),
    )


def new_link(letter: ReferenceLetter, *, keeps_old: bool) -> str:
    """A fresh token for the locked `letter`; earlier links go on opening it only if `keeps_old`."""
    token = secrets.token_urlsafe(32)
    if not keeps_old:
        letter.past_links.update(is_valid=False)
    PastLink.objects.create(letter=letter, sha256=letter.link_sha256, is_valid=keeps_old)
    letter.link_sha256, letter.link_sent_at = hash_of(token), timezone.now()
    letter.save(update_fields=["link_sha256", "link_sent_at"])
    return token


def _is_too_soon(letter: ReferenceLetter) -> bool:
    return timezone.now() - letter.link_sent_at < LINK_EVERY


@action
def resend_link(letter: ReferenceLetter, *, by: User) -> ReferenceLetter:
    """Mail the referee a new link; earlier ones stop opening the letter. Refuses more than one in ten minutes."""
    lock(letter)
    _refuse_unless_due(letter.application)
    if letter.state == LetterState.CANCELLED:
        raise NotAsked
    if _is_too_soon(letter):
        raise TooSoon
    mail_link("letter_link", letter, new_link(letter, keeps_old=False))
    record("applications.letter.resent", letter, by=by)
    return letter


@action
def renew_link(letter: ReferenceLetter, *, by: User | None) -> bool:
    """The referee asks for a new link to her own address; whether one was sent (at most one in ten minutes)."""
    lock(letter)
    if letter.state == LetterState.CANCELLED or _is_too_soon(letter):
        return False
    mail_link("letter_link", letter, new_link(letter, keeps_old=False))
    record("applications.letter.renewed", letter, by=by)
    return True


@action
def renew_links_of(email: str, *, by: User | None) -> int:
    """New links for every letter that the owner of `email` may still write; how many were sent. Tells nobody else."""
    letters = list(awaited_from(email, timezone.now()).order_by("pk")[:20])
    return sum(renew_link(letter, by=by) for letter in letters)


@action
def open_letter(letter: ReferenceLetter, *, by: User | None) -> ReferenceLetter:
    """The referee begins to write; also after she had declined. Beginning twice changes nothing."""
    lock(letter)
    _refuse_unless_due(letter.application)
    if letter.state in {LetterState.OPENED, LetterState.RECEIVED}:
        return letter
    return move(letter, LetterState.OPENED, by=by)


@action
def save_letter_draft(
    letter: ReferenceLetter, text: str, *, by: User | None, figures: Mapping[str, str] | None = None
) -> ReferenceLetter:
    """Keep what the referee has written so far, the `figures` of the comparison as they were typed; a letter that was
    sent before stays as it was sent.
    """
    lock(letter)
    _refuse_unless_due(letter.application)
    if letter.state == LetterState.CANCELLED:
        raise NotAsked
    letter.draft_text, letter.drafted_at = text, timezone.now()
    letter.draft_figures = {name: word for name, word in (figures or {}).items() if name in COMPARISON and word}
    letter.save(update_fields=["draft_text", "draft_figures", "drafted_at"])
    return letter


@action
def submit_letter(
    letter: ReferenceLetter, written: Written, *, by: User | None, address: str | None = None
) -> ReferenceLetter:
    """Receive the letter, as text, as a PDF, or both; sent again, it takes the place of the one before.

    Tells the applicant once that it is there, and thanks the referee. The audit trail holds that it came, never what it
    says.
    """
    lock(letter)
    if letter.state == LetterState.CANCELLED:
        raise NotAsked
    _refuse_unless_due(letter.application)
    _receive(letter, written, by=by, address=address)
    _tell_referee("letter_thanks", letter, f"{letter.pk}:{letter.received_at:%Y%m%d%H%M}")
    return letter


def _receive(
    letter: ReferenceLetter, written: Written, *, by: User | None, address: str | None, note: str = ""
) -> None:
    if not written.text.strip() and written.upload is None and not (written.keeps_file and letter.file):
        raise NothingWritten(field="text")
    _put_in(letter, written, address)
    move(letter, LetterState.RECEIVED, by=by, note=note)
    _tell_applicant("letter_received", letter)


def _put_in(letter: ReferenceLetter, written: Written, address: str | None) -> None:
    letter.text = written.text.strip()
    letter.draft_text = letter.draft_text if written.keeps_draft else ""
    letter.draft_figures = letter.draft_figures if written.keeps_draft else {}
    letter.text_marks, letter.address = marks_of(written.text), address
    letter.best_percent, letter.of_people, letter.in_years = written.comparison or (None, None, None)
    if written.upload is not None:
        letter.file.save(f"{written.upload.sha256}.pdf", written.upload.file, save=False)
        letter.file_name = written.upload.name
    elif not written.keeps_file:
        letter.file, letter.file_name = "", ""
    letter.save(update_fields=WRITTEN)


@action
def receive_by_hand(letter: ReferenceLetter, upload: CheckedFile, *, by: User, reason: str) -> ReferenceLetter:
    """An officer puts in a letter that reached her another way, also after letters were due; audited with how.

    What the referee wrote herself stays beside it.
    """
    lock(letter)
    if by.pk == letter.application.applicant_id:
        raise SamePersonTwice
    if letter.state == LetterState.CANCELLED:
        raise NotAsked
    if not reason.strip():
        raise NeedsHand(field="reason")
    _receive(letter, _beside(letter, upload), by=by, address=letter.address, note=reason.strip())
    letter.by_hand_by = by
    letter.save(update_fields=["by_hand_by"])
    return letter


@action
def link_for_assistant(letter: ReferenceLetter, *, by: User | None) -> str:
    """A token behind which the letter's PDF can be handed in and nothing read; earlier ones stop working."""
    lock(letter)
    _refuse_unless_due(letter.application)
    letter.assistant_links.all().delete()
    token = secrets.token_urlsafe(32)
    AssistantLink.objects.create(letter=letter, sha256=hash_of(token))
    record("applications.letter.assistant", letter, by=by)
    return token


@action
def hand_in(link: AssistantLink, upload: CheckedFile, *, by: User | None, address: str | None) -> ReferenceLetter:
    """An assistant hands in the PDF; words that the referee had sent, or is writing, stay."""
    letter = lock(link.letter)
    submit_letter(letter, _beside(letter, upload), by=by, address=address)
    AssistantLink.objects.filter(pk=link.pk).update(used_at=timezone.now())
    return letter


def _beside(letter: ReferenceLetter, upload: CheckedFile) -> Written:
    """A PDF that somebody else hands in, beside what the referee wrote herself."""
    return Written(letter.text, upload, _comparison_of(letter), keeps_draft=True)


def _comparison_of(letter: ReferenceLetter) -> tuple[int, int, int] | None:
    if letter.best_percent is None or letter.of_people is None or letter.in_years is None:
        return None
    return letter.best_percent, letter.of_people, letter.in_years


@action
def decline_letter(
    letter: ReferenceLetter, *, by: User | None, note: str = "", suggestion: str = ""
) -> ReferenceLetter:
    """The referee declines; the applicant is told at once, and whom she suggests, so that she can ask somebody else."""
    lock(letter)
    if letter.state == LetterState.DECLINED:
        return letter
    move(letter, LetterState.DECLINED, by=by, note=note, suggestion=suggestion.strip())
    _tell_applicant("letter_declined", letter)
    return letter


@action
def cancel_letter(letter: ReferenceLetter, *, by: User | None) -> ReferenceLetter:
    """Ask no longer; the referee is told, and her link says so. A letter that has arrived cannot be cancelled."""
    lock(letter)
    if letter.state == LetterState.CANCELLED:
        return letter
    had_declined = letter.state == LetterState.DECLINED
    move(letter, LetterState.CANCELLED, by=by)
    if not had_declined:
        _tell_referee("letter_cancelled", letter, str(letter.pk))
    return letter


def drop_awaited_letters(application: Application, *, by: User | None) -> None:
    """Cancel every letter of `application` that has not arrived."""
    for letter in application.letters.exclude(state__in=[LetterState.CANCELLED, LetterState.RECEIVED]):
        cancel_letter(letter, by=by)
