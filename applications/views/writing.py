"""An applicant's pages: her applications, one of them, its sections with autosave, submitting, receipt, withdrawing."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications import actions, orcid, queries
from applications.actions import Incomplete, Saved
from applications.asked import questions_of
from applications.forms import (
    SECTION_FORMS,
    DocumentForm,
    LabsForm,
    PublicationForm,
    PublicationsForm,
    QuestionsForm,
    RefereeForm,
    SectionForm,
    StartForm,
    WithdrawForm,
    rearranged,
)
from applications.models import Application
from applications.publications import KINDS, shown
from applications.states import FIXED_KINDS, DocumentKind, QuestionKind, Section
from common.access import for_object, signed_in
from common.address import address_of
from common.asking import attempt, status_of
from common.pdf import render_pdf
from common.refusals import Refusal
from common.when import instant_words
from people.models import ConsentText
from people.queries import consent_text
from people.requests import SignedRequest
from people.states import ConsentPurpose

ASKED_FOR = (ConsentPurpose.APPLICATION, ConsentPurpose.THIRD_PARTY, ConsentPurpose.ABROAD)
PRESSED = ("add", "remove", "move")
# sections whose answers decide whether she is eligible
TELLING = (Section.ABOUT, Section.DOCTORATE, Section.RESEARCH, Section.QUESTIONS)


@signed_in("her own applications")
def mine(request: SignedRequest) -> HttpResponse:
    """All her applications."""
    rows = Application.objects.filter(applicant=request.user.pk).select_related("call").order_by("-started_at")[:50]
    return render(request, "applications/mine.html", {"applications": rows})


def consent_texts() -> list[ConsentText]:
    """The texts that an applicant is asked about."""
    return [consent_text(purpose) for purpose in ASKED_FOR]


@signed_in("she starts her own application")
def start(request: SignedRequest, key: str) -> HttpResponse:
    """Consent, and begin; an application that stands already is opened."""
    call = get_object_or_404(queries.calls_visible_to(request.user), key=key)
    form = StartForm(request.POST or None, texts=consent_texts())
    if request.method == "POST" and form.is_valid():
        arrived = {name: request.session.get(f"arrived_by_{name}", "") for name in ("channel", "campaign")}
        started = attempt(form, lambda: actions.start(call, by=request.user, texts=form.given(), **arrived))
        if started:
            return redirect("applications:section", key=started.key, section=Section.ABOUT)
    return render(request, "applications/start.html", {"form": form, "call": call}, status=status_of(form))


@for_object(Application, "applications.view_application")
def application(request: SignedRequest, application: Application) -> HttpResponse:
    """Where her application stands, what is missing, what comes next. Officers go to the screening page."""
    if application.applicant_id != request.user.pk:
        to_screen = request.user.has_perm("applications.screen", application)
        return redirect("applications:dossier" if to_screen else "applications:candidate", key=application.key)
    found = queries.gaps(application) if application.is_editable else []
    context = {
        "application": application,
        "gaps": found,
        "correction": application.corrections.filter(state="asked", until__gte=timezone.now()).first(),
        "steps": queries.steps(application, found) if application.is_editable else [],
        "labs": queries.labs_ranked(application),
        "letters": queries.letters_of(application),
        "receipt": queries.receipt_of(application),
        "documents": application.documents.filter(is_current=True).defer("text").order_by("kind"),
        "events": queries.timeline_of(application),
    }
    return render(request, "applications/application.html", context)


def section_form(application: Application, section: str, data: Any = None) -> SectionForm | None:
    """The form of one section; None for sections that have none."""
    if section == Section.QUESTIONS:
        return QuestionsForm(data, instance=application, asked=queries.asked_now(application.call))
    form_class = SECTION_FORMS.get(section)
    if form_class is None:
        return None
    more = {"offered": list(queries.call_labs_of(application.call))} if issubclass(form_class, LabsForm) else {}
    return form_class(data, instance=application, **more)


@for_object(Application, "applications.edit_application")
def section(request: SignedRequest, application: Application, section: str) -> HttpResponse:
    """One section of the draft."""
    if section not in Section.values or not application.is_editable:
        return redirect("applications:application", key=application.key)
    if section == Section.QUESTIONS and not queries.asked_now(application.call):
        return redirect("applications:section", key=application.key, section=Section.DOCUMENTS)
    data = request.POST.copy() if request.method == "POST" else None
    pressed = {name: str(data[name]) for name in PRESSED if data is not None and name in data}
    if data is not None and pressed:
        data.setlist("ranked_labs", rearranged(data.getlist("ranked_labs"), pressed))
    form = section_form(application, section, data)
    if data is not None and form is not None and form.is_valid():
        saved = attempt(form, lambda: actions.save_section(application, form.values(), _version(form), by=request.user))
        if saved and not _conflicted(form, saved):
            goes_to = section if pressed else Section(section).following
            return redirect("applications:section", key=application.key, section=goes_to)
    return show_section(request, application, section, form)


def _version(form: SectionForm) -> str:
    return str(form.cleaned_data.get("version", ""))


def _conflicted(form: SectionForm, saved: Saved) -> bool:
    """Say beside each field that it was changed in another window; sent once more, what stands here is written."""
    for name in saved.merged.conflicts:
        words = _("This was changed in another window. Send once more to keep what stands here.")
        form.add_error(name, words)
    if saved.merged.conflicts:
        form.show_version(saved.merged.insisting)
    return bool(saved.merged.conflicts)


def show_section(
    request: HttpRequest, application: Application, section: str, form: SectionForm | None, **more: Any
) -> HttpResponse:
    """A section's page; `more` goes into its context."""
    found = queries.gaps(application)
    context: dict[str, Any] = {
        "application": application,
        "section": Section(section),
        "steps": queries.steps(application, found, section),
        "gaps": [gap for gap in found if section == Section.REVIEW or gap.section == section],
        "form": form,
        "has_orcid": orcid.is_configured(),
        "findings": queries.eligibility_now(application) if section in TELLING else [],
        "status": status_of(form) if form is not None else 200,
        **_of_section(application, section, form),
        **more,
    }
    return render(request, f"applications/sections/{_template(section)}.html", context, status=context["status"])


def _template(section: str) -> str:
    return "fields" if section in {Section.ABOUT, Section.DOCTORATE, Section.RESEARCH} else section


def _of_section(application: Application, section: str, form: SectionForm | None) -> dict[str, Any]:
    if isinstance(form, LabsForm):
        chosen = form.order()
        left = [row for row in form.offered.values() if row not in chosen]
        items = [{"id": row.pk, "label": row.lab.name, "words": str(row.lab.institute)} for row in chosen]
        reasons = [(row, form.reason_for(row)) for row in chosen]
        return {"items": items, "left": left, "reasons": reasons}
    if section == Section.QUESTIONS:
        return {"slots": answer_slots(application)}
    if section == Section.PUBLICATIONS:
        forms = {"import_form": PublicationsForm(), "publication_form": PublicationForm()}
        return {"publications": shown(application.publications), "kinds": dict(KINDS), **forms}
    if section == Section.DOCUMENTS:
        return {"slots": slots(application)}
    if section == Section.REFEREES:
        return {"letters": queries.letters_of(application), "referee_form": RefereeForm()}
    if section == Section.REVIEW:
        return {"dossier": queries.dossier(application)}
    return {}


def slots(application: Application, sent: DocumentForm | None = None) -> list[dict[str, Any]]:
    """A place for each kind of document: what is there, and the form for another; `sent` is shown with its errors."""
    rows = application.documents.filter(is_current=True).defer("text")
    present = {row.kind: row for row in rows}
    sent_kind = sent.data.get("kind") if sent is not None else None
    takes_images = application.call.allows_images
    return [
        {
            "kind": kind,
            "label": kind.label,
            "is_needed": kind == DocumentKind.CV,
            "document": present.get(kind),
            "form": sent if kind == sent_kind else DocumentForm(for_kind=kind, takes_images=takes_images),
        }
        for kind in FIXED_KINDS
    ]


def answer_slots(application: Application, sent: DocumentForm | None = None) -> list[dict[str, Any]]:
    """A place for each question that is answered by a file."""
    language = get_language() or "en"
    rows = application.documents.filter(is_current=True, kind=DocumentKind.ANSWER).defer("text")
    present = {row.question: row for row in rows}
    sent_question = sent.data.get("question") if sent is not None else None
    return [
        {
            "kind": f"answer_{asked.code}",
            "label": asked.label(language),
            "help": asked.help(language),
            "is_needed": asked.required,
            "document": present.get(asked.code),
            "form": sent
            if asked.code == sent_question
            else DocumentForm(
                for_kind=DocumentKind.ANSWER, question=asked.code, takes_images=application.call.allows_images
            ),
        }
        for asked in questions_of(queries.asked_now(application.call))
        if asked.kind == QuestionKind.FILE and asked.is_asked(application.answers)
    ]


@require_POST
@for_object(Application, "applications.edit_application")
def autosave(request: SignedRequest, application: Application, section: str) -> JsonResponse:
    """Keep what is typed; say in words that it is kept, or why not."""
    form = section_form(application, section, request.POST)
    if form is None:
        return JsonResponse({"words": _("Nothing is saved by itself here.")}, status=404)
    form.is_valid()
    try:
        saved = actions.save_section(application, form.values(), request.POST.get("version", ""), by=request.user)
    except Refusal as refusal:
        return JsonResponse({"words": str(refusal)}, status=409)
    if saved.merged.conflicts:
        names = ", ".join(str(form.label_of(name)) for name in saved.merged.conflicts)
        words = _("Changed in another window and not saved here: %(fields)s.") % {"fields": names}
        return JsonResponse({"words": words, "version": saved.merged.version}, status=409)
    words = _("Saved at %(at)s.") % {"at": instant_words(saved.at, request.user.timezone)}
    if form.errors:
        wrong = ", ".join(str(form.label_of(name)) for name in form.errors if name in form.fields)
        words = _("Saved, except what does not fit yet: %(fields)s.") % {"fields": wrong}
    standing = ""
    if section in TELLING:
        context = {"findings": queries.eligibility_now(application)}
        standing = render_to_string("applications/_standing.html", context)
    return JsonResponse({"words": words, "version": saved.merged.version, "standing": standing})


@require_POST
@for_object(Application, "applications.edit_application")
def submit(request: SignedRequest, application: Application) -> HttpResponse:
    """Submit; what is missing is listed with the way to each place."""
    try:
        actions.submit(application, by=request.user, address=address_of(request))
    except Incomplete as refusal:
        messages.error(request, str(refusal))
        return redirect("applications:section", key=application.key, section=Section.REVIEW)
    messages.success(request, _("Your application is submitted. Keep your receipt."))
    return redirect("applications:receipt", key=application.key)


@require_POST
@for_object(Application, "applications.edit_application")
def reopen(request: SignedRequest, application: Application) -> HttpResponse:
    """Change a submitted application; the submitted version stands until another one is submitted."""
    actions.reopen(application, by=request.user)
    messages.success(request, _("You can change your application. Submit it again before the deadline."))
    return redirect("applications:section", key=application.key, section=Section.ABOUT)


@for_object(Application, "applications.edit_application")
def withdraw(request: SignedRequest, application: Application) -> HttpResponse:
    """Take the application back."""
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.withdraw(application, by=request.user, reason=reason)):
            messages.success(request, _("Your application is withdrawn."))
            return redirect("applications:application", key=application.key)
    context = {"form": form, "application": application}
    return render(request, "applications/withdraw.html", context, status=status_of(form))


@for_object(Application, "applications.edit_application")
def receipt(request: HttpRequest, application: Application) -> HttpResponse:
    """The receipt of the last submitted version."""
    found = queries.receipt_of(application)
    if found is None:
        return redirect("applications:application", key=application.key)
    return render(request, "applications/receipt.html", {"application": application, "receipt": found})


@for_object(Application, "applications.edit_application")
def receipt_pdf(request: HttpRequest, application: Application) -> HttpResponse:
    """The receipt as a PDF."""
    found = queries.receipt_of(application)
    if found is None:
        return redirect("applications:application", key=application.key)
    facts = [
        [_("Call"), application.call.name],
        [_("Number"), found.number],
        [_("Version"), str(found.version)],
        [_("Applicant"), application.name],
        [_("Submitted"), instant_words(found.submitted_at)],
        [_("Check code"), found.sha256],
    ]
    labs = [row.lab.name for row in queries.labs_ranked(application)]
    data = {
        "title": _("Receipt of an application"),
        "lang": (get_language() or "en")[:2],
        "programme": application.call.programme.name,
        "reference": found.number,
        "facts": facts,
        "lists": [{"title": _("Labs, best first"), "items": labs}],
        "closing": _("Anybody can verify number and check code at %(url)s.")
        % {"url": request.build_absolute_uri(reverse("applications:verify"))},
    }
    response = HttpResponse(render_pdf("receipt", data), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="receipt-{found.number}.pdf"'
    return response


@signed_in("all that is kept about her")
def my_data(request: SignedRequest) -> FileResponse:
    """Everything that is kept about her, as a ZIP."""
    response = FileResponse(queries.everything_of(request.user), as_attachment=True, filename="innocore-my-data.zip")
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@for_object(Application, "applications.edit_application")
def erase(request: SignedRequest, application: Application) -> HttpResponse:
    """Delete a draft that was never submitted."""
    actions.erase_draft(application, by=request.user)
    messages.success(request, _("Your draft and its files are deleted."))
    return redirect("applications:mine")
