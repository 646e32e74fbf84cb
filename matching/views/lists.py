"""Sealed lists: the hashes that anybody can look up, and exceptional changes by two officers."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, public
from common.asking import attempt, status_of
from matching import actions, queries
from matching.forms import AmendForm
from matching.models import ListAmendment, Opening, RankList
from matching.views.watching import watched
from people.requests import SignedRequest


@public("hashes of sealed lists prove to anybody that none was changed; they tell nothing else")
def seals(request: HttpRequest, key: str) -> HttpResponse:
    """The hash of each lab's list as it was when the lists were due, and every change since with its reason."""
    call = get_object_or_404(queries.public_calls(), key=key)
    return render(request, "matching/seals.html", {"call": call, "seals": queries.seals_of(call)})


@watched(Opening, "amend_list")
@for_object(Opening, "matching.amend")
def amend(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Ask for an exceptional change of a sealed list; another officer approves it."""
    rank_list, pasted = opening.rank_list, None
    form = AmendForm(request.POST or None, initial={"lines": queries.lines_of(rank_list)})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        pasted = queries.read_pasted(opening, data["lines"])
        asking = _asking(request, rank_list, pasted, data["reason"])
        done = attempt(form, asking) if pasted.is_clean else None
        if done:
            messages.success(request, _("Asked for. It stands once another officer approves."))
            return redirect("matching:amend", key=opening.key)
    status = 422 if pasted is not None and not pasted.is_clean else status_of(form)
    waiting = rank_list.amendments.filter(state="asked").select_related("asked_by").first()
    context = {"form": form, "opening": opening, "pasted": pasted, "waiting": waiting}
    if waiting is not None:
        context["changes"] = queries.changes_by(waiting)
    return render(request, "matching/amend.html", context, status=status)


def _asking(
    request: SignedRequest, rank_list: RankList, pasted: queries.Pasted, reason: str
) -> Callable[[], ListAmendment]:
    order, sizes = pasted.ranked, pasted.class_sizes
    return lambda: actions.ask_amendment(rank_list, order, sizes, by=request.user, reason=reason)


@require_POST
@watched(ListAmendment, "amend_list")
@for_object(ListAmendment, "matching.decide_amendment")
def amendment(request: SignedRequest, amendment: ListAmendment, verb: str) -> HttpResponse:
    """Approve an exceptional change, or leave the list as it was sealed."""
    if verb == "approve":
        actions.approve_amendment(amendment, by=request.user)
        messages.success(request, _("Approved. The new hash is public."))
    elif verb == "decline":
        actions.decline_amendment(amendment, by=request.user)
        messages.success(request, _("Declined. The list stays as it was sealed."))
    return redirect("matching:amend", key=amendment.rank_list.opening.key)
