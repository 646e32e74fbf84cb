"""Pages of offers: whom to offer a place, one offer with its answer, its letter."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.money import won
from common.paging import key_page_for
from common.pdf import render_pdf
from common.when import day_words, instant_words
from fellowships import actions as fellowships
from fellowships import queries
from fellowships.models import Offer
from fellowships.states import OfferState
from funding.actions import offers as actions
from funding.forms.offers import AcceptForm, DeclineForm, TermsForm, WithdrawOfferForm
from funding.queries.offers import commitments_of
from people.requests import SignedRequest


@requires("fellowships.make_offers")
def offers(request: SignedRequest) -> HttpResponse:
    """Offers of her institutes, by state."""
    rows = queries.offers_visible_to(request.user).exclude(application__applicant=request.user.pk)
    state = request.GET.get("state", "")
    shown = rows.filter(state=state) if state in OfferState.values else rows
    page = key_page_for(request, shown, order=("-sent_at", "-pk"))
    waiting = queries.placed_without_offer(request.user).count()
    context = {"page": page, "count": shown.count(), "states": OfferState.choices, "state": state, "waiting": waiting}
    return render(request, "funding/offers/list.html", {**context, "is_filtered": bool(state)})


@requires("fellowships.make_offers")
def make(request: SignedRequest) -> HttpResponse:
    """Candidates whom the match placed and who have no offer: the terms, and to whom."""
    rows = queries.placed_without_offer(request.user)
    page = key_page_for(request, rows, order=("application__number", "pk"))
    first = page.rows[0] if page.rows else None
    form = TermsForm(request.POST or None, call=first.application.call if first else None)
    chosen = rows.filter(application__key__in=request.POST.getlist("to"))
    if request.method == "POST" and form.is_valid():
        if not request.POST.getlist("to"):
            form.add_error(None, _("Choose at least one candidate."))
        elif sent := attempt(form, lambda: actions.offer_all(list(chosen), form.terms(), by=request.user)):
            messages.success(request, _("%(number)s offers are on their way.") % {"number": len(sent)})
            return redirect("funding:offers")
    context = {"page": page, "form": form, "count": rows.count(), "to": set(request.POST.getlist("to"))}
    return render(request, "funding/offers/make.html", context, status=status_of(form))


@for_object(Offer, "fellowships.view_offer", looks_at="application.applicant")
def offer(request: SignedRequest, offer: Offer) -> HttpResponse:
    """One offer; its candidate accepts here."""
    form = AcceptForm(request.POST or None)
    may_answer = request.user.has_perm("fellowships.answer_offer", offer)
    if request.method == "POST" and may_answer and form.is_valid():
        name = form.cleaned_data["signed_name"]
        appointment = attempt(form, lambda: fellowships.accept(offer, by=request.user, signed_name=name))
        if appointment:
            messages.success(request, _("You accepted. Your appointment stands."))
            return redirect("fellowships:appointment", key=appointment.key)
    is_open = offer.state == OfferState.SENT and offer.deadline_at > timezone.now()
    context = {"offer": offer, "form": form, "may_answer": may_answer, "is_open": is_open}
    context |= {"decline_form": DeclineForm(), "withdraw_form": WithdrawOfferForm()}
    context["commitments"] = [] if may_answer else commitments_of(offer)
    return render(request, "funding/offers/offer.html", context, status=status_of(form))


@require_POST
@for_object(Offer, "fellowships.answer_offer")
def decline(request: SignedRequest, offer: Offer) -> HttpResponse:
    """She declines."""
    form = DeclineForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        actions.decline(offer, by=request.user, reason=data["reason"], note=data["note"])
        messages.success(request, _("You declined. Thank you for telling us why."))
    return redirect("funding:offer", key=offer.key)


@require_POST
@for_object(Offer, "fellowships.make_offers")
def withdraw(request: SignedRequest, offer: Offer) -> HttpResponse:
    """The officer takes an offer back."""
    form = WithdrawOfferForm(request.POST)
    if form.is_valid():
        actions.withdraw(offer, by=request.user, note=form.cleaned_data["note"])
        messages.success(request, _("Withdrawn; the candidate is told, and the money is free again."))
    return redirect("funding:offer", key=offer.key)


@for_object(Offer, "fellowships.view_offer", looks_at="application.applicant")
def letter(request: SignedRequest, offer: Offer) -> HttpResponse:
    """The offer letter as a PDF."""
    row = get_object_or_404(queries.offers_visible_to(request.user), pk=offer.pk)
    response = HttpResponse(render_pdf("letter", letter_data(row)), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="offer-{offer.key}.pdf"'
    return response


def letter_data(offer: Offer) -> dict[str, object]:
    """What the letter says, as words."""
    lab = offer.call_lab.lab
    facts = [
        [_("Lab"), lab.name],
        [_("Employer"), lab.institute.name],
        [_("First day"), day_words(offer.starts_on)],
        [_("Last day"), day_words(offer.ends_on)],
        [_("Salary a year"), won(offer.salary_krw_a_year)],
        [_("Research funds a year"), won(offer.research_fund_krw_a_year)],
        [_("Answer by"), instant_words(offer.deadline_at)],
        [_("Seal of the terms"), offer.terms_sha256],
    ]
    return {
        "title": _("Offer of a fellowship"),
        "lang": (get_language() or "en")[:2],
        "programme": offer.application.call.programme.name,
        "reference": str(offer.application),
        "to": [offer.application.name],
        "paragraphs": [_("We offer you a fellowship on these terms.")],
        "facts": facts,
        "closing": _("Answer on your page; without an answer in time the offer lapses."),
        "signed": lab.institute.name,
    }
