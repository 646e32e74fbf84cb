"""What was told to a person, the outbox for officers, and bounces from the mail server."""

import secrets

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from common.access import for_object, public, requires, signed_in
from common.paging import key_page_for
from notifications import actions, queries
from notifications.forms import OutboxSearch, ResendForm
from notifications.models import Notification
from people.requests import SignedRequest


@signed_in("what was told to her")
def mine(request: SignedRequest) -> HttpResponse:
    """Messages to her, newest first."""
    rows = Notification.objects.filter(to=request.user.pk)
    return render(request, "outbox/mine.html", {"page": key_page_for(request, rows, order=("-pk",))})


@requires("notifications.view_outbox")
def outbox(request: SignedRequest) -> HttpResponse:
    """Everything told to anybody, by state."""
    search = OutboxSearch(request.GET)
    rows = queries.found(request.user, search.asked())
    context = {"page": key_page_for(request, rows, order=("-pk",)), "filter_form": search}
    context |= {"counts": queries.outbox_by_state(), "is_filtered": any(search.asked().values())}
    return render(request, "outbox/outbox.html", context)


@for_object(Notification, "notifications.view_notification")
def message(request: SignedRequest, notification: Notification) -> HttpResponse:
    """One message: its text, also in the other language, what became of it; sending it again."""
    may_resend = request.user.has_perm("notifications.resend")
    form = ResendForm(request.POST or None, initial={"address": notification.address})
    if request.method == "POST" and may_resend and form.is_valid():
        again = actions.resend(notification, by=request.user, address=form.cleaned_data["address"])
        messages.success(request, _("Sent once more to %(address)s.") % {"address": again.address})
        return redirect("notifications:message", key=again.key)
    context = {"notification": notification, "form": form, "may_resend": may_resend}
    context["previews"] = queries.previews_of(notification)
    return render(request, "outbox/message.html", context)


@csrf_exempt
@require_POST
@public("the mail server reports returned messages; it shows a token of its own")
def bounces(request: HttpRequest) -> JsonResponse:
    """`message_id` and `reason` of a returned message; 403 without the configured token."""
    given = request.headers.get("X-Bounce-Token", "")
    if not settings.BOUNCE_TOKEN or not secrets.compare_digest(given, settings.BOUNCE_TOKEN):
        return JsonResponse({"recorded": False}, status=403)
    key = request.POST.get("message_id", "").strip("<> ").partition("@")[0]
    row = actions.record_bounce(key, request.POST.get("reason", ""), by=None)
    return JsonResponse({"recorded": row is not None})
