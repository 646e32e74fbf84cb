"""A lab's pages: its labs in the calls, the ranking desk."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires
from common.asking import attempt, status_of
from matching import actions, queries
from matching.forms import InterestForm, OrderForm
from matching.models import Opening, RankList
from matching.states import RankListState
from people.requests import SignedRequest


@requires("matching.view_rankings")
def ranking(request: SignedRequest) -> HttpResponse:
    """Her labs in the calls, each with its seats and the state of its list."""
    rows = queries.own_openings(request.user).order_by("-call_lab__call__closes_at", "pk")[:40]
    return render(request, "matching/ranking.html", {"openings": rows})


@for_object(Opening, "matching.rank")
def rank(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Put a lab's candidates in order: by dragging, by keys, by buttons; save, certify, take up again."""
    rank_list, order = opening.rank_list, None
    form = OrderForm(request.POST or None, initial={"version": rank_list.version})
    if request.method == "POST" and form.is_valid():
        order = _order_of(request)
        done = attempt(form, lambda: _gesture(request, rank_list, order or [], form.cleaned_data["version"]))
        if done:
            return redirect(request.get_full_path())
    asked = request.GET.get("page", "")
    context = {
        "opening": opening,
        "rank_list": rank_list,
        "desk": queries.desk_of(opening, request.user, order, int(asked) if asked.isdecimal() else 1),
        "form": form,
        "interest_form": InterestForm(),
        "is_open": rank_list.state == RankListState.DRAFT,
    }
    return render(request, "matching/rank.html", context, status=status_of(form))


def _order_of(request: HttpRequest) -> list[int]:
    """The posted order after the button that was pressed: move=up:PK, move=down:PK, add=PK, remove=PK."""
    order = [int(key) for key in request.POST.getlist("order") if key.isdecimal()]
    way, _colon, moved = request.POST.get("move", "").partition(":")
    added, removed = request.POST.get("add", ""), request.POST.get("remove", "")
    if added.isdecimal() and int(added) not in order:
        order.append(int(added))
    if removed.isdecimal() and int(removed) in order:
        order.remove(int(removed))
    if moved.isdecimal() and int(moved) in order:
        place = order.index(int(moved))
        other = place - 1 if way == "up" else place + 1
        if 0 <= other < len(order):
            order[place], order[other] = order[other], order[place]
    return order


def _gesture(request: SignedRequest, rank_list: RankList, order: list[int], version: int) -> RankList:
    saved = actions.save_ranking(rank_list, order, version=version, by=request.user)
    if "certify" in request.POST:
        saved = actions.certify_ranking(saved, version=saved.version, by=request.user)
        messages.success(request, _("Your list is certified. The match takes it as it is."))
    elif "save" in request.POST:
        messages.success(request, _("Your list is saved."))
    return saved


@require_POST
@for_object(Opening, "matching.rank")
def reopen(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Take a certified list up again."""
    actions.reopen_ranking(opening.rank_list, by=request.user)
    messages.success(request, _("You can change your list. Certify it again in time."))
    return redirect("matching:rank", key=opening.key)


@require_POST
@for_object(Opening, "matching.rank")
def interest(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Declare an interest in a candidate."""
    form = InterestForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        candidate = get_object_or_404(queries.candidates_of(opening), number=data["number"])
        actions.declare_interest(opening.rank_list, candidate, data["kind"], data["note"], by=request.user)
        messages.success(request, _("Declared. You no longer see this candidate."))
    return redirect("matching:rank", key=opening.key)
