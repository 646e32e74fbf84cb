"""A lab's pages: its labs in the calls, the ranking desk."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.refusals import Refusal
from common.settled import unchanged
from matching import actions, queries
from matching.forms import InterestForm, OrderForm, PasteForm
from matching.models import Opening, RankList
from matching.states import RankListState, Unfit
from matching.views.files import as_file
from matching.views.ordering import order_of
from matching.views.watching import watched
from people.models import User
from people.requests import SignedRequest


@requires("matching.view_rankings")
def ranking(request: SignedRequest) -> HttpResponse:
    """Her labs in the calls, each with its seats and the state of its list."""
    rows = queries.own_openings(request.user).order_by("-call_lab__call__closes_at", "pk")[:40]
    return render(request, "matching/ranking.html", {"openings": rows})


@watched(Opening, "rank")
@for_object(Opening, "matching.rank")
def rank(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Put a lab's candidates in order: by dragging, keys, buttons or places; turn down, certify, confirm."""
    rank_list, order, tied = opening.rank_list, None, set[int]()
    form = OrderForm(request.POST or None, initial={"version": rank_list.version})
    if request.method == "POST" and form.is_valid():
        order, tied = order_of(request), _keys(request, "tied")
        done = attempt(form, lambda: _gesture(request, rank_list, order or [], form.cleaned_data["version"]))
        if done:
            return redirect(request.get_full_path())
    asked = request.GET.get("page", "")
    context = {
        "opening": opening,
        "rank_list": rank_list,
        "desk": queries.desk_of(opening, request.user, order, int(asked) if asked.isdecimal() else 1, tied),
        "form": form,
        "interest_form": InterestForm(),
        "is_open": rank_list.state == RankListState.DRAFT,
        # drawn once, for it stands beside every candidate
        "unfit": format_html_join("", '<option value="{}">{}</option>', Unfit.choices),
        "drafts": queries.drafts_on(opening).count(),
        **_beside(rank_list, request.user),
    }
    return render(request, "matching/rank.html", context, status=status_of(form))


def _beside(rank_list: RankList, user: User) -> dict[str, object]:
    """Of a draft whether certifying takes over what somebody with an interest wrote; of others the hashes to check."""
    if rank_list.state == RankListState.DRAFT:
        return {"is_to_take_over": queries.interested_in([rank_list])[rank_list.pk] - {user.pk}}
    name = f"certified:{rank_list.pk}:{user.pk}"
    return {
        "hashes": unchanged(name, lambda: [row.sha256 for row in queries.certified_texts(rank_list, user)]),
        "may_reopen": actions.can_be_reopened(rank_list),
    }


def _keys(request: HttpRequest, name: str) -> set[int]:
    return {int(key) for key in request.POST.getlist(name) if key.isdecimal()}


def _gesture(request: SignedRequest, rank_list: RankList, order: list[int], version: int) -> object:
    user = request.user
    if "draft" in request.POST:
        kept = actions.keep_draft(rank_list, order, by=user, tied=_keys(request, "tied"))
        messages.success(request, _("Kept as your own draft; the lab's list stays as it is."))
        return kept
    saved = actions.save_ranking(rank_list, order, version=version, by=user, tied=_keys(request, "tied"))
    if request.POST.get("unfit", "").isdecimal():
        return _turn_down(request, saved, int(request.POST["unfit"]))
    if "certify" in request.POST:
        said = {"knows_missing": "knows_missing" in request.POST, "takes_over": "takes_over" in request.POST}
        saved = actions.certify_ranking(saved, version=saved.version, by=user, **said)
        messages.success(request, _("Certified by you. A second person of the lab confirms it."))
    elif "several" in request.POST:
        messages.success(request, _("Added at the end of your order."))
    elif "save" in request.POST:
        messages.success(request, _("Your list is saved."))
    return saved


def _turn_down(request: SignedRequest, rank_list: RankList, pk: int) -> object:
    candidate = get_object_or_404(queries.candidates_of(rank_list.opening), pk=pk)
    reason = request.POST.get(f"reason_{pk}", "")
    if reason not in Unfit.values:
        raise Refusal(_("Choose why the candidate is not acceptable."))
    return actions.turn_down(rank_list, candidate, reason, by=request.user)


@require_POST
@for_object(Opening, "matching.rank")
def confirm(request: SignedRequest, opening: Opening) -> HttpResponse:
    """The second person of the lab certifies the list."""
    row = opening.rank_list
    actions.confirm_ranking(row, version=int(request.POST.get("version") or row.version), by=request.user)
    messages.success(request, _("Your list is certified. The match takes it as it is."))
    return redirect("matching:rank", key=opening.key)


@watched(Opening, "read_list")
@for_object(Opening, "matching.rank")
def certified(request: SignedRequest, opening: Opening, sha256: str) -> HttpResponse:
    """The text of a certified list of the lab, of which `sha256` is the hash."""
    known = {row.sha256: row.text for row in queries.certified_texts(opening.rank_list, request.user)}
    if sha256 not in known:
        raise Http404
    return as_file(known[sha256], f"{opening.call_lab.lab.code}-{sha256[:12]}.json")


@for_object(Opening, "matching.rank")
def paste(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Paste a whole order; what is wrong stands beside its line, and nothing is saved before all is right."""
    form, pasted = PasteForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        pasted = queries.read_pasted(opening, form.cleaned_data["lines"], request.user)
        row = opening.rank_list
        done = attempt(form, lambda: _save_pasted(request, row, pasted)) if pasted.is_clean else None
        if done:
            messages.success(request, _("The pasted order is the lab's list now. It is not certified yet."))
            return redirect("matching:rank", key=opening.key)
    status = 422 if pasted is not None and not pasted.is_clean else status_of(form)
    context = {"form": form, "opening": opening, "pasted": pasted}
    return render(request, "matching/paste.html", context, status=status)


def _save_pasted(request: SignedRequest, rank_list: RankList, pasted: queries.Pasted) -> RankList:
    version = rank_list.version
    return actions.save_ranking(rank_list, pasted.ranked, version=version, by=request.user, tied=pasted.tied)


@for_object(Opening, "matching.rank")
def drafts(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Two people's drafts side by side; their mean order can become the lab's list."""
    rows = list(queries.drafts_on(opening))
    chosen = [row for row in rows if str(row.pk) in request.GET.getlist("draft")]
    first, second = (chosen if len(chosen) == 2 else rows[:2]) if len(rows) >= 2 else (None, None)
    compared = queries.compare(opening, first, second, request.user) if first and second else None
    if request.method == "POST" and compared is not None:
        row = opening.rank_list
        order, tied = compared.ranked, compared.tied
        actions.save_ranking(row, order, version=row.version, by=request.user, tied=tied)
        messages.success(request, _("The merged order is the lab's list now. Look it through, then certify it."))
        return redirect("matching:rank", key=opening.key)
    context = {"opening": opening, "drafts": rows, "compared": compared}
    context["is_open"] = opening.rank_list.state == RankListState.DRAFT
    return render(request, "matching/drafts.html", context)


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
