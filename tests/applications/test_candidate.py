"""A lab reads its candidates whole, but not where she ranked it, her partner, reasons of breaks, others' answers."""

from typing import Any

from django.urls import reverse

from applications import actions
from tests.factories.applications import FormSectionFactory, QuestionFactory, ReferenceLetterFactory
from tests.factories.reviews import ConflictFactory


def page(row: Any) -> str:
    return reverse("applications:candidate", args=[row.key])


def test_a_lab_reads_its_candidate(
    client_of: Any, lab_head: Any, officer: Any, application: Any, call_lab: Any
) -> None:
    section = FormSectionFactory(call=application.call)
    QuestionFactory(section=section, code="plan", label_en="Asked for labs", seen_by=["lab"])
    QuestionFactory(section=section, code="money", label_en="Asked for officers", seen_by=["officer"])
    actions.put_form_in_force(application.call, by=officer)
    type(application).objects.filter(pk=application.pk).update(
        state="eligible", form_version=1, answers={"plan": "Said to labs", "money": "Said to officers"},
        lab_reasons={str(call_lab.pk): "Because of you", "999": "Because of them"}, partner_email="two@example.org",
        career_breaks=[{"reason": "illness", "from": "2022-01-01", "until": "2022-06-30"}],
    )  # fmt: skip
    ReferenceLetterFactory(
        application=application, state="received", text="A very good letter", referee_name="Prof Lee"
    )
    shown = client_of(lab_head).get(page(application)).content.decode()
    for words in ("Said to labs", "Because of you", "A very good letter", "months"):
        assert words in shown
    for words in ("Said to officers", "Because of them", "two@example.org", "Illness", "best first"):
        assert words not in shown


def test_nobody_else_reads_it(
    client_of: Any, lab_head: Any, other_lab_head: Any, stranger: Any, officer: Any, application: Any
) -> None:
    assert client_of(lab_head).get(page(application)).status_code == 404  # not eligible yet
    type(application).objects.filter(pk=application.pk).update(state="eligible")
    assert client_of(lab_head).get(page(application)).status_code == 200
    for user in (other_lab_head, stranger):
        assert client_of(user).get(page(application)).status_code == 404
    for user in (application.applicant, officer):
        assert client_of(user).get(page(application)).status_code == 403
    ConflictFactory(application=application, person=lab_head)
    assert client_of(lab_head).get(page(application)).status_code == 403
