"""Composing a call's own questions, putting them in force, copying last year's call."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.asked import CHOSEN
from applications.models import (
    BlindWord,
    Call,
    CallLab,
    EligibilityRule,
    FormSection,
    FormVersion,
    FreeMailDomain,
    Question,
)
from applications.queries.questions import codes_in_force, composed, form_in_force, grounds_in
from applications.states import Audience, CallState, QuestionKind, RuleKind
from common.audit import record
from common.gestures import action
from common.models import new_key
from common.refusals import Refusal
from common.states import lock
from people.models import User

MOVED_DAYS = ("opens_at", "closes_at", "letters_due_at", "reviews_due_at", "ranks_due_at", "decisions_on", "starts_on")
NOT_COPIED = frozenset({"id", "key", "code", "state", "published_at", "made_good_until"})


class CallStands(Refusal):
    words = _("The call is no longer open; what it said stands.")


class KindStands(Refusal):
    words = _("People answer this question already, so its kind and code stay. Ask another question instead.")


class QuestionTaken(Refusal):
    words = _("Another question has this code.")


class MustBeBlind(Refusal):
    words = _("This asks about %(what)s, which reviewers must not learn: keep it from them.")


class UnknownAnswer(Refusal):
    words = _("Nobody can answer so: the answers to that question are %(possible)s.")


class UnknownCondition(Refusal):
    words = _("No earlier question has this code.")


class NothingNew(Refusal):
    words = _("What is in force is just this; there is nothing to put in force.")


class CodeTaken(Refusal):
    words = _("Another call has this code.")


def _refuse_unless_composable(call: Call) -> None:
    lock(call)
    if call.state not in {CallState.DRAFT, CallState.PUBLISHED}:
        raise CallStands


@action
def save_form_section(section: FormSection, *, by: User) -> FormSection:
    """Write a heading of the form being composed."""
    _refuse_unless_composable(section.call)
    section.save()
    record("applications.form.section", section.call, by=by, after={"section": str(section), "place": section.position})
    return section


@action
def save_question(question: Question, *, by: User, was: str = "") -> Question:
    """Write a question of the form being composed; applicants meet it when the form is put in force.

    `was` is the code that it had. Refuses another kind or code for a question that people answer already, a condition
    on a question that does not exist, and showing reviewers what the law keeps from them.
    """
    call = question.call
    _refuse_unless_composable(call)
    known = codes_in_force(call)
    if was in known and (question.code != was or known[was] != question.kind):
        raise KindStands(field="kind")
    _refuse_idle_condition(question)
    _refuse_blind_leaks(question)
    if call.questions.filter(code=question.code).exclude(pk=question.pk).exists():
        raise QuestionTaken(field="code")
    question.save()
    record("applications.form.question", call, by=by, after={"code": question.code, "kind": question.kind})
    return question


def _refuse_idle_condition(question: Question) -> None:
    """A condition that could never hold: on a question that is not there, or an answer that nobody can give."""
    if not question.if_code:
        return
    earlier = question.call.questions.filter(code=question.if_code).exclude(pk=question.pk).first()
    if earlier is None:
        raise UnknownCondition(field="if_code")
    given = {str(option.get("value", "")) for option in earlier.options if isinstance(option, dict)}
    possible = {"yes", "no"} if earlier.kind == QuestionKind.YES_NO else given if earlier.kind in CHOSEN else set()
    if possible and question.if_value not in possible:
        raise UnknownAnswer(field="if_value", possible=", ".join(sorted(possible)))


def _refuse_blind_leaks(question: Question) -> None:
    told = {ground for text in (question.label_en, question.label_ko) for ground in grounds_in(text)}
    if told and (not question.is_blind or Audience.REVIEWER in question.seen_by):
        raise MustBeBlind(field="is_blind", what=", ".join(sorted(told)))


@action
def remove_question(question: Question, *, by: User) -> Call:
    """Ask it no longer; what was answered is kept with the applications."""
    call = question.call
    _refuse_unless_composable(call)
    record("applications.form.question_removed", call, by=by, before={"code": question.code, "kind": question.kind})
    question.delete()
    return call


@action
def remove_form_section(section: FormSection, *, by: User) -> Call:
    """Take a heading out, with its questions."""
    call = section.call
    _refuse_unless_composable(call)
    codes = list(section.questions.values_list("code", flat=True))
    record("applications.form.section_removed", call, by=by, before={"section": str(section), "codes": codes})
    section.delete()
    return call


@action
def save_rule(rule: EligibilityRule, *, by: User) -> EligibilityRule:
    """Write a demand of the call; it counts at once, for drafts and for officers."""
    _refuse_unless_composable(rule.call)
    if rule.kind == RuleKind.ANSWER and not rule.call.questions.filter(code=rule.question).exists():
        raise UnknownCondition(field="question")
    rule.save()
    after = {"kind": rule.kind, "values": rule.values, "until": rule.until, "is_allowed": rule.is_allowed}
    record("applications.rule.saved", rule.call, by=by, after={"rule": rule.label_en, **after})
    return rule


@action
def remove_rule(rule: EligibilityRule, *, by: User) -> Call:
    """The call no longer demands it."""
    call = rule.call
    _refuse_unless_composable(call)
    record("applications.rule.removed", call, by=by, before={"rule": rule.label_en, "kind": rule.kind})
    rule.delete()
    return call


@action
def put_form_in_force(call: Call, *, by: User) -> FormVersion:
    """Let applicants meet the form as it is composed now: a new version. Drafts keep every answer they have."""
    _refuse_unless_composable(call)
    content, last = composed(call), form_in_force(call)
    if last is not None and last.content == content:
        raise NothingNew
    version = FormVersion.objects.create(
        call=call, version=last.version + 1 if last else 1, content=content, made_by=by
    )
    call.form_now = version  # type: ignore[attr-defined]
    record("applications.form.in_force", call, by=by, after={"version": version.version})
    return version


@action
def copy_call(call: Call, code: str, *, by: User) -> Call:
    """A new call like `call`, a year later: its words, amounts, labs, and its own questions. Nothing is published."""
    values = {field.name: getattr(call, field.name) for field in Call._meta.concrete_fields}
    values = {name: value for name, value in values.items() if name not in NOT_COPIED}
    values |= {name: _a_year_later(values[name]) for name in MOVED_DAYS}
    try:
        with transaction.atomic():
            copied = Call.objects.create(**values, code=code, state=CallState.DRAFT)
    except IntegrityError:
        raise CodeTaken(field="code") from None
    rows = call.call_labs.filter(lab__is_active=True)
    CallLab.objects.bulk_create(
        CallLab(call=copied, lab_id=row.lab_id, seats_announced=row.seats_announced) for row in rows
    )
    for section in call.form_sections.prefetch_related("questions"):
        _copy_section(section, copied)
    for rule in call.eligibility_rules.all():
        rule.pk, rule.key, rule.call = None, new_key(), copied
        rule.until = _a_year_later(rule.until) if rule.until else None
        rule.save(force_insert=True)
    record("applications.call.copied", copied, by=by, after={"from": call.code})
    return copied


def _copy_section(section: FormSection, call: Call) -> None:
    questions = list(section.questions.all())
    copied = FormSection.objects.create(
        call=call, name_en=section.name_en, name_ko=section.name_ko, position=section.position
    )
    for question in questions:
        names = [field.name for field in Question._meta.concrete_fields]
        values = {name: getattr(question, name) for name in names if name not in {"id", "key", "section", "call"}}
        values["frozen_on"] = _a_year_later(question.frozen_on) if question.frozen_on else None
        Question.objects.create(section=copied, call=call, **values)


def _a_year_later(day: Any) -> Any:
    """The same day next year; 28 February for a leap day."""
    moment: date | datetime = timezone.localtime(day) if isinstance(day, datetime) else day
    try:
        return moment.replace(year=moment.year + 1)
    except ValueError:
        return moment.replace(year=moment.year + 1, day=28)


@action
def load_blind_words(rows: Iterable[Mapping[str, str]], *, by: User | None) -> int:
    """Words that come with the application; those that are there stay as they are. How many are new."""
    known = set(BlindWord.objects.values_list("pattern", flat=True))
    new = [BlindWord(ground=row["ground"], pattern=row["pattern"]) for row in rows if row["pattern"] not in known]
    BlindWord.objects.bulk_create(new)
    return len(new)


@action
def load_free_mail(domains: Iterable[str], *, by: User | None) -> int:
    """Free mail domains that come with the application; how many are new."""
    known = set(FreeMailDomain.objects.values_list("domain", flat=True))
    new = [FreeMailDomain(domain=domain) for domain in domains if domain not in known]
    FreeMailDomain.objects.bulk_create(new)
    return len(new)
