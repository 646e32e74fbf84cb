"""The seed of a call's lottery: who committed what, the public value, what is still to be done."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from applications.models import Call
from common.access import for_object
from common.asking import attempt, status_of
from matching import actions, queries
from matching.forms import SecretForm, SourceForm, ValueForm
from matching.models import SeedShare
from people.requests import SignedRequest


@for_object(Call, "matching.view_runs")
def seed(request: SignedRequest, call: Call) -> HttpResponse:
    """Both secrets' hashes, the public value, and the gestures that belong to them."""
    plan = queries.plan_of(call)
    verb = request.POST.get("verb", "") if request.user.has_perm("matching.run") else ""
    forms = {
        "commit": SecretForm(request.POST if verb == "commit" else None),
        "source": SourceForm(request.POST if verb == "source" else None, initial={"source": plan.public_source}),
        "value": ValueForm(request.POST if verb == "value" else None, initial={"value": plan.public_value}),
    }
    if verb in {"hand_in", "give_up"}:
        return _of_share(request, call, verb)
    form = forms.get(verb)
    if form is not None and form.is_valid():
        done = attempt(form, _gesture(request, call, verb, form.cleaned_data))
        if done:
            messages.success(request, _("Kept."))
            return redirect("matching:seed", key=call.key)
    context = {
        "call": call,
        "plan": plan,
        "shares": list(queries.shares_of(call)),
        "given_up": list(queries.given_up(call)),
        "is_open": queries.may_still_commit(call),
        "forms": forms,
    }
    return render(request, "matching/seed.html", context, status=status_of(form) if form is not None else 200)


def _gesture(request: SignedRequest, call: Call, verb: str, data: dict[str, str]) -> Callable[[], object]:
    user = request.user
    return {
        "commit": lambda: actions.commit_secret(
            call, by=user, secret=data.get("secret", ""), keeps_it=bool(data.get("keeps_it"))
        ),
        "source": lambda: actions.name_public_value(call, data["source"], by=user),
        "value": lambda: actions.enter_public_value(call, data["value"], by=user),
    }[verb]


def _of_share(request: SignedRequest, call: Call, verb: str) -> HttpResponse:
    share = get_object_or_404(SeedShare, call=call, key=request.POST.get("share", ""))
    if verb == "hand_in":
        actions.hand_in_secret(share, request.POST.get("secret", ""), by=request.user)
        messages.success(request, _("Kept."))
    else:
        actions.give_up_share(share, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, _("Given up. Another secret can be committed."))
    return redirect("matching:seed", key=call.key)
