"""Two applicants who rank together: asking, answering, their one list of pairs."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications.models import Application, CallLab
from applications.states import ApplicationState
from common.access import for_object
from common.asking import attempt, status_of
from matching import actions, queries
from matching.forms import CoupleForm, OrderForm
from matching.models import Couple
from matching.models.couples import Pair
from matching.states import CoupleState
from matching.views.ordering import order_of
from people.requests import SignedRequest


@for_object(Application, "matching.view_result")
def couple(request: SignedRequest, application: Application) -> HttpResponse:
    """Ask somebody, answer who asks, or put the pairs in order."""
    found = queries.couple_of(application)
    is_joined = found is not None and found.state == CoupleState.JOINED
    asking = CoupleForm(request.POST if request.method == "POST" and not is_joined else None)
    order = OrderForm(request.POST if request.method == "POST" and is_joined else None)
    if request.method == "POST":
        done = _rank(request, found, order) if is_joined and found else _ask(request, application, asking)
        if done:
            return redirect("matching:couple", key=application.key)
        found = queries.couple_of(application)
    due = queries.choices_due(application.call)
    context = {
        "application": application,
        "found": found,
        "asks": [] if is_joined else queries.asks_of(application),
        "form": order if is_joined else asking,
        "due": due,
        "is_open": application.state == ApplicationState.ELIGIBLE and due > timezone.now(),
        **(_list(found, application) if found and is_joined else {}),
    }
    return render(request, "matching/couple.html", context, status=max(status_of(asking), status_of(order)))


def _ask(request: SignedRequest, application: Application, form: CoupleForm) -> object:
    if not form.is_valid():
        return None
    done = attempt(form, lambda: actions.ask_couple(application, form.cleaned_data["email"], by=request.user))
    if done:
        messages.success(request, _("Asked. If somebody applied with this address, she finds it on her desk."))
    return done


def _rank(request: SignedRequest, found: Couple, form: OrderForm) -> object:
    if not form.is_valid():
        return None
    options = queries.options_of(found)
    pairs = [options[place - 1] for place in order_of(request) if 0 < place <= len(options)]
    version = form.cleaned_data["version"]
    done = attempt(form, lambda: actions.save_pairs(found, pairs, version=version, by=request.user))
    if done:
        messages.success(request, _("Kept, and you agree to it. It counts once the other agrees, too."))
    return done


def _list(found: Couple, application: Application) -> dict[str, object]:
    """The pairs in order and those left out, her own lab first; who agreed."""
    labs, is_first = queries.labs_of(found), found.first_id == application.pk
    places = {pair: number for number, pair in enumerate(queries.options_of(found), start=1)}

    def item(pair: Pair) -> dict[str, object]:
        own, other = pair if is_first else (pair[1], pair[0])
        return {"id": places[pair], "label": _("You: %(own)s") % {"own": _name(labs, own)},
                "words": _("The other: %(other)s") % {"other": _name(labs, other)}}  # fmt: skip

    ranked = [pair for pair in found.pairs if pair in places]
    return {
        "items": [item(pair) for pair in ranked],
        "rest": [item(pair) for pair in places if pair not in set(ranked)],
        "other": found.second if is_first else found.first,
        "i_agree": found.first_agrees if is_first else found.second_agrees,
        "other_agrees": found.second_agrees if is_first else found.first_agrees,
    }


def _name(labs: dict[int | None, CallLab], pk: int | None) -> str:
    return str(labs[pk].lab.name) if pk in labs else _("no place")


@require_POST
@for_object(Couple, "matching.settle_couple")
def settle(request: SignedRequest, found: Couple, verb: str) -> HttpResponse:
    """Join, agree to the list as it was shown, or end it."""
    own = found.first if found.first.applicant_id == request.user.pk else found.second
    if verb == "join":
        actions.join_couple(found, by=request.user)
        messages.success(request, _("You rank together now. Put your pairs in order; both agree to the same list."))
    elif verb == "agree":
        actions.agree_pairs(found, version=int(request.POST.get("version") or 0), by=request.user)
        messages.success(request, _("Agreed."))
    elif verb == "end":
        actions.end_couple(found, by=request.user)
        messages.success(request, _("Ended. Each of you is in the match with her own order."))
    return redirect("matching:couple", key=(own or found.first).key)
