"""Taking an entry back: asked for by one person on the entry's own page, approved or refused by another there."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object
from common.asking import attempt
from funding.actions import reversals
from funding.forms.budget import ReversalForm
from funding.models import Entry, Reversal
from funding.views.books import entry_page
from people.requests import SignedRequest


@require_POST
@for_object(Entry, "funding.reverse")
def ask(request: SignedRequest, entry: Entry) -> HttpResponse:
    """Ask that the entry be reversed; what is wrong stands beside the reason, which is kept."""
    form = ReversalForm(request.POST)
    made = attempt(form, lambda: _ask(request, entry, form.cleaned_data["reason"])) if form.is_valid() else None
    if made is not None:
        messages.success(request, _("Asked for. It is entered once another person approves."))
        return redirect("funding:entry", key=entry.key)
    return entry_page(request, entry, form)


def _ask(request: SignedRequest, entry: Entry, reason: str) -> Reversal:
    return reversals.ask_reversal(entry, reason, by=request.user)


@require_POST
@for_object(Reversal, "funding.reverse")
def decide(request: SignedRequest, reversal: Reversal, verb: str) -> HttpResponse:
    """Approve a reversal, or leave the entry as it is."""
    if verb == "approve":
        reversals.approve_reversal(reversal, by=request.user)
        messages.success(request, _("Reversed. Both entries stay in the books."))
    elif verb == "refuse":
        reversals.refuse_reversal(reversal, by=request.user)
        messages.success(request, _("Refused. The entry stays as it is."))
    return redirect("funding:entry", key=reversal.entry.key)
