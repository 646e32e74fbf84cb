"""One application with everything that belongs to it, the labs that it ranks, and a lab's candidates."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from applications.eligibility import Demands, Facts, Finding, findings
from applications.models import Application, CallLab, Document, ReferenceLetter
from applications.queries.questions import AnsweredSection, answers_for
from applications.states import ApplicationState, DocumentKind, LetterState
from labs.models import Sector


@dataclass(frozen=True)
class Dossier:
    """What a person who decides reads. `letters` are those received; `awaited` are not there yet."""

    application: Application
    labs: list[CallLab]
    sectors: list[Sector]
    documents: list[Document]
    letters: list[ReferenceLetter]
    awaited: list[ReferenceLetter]
    answered: list[AnsweredSection]

    @property
    def has_cv(self) -> bool:
        return any(document.kind == DocumentKind.CV for document in self.documents)


def dossier(application: Application, audience: str = "") -> Dossier:
    """Documents in force, letters, ranked labs, sectors and own answers of `application`, as `audience` reads them (the
    applicant herself when empty); five queries.

    Whether the reader may read the letters is for the caller to ask (`applications.view_letters`).
    """
    letters = list(application.letters.exclude(state=LetterState.CANCELLED).order_by("asked_at", "pk"))
    return Dossier(
        application=application,
        labs=labs_ranked(application),
        sectors=list(application.sectors.all()),
        documents=list(application.documents.filter(is_current=True).order_by("kind")),
        letters=[letter for letter in letters if letter.state == LetterState.RECEIVED],
        awaited=[letter for letter in letters if letter.state != LetterState.RECEIVED],
        answered=answers_for(application, audience),
    )


def labs_ranked(application: Application) -> list[CallLab]:
    """The labs that `application` ranks, best first; one query."""
    return labs_ranked_of([application])[application.pk]


def labs_ranked_of(applications: Iterable[Application]) -> dict[int, list[CallLab]]:
    """The ranked labs of each application by its primary key, best first; one query for all."""
    rows = list(applications)
    keys = {pk for row in rows for pk in row.ranked_labs}
    shown = ("call_id", "lab__key", "lab__code", "lab__name_en", "lab__name_ko", "lab__institute__code")
    known = CallLab.objects.select_related("lab__institute").only(*shown).in_bulk(keys) if keys else {}
    return {row.pk: [known[pk] for pk in row.ranked_labs if pk in known] for row in rows}


def candidates_of(call_lab: CallLab) -> QuerySet[Application]:
    """Eligible applications that rank `call_lab` (index applications_by_lab)."""
    return Application.objects.filter(
        call=call_lab.call_id, state=ApplicationState.ELIGIBLE, ranked_labs__contains=[call_lab.pk]
    ).select_related("applicant", "call")


def eligibility_of(read: Dossier) -> list[Finding]:
    """What the call demands against what the application says; no query."""
    application, call = read.application, read.application.call
    facts = Facts(
        phd_awarded_on=application.phd_awarded_on,
        is_phd_expected=application.is_phd_expected,
        career_break_months=application.career_break_months,
        has_cv=read.has_cv,
        letters_received=len(read.letters),
    )
    closes_on = timezone.localtime(call.closes_at).date()
    return findings(facts, Demands(closes_on, call.starts_on, call.phd_within_years, call.letters_needed))
