"""A referee's page behind her personal link, without an account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from applications import actions, orcid, queries
from applications.forms import DeclineForm, FindLinkForm, HandInForm, LetterForm, LetterSubmitForm
from applications.models import ReferenceLetter
from applications.pdfs import LimitedUpload
from applications.queries.letters import Behind
from common.access import public
from common.address import address_of
from common.asking import attempt, status_of
from common.refusals import Refusal
from common.when import instant_words

LINK = "the personal link lets in whoever got it by mail"


@csrf_exempt
@public(LINK)
@never_cache
def letter(request: HttpRequest, token: str) -> HttpResponse:
    """What is asked, by when, and the form to write it; the token against forgery is checked within."""
    request.upload_handlers = [LimitedUpload(request)]
    return _letter(request, token)


@csrf_protect
def _letter(request: HttpRequest, token: str) -> HttpResponse:
    behind = queries.letter_behind(token)
    row = behind.letter
    if row is None or not behind.is_valid:
        return _dead_link(request, behind)
    was_too_large = request.method == "POST" and not request.FILES and getattr(request, "was_too_large", False)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = LetterSubmitForm(*posted, letter=row, was_too_large=was_too_large)
    if request.method == "POST" and form.is_valid() and _sent(request, row, form):
        return redirect("applications:letter_sent", token=token)
    is_late = timezone.now() > row.application.call.letters_due_at
    context = {"letter": row, "form": form, "token": token, "decline_form": DeclineForm(), "is_late": is_late}
    context["has_orcid"] = orcid.is_configured()
    return render(request, "applications/letter.html", context, status=status_of(form))


def _sent(request: HttpRequest, letter: ReferenceLetter, form: LetterSubmitForm) -> ReferenceLetter | None:
    written, address = form.written(), address_of(request)
    return attempt(form, lambda: actions.submit_letter(letter, written, by=None, address=address))


def _dead_link(request: HttpRequest, behind: Behind) -> HttpResponse:
    """A link that no longer opens: why, and how to get another."""
    was_cancelled = behind.letter is not None and behind.letter.state == "cancelled"
    token = request.resolver_match.kwargs.get("token", "") if request.resolver_match else ""
    context = {
        "form": FindLinkForm(),
        "was_cancelled": was_cancelled,
        "is_known": behind.letter is not None,
        "token": token,
    }
    return render(request, "applications/letter_dead.html", context, status=404 if behind.letter is None else 410)


@public(LINK)
@never_cache
def sent(request: HttpRequest, token: str) -> HttpResponse:
    """Thanks, and what can still be done."""
    behind = queries.letter_behind(token)
    if behind.letter is None or not behind.is_valid:
        return _dead_link(request, behind)
    return render(request, "applications/letter_sent.html", {"letter": behind.letter, "token": token})


@require_POST
@public(LINK)
def autosave(request: HttpRequest, token: str) -> JsonResponse:
    """Keep what the referee has written so far."""
    behind = queries.letter_behind(token)
    form = LetterForm(request.POST)
    if behind.letter is None or not behind.is_valid or not form.is_valid():
        return JsonResponse(
            {"words": _("This could not be saved. Copy your text before you leave the page.")}, status=409
        )
    try:
        row = actions.open_letter(behind.letter, by=None)
        actions.save_letter_draft(row, form.cleaned_data["text"], by=None, figures=form.figures())
    except Refusal as refusal:
        return JsonResponse({"words": str(refusal)}, status=409)
    return JsonResponse({"words": _("Saved at %(at)s.") % {"at": instant_words(timezone.now())}, "version": ""})


@require_POST
@public(LINK)
def decline(request: HttpRequest, token: str) -> HttpResponse:
    """The referee declines."""
    behind = queries.letter_behind(token)
    form = DeclineForm(request.POST)
    if behind.letter is None or not behind.is_valid:
        return _dead_link(request, behind)
    if form.is_valid():
        data = form.cleaned_data
        actions.decline_letter(behind.letter, by=None, note=data["note"], suggestion=data["suggestion"])
    return redirect("applications:letter_sent", token=token)


@public("a referee who lost her link asks for another at her own address")
def find_link(request: HttpRequest) -> HttpResponse:
    """Mail new links; says the same whether or not the address is known."""
    form = FindLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.renew_links_of(form.cleaned_data["email"], by=None)
        messages.success(request, _("If a letter is asked of this address, a new link is on its way."))
        return redirect("applications:find_link")
    return render(request, "applications/find_link.html", {"form": form}, status=status_of(form))


@require_POST
@public(LINK)
def renew(request: HttpRequest, token: str) -> HttpResponse:
    """An old link renews itself: one click mails another to the referee's own address."""
    behind = queries.letter_behind(token)
    if behind.letter is not None:
        actions.renew_link(behind.letter, by=None)
    messages.success(request, _("If this link once opened a letter, a new one is on its way to the referee."))
    return redirect("applications:find_link")


@require_POST
@public(LINK)
@never_cache
def for_assistant(request: HttpRequest, token: str) -> HttpResponse:
    """A link that the referee may pass on: the PDF can be handed in behind it, and nothing read."""
    behind = queries.letter_behind(token)
    if behind.letter is None or not behind.is_valid:
        return _dead_link(request, behind)
    link = reverse("applications:hand_in", args=[actions.link_for_assistant(behind.letter, by=None)])
    context = {"letter": behind.letter, "token": token, "link": request.build_absolute_uri(link)}
    return render(request, "applications/letter_assistant.html", context)


@csrf_exempt
@public("an assistant hands in a PDF behind a link that the referee passed on; she reads nothing")
@never_cache
def hand_in(request: HttpRequest, token: str) -> HttpResponse:
    """Hand in the PDF of a letter; what is too large is dropped while it arrives."""
    request.upload_handlers = [LimitedUpload(request)]
    return _hand_in(request, token)


@csrf_protect
def _hand_in(request: HttpRequest, token: str) -> HttpResponse:
    link = queries.assistant_link(token)
    if link is None or not link.letter.is_open_to_referee:
        return render(request, "applications/hand_in.html", {"link": None}, status=404)
    was_too_large = request.method == "POST" and not request.FILES and getattr(request, "was_too_large", False)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = HandInForm(*posted, was_too_large=was_too_large)
    is_done = False
    if request.method == "POST" and form.is_valid():
        upload, address = form.cleaned_data["file"], address_of(request)
        is_done = attempt(form, lambda: actions.hand_in(link, upload, by=None, address=address)) is not None
    context = {"link": link, "form": form, "is_done": is_done}
    return render(request, "applications/hand_in.html", context, status=status_of(form))
