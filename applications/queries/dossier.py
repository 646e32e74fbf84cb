"""One application with everything that belongs to it, the labs that it ranks, and a lab's candidates."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applications.eligibility import Demands, Facts, Finding, Rule, findings
from applications.models import Application, Call, CallLab, Document, EligibilityRule, FormVersion, ReferenceLetter
from applications.queries.questions import AnsweredSection, answers_for, form_in_force
from applications.queries.scope import seen_by
from applications.states import ApplicationState, DocumentKind, LetterState
from labs.models import Sector

SHARED_FILE = 3
# what a row of the desk shows
LISTED = (
    *("key", "call_id", "number", "given_name", "family_name", "native_name"),
    *("phd_institution", "state", "submitted_at"),
)


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
    def reasons(self) -> list[tuple[CallLab, str]]:
        """The ranked labs, best first, each with her sentence on it."""
        return [(row, self.application.lab_reasons.get(str(row.pk), "")) for row in self.labs]

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
        documents=list(_fixed_documents(application)),
        letters=[letter for letter in letters if letter.state == LetterState.RECEIVED],
        awaited=[letter for letter in letters if letter.state != LetterState.RECEIVED],
        answered=answers_for(application, audience),
    )


def _fixed_documents(application: Application) -> QuerySet[Document]:
    """The documents in force that every call takes; files of answers stand with their questions."""
    rows = application.documents.filter(is_current=True).exclude(kind=DocumentKind.ANSWER)
    return rows.defer("text").order_by("kind")


def labs_ranked(application: Application) -> list[CallLab]:
    """The labs that `application` ranks, best first; one query, none when its call knows them."""
    known: dict[int, CallLab] | None = getattr(application.call, "own_labs", None)
    if known is None:
        return labs_ranked_of([application])[application.pk]
    return [known[pk] for pk in application.ranked_labs if pk in known]


def _with_names() -> QuerySet[CallLab]:
    shown = ("call_id", "lab__key", "lab__code", "lab__name_en", "lab__name_ko", "lab__institute__code")
    return CallLab.objects.select_related("lab__institute").only(*shown)


def labs_ranked_of(applications: Iterable[Application]) -> dict[int, list[CallLab]]:
    """The ranked labs of each application by its primary key, best first; one query for all."""
    rows = list(applications)
    keys = {pk for row in rows for pk in row.ranked_labs}
    known = _with_names().in_bulk(keys) if keys else {}
    return {row.pk: [known[pk] for pk in row.ranked_labs if pk in known] for row in rows}


def candidates_of(call_lab: CallLab) -> QuerySet[Application]:
    """Eligible applications that rank `call_lab` (index applications_by_lab)."""
    return Application.objects.filter(
        call=call_lab.call_id, state=ApplicationState.ELIGIBLE, ranked_labs__contains=[call_lab.pk]
    ).select_related("applicant", "call")


def demands_in_words(call: Call) -> list[str]:
    """What the call demands of its own, as people read it before they apply."""
    return [rule.label for rule in rules_of(call)]


def eligibility_of(read: Dossier) -> list[Finding]:
    """What the call demands against what the application says; no query."""
    return _found(read.application, has_cv=read.has_cv, letters=len(read.letters))


def eligibility_of_many(applications: Iterable[Application]) -> dict[int, list[Finding]]:
    """The findings of each application by its primary key; two queries for all, one more a call."""
    rows = list(applications)
    keys = [row.pk for row in rows]
    calls = {row.call_id: row.call for row in rows}
    for row in rows:
        row.call = calls[row.call_id]
    with_cv = set(
        Document.objects.filter(application__in=keys, kind=DocumentKind.CV, is_current=True).values_list(
            "application_id", flat=True
        )
    )
    received = ReferenceLetter.objects.filter(application__in=keys, state=LetterState.RECEIVED).order_by()
    letters = dict(received.values_list("application_id").annotate(number=Count("pk")))
    return {row.pk: _found(row, has_cv=row.pk in with_cv, letters=letters.get(row.pk, 0)) for row in rows}


def _found(application: Application, *, has_cv: bool, letters: int) -> list[Finding]:
    call = application.call
    facts = Facts(
        phd_awarded_on=application.phd_awarded_on,
        is_phd_expected=application.is_phd_expected,
        career_break_months=application.career_break_months,
        has_cv=has_cv,
        letters_received=letters,
        citizenship=str(application.citizenship.code or ""),
        residence=str(application.residence.code or ""),
        earliest_start_on=application.earliest_start_on,
        answers=application.answers,
    )
    closes_on = timezone.localtime(call.closes_at).date()
    demands = Demands(closes_on, call.starts_on, call.phd_within_years, call.letters_needed, rules_of(call))
    return findings(facts, demands)


def rules_of(call: Call) -> tuple[Rule, ...]:
    """The call's own rules in the reader's language; read once for a row of `call`."""
    if not hasattr(call, "own_rules"):
        call.own_rules = list(call.eligibility_rules.all())  # type: ignore[attr-defined]
    is_korean = (get_language() or "en").startswith("ko")
    rows: list[EligibilityRule] = call.own_rules  # type: ignore[attr-defined]
    return tuple(
        Rule(
            kind=row.kind,
            label=row.label_ko if is_korean else row.label_en,
            values=frozenset(row.values),
            is_allowed=row.is_allowed,
            until=row.until,
            question=row.question,
            needs_officer=row.needs_officer,
        )
        for row in rows
    )


@dataclass(frozen=True)
class Asked:
    """What every dossier of a call needs of the call: the form in force, its own rules, its labs."""

    form: FormVersion | None
    rules: list[EligibilityRule]
    labs: dict[int, CallLab]


def asked_by(call: Call) -> Asked:
    """As `Asked`, to keep for other dossiers of the call. Three queries."""
    return Asked(form_in_force(call), list(call.eligibility_rules.all()), _with_names().filter(call=call).in_bulk())


def asks(call: Call, asked: Asked) -> None:
    """Let `call` know what `asked_by` read of it, so that nothing reads it again."""
    call.form_now, call.own_rules, call.own_labs = asked.form, asked.rules, asked.labs  # type: ignore[attr-defined]


def eligibility_now(application: Application) -> list[Finding]:
    """How the draft stands against what the call demands, for its applicant while she writes; three queries."""
    return eligibility_of_many([application])[application.pk]


def partner_words(application: Application) -> str:
    """Whether the partner whom she names applied to the same call and names her too. One query where she names one."""
    if not application.partner_email:
        return ""
    found = Application.objects.filter(call=application.call_id, applicant__email__iexact=application.partner_email)
    named = list(found.exclude(state=ApplicationState.WITHDRAWN).values_list("partner_email", flat=True))
    if not named:
        return _("has not applied to this call")
    is_mutual = any(each.casefold() == application.applicant.email.casefold() for each in named)
    return _("names the applicant too") if is_mutual else _("does not name the applicant")


@dataclass(frozen=True)
class Duplicates:
    """Other applications that may be the same person's: those that the reader may see, and how many she may not."""

    rows: list[Application]
    hidden: int

    def __bool__(self) -> bool:
        return bool(self.rows or self.hidden)


def perhaps_twice(rows: Iterable[Application]) -> set[int]:
    """The primary keys of those among `rows` whose name or iD another account gave too; one query."""
    others = Application.objects.exclude(applicant=OuterRef("applicant")).exclude(number=None)
    named = others.filter(family_name__iexact=OuterRef("family_name"), given_name__iexact=OuterRef("given_name"))
    same = Exists(others.filter(orcid=OuterRef("orcid"))) & ~Q(orcid="")
    found = Application.objects.filter(pk__in=[row.pk for row in rows]).filter(Exists(named) | same)
    return set(found.values_list("pk", flat=True))


def duplicates_of(application: Application, user: Any) -> Duplicates:
    """Applications with the same iD, name or file from another account, as `user` may see them; five queries.

    Never a judgement: an officer looks. A file that many have is a form, and no sign.
    """
    signs = Q(family_name__iexact=application.family_name, given_name__iexact=application.given_name)
    if application.orcid:
        signs |= Q(orcid=application.orcid)
    hashes = application.documents.filter(is_current=True).values_list("sha256", flat=True)
    same = Document.objects.filter(sha256__in=list(hashes)).exclude(application__applicant=application.applicant_id)
    holders = list(same.order_by().values_list("application_id", flat=True).distinct()[: SHARED_FILE + 1])
    if len(holders) <= SHARED_FILE:
        signs |= Q(pk__in=holders)
    rows = Application.objects.filter(signs).exclude(applicant=application.applicant_id).exclude(number=None)
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:20])
    if not keys:
        return Duplicates([], 0)
    seen = Application.objects.filter(seen_by(user), pk__in=keys).select_related("call", "applicant")
    found = list(seen.only(*LISTED, "orcid", "call__code", "applicant__email").order_by("pk"))
    return Duplicates(found, len(keys) - len(found))
