"""Pages of research cards: charges that wait, one charge, statements, and who holds which card."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.paging import key_page_for
from funding.actions import cards as actions
from funding.forms.cards import CardForm, CardStatementForm, ChargeForm
from funding.models import CardCharge, ResearchCard
from funding.queries import cards as queries
from funding.queries.payroll import institutes_of
from funding.states import CLAIM_GONE, ChargeState
from people.requests import SignedRequest


@requires("funding.pay")
def charges(request: SignedRequest) -> HttpResponse:
    """The charges at her institutes, those that wait unless another state is asked for."""
    state = request.GET.get("state", ChargeState.OPEN)
    rows = queries.charges_visible_to(request.user).exclude(card__appointment__fellow=request.user.pk)
    shown = rows.filter(state=state) if state in ChargeState.values else rows
    context = {
        "page": key_page_for(request, shown, order=("-used_on", "-pk")),
        "count": shown.count(),
        "states": ChargeState.choices,
        "state": state,
    }
    return render(request, "funding/cards/charges.html", context)


@requires("funding.pay")
def statements(request: SignedRequest) -> HttpResponse:
    """The files of card companies, and the form to enter one."""
    form = CardStatementForm(request.POST or None, request.FILES or None, institutes=institutes_of(request.user))
    if request.method == "POST" and form.is_valid():
        data, by = form.cleaned_data, request.user
        act = actions.enter_card_statement
        made = attempt(form, lambda: act(data["institute"], data["file"], by=by, name=form.name))
        if made:
            words = _("%(number)s charges are entered; the fellows are told what to account for.")
            messages.success(request, words % {"number": made.number_of_charges})
            return redirect("funding:card_charges")
    rows = queries.card_statements_visible_to(request.user)
    context = {"form": form, "page": key_page_for(request, rows, order=("-pk",))}
    return render(request, "funding/cards/statements.html", context, status=status_of(form))


@requires("funding.pay")
def held(request: SignedRequest) -> HttpResponse:
    """Who holds which card, and the form to write one down."""
    form = CardForm(request.POST or None, appointments=queries.appointments_for_cards(request.user))
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        if attempt(form, lambda: actions.give_card(data.pop("appointment"), by=request.user, **data)):
            messages.success(request, _("Written down. Statements find this card from now on."))
            return redirect("funding:cards")
    rows = queries.cards_visible_to(request.user).exclude(appointment__fellow=request.user.pk)
    context = {"form": form, "page": key_page_for(request, rows, order=("-pk",))}
    return render(request, "funding/cards/held.html", context, status=status_of(form))


@require_POST
@for_object(ResearchCard, "funding.decide_claim")
def end(request: SignedRequest, card: ResearchCard) -> HttpResponse:
    """A card was taken back or blocked."""
    actions.end_card(card, by=request.user)
    messages.success(request, _("The card is no longer in use."))
    return redirect("funding:cards")


@for_object(CardCharge, "funding.view_claim", looks_at="card.appointment.fellow")
def charge(request: SignedRequest, charge: CardCharge) -> HttpResponse:
    """One charge: its claim, or what can be done about it."""
    may_decide = request.user.has_perm("funding.decide_claim", charge) and charge.state == ChargeState.OPEN
    is_back = charge.amount_krw < 0
    submit = _("It is in her fund again") if is_back else _("She pays it back")
    form = ChargeForm(request.POST or None, submit=submit)
    act = actions.refund_charge if is_back else actions.owe_charge
    if request.method == "POST" and may_decide and form.is_valid():
        if attempt(form, lambda: act(charge, by=request.user, words=form.cleaned_data["words"])):
            messages.success(request, _("Entered in the books."))
            return redirect("funding:card_charges")
    is_own = charge.card.appointment.fellow_id == request.user.pk
    context = {
        "charge": charge,
        "form": form,
        "claim": charge.claims.exclude(state__in=CLAIM_GONE).first(),
        "is_own": is_own,
        "may_decide": may_decide,
        "may_claim": is_own and charge.state == ChargeState.OPEN and not is_back,
    }
    return render(request, "funding/cards/charge.html", context, status=status_of(form))
