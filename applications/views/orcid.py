"""What comes from ORCID, when keys are configured."""

import secrets

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from applications import actions, orcid, queries
from applications.models import Application
from applications.states import Section
from common.access import for_object, public
from common.crypto import decrypt, encrypt
from common.refusals import Refusal
from people.requests import SignedRequest

MINUTES = 15
WAITING = "orcid_sign_ins"
LINK = "the personal link lets in whoever got it by mail"


@require_POST
@for_object(Application, "applications.edit_application")
def take(request: SignedRequest, application: Application, section: str) -> HttpResponse:
    """Add what her public record says to the draft."""
    if not orcid.is_configured() or section not in {Section.CAREER, Section.PUBLICATIONS}:
        raise Http404
    back = redirect("applications:section", key=application.key, section=section)
    if not application.orcid:
        messages.error(request, _("Give your ORCID iD under “About you” first."))
        return back
    try:
        taken = actions.take_from_orcid(application, orcid.fetch_record(application.orcid), by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return back
    words = _("Added from ORCID: degrees and positions %(career)s, publications %(papers)s.")
    messages.success(request, words % {"career": taken.career, "papers": taken.publications})
    return back


@require_POST
@public(LINK)
@never_cache
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Send a referee to ORCID; what leads back to her letter stays in her session, sealed."""
    behind = queries.letter_behind(token)
    if behind.letter is None or not behind.is_valid or not orcid.is_configured():
        raise Http404
    state = secrets.token_urlsafe(24)
    waiting = dict(list(request.session.get(WAITING, {}).items())[-4:])
    request.session[WAITING] = {**waiting, state: [encrypt(token), timezone.now().timestamp()]}
    return redirect(orcid.sign_in_address(state, _back(request)))


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("applications:orcid_back"))


@public("a referee comes back from ORCID; her session knows which letter she writes")
@never_cache
def back(request: HttpRequest) -> HttpResponse:
    """Keep who she is, and lead her to her letter; a state that this browser did not begin leads nowhere."""
    waiting = request.session.get(WAITING, {})
    token, began = waiting.pop(request.GET.get("state", ""), ("", 0))
    request.session[WAITING] = waiting
    if not token:
        messages.error(request, _("This way from ORCID is not known here. Open your letter and try again."))
        return redirect("applications:find_link")
    token = decrypt(token)
    try:
        _confirm(request, token, began)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("applications:letter", token=token)


def _confirm(request: HttpRequest, token: str, began: float) -> None:
    behind, code = queries.letter_behind(token), request.GET.get("code", "")
    if behind.letter is None or not behind.is_valid:
        return
    if not code or timezone.now().timestamp() - began > 60 * MINUTES:
        messages.warning(request, _("Nothing was confirmed at ORCID. Your letter is as it was."))
        return
    actions.confirm_orcid(behind.letter, orcid.person_behind(code, _back(request)), by=None)
    messages.success(request, _("Confirmed at ORCID. Thank you."))


@require_POST
@public(LINK)
def forget(request: HttpRequest, token: str) -> HttpResponse:
    """Take the confirmation back."""
    behind = queries.letter_behind(token)
    if behind.letter is None or not behind.is_valid:
        raise Http404
    actions.forget_orcid(behind.letter, by=None)
    return redirect("applications:letter", token=token)
