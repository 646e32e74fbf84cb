"""Files and referees of a draft; files are served through a permission check alone."""

from functools import partial

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from applications import actions, queries
from applications.forms import DocumentForm, RefereeForm
from applications.models import Application, Document, ReferenceLetter
from applications.pdfs import LimitedUpload
from applications.states import DocumentKind, LetterState, Section
from applications.views.writing import answer_slots, section_form, show_section, slots
from common.access import for_object
from common.asking import attempt, status_of
from people.requests import SignedRequest


@csrf_exempt
@for_object(Application, "applications.edit_application")
def upload(request: SignedRequest, application: Application) -> HttpResponse:
    """Put a PDF into the draft. What is too large is dropped while it arrives; the token is checked within."""
    request.upload_handlers = [LimitedUpload(request)]
    return _attach(request, application)


@csrf_protect
@require_POST
def _attach(request: SignedRequest, application: Application) -> HttpResponse:
    kind = request.POST.get("kind", "")  # reading the body runs the upload handler
    form = DocumentForm(
        request.POST,
        request.FILES,
        for_kind=kind,
        question=request.POST.get("question", ""),
        takes_images=application.call.allows_images,
        was_too_large=getattr(request, "was_too_large", False),
    )
    section = Section.QUESTIONS if kind == DocumentKind.ANSWER else Section.DOCUMENTS
    if form.is_valid():
        data = form.cleaned_data
        attach = partial(actions.attach_document, application, data["kind"], data["file"], question=data["question"])
        if attempt(form, lambda: attach(by=request.user)):
            messages.success(request, _("%(name)s is kept.") % {"name": data["file"].name})
            return redirect("applications:section", key=application.key, section=section)
    return _sent_back(request, application, section, form)


def _sent_back(request: SignedRequest, application: Application, section: Section, form: DocumentForm) -> HttpResponse:
    """The section's page once more, with what is wrong about the file beside its place."""
    is_answer = section == Section.QUESTIONS
    around = section_form(application, section) if is_answer else None
    places = answer_slots(application, form) if is_answer else slots(application, form)
    return show_section(request, application, section, around, slots=places, status=status_of(form))


@require_POST
@for_object(Document, "applications.remove_document")
def remove(request: SignedRequest, document: Document) -> HttpResponse:
    """Take a document out of the draft."""
    actions.remove_document(document, by=request.user)
    messages.success(request, _("Taken out."))
    section = Section.QUESTIONS if document.question else Section.DOCUMENTS
    return redirect("applications:section", key=document.application.key, section=section)


@for_object(Document, "applications.view_document", looks_at="application.applicant")
def document(request: HttpRequest, document: Document) -> FileResponse:
    """A document, for those who may read it."""
    return _served(document.file.open("rb"), document.name, document.media_type)


@for_object(Document, "applications.view_document", looks_at="application.applicant")
def preview(request: HttpRequest, document: Document) -> FileResponse:
    """The picture of a document's first page, for those who may read the document."""
    if not document.preview:
        raise Http404
    return _served(document.preview.open("rb"), "first.png", "image/png", is_inline=True)


@for_object(ReferenceLetter, "applications.view_letter", looks_at="application.applicant")
def letter_file(request: HttpRequest, letter: ReferenceLetter) -> HttpResponse | FileResponse:
    """The PDF of a letter, for those who may read it."""
    if not letter.file:
        return redirect("applications:dossier", key=letter.application.key)
    return _served(letter.file.open("rb"), letter.file_name)


def _served(file: object, name: str, kind: str = "application/pdf", *, is_inline: bool = False) -> FileResponse:
    response = FileResponse(file, as_attachment=not is_inline, filename=name, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@for_object(Application, "applications.edit_application")
def ask(request: SignedRequest, application: Application) -> HttpResponse:
    """Ask a referee for a letter."""
    form = RefereeForm(request.POST)
    asked = form.is_valid() and _asked(request, application, form)
    if asked:
        messages.success(request, _("A personal link is on its way to the referee."))
        if application.is_editable:
            return redirect("applications:section", key=application.key, section=Section.REFEREES)
        return redirect("applications:referees", key=application.key)
    return _referees(request, application, form)


def _asked(request: SignedRequest, application: Application, form: RefereeForm) -> ReferenceLetter | None:
    return attempt(form, lambda: actions.request_letter(application, form.referee(), by=request.user))


@for_object(Application, "applications.edit_application")
def referees(request: SignedRequest, application: Application) -> HttpResponse:
    """The letters asked for, also after submitting, until letters are due."""
    return _referees(request, application, RefereeForm())


def _referees(request: SignedRequest, application: Application, form: RefereeForm) -> HttpResponse:
    context = {"application": application, "letters": queries.letters_of(application), "referee_form": form}
    return render(request, "applications/referees.html", context, status=status_of(form))


@require_POST
@for_object(ReferenceLetter, "applications.manage_letter")
def letter_gesture(request: SignedRequest, letter: ReferenceLetter, verb: str) -> HttpResponse:
    """Send a new link, or ask no longer."""
    if verb == "resend":
        actions.resend_link(letter, by=request.user)
        messages.success(request, _("A new link is on its way to her."))
    if verb == "cancel":
        was_waiting = letter.state in {LetterState.ASKED, LetterState.OPENED}
        actions.cancel_letter(letter, by=request.user)
        told = _("The referee is told that no letter is needed.")
        messages.success(request, told if was_waiting else _("Taken off your list."))
    application = get_object_or_404(Application, pk=letter.application_id)
    return redirect("applications:referees", key=application.key)
