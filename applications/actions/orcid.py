"""What comes from ORCID: a draft's career and publications, and who a referee is."""

from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions.drafts import refuse_unless_editable, write_values
from applications.career import MOST, merged
from applications.models import Application, ReferenceLetter
from applications.orcid import Person, Record
from applications.publications import joined
from applications.states import LetterState
from common.audit import record as audit
from common.gestures import action
from common.refusals import Refusal
from common.states import lock
from people.models import User


class LetterClosed(Refusal):
    words = _("This letter is no longer asked for.")


class Taken(NamedTuple):
    """How many rows were new: degrees and positions, and publications."""

    career: int
    publications: int


@action
def take_from_orcid(application: Application, found: Record, *, by: User) -> Taken:
    """Add to the draft what an ORCID record says and she has not said herself; nothing of hers is changed.

    Refuses like `save_section`.
    """
    at = timezone.now()
    lock(application)
    refuse_unless_editable(application, at)
    degrees = merged(application.degrees, found.degrees, MOST["degrees"])
    positions = merged(application.employment, found.employment, MOST["employment"])
    papers, new, _known = joined(application.publications, found.publications)
    many = len(degrees) + len(positions) - len(application.degrees) - len(application.employment)
    write_values(application, {"degrees": degrees, "employment": positions, "publications": papers}, at)
    audit("applications.orcid.taken", application, by=by, after={"career": many, "publications": new})
    return Taken(many, new)


@action
def confirm_orcid(letter: ReferenceLetter, person: Person, *, by: User | None) -> ReferenceLetter:
    """Keep who the referee is, as ORCID says. Refuses when the letter is no longer asked for."""
    lock(letter)
    if letter.state == LetterState.CANCELLED:
        raise LetterClosed
    letter.orcid, letter.orcid_name, letter.orcid_at = person.orcid, person.name, timezone.now()
    letter.save(update_fields=["orcid", "orcid_name", "orcid_at"])
    audit("applications.letter.orcid_confirmed", letter, by=by, after={"orcid": person.orcid})
    return letter


@action
def forget_orcid(letter: ReferenceLetter, *, by: User | None) -> ReferenceLetter:
    """Take the confirmation back. Doing it twice changes nothing."""
    lock(letter)
    if letter.orcid:
        letter.orcid, letter.orcid_name, letter.orcid_at = "", "", None
        letter.save(update_fields=["orcid", "orcid_name", "orcid_at"])
        audit("applications.letter.orcid_forgotten", letter, by=by)
    return letter
