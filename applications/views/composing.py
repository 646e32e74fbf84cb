"""Officers compose what a call asks of its own: headings, questions, a preview, and putting it in force."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications import actions, queries
from applications.asked import parsed, questions_of
from applications.forms import CopyCallForm, FormSectionForm, PreviewForm, QuestionForm, RuleForm
from applications.models import Application, Call, EligibilityRule, FormSection, Question
from applications.states import QuestionKind
from common.access import for_object
from common.asking import attempt, status_of
from people.requests import SignedRequest


@for_object(Call, "applications.manage_calls")
def compose(request: SignedRequest, call: Call) -> HttpResponse:
    """The headings and questions of a call, and whether they are in force."""
    context = {
        "call": call,
        "sections": call.form_sections.prefetch_related("questions"),
        "version": queries.form_in_force(call),
        "is_changed": queries.is_changed(call),
        "rules": call.eligibility_rules.all(),
    }
    return render(request, "applications/form/compose.html", context)


@for_object(Call, "applications.manage_calls")
def section(request: SignedRequest, call: Call, pk: int = 0) -> HttpResponse:
    """Write a heading, a new one without `pk`."""
    row = get_object_or_404(call.form_sections, pk=pk) if pk else FormSection(call=call)
    if not pk:
        row.position = call.form_sections.count() + 1
    form = FormSectionForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.save_form_section(form.instance, by=request.user)):
            return redirect("applications:compose", key=call.key)
    context = {"form": form, "call": call, "section": row}
    return render(request, "applications/form/section.html", context, status=status_of(form))


@for_object(Call, "applications.manage_calls")
def question(request: SignedRequest, call: Call, question: str = "") -> HttpResponse:
    """Write a question, a new one without the key of one."""
    row = get_object_or_404(call.questions, key=question) if question else Question(call=call)
    was = row.code
    form = QuestionForm(request.POST or None, instance=row, call=call, initial=_placed(request, call, row))
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.save_question(form.instance, by=request.user, was=was)):
            return redirect("applications:compose", key=call.key)
    context = {"form": form, "call": call, "question": row}
    return render(request, "applications/form/question.html", context, status=status_of(form))


def _placed(request: SignedRequest, call: Call, row: Question) -> dict[str, Any]:
    """A new question stands last under the heading that the address names."""
    asked = request.GET.get("section", "")
    if row.pk or not asked.isdecimal() or len(asked) > 9:
        return {}
    section = call.form_sections.filter(pk=int(asked)).first()
    return {"section": section, "position": section.questions.count() + 1} if section else {}


@require_POST
@for_object(Call, "applications.manage_calls")
def remove(request: SignedRequest, call: Call, question: str) -> HttpResponse:
    """Take a question out."""
    actions.remove_question(get_object_or_404(call.questions, key=question), by=request.user)
    messages.success(request, _("Taken out."))
    return redirect("applications:compose", key=call.key)


@require_POST
@for_object(Call, "applications.manage_calls")
def remove_section(request: SignedRequest, call: Call, pk: int) -> HttpResponse:
    """Take a heading out, with its questions."""
    actions.remove_form_section(get_object_or_404(call.form_sections, pk=pk), by=request.user)
    messages.success(request, _("Taken out."))
    return redirect("applications:compose", key=call.key)


@require_POST
@for_object(Call, "applications.manage_calls")
def put_in_force(request: SignedRequest, call: Call) -> HttpResponse:
    """Applicants meet the form as it is composed now."""
    version = actions.put_form_in_force(call, by=request.user)
    messages.success(request, _("Version %(number)s is in force.") % {"number": version.version})
    return redirect("applications:compose", key=call.key)


@for_object(Call, "applications.manage_calls")
def preview(request: SignedRequest, call: Call) -> HttpResponse:
    """The form as an applicant would meet it; nothing is kept."""
    asked = [section for section in parsed(queries.composed(call)) if section.questions]
    nobody = Application(call=call, applicant_id=request.user.pk, key="preview")
    form = PreviewForm(request.POST or None, instance=nobody, asked=asked)
    is_tried = request.method == "POST" and form.is_valid()
    files = [each.label(get_language() or "en") for each in questions_of(asked) if each.kind == QuestionKind.FILE]
    context = {"form": form, "call": call, "asked": asked, "is_tried": is_tried, "files": files}
    return render(request, "applications/form/preview.html", context, status=status_of(form))


@for_object(Call, "applications.manage_calls")
def rule(request: SignedRequest, call: Call, rule: str = "") -> HttpResponse:
    """Write a demand of the call, a new one without the key of one."""
    row = get_object_or_404(call.eligibility_rules, key=rule) if rule else EligibilityRule(call=call)
    form = RuleForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.save_rule(form.instance, by=request.user)):
            return redirect("applications:compose", key=call.key)
    context = {"form": form, "call": call, "rule": row}
    return render(request, "applications/form/rule.html", context, status=status_of(form))


@require_POST
@for_object(Call, "applications.manage_calls")
def remove_rule(request: SignedRequest, call: Call, rule: str) -> HttpResponse:
    """The call no longer demands it."""
    actions.remove_rule(get_object_or_404(call.eligibility_rules, key=rule), by=request.user)
    messages.success(request, _("Taken out."))
    return redirect("applications:compose", key=call.key)


@for_object(Call, "applications.manage_calls")
def copy(request: SignedRequest, call: Call) -> HttpResponse:
    """A new call like this one, a year later."""
    form = CopyCallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        copied = attempt(form, lambda: actions.copy_call(call, form.cleaned_data["code"], by=request.user))
        if copied:
            messages.success(request, _("Copied. Look through its days before you publish it."))
            return redirect("applications:edit_call", key=copied.key)
    return render(request, "applications/form/copy.html", {"form": form, "call": call}, status=status_of(form))
