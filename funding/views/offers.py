"""Pages of offers: whom to offer a place, one offer with its questions and answer, its letter."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.paging import key_page_for
from common.pdf import render_pdf
from fellowships import actions as fellowships
from fellowships import queries
from fellowships.models import LetterTemplate, Offer, OfferQuestion
from fellowships.queries.waitlist import next_for, places_with_next, standing_offer
from fellowships.states import OfferState, QuestionState
from funding.actions import offers as actions
from funding.forms.offers import (
    AcceptForm,
    AskForm,
    DeclineForm,
    LetterForm,
    ReplyForm,
    TermsForm,
    WithdrawOfferForm,
)
from funding.letters import LANGUAGES, shown
from funding.queries.offers import carried_by, commitments_of
from labs.models import Institute
from people.requests import SignedRequest

ASKED = "asked"


@requires("fellowships.make_offers")
def offers(request: SignedRequest) -> HttpResponse:
    """Offers of her institutes, by state; the places that are free again, each with who is next."""
    rows = queries.offers_visible_to(request.user).exclude(application__applicant=request.user.pk)
    state = request.GET.get("state", "")
    shown_rows = rows.filter(state=state) if state in OfferState.values else rows
    if state == ASKED:
        shown_rows = rows.filter(state=OfferState.SENT, questions__state=QuestionState.ASKED).distinct()
    page = key_page_for(request, shown_rows, order=("-sent_at", "-pk"))
    waiting = queries.placed_without_offer(request.user).count()
    states = [*OfferState.choices, (ASKED, _("With questions"))]
    context = {"page": page, "count": shown_rows.count(), "states": states, "state": state, "waiting": waiting}
    context |= {"free": places_with_next(request.user), "institutes": queries.institutes_offering(request.user)}
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
    context["carried"] = carried_by({row.call_lab.lab_id for row in page.rows if row.call_lab})
    return render(request, "funding/offers/make.html", context, status=status_of(form))


@require_POST
@for_object(Offer, "fellowships.make_offers")
def offer_next(request: SignedRequest, offer: Offer) -> HttpResponse:
    """One click: the place that this offer left free goes to the next on the waitlist."""
    form = WithdrawOfferForm(request.POST)
    made = attempt(form, lambda: actions.offer_next(offer, by=request.user)) if form.is_valid() else None
    if made:
        words = {"name": made.application.applicant.full_name}
        messages.success(request, _("An offer to %(name)s is on its way, on the same terms.") % words)
        return redirect("funding:offer", key=made.key)
    return _page(request, offer, next_form=form)


@for_object(Offer, "fellowships.view_offer", looks_at="application.applicant")
def offer(request: SignedRequest, offer: Offer) -> HttpResponse:
    """One offer; its candidate accepts here."""
    form = AcceptForm(request.POST or None, offer=offer)
    may_answer = request.user.has_perm("fellowships.answer_offer", offer)
    if request.method == "POST" and may_answer and form.is_valid():
        appointment = attempt(form, lambda: fellowships.accept(offer, by=request.user, signature=form.signature()))
        if appointment:
            messages.success(request, _("You accepted. Your appointment stands."))
            return redirect("fellowships:appointment", key=appointment.key)
    return _page(request, offer, form=form)


def _page(request: SignedRequest, offer: Offer, **forms: Form) -> HttpResponse:
    """The offer's page, with forms that came back; an empty one in place of each that did not."""
    may_answer = request.user.has_perm("fellowships.answer_offer", offer)
    language = (get_language() or "en")[:2]
    statuses = [status_of(form) for form in forms.values()]
    context = {
        "offer": offer,
        "may_answer": may_answer,
        "letter": shown(offer, language),
        "questions": _with_forms(offer, forms.pop("reply_form", None)),
        "commitments": [] if may_answer else commitments_of(offer),
        **({} if may_answer else _next(offer)),
        "form": AcceptForm(offer=offer),
        "ask_form": AskForm(offer=offer),
        "decline_form": DeclineForm(),
        "withdraw_form": WithdrawOfferForm(),
        **forms,
    }
    return render(request, "funding/offers/offer.html", context, status=max(statuses, default=200))


def _next(offer: Offer) -> dict[str, object]:
    """Who is next for the place that the offer left free, and an offer of another place that she has not answered."""
    found = next_for(offer)
    return {"next": found, "next_has": standing_offer(found.application) if found else None}


def _with_forms(offer: Offer, came_back: Form | None) -> list[tuple[OfferQuestion, Form]]:
    """Each question with the form to answer it; the one that came back stands where it was sent from."""
    rows = list(offer.questions.select_related("answered_by"))
    fresh = {row.pk: ReplyForm(for_question=row) for row in rows}
    if isinstance(came_back, ReplyForm):
        fresh[came_back.question.pk] = came_back
    return [(row, fresh[row.pk]) for row in rows]


@require_POST
@for_object(Offer, "fellowships.answer_offer")
def ask_code(request: SignedRequest, offer: Offer) -> HttpResponse:
    """Mail her the code to accept with."""
    form = WithdrawOfferForm(request.POST)
    sent = attempt(form, lambda: fellowships.send_code(offer, by=request.user)) if form.is_valid() else None
    if sent:
        messages.success(request, _("A code is on its way to %(address)s.") % {"address": request.user.email})
        return redirect("funding:offer", key=offer.key)
    return _page(request, offer, code_form=form)


@require_POST
@for_object(Offer, "fellowships.answer_offer")
def ask(request: SignedRequest, offer: Offer) -> HttpResponse:
    """She asks, or wishes another first day."""
    form = AskForm(request.POST, offer=offer)
    if form.is_valid():
        data = form.cleaned_data
        wanted = data.get("wanted_start_on")
        if attempt(form, lambda: fellowships.ask(offer, data["text"], by=request.user, wanted_start_on=wanted)):
            messages.success(request, _("Asked. An officer answers here and by mail."))
            return redirect("funding:offer", key=offer.key)
    return _page(request, offer, ask_form=form)


@require_POST
@for_object(OfferQuestion, "fellowships.make_offers")
def reply(request: SignedRequest, question: OfferQuestion) -> HttpResponse:
    """The officer answers, agrees the first day, or lets it stay."""
    form = ReplyForm(request.POST, for_question=question)
    if form.is_valid():
        words = form.cleaned_data["answer"]
        agrees = request.POST.get("verb") == "agree"
        verb = actions.agree_first_day if agrees else fellowships.reply
        if attempt(form, lambda: verb(question, answer=words, by=request.user)):
            messages.success(request, _("The candidate is told."))
            return redirect("funding:offer", key=question.offer.key)
    return _page(request, question.offer, reply_form=form)


@require_POST
@for_object(Offer, "fellowships.answer_offer")
def decline(request: SignedRequest, offer: Offer) -> HttpResponse:
    """She declines."""
    form = DeclineForm(request.POST)
    declined = (
        attempt(form, lambda: actions.decline(offer, by=request.user, why=form.why())) if form.is_valid() else None
    )
    if declined:
        messages.success(request, _("You declined. Thank you for telling us why."))
        return redirect("funding:offer", key=offer.key)
    return _page(request, offer, decline_form=form)


@require_POST
@for_object(Offer, "fellowships.make_offers")
def withdraw(request: SignedRequest, offer: Offer) -> HttpResponse:
    """One officer asks to take an offer back; a second does it, or lets it stand."""
    form = WithdrawOfferForm(request.POST)
    verb = request.POST.get("verb", "ask")
    if form.is_valid():
        acts = {
            "ask": lambda: fellowships.ask_withdrawal(offer, by=request.user, note=form.cleaned_data["note"]),
            "withdraw": lambda: actions.withdraw(offer, by=request.user),
            "keep": lambda: fellowships.keep_offer(offer, by=request.user),
        }
        if attempt(form, acts.get(verb, acts["ask"])):
            said = {
                "withdraw": _("Withdrawn; the candidate is told, and the money is free again."),
                "keep": _("The offer stands."),
            }
            messages.success(request, said.get(verb, _("Another officer of the institute has to agree.")))
            return redirect("funding:offer", key=offer.key)
    return _page(request, offer, withdraw_form=form)


@for_object(Offer, "fellowships.view_offer", looks_at="application.applicant")
def letter(request: SignedRequest, offer: Offer) -> HttpResponse:
    """The offer letter as a PDF, in the language asked for or in use."""
    row = get_object_or_404(queries.offers_visible_to(request.user), pk=offer.pk)
    asked = request.GET.get("language", (get_language() or "en")[:2])
    language = asked if asked in LANGUAGES else "en"
    response = HttpResponse(render_pdf("offer", shown(row, language)), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="offer-{offer.key}-{language}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@for_object(Institute, "fellowships.make_offers", key="code")
def letter_words(request: SignedRequest, institute: Institute) -> HttpResponse:
    """The words of an institute's offer letters; a change is a new version."""
    words = {"text_en": queries.letter_text(institute, "en"), "text_ko": queries.letter_text(institute, "ko")}
    form = LetterForm(request.POST or None, initial=words)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        kept = attempt(form, lambda: fellowships.keep_letter(institute, by=request.user, **data))
        if kept or not form.errors:
            messages.success(request, _("Letters that go out from now on say this."))
            return redirect("funding:offers")
    versions = LetterTemplate.objects.filter(institute=institute).select_related("made_by").order_by("-version")[:10]
    context = {"institute": institute, "form": form, "versions": versions}
    return render(request, "funding/offers/letter.html", context, status=status_of(form))
