"""Signs that an officer should look at a letter more closely. Never a judgement, and never before anybody else."""

import ipaddress
from dataclasses import dataclass

from django.utils.translation import gettext as _

from applications.models import Application, FreeMailDomain, ReferenceLetter
from applications.states import LetterState

SHARED_SENTENCES = 2


@dataclass(frozen=True)
class Signal:
    """Something to look at, in words."""

    referee: str
    words: str


def signals_of(application: Application) -> list[Signal]:
    """Free mail, the applicant's own network, sentences that another letter has; two queries and one a letter."""
    received = application.letters.filter(state=LetterState.RECEIVED).order_by("pk")
    letters = list(received.defer("text", "draft_text"))
    free = set(FreeMailDomain.objects.values_list("domain", flat=True)) if letters else set()
    found = []
    for letter in letters:
        found += [Signal(letter.referee_name, words) for words in _words(application, letter, free)]
    return found


def _words(application: Application, letter: ReferenceLetter, free: set[str]) -> list[str]:
    said = []
    if letter.email.rpartition("@")[2].lower() in free:
        said.append(_("The address is of a free mail service, not of an institution."))
    if letter.orcid and letter.orcid == application.orcid:
        said.append(_("Whoever sent it confirmed the applicant's own ORCID iD."))
    if is_same_network(letter.address, application.submitted_from):
        said.append(_("It was sent from the network from which the applicant submitted."))
    if (shared := _shared_sentences(letter)) >= SHARED_SENTENCES:
        said.append(_("It shares %(n)s long sentences with another letter.") % {"n": shared})
    return said


def is_same_network(one: str | None, other: str | None) -> bool:
    """Whether two addresses are of one small network: /24 of IPv4, /48 of IPv6."""
    if not one or not other:
        return False
    first, second = ipaddress.ip_address(one), ipaddress.ip_address(other)
    if first.version != second.version:
        return False
    size = 24 if first.version == 4 else 48
    return ipaddress.ip_network(f"{first}/{size}", strict=False) == ipaddress.ip_network(
        f"{second}/{size}", strict=False
    )


def _shared_sentences(letter: ReferenceLetter) -> int:
    """The most sentences that one other letter by somebody else shares (index letters_by_marks)."""
    marks = set(letter.text_marks)
    if not marks:
        return 0
    others = ReferenceLetter.objects.filter(text_marks__overlap=letter.text_marks, state=LetterState.RECEIVED)
    others = others.exclude(email__iexact=letter.email).exclude(pk=letter.pk)
    return max((len(marks & set(row)) for row in others.values_list("text_marks", flat=True)[:50]), default=0)
