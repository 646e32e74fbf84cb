"""The numbers that change by date: who entered them, on what source, who confirmed them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.paging import key_page_for
from funding.actions import rules as actions
from funding.actions import schemes
from funding.actions import spending_rules as spending
from funding.forms.rules import RuleForm, SpendingRuleForm, TermsForm
from funding.models import CategoryRule, MoneyRule, SchemeTerms
from funding.queries import rules as queries
from funding.queries.matched import terms_visible_to
from people.requests import SignedRequest


@requires("funding.view_rules")
def rules(request: SignedRequest) -> HttpResponse:
    """All values, and the form for a new one."""
    may = request.user.has_perm("funding.set_rules")
    form = RuleForm(request.POST or None, initial={"from_on": timezone.localdate()})
    if request.method == "POST" and may and form.is_valid():
        if attempt(form, lambda: actions.enter_rule(by=request.user, **form.cleaned_data)):
            messages.success(request, _("Entered. It counts once another person confirmed it."))
            return redirect("funding:rules")
    page = key_page_for(request, queries.rules_visible_to(request.user), order=("code", "-from_on", "pk"))
    return render(request, "funding/rules.html", {"page": page, "form": form, "may": may}, status=status_of(form))


@require_POST
@for_object(MoneyRule, "funding.set_rules", key="pk")
def confirm_rule(request: SignedRequest, rule: MoneyRule) -> HttpResponse:
    """Another person's yes to a value."""
    actions.confirm_rule(rule, by=request.user)
    messages.success(request, _("Confirmed. It counts from its day on."))
    return redirect("funding:rules")


@requires("funding.view_rules")
def spending_rules(request: SignedRequest) -> HttpResponse:
    """What categories of claims forbid, demand and let one person approve, and the form for a new rule."""
    may = request.user.has_perm("funding.set_rules")
    form = SpendingRuleForm(request.POST or None, initial={"from_on": timezone.localdate()})
    if request.method == "POST" and may and form.is_valid():
        asked = dict(form.cleaned_data)
        about = {name: asked.pop(name) for name in ("category", "kind", "from_on")}
        if attempt(form, lambda: spending.enter_spending_rule(said=spending.Said(**asked), by=request.user, **about)):
            messages.success(request, _("Entered. It counts once another person confirmed it."))
            return redirect("funding:spending_rules")
    rows = queries.spending_rules_visible_to(request.user)
    page = key_page_for(request, rows, order=("kind", "-from_on", "pk"))
    context = {"page": page, "form": form, "may": may}
    return render(request, "funding/spending_rules.html", context, status=status_of(form))


@require_POST
@for_object(CategoryRule, "funding.set_rules", key="pk")
def confirm_spending_rule(request: SignedRequest, rule: CategoryRule) -> HttpResponse:
    """Another person's yes to a rule of spending."""
    spending.confirm_spending_rule(rule, by=request.user)
    messages.success(request, _("Confirmed. It counts from its day on."))
    return redirect("funding:spending_rules")


@requires("funding.view_rules")
def scheme_terms(request: SignedRequest) -> HttpResponse:
    """The terms of schemes of matched money, and the form for new ones."""
    may = request.user.has_perm("funding.set_rules")
    form = TermsForm(request.POST or None, initial={"from_on": timezone.localdate()})
    if request.method == "POST" and may and form.is_valid():
        asked = dict(form.cleaned_data)
        scheme, from_on = asked.pop("scheme"), asked.pop("from_on")
        if attempt(form, lambda: schemes.enter_terms(scheme, from_on, schemes.Terms(**asked), by=request.user)):
            messages.success(request, _("Entered. It counts once another person confirmed it."))
            return redirect("funding:scheme_terms")
    page = key_page_for(request, terms_visible_to(request.user), order=("scheme_id", "-from_on", "pk"))
    context = {"page": page, "form": form, "may": may}
    return render(request, "funding/scheme_terms.html", context, status=status_of(form))


@require_POST
@for_object(SchemeTerms, "funding.set_rules", key="pk")
def confirm_scheme_terms(request: SignedRequest, terms: SchemeTerms) -> HttpResponse:
    """Another person's yes to a scheme's terms."""
    schemes.confirm_terms(terms, by=request.user)
    messages.success(request, _("Confirmed. It counts from its day on."))
    return redirect("funding:scheme_terms")
