"""A call's own questions: composed, put in force, answered, changed under a draft, blind before reviewers."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from applications import actions, queries
from applications.actions.questions import UnknownAnswer
from applications.actions.submitting import canonical
from applications.asked import Asked, Option, lacking, parsed
from applications.blind import BAR, is_pattern, redacted
from applications.forms import QuestionForm, QuestionsForm
from applications.models import Application, BlindWord, Call, FormVersion, Question
from applications.states import ApplicationState, Audience, CallState, QuestionKind
from common.models import AuditEntry
from innocore.reference import _read
from tests.factories.applications import QuestionFactory


def page(name: str, row: Any, **more: Any) -> str:
    return reverse(f"applications:{name}", kwargs={"key": row.key, **more})


OPTIONS = [{"value": "a", "en": "Apple", "ko": "사과"}, {"value": "b", "en": "Pear", "ko": "배"}]
MADE: list[tuple[str, dict[str, Any], dict[str, Any], Any]] = [
    ("short", {}, {"answer_short": " word "}, "word"),
    ("long", {"words": 3}, {"answer_long": "one two\r\nthree"}, "one two\nthree"),
    ("choice", {"options": OPTIONS}, {"answer_choice": "b"}, "b"),
    ("choices", {"options": OPTIONS}, {"answer_choices": ["a", "b"]}, ["a", "b"]),
    ("yes_no", {}, {"answer_yes_no": "no"}, False),
    ("number", {"least": 1, "most": 9}, {"answer_number": "2.50"}, "2.50"),
    ("date", {}, {"answer_date": "2026-02-28"}, "2026-02-28"),
    ("country", {}, {"answer_country": "VN"}, "VN"),
    (
        "table",
        {"options": OPTIONS, "rows": 3},
        {"answer_table-0-0": "x", "answer_table-0-1": "", "answer_table-2-1": "y"},
        [["x", ""], ["", "y"]],
    ),
]


@pytest.fixture
def asked_call(call: Any, officer: Any) -> Any:
    """A call that asks one question of each kind, in force."""
    for kind, more, _data, _kept in MADE:
        QuestionFactory(section__call=call, code=kind, kind=kind, **more)
    actions.put_form_in_force(call, by=officer)
    return call


def test_each_kind_of_answer_is_kept_and_shown_again(client_of: Any, draft: Any, asked_call: Any) -> None:
    signed, url = client_of(draft.applicant), page("section", draft, section="questions")
    assert signed.get(url).status_code == 200
    data: dict[str, Any] = {name: value for _kind, _more, sent, _kept in MADE for name, value in sent.items()}
    assert signed.post(url, data).status_code == 302
    draft.refresh_from_db()
    assert draft.answers == {kind: kept for kind, _more, _sent, kept in MADE}
    assert draft.form_version == 1
    form = signed.get(url).context["form"]
    assert form["answer_yes_no"].value() == "no"
    again = signed.post(url, {**data, "version": form["version"].value()})
    assert again.status_code == 302
    assert Application.objects.get(pk=draft.pk).answers == draft.answers
    with translation.override("ko"):
        said = {answer.code: answer.lines for part in queries.answers_for(draft) for answer in part.answers}
    assert said["choices"] == ["사과", "배"]
    assert said["table"] == ["x", "y"]
    assert said["yes_no"] == ["아니요"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"answer_long": "one two three four"}, "4 words long"),
        ({"answer_choice": "zzz"}, "valid choice"),
        ({"answer_number": "10"}, "less than or equal"),
        ({"answer_number": "NaN"}, "Enter a number"),
        ({"answer_date": "31.02.2026"}, "valid date"),
        ({"answer_country": "XX"}, "valid choice"),
        ({"answer_choices": ["a", "z"]}, "valid choice"),
        ({"answer_short": "x" * 501}, "500 characters"),
    ],
)
def test_what_does_not_fit_is_said_beside_it(
    client_of: Any, draft: Any, asked_call: Any, data: dict[str, Any], says: str
) -> None:
    answer = client_of(draft.applicant).post(page("section", draft, section="questions"), data)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    kept = client_of(draft.applicant).post(page("autosave", draft, section="questions"), {**data, "answer_short": "y"})
    assert kept.status_code == 200


def test_a_required_answer_keeps_from_submitting_only_when_it_is_asked(
    client_of: Any, draft: Any, call: Any, officer: Any
) -> None:
    QuestionFactory(section__call=call, code="abroad", kind="yes_no", label_en="Do you live abroad?")
    QuestionFactory(section__call=call, code="visa", is_required=True, if_code="abroad", if_value="yes")
    actions.put_form_in_force(call, by=officer)
    assert queries.gaps(draft) == []
    draft.answers = {"abroad": True}
    assert [gap.field for gap in queries.gaps(draft)] == ["answer_visa"]
    draft.answers = {"abroad": True, "visa": "E-3"}
    draft.save()
    sent = actions.submit(Application.objects.get(pk=draft.pk), by=draft.applicant)
    own = sent.submissions.get().content["own_questions"]
    assert own == {"version": 1, "answers": {"abroad": True, "visa": "E-3"}}
    assert b'"own_questions"' in canonical(sent.submissions.get().content)


def test_a_changed_form_loses_nothing_and_every_version_can_be_shown(
    draft: Any, call: Any, officer: Any, client_of: Any
) -> None:
    fruit = QuestionFactory(section__call=call, code="fruit", kind="choice", options=OPTIONS, label_en="Which fruit?")
    old = QuestionFactory(section=fruit.section, call=call, code="old", label_en="An old question")
    actions.put_form_in_force(call, by=officer)
    signed = client_of(draft.applicant)
    signed.post(page("section", draft, section="questions"), {"answer_fruit": "a", "answer_old": "kept"})
    draft.refresh_from_db()
    sent = actions.submit(draft, by=draft.applicant)
    fruit.options, fruit.label_en = OPTIONS[1:], "Which one?"
    actions.save_question(fruit, by=officer, was="fruit")
    actions.remove_question(old, by=officer)
    assert actions.put_form_in_force(Call.objects.get(pk=call.pk), by=officer).version == 2
    sent = Application.objects.get(pk=sent.pk)
    assert [answer.label for part in queries.answers_for(sent) for answer in part.answers] == [
        "Which fruit?",
        "An old question",
    ]
    reopened = actions.reopen(sent, by=draft.applicant)
    assert [gap.words for gap in queries.gaps(reopened)] == ["Answer once more, the question has changed: Which one?"]
    signed.post(page("section", draft, section="questions"), {"version": "answer_fruit=x", "answer_fruit": ""})
    assert Application.objects.get(pk=sent.pk).answers == {"fruit": "a", "old": "kept"}
    restored = actions.restore_last_version(Application.objects.get(pk=sent.pk), by=None)
    assert (restored.form_version, restored.answers) == (1, {"fruit": "a", "old": "kept"})
    assert restored.state == ApplicationState.SUBMITTED


def test_a_version_in_force_cannot_be_changed(call: Any, officer: Any) -> None:
    QuestionFactory(section__call=call)
    version = actions.put_form_in_force(call, by=officer)
    with pytest.raises(actions.questions.NothingNew):
        actions.put_form_in_force(call, by=officer)
    version.content = []
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        version.save()
    assert FormVersion.objects.get().content


def test_publishing_puts_the_questions_in_force(call: Any, officer: Any, call_lab: Any) -> None:
    call.state, call.text_en, call.text_ko = CallState.DRAFT, "Words", "글"
    call.starts_on = (timezone.now() + timedelta(days=400)).date()
    call.save()
    QuestionFactory(section__call=call, code="why")
    actions.publish_call(call, by=officer)
    assert FormVersion.objects.get(call=call).version == 1


def test_what_people_answer_keeps_its_kind_and_code(call: Any, officer: Any) -> None:
    question = QuestionFactory(section__call=call, code="why")
    actions.put_form_in_force(call, by=officer)
    question.kind = QuestionKind.LONG
    with pytest.raises(actions.questions.KindStands):
        actions.save_question(question, by=officer, was="why")
    question.kind, question.code = QuestionKind.SHORT, "because"
    with pytest.raises(actions.questions.KindStands):
        actions.save_question(question, by=officer, was="why")
    question.code, question.if_code = "why", "nothing"
    with pytest.raises(actions.questions.UnknownCondition):
        actions.save_question(question, by=officer, was="why")
    call.state = CallState.REVIEW
    call.save()
    with pytest.raises(actions.questions.CallStands):
        actions.save_question(question, by=officer, was="why")


@pytest.fixture
def blind_words(db: None) -> None:
    actions.load_blind_words(_read("applications", "data", "blind-words.toml")["word"], by=None)


@pytest.mark.parametrize(
    ("label_en", "label_ko", "what"),
    [
        ("Date of birth", "생일", "Age"),
        ("Your sex", "기타", "Sex"),
        ("Papers", "가족 관계", "Family"),
        ("Photo", "자료", "Appearance"),
    ],
)
def test_what_the_law_keeps_from_reviewers_must_be_blind(
    call: Any, officer: Any, blind_words: None, label_en: str, label_ko: str, what: str
) -> None:
    question = QuestionFactory.build(section=None, call=call, label_en=label_en, label_ko=label_ko)
    question.section = QuestionFactory(section__call=call).section
    with pytest.raises(actions.questions.MustBeBlind) as refused:
        actions.save_question(question, by=officer)
    assert what in str(refused.value)
    question.is_blind, question.seen_by = True, [Audience.OFFICER]
    assert actions.save_question(question, by=officer).pk


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Born on 3 May 1991 in Hanoi", "Hanoi"),
        ("생년월일: 1991년 5월 3일 / 논문 3편", "논문 3편"),
        ("I am married and work on proteins", "work on proteins"),
        ("성별: 여성, 연구 분야", "연구 분야"),
        ("키 172cm", ""),
        ("Marital status: single.\nMy plan", "My plan"),
    ],
)
def test_pasted_fields_are_barred(blind_words: None, text: str, kept: str) -> None:
    found = queries.blinded([text])[0]
    assert BAR in found
    assert kept in found
    assert "1991" not in found


def test_ordinary_sentences_stay(blind_words: None) -> None:
    text = "We model ageing cells; sex differences in mice; the height of the barrier is 3 eV. 키워드: 신장 질환 모델"
    assert queries.blinded([text]) == [text]
    assert redacted("x", []) == "x"
    assert (is_pattern("a+"), is_pattern("("), is_pattern("a*")) == (True, False, False)


def test_a_reviewers_answers_cost_the_same_for_one_and_for_many(
    draft: Any, call: Any, officer: Any, django_assert_num_queries: Any
) -> None:
    section = QuestionFactory(section__call=call).section
    for number in (1, 9):
        for _n in range(number):
            QuestionFactory(section=section)
        actions.put_form_in_force(Call.objects.get(pk=call.pk), by=officer)
        row = Application.objects.select_related("call").get(pk=draft.pk)
        with django_assert_num_queries(2):
            queries.answers_for(row, Audience.REVIEWER)


def test_who_reads_an_answer(draft: Any, call: Any, officer: Any, blind_words: None) -> None:
    QuestionFactory(section__call=call, code="open")
    QuestionFactory(section__call=call, code="secret", is_blind=True, seen_by=[Audience.OFFICER])
    QuestionFactory(section__call=call, code="labs", seen_by=[Audience.LAB])
    actions.put_form_in_force(call, by=officer)
    draft.answers = {"open": "I am male. Proteins.", "secret": "x", "labs": "y"}

    def codes(audience: str) -> list[str]:
        return [answer.code for part in queries.answers_for(draft, audience) for answer in part.answers]

    assert codes("") == ["open", "secret", "labs"]
    assert codes(Audience.OFFICER) == ["open", "secret"]
    assert codes(Audience.LAB) == ["open", "labs"]
    assert codes(Audience.REVIEWER) == ["open"]
    assert queries.answers_for(draft, Audience.REVIEWER)[0].answers[0].lines == [f"{BAR}. Proteins."]


def test_the_database_keeps_blind_questions_from_reviewers(call: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        QuestionFactory(section__call=call, is_blind=True, seen_by=[Audience.REVIEWER])
    with pytest.raises(IntegrityError), transaction.atomic():
        QuestionFactory(section__call=call, kind="number", least=3, most=1)


def test_a_frozen_question_is_shown_and_not_written(client_of: Any, draft: Any, call: Any, officer: Any) -> None:
    QuestionFactory(section__call=call, code="fixed", frozen_on=timezone.localdate())
    actions.put_form_in_force(call, by=officer)
    draft.answers = {"fixed": "before"}
    draft.save()
    url = page("section", draft, section="questions")
    assert b"can no longer be changed" in client_of(draft.applicant).get(url).content
    client_of(draft.applicant).post(url, {"answer_fixed": "after"})
    assert Application.objects.get(pk=draft.pk).answers == {"fixed": "before"}


def test_two_windows_merge_answers_by_field(client_of: Any, draft: Any, asked_call: Any) -> None:
    signed, url = client_of(draft.applicant), page("autosave", draft, section="questions")
    shown = signed.get(page("section", draft, section="questions")).context["form"]["version"].value()
    assert signed.post(url, {"version": shown, "answer_short": "one", "answer_long": ""}).status_code == 200
    other = signed.post(url, {"version": shown, "answer_short": "", "answer_long": "two"})
    assert other.status_code == 200
    draft.refresh_from_db()
    assert (draft.answers["short"], draft.answers["long"]) == ("one", "two")
    clash = signed.post(url, {"version": shown, "answer_short": "three"})
    assert clash.status_code == 409
    assert "Changed in another window" in clash.json()["words"]


def test_without_questions_there_is_no_such_step(client_of: Any, draft: Any) -> None:
    signed = client_of(draft.applicant)
    url = page("section", draft, section="questions")
    assert signed.get(url)["Location"] == page("section", draft, section="documents")
    assert "Questions of this call" not in signed.get(page("section", draft, section="labs")).content.decode()


def test_an_officer_composes_previews_and_puts_in_force(client_of: Any, officer: Any, call: Any) -> None:
    signed = client_of(officer)
    assert signed.get(page("compose", call)).status_code == 200
    assert signed.get(page("form_section", call)).context["form"].initial["position"] == 1
    signed.post(page("form_section", call), {"name_en": "Plans", "name_ko": "계획", "position": 1})
    section = call.form_sections.get()
    assert signed.get(f"{page('form_question', call)}?section={section.pk}").context["form"].initial["position"] == 1
    data = {
        "section": section.pk, "code": "fruit", "kind": "choice", "label_en": "Which fruit?", "label_ko": "과일",
        "options": "a | Apple | 사과\nb | Pear | 배", "seen_by": ["officer"], "position": 1,
    }  # fmt: skip
    wrong = signed.post(page("form_question", call), {**data, "options": "apple"})
    assert "value | English | Korean" in wrong.content.decode()
    assert signed.post(page("form_question", call), data)["Location"] == page("compose", call)
    question = call.questions.get()
    assert question.options == OPTIONS
    edited = page("form_question_edit", call, question=question.key)
    assert "a | Apple | 사과" in signed.get(edited).content.decode()
    assert signed.post(edited, {**data, "words": 5}).status_code == 302
    preview = signed.post(page("form_preview", call), {"answer_fruit": "b"})
    assert preview.context["is_tried"] is True
    assert "Put it in force" in signed.get(page("compose", call)).content.decode()
    assert signed.post(page("form_in_force", call)).status_code == 302
    assert "Put it in force" not in signed.get(page("compose", call)).content.decode()
    assert signed.post(page("form_question_remove", call, question=question.key)).status_code == 302
    changed = page("form_section_edit", call, pk=section.pk)
    assert signed.post(changed, {"name_en": "Plan", "name_ko": "계획", "position": 2}).status_code == 302
    assert signed.post(page("form_section_remove", call, pk=section.pk)).status_code == 302
    assert not call.form_sections.exists()
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {f"applications.form.{v}" for v in ("section", "question", "in_force", "question_removed")} <= verbs


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "choice", "options": ""}, "options"),
        ({"kind": "choice", "options": "a|A|A\na|B|B"}, "options"),
        ({"is_blind": "on", "seen_by": ["reviewer"]}, "seen_by"),
        ({"least": "5", "most": "1"}, "most"),
        ({"if_code": "x"}, "if_value"),
        ({"code": "Big Code"}, "code"),
        ({"code": "taken"}, "code"),
    ],
)
def test_a_question_that_cannot_be_says_why(call: Any, change: dict[str, Any], field: str) -> None:
    taken = QuestionFactory(section__call=call, code="taken")
    data = {
        "section": taken.section.pk, "code": "fine", "kind": "short", "label_en": "A", "label_ko": "가",
        "position": 1, "seen_by": ["officer"],
    }  # fmt: skip
    assert QuestionForm(data, call=call, instance=Question(call=call)).is_valid()
    form = QuestionForm({**data, **change}, call=call, instance=Question(call=call))
    assert not form.is_valid()
    assert field in form.errors


def test_a_call_is_copied_with_its_labs_and_questions_a_year_later(
    client_of: Any, officer: Any, call: Any, call_lab: Any
) -> None:
    QuestionFactory(section__call=call, code="why", frozen_on=timezone.localdate())
    signed = client_of(officer)
    assert signed.get(page("copy_call", call)).status_code == 200
    assert "Another call has this code" in signed.post(page("copy_call", call), {"code": call.code}).content.decode()
    answer = signed.post(page("copy_call", call), {"code": "next-year"})
    copied = Call.objects.get(code="next-year")
    assert answer["Location"] == page("edit_call", copied)
    assert (copied.state, copied.published_at) == (CallState.DRAFT, None)
    assert copied.closes_at.year == call.closes_at.year + 1
    assert copied.call_labs.get().lab == call_lab.lab
    assert copied.questions.get().code == "why"
    assert copied.questions.get().section.call == copied


@pytest.mark.parametrize("name", ["compose", "form_section", "form_question", "form_preview", "copy_call"])
def test_composing_is_for_officers(client_of: Any, applicant: Any, call: Any, name: str) -> None:
    assert client_of(applicant).get(page(name, call)).status_code == 403


def test_answers_held_against_questions() -> None:
    number = Asked("n", "number", "N", "엔", least=Decimal(1), required=True)
    pick = Asked("p", "choices", "P", "피", options=(Option("a", "A", "가"),), condition=("n", "3"))
    text = Asked("t", "yes_no", "T", "티")
    assert [number.fits(value) for value in ("1", "0", "x", None)] == [True, False, False, True]
    assert [pick.fits(value) for value in (["a"], ["b"], "a", [])] == [True, False, False, True]
    assert [text.fits(value) for value in (True, "yes")] == [True, False]
    sections = parsed([{"en": "S", "ko": "에스", "questions": []}])
    assert lacking(sections, {}) == []
    assert sections[0].title("ko") == "에스"
    assert pick.is_asked({"n": "3"})
    assert not pick.is_asked({})
    assert pick.said(["a", "gone"], "ko") == ["가", "gone"]
    assert QuestionsForm.section == "questions"
    assert BlindWord(ground="sex", pattern="x").get_ground_display() == "Sex"


def test_a_condition_that_nobody_can_meet_is_refused(call: Any, officer: Any) -> None:
    Call.objects.filter(pk=call.pk).update(state=CallState.DRAFT)
    call.refresh_from_db()
    options = [{"value": "ai", "en": "AI", "ko": "AI"}, {"value": "bio", "en": "Bio", "ko": "바이오"}]
    first = QuestionFactory(section__call=call, code="field", kind="choice", options=options)
    later = QuestionFactory.build(section=first.section, call=call, code="why", kind="long")
    later.if_code, later.if_value = "field", "chem"
    with pytest.raises(UnknownAnswer, match="ai, bio"):
        actions.save_question(later, by=officer)
    later.if_value = "bio"
    assert actions.save_question(later, by=officer).pk
