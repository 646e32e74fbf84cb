"""Pages of matched money: pledges, one pledge with what came in and went out, and the partner's own statement."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, public, requires
from common.asking import attempt, status_of
from common.paging import key_page_for
from funding.actions import matched as actions
from funding.forms.matched import NoForm, PaperForm, PledgeForm, ReceiptForm, UseForm
from funding.models import MatchedUse, Pledge, PledgeReceipt
from funding.queries import matched as queries
from funding.states import PledgeState
from people.requests import SignedRequest


@requires("funding.view_budget")
def pledges(request: SignedRequest) -> HttpResponse:
    """Pledges to the labs of her institutes, and the form to enter one."""
    may = request.user.has_perm("funding.pay")
    form = PledgeForm(request.POST or None, user=request.user)
    if request.method == "POST" and may and form.is_valid():
        made = attempt(form, lambda: actions.enter_pledge(form.instance, by=request.user))
        if made:
            return redirect("funding:pledge", key=made.key)
    page = key_page_for(request, queries.pledges_visible_to(request.user), order=("-pk",))
    context = {"form": form, "may": may, "page": page}
    return render(request, "funding/matched/pledges.html", context, status=status_of(form))


@for_object(Pledge, "funding.view_pledge")
def pledge(request: SignedRequest, pledge: Pledge) -> HttpResponse:
    """One pledge: where it stands, its agreement, what came in, what it paid."""
    may = request.user.has_perm("funding.keep_pledge", pledge)
    asked = request.POST.get("what", "") if request.method == "POST" and may else ""
    forms = {
        "agree": PaperForm(request.POST if asked == "agree" else None, prefix="agree"),
        "receipt": ReceiptForm(
            request.POST if asked == "receipt" else None,
            request.FILES if asked == "receipt" else None,
            pledge=pledge, prefix="receipt",
        ),
        "use": UseForm(request.POST if asked == "use" else None, pledge=pledge, prefix="use"),
    }  # fmt: skip
    form = forms.get(asked)
    if form is not None and form.is_valid() and _act(request, pledge, asked, form):
        return redirect("funding:pledge", key=pledge.key)
    context: dict[str, Any] = {
        "pledge": pledge,
        "forms": forms,
        "may": may,
        "may_see_books": request.user.has_perm("funding.view_books"),
        "is_agreed": pledge.state == PledgeState.AGREED,
        "is_new": pledge.state == PledgeState.PLEDGED,
        "terms": queries.terms_if_any(pledge),
        "standing": queries.standing_of(pledge),
        "receipts": pledge.receipts.select_related("entered_by", "entry"),
        "uses": pledge.uses.select_related("appointment__fellow", "asked_by", "entry"),
    }
    return render(request, "funding/matched/pledge.html", context, status=status_of(form) if form else 200)


def _act(request: SignedRequest, pledge: Pledge, asked: str, form: Any) -> Any:
    data = form.cleaned_data
    acts = {
        "agree": lambda: actions.agree_pledge(pledge, by=request.user, paper=data["paper"]),
        "receipt": lambda: actions.enter_receipt(pledge, by=request.user, **data),
        "use": lambda: actions.ask_use(form.instance, by=request.user),
    }
    return attempt(form, acts[asked])


@require_POST
@for_object(PledgeReceipt, "funding.keep_pledge")
def confirm_receipt(request: SignedRequest, receipt: PledgeReceipt) -> HttpResponse:
    """The second person's yes to what came in."""
    actions.confirm_receipt(receipt, by=request.user)
    messages.success(request, _("Confirmed and entered in the books, with its public match."))
    return redirect("funding:pledge", key=receipt.pledge.key)


@require_POST
@for_object(MatchedUse, "funding.keep_pledge")
def approve_use(request: SignedRequest, use: MatchedUse) -> HttpResponse:
    """The second person's yes to what it pays."""
    actions.approve_use(use, by=request.user)
    messages.success(request, _("Approved and entered in the books."))
    return redirect("funding:pledge", key=use.pledge.key)


@for_object(PledgeReceipt, "funding.keep_pledge")
def refuse_receipt(request: SignedRequest, receipt: PledgeReceipt) -> HttpResponse:
    """The second person's no to what came in."""
    return _no(request, receipt.pledge, _("Refuse what came in"), partial(actions.refuse_receipt, receipt))


@for_object(MatchedUse, "funding.keep_pledge")
def refuse_use(request: SignedRequest, use: MatchedUse) -> HttpResponse:
    """The second person's no to what it pays."""
    return _no(request, use.pledge, _("Refuse the payment"), partial(actions.refuse_use, use))


@for_object(Pledge, "funding.keep_pledge")
def end_pledge(request: SignedRequest, pledge: Pledge) -> HttpResponse:
    """Nothing more comes in."""
    return _no(request, pledge, _("End the pledge"), partial(actions.end_pledge, pledge))


def _no(request: SignedRequest, pledge: Pledge, title: str, act: Callable[..., Any]) -> HttpResponse:
    form = NoForm(request.POST or None, submit=title)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: act(by=request.user, reason=form.cleaned_data["reason"])):
            messages.success(request, _("Done; the reason is kept."))
            return redirect("funding:pledge", key=pledge.key)
    context = {"form": form, "pledge": pledge, "title": title}
    return render(request, "funding/matched/no.html", context, status=status_of(form))


@public("a partner's own statement, behind the long name that only its contact was given")
def statement(request: HttpRequest, token: str) -> HttpResponse:
    """What the partner pledged, what came in, how it was matched and used."""
    pledge = get_object_or_404(Pledge.objects.select_related("partner", "lab", "scheme"), token=token)
    context = {
        "pledge": pledge,
        "terms": queries.terms_if_any(pledge),
        "standing": queries.standing_of(pledge),
        "receipts": pledge.receipts.filter(confirmed_at__isnull=False).order_by("received_on"),
        "uses": pledge.uses.filter(approved_at__isnull=False).order_by("used_on"),
    }
    return render(request, "funding/matched/statement.html", context)
