"""What an application still lacks before it can be submitted, each with the section where it is put right."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from applications.models import Application, CallLab
from applications.queries.questions import asked_now, lacking_answers
from applications.states import DocumentKind, LetterState, QuestionKind, Section

NEEDED = (
    (Section.ABOUT, "citizenship"),
    (Section.ABOUT, "residence"),
    (Section.DOCTORATE, "phd_institution"),
    (Section.DOCTORATE, "phd_country"),
    (Section.DOCTORATE, "phd_field"),
    (Section.DOCTORATE, "phd_awarded_on"),
    (Section.RESEARCH, "title"),
    (Section.RESEARCH, "summary"),
    (Section.LABS, "motivation"),
)


@dataclass(frozen=True)
class Gap:
    """Something that is missing or does not fit: where, and in words."""

    section: Section
    field: str
    words: str
    url: str


@dataclass(frozen=True)
class Step:
    """A section in the step indicator."""

    label: str
    state: str
    url: str
    words: str


def gaps(application: Application) -> list[Gap]:
    """Everything that keeps `application` from being submitted, in the order of the sections; four queries."""
    found = [*_empty(application), *_doctorate(application), *_labs(application)]
    found += [*_answers(application), *_documents(application), *_referees(application)]
    order = list(Section)
    return sorted(found, key=lambda gap: order.index(gap.section))


def section_url(application: Application, section: str) -> str:
    return reverse("applications:section", kwargs={"key": application.key, "section": section})


def _gap(application: Application, section: Section, field: str, words: str) -> Gap:
    anchor = f"#id_{field}" if field else ""
    return Gap(section, field, words, f"{section_url(application, section)}{anchor}")


def _empty(application: Application) -> Iterator[Gap]:
    if not (application.given_name or application.family_name):
        yield _gap(application, Section.ABOUT, "given_name", _("Your name in Latin letters is missing."))
    for section, field in NEEDED:
        if not getattr(application, field):
            label = application._meta.get_field(field).verbose_name  # type: ignore[union-attr]
            yield _gap(application, section, field, _("Missing: %(field)s") % {"field": label})


def _doctorate(application: Application) -> Iterator[Gap]:
    day: date | None = application.phd_awarded_on
    if day and not application.is_phd_expected and day > timezone.localdate():
        words = _("The day of your doctorate lies ahead: tick that it is still expected.")
        yield _gap(application, Section.DOCTORATE, "is_phd_expected", words)


def _labs(application: Application) -> Iterator[Gap]:
    if not application.ranked_labs:
        yield _gap(application, Section.LABS, "", _("You have not ranked any lab yet."))
        return
    offered = CallLab.objects.filter(call=application.call_id, pk__in=application.ranked_labs).count()
    if offered < len(application.ranked_labs):
        yield _gap(application, Section.LABS, "", _("A lab in your list is no longer on offer: rank the labs again."))
    if len(application.ranked_labs) > application.call.max_choices:
        yield _gap(application, Section.LABS, "", _("Your list has more labs than this call allows."))


def _answers(application: Application) -> Iterator[Gap]:
    language = get_language() or "en"
    for question in lacking_answers(application):
        is_blank = question.is_blank(application.answers.get(question.code))
        words = _("Missing: %(field)s") if is_blank else _("Answer once more, the question has changed: %(field)s")
        said = words % {"field": question.label(language)}
        gap = _gap(application, Section.QUESTIONS, f"answer_{question.code}", said)
        is_file = question.kind == QuestionKind.FILE
        yield replace(gap, url=gap.url.replace("#id_", "#slot-")) if is_file else gap


def _documents(application: Application) -> Iterator[Gap]:
    if not application.documents.filter(is_current=True, kind=DocumentKind.CV).exists():
        yield _gap(application, Section.DOCUMENTS, "", _("Your curriculum vitae is missing."))


def _referees(application: Application) -> Iterator[Gap]:
    states = list(application.letters.values_list("state", flat=True))
    standing = sum(state not in {LetterState.CANCELLED, LetterState.DECLINED} for state in states)
    arrived = states.count(LetterState.RECEIVED)
    lacking = application.call.letters_needed - standing
    if lacking > 0:
        words = ngettext("Ask %(number)s more referee.", "Ask %(number)s more referees.", lacking)
        yield _gap(application, Section.REFEREES, "", words % {"number": lacking})
    elif application.call.needs_letters_first and arrived < application.call.letters_needed:
        words = _(
            "This call takes applications only once the letters have arrived: %(arrived)s of %(needed)s are there."
        )
        values = {"arrived": arrived, "needed": application.call.letters_needed}
        yield _gap(application, Section.REFEREES, "", words % values)


def steps(application: Application, found: list[Gap], current: str = "") -> list[Step]:
    """The sections with how much each still lacks, for the step indicator; without questions there is no such step."""
    has_questions = bool(asked_now(application.call))
    shown = [section for section in Section if section != Section.QUESTIONS or has_questions]
    return [_step(application, section, found, current) for section in shown]


def _step(application: Application, section: Section, found: list[Gap], current: str) -> Step:
    lacking = sum(gap.section == section for gap in found)
    is_done = not lacking and section != Section.REVIEW
    state = "current" if section == current else "done" if is_done else "waiting"
    words = ngettext("%(number)s thing missing", "%(number)s things missing", lacking) % {"number": lacking}
    return Step(str(section.label), state, section_url(application, section), words if lacking else "")
