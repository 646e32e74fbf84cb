"""What a call asks of its own: the form being composed, the one in force, and answers in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applications.asked import Asked, AskedSection, lacking, parsed, questions_of
from applications.blind import redacted
from applications.models import Application, BlindWord, Call, Document, FormVersion, Question
from applications.states import Audience, DocumentKind, QuestionKind

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """A question in the reader's language, and what was answered, a line each."""

    code: str
    label: str
    lines: list[str]
    files: tuple[Document, ...] = ()


@dataclass(frozen=True)
class AnsweredSection:
    """The answers under one heading."""

    title: str
    answers: list[Answer]


def _language() -> str:
    return get_language() or "en"


def composed(call: Call) -> list[Json]:
    """The form as officers have composed it so far, as JSON; two queries."""
    sections = call.form_sections.prefetch_related("questions")
    return [
        {
            "en": section.name_en,
            "ko": section.name_ko,
            "questions": [_as_json(question) for question in section.questions.all()],
        }
        for section in sections
    ]


def _as_json(row: Question) -> Json:
    return {
        "code": row.code,
        "kind": row.kind,
        "en": row.label_en,
        "ko": row.label_ko,
        "help_en": row.help_en,
        "help_ko": row.help_ko,
        "options": row.options,
        "words": row.words,
        "least": None if row.least is None else str(row.least),
        "most": None if row.most is None else str(row.most),
        "rows": row.rows,
        "required": row.is_required,
        "if": [row.if_code, row.if_value] if row.if_code else None,
        "seen_by": sorted(row.seen_by),
        "personal": row.is_personal,
        "blind": row.is_blind,
        "frozen_on": row.frozen_on.isoformat() if row.frozen_on else None,
    }


def form_in_force(call: Call) -> FormVersion | None:
    """The latest version of the call's own questions; read once for a row of `call`."""
    if not hasattr(call, "form_now"):
        call.form_now = call.form_versions.order_by("-version").first()  # type: ignore[attr-defined]
    found: FormVersion | None = call.form_now  # type: ignore[attr-defined]
    return found


def asked_now(call: Call) -> list[AskedSection]:
    """The sections in force, without empty ones; nothing when the call has no questions of its own."""
    version = form_in_force(call)
    return [section for section in parsed(version.content) if section.questions] if version else []


def is_changed(call: Call) -> bool:
    """Whether what officers composed differs from what is in force."""
    version = form_in_force(call)
    now = composed(call)
    return now != version.content if version else bool(now)


def asked_of(application: Application) -> list[AskedSection]:
    """The questions as `application` was asked them: the version that it was written with, else the one in force."""
    version = form_in_force(application.call)
    if version is not None and application.form_version not in {None, version.version}:
        version = application.call.form_versions.get(version=application.form_version)
    return parsed(version.content) if version else []


def lacking_answers(application: Application) -> list[Asked]:
    """The questions in force that still want an answer, or another one."""
    return lacking(asked_now(application.call), application.answers)


def answers_for(application: Application, audience: str = "") -> list[AnsweredSection]:
    """What `application` answered, for `audience` (everything for the applicant herself), in the reader's language.

    Reviewers get neither blind questions nor words in an answer that tell what the law keeps from them.
    """
    found = []
    patterns = blind_patterns() if audience == Audience.REVIEWER else []
    asked = asked_of(application)
    files = _files_of(application, asked)
    for section in asked:
        shown = [question for question in section.questions if _is_for(question, audience, application.answers)]
        answers = [
            _answer(question, application.answers.get(question.code), patterns, files.get(question.code, ()))
            for question in shown
        ]
        if answers:
            found.append(AnsweredSection(section.title(_language()), answers))
    return found


def _is_for(question: Asked, audience: str, answers: Json) -> bool:
    if not question.is_asked(answers):
        return False
    if audience == Audience.REVIEWER and question.is_blind:
        return False
    return not audience or audience in question.seen_by


def _files_of(application: Application, asked: Iterable[AskedSection]) -> dict[str, tuple[Document, ...]]:
    """The files in force by their question; one query where a question is answered by a file."""
    if not any(question.kind == QuestionKind.FILE for question in questions_of(asked)):
        return {}
    rows = application.documents.filter(kind=DocumentKind.ANSWER, is_current=True).defer("text")
    return {row.question: (row,) for row in rows}


def _answer(question: Asked, value: Any, patterns: list[str], files: tuple[Document, ...] = ()) -> Answer:
    if question.kind == QuestionKind.FILE:
        return Answer(question.code, question.label(_language()), [], files)
    lines = question.said(value, _language())
    if isinstance(value, bool):
        lines = [_("Yes") if value else _("No")]
    return Answer(question.code, question.label(_language()), [redacted(line, patterns) for line in lines])


def blind_patterns() -> list[str]:
    """The patterns of words that reviewers must not read."""
    return list(BlindWord.objects.filter(is_active=True).values_list("pattern", flat=True))


def blinded(texts: Iterable[str]) -> list[str]:
    """`texts` as a reviewer may read them; one query."""
    patterns = blind_patterns()
    return [redacted(text, patterns) for text in texts]


def grounds_in(text: str) -> list[str]:
    """What a question with this text would tell that reviewers must not learn, in words."""
    rows = BlindWord.objects.filter(is_active=True)
    return sorted({str(row.get_ground_display()) for row in rows if redacted(text, [row.pattern]) != text})


def codes_in_force(call: Call) -> dict[str, str]:
    """The kind of each question in force, by its code."""
    return {question.code: question.kind for question in questions_of(asked_now(call))}
