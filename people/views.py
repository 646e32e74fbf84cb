"""A person's own pages; roles; who looked at whose data; the audit trail."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, public, requires, signed_in, visible_to
from common.asking import attempt, status_of
from common.csv import csv_response
from common.paging import key_page_for
from people import actions, queries
from people.forms import AuditSearch, GrantRoleForm, NameForm, RoleSearch, TokenForm
from people.models import ApiToken, Consent, RoleGrant, User
from people.requests import SignedRequest
from people.states import ApiScope

YEAR = 365 * 24 * 60 * 60


@require_POST
@public("everybody chooses her language")
def language(request: HttpRequest) -> HttpResponse:
    """Speak the chosen language from now on; remembered with the account, or by the browser."""
    chosen, goes_to = request.POST.get("language", ""), request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(goes_to, {request.get_host()}, require_https=request.is_secure()):
        goes_to = "/"
    response = redirect(goes_to)
    if chosen in dict(settings.LANGUAGES):
        if isinstance(request.user, User):
            actions.choose_language(request.user, chosen, by=request.user)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", httponly=True)
    return response


@signed_in("her own data, consents and roles")
def me(request: SignedRequest) -> HttpResponse:
    """What is kept about her: name, roles, consents, and who looked at it."""
    context = {
        "roles": request.user.role_grants.standing().select_related("place"),
        "consents": queries.consents_of(request.user),
        "looks": queries.looks_at(request.user)[:20],
        "may_keep_tokens": request.user.has_perm("people.keep_tokens"),
    }
    return render(request, "people/me.html", context)


@signed_in("her own name and settings")
def profile(request: SignedRequest) -> HttpResponse:
    """Change her name, language and time zone."""
    form = NameForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        actions.keep_profile(form.instance, form.changed_data, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("people:me")
    return render(request, "people/profile.html", {"form": form}, status=status_of(form))


@require_POST
@signed_in("she withdraws her own consent")
def withdraw(request: SignedRequest, pk: int) -> HttpResponse:
    """Withdraw a consent."""
    consent = get_object_or_404(Consent, pk=pk, email__iexact=request.user.email)
    actions.withdraw_consent(consent, by=request.user)
    messages.success(request, _("Withdrawn. What it allowed stops."))
    return redirect("people:me")


@requires("people.keep_tokens")
def tokens(request: SignedRequest) -> HttpResponse:
    """Her tokens for tools of her own; the secret of a new one is shown this once."""
    form, secret = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = attempt(form, lambda: actions.make_token(request.user, **data, by=request.user))
        if made:
            form, secret = TokenForm(), made[1]
    rows = visible_to(request.user, ApiToken)[:100]
    context = {"form": form, "secret": secret, "tokens": rows, "scopes": dict(ApiScope.choices)}
    response = render(request, "people/tokens.html", context, status=status_of(form))
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@for_object(ApiToken, "people.revoke_token", key="pk")
def revoke_token(request: SignedRequest, token: ApiToken) -> HttpResponse:
    """Take one back."""
    actions.revoke_token(token, by=request.user)
    messages.success(request, _("The token reads nothing any more."))
    return redirect("people:tokens")


@requires("people.grant_role")
def roles(request: SignedRequest) -> HttpResponse:
    """Who holds which role."""
    search = RoleSearch(request.GET)
    rows = queries.grants_found(request.user, search.asked())
    page = key_page_for(request, rows, order=("-starts_on", "-pk"))
    context = {"filter_form": search, "page": page, "count": rows.count()}
    context["is_filtered"] = any(search.asked().values())
    return render(request, "people/roles.html", context)


@requires("people.grant_role")
def grant_role(request: SignedRequest) -> HttpResponse:
    """Grant a role to somebody else."""
    form = GrantRoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        granted = attempt(
            form,
            lambda: actions.grant_role(
                data["email"], data["role"], by=request.user, place=data["place"], note=data["note"]
            ),
        )
        if granted:
            messages.success(request, _("Granted: %(grant)s.") % {"grant": granted})
            return redirect("people:roles")
    return render(request, "people/grant_role.html", {"form": form}, status=status_of(form))


@for_object(RoleGrant, "people.grant_role", key="pk")
def end_role(request: SignedRequest, grant: RoleGrant) -> HttpResponse:
    """Ask whether a role shall end today, and end it."""
    if request.method != "POST":
        return render(request, "people/end_role.html", {"grant": grant})
    actions.end_role(grant, by=request.user)
    messages.success(request, _("The role has ended."))
    return redirect("people:roles")


@requires("people.view_audit")
def audit(request: SignedRequest) -> HttpResponse:
    """Who did what: the audit trail, found by words, person and day."""
    search = AuditSearch(request.GET)
    rows = queries.audit_found(search.asked())
    page = key_page_for(request, rows, order=("-pk",))
    context = {"page": page, "filter_form": search, "is_filtered": any(search.asked().values())}
    return render(request, "people/audit.html", context)


@requires("people.view_audit")
def access(request: SignedRequest) -> HttpResponse:
    """Who looked at whose personal data."""
    rows = queries.all_looks()
    return render(request, "people/access.html", {"page": key_page_for(request, rows, order=("-pk",))})


@requires("people.view_audit")
def access_csv(request: SignedRequest) -> HttpResponseBase:
    """The log of looks as a file."""
    heads = [_("When"), _("Who"), _("Whose"), _("What"), _("From")]
    rows = queries.all_looks().order_by("pk").iterator(chunk_size=2000)
    lines = ([row.at, row.by.email, row.whose.email, row.what, row.address] for row in rows)
    return csv_response("access-log.csv", heads, lines)
