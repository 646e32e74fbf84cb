"""Pages of labs and partner organisations: public to read; the institute's officers and the lab's head keep them."""

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, public, requires
from common.asking import attempt, status_of
from common.paging import key_page_for, order_from
from common.settled import unchanged
from labs import actions, queries
from labs.forms import JoinForm, LabForm, LabSearch, MemberForm, PartnerForm, PartnerSearch
from labs.models import Lab, PartnerOrganisation
from people.models import User
from people.requests import SignedRequest

ORDERS = {"code": ("code", "pk"), "name": ("name_en", "pk")}


def _named(word: str) -> Q:
    return Q(name_en__icontains=word) | Q(name_ko__icontains=word)


@public("labs are presented to everybody")
def labs(request: HttpRequest) -> HttpResponse:
    """All labs, by institute and sector."""
    institutes, sectors = unchanged("labs:choices", queries.choices)
    search = LabSearch(request.GET, institutes=institutes, sectors=sectors)
    rows = _found(queries.labs_listed(request.user), search)
    sort, order = order_from(request, ORDERS, default="code")
    page = key_page_for(request, rows, order=order)
    is_whole = not page.next_cursor and not page.previous_cursor
    count = len(page.rows) if is_whole else rows.count()
    context = {"page": page, "sort": sort, "count": count, "filter_form": search}
    filtered = any(request.GET.get(name) for name in ("q", "institute", "sector"))
    return render(request, "labs/list.html", {**context, "is_filtered": filtered})


def _found(rows: QuerySet[Lab], search: LabSearch) -> QuerySet[Lab]:
    if not search.is_valid():
        return rows
    data = search.cleaned_data
    rows = rows.filter(_named(data["q"]) | Q(code__iexact=data["q"])) if data["q"] else rows
    rows = rows.filter(institute=data["institute"]) if data["institute"] else rows
    return rows.filter(sectors=data["sector"]) if data["sector"] else rows


@public("a lab is presented to everybody")
def lab(request: HttpRequest, key: str) -> HttpResponse:
    """One lab: what it does, who leads it, who takes part."""
    row = get_object_or_404(queries.labs_listed(request.user), key=key)
    context = {"lab": row, "members": queries.members_of(row), "partners": queries.partners_of(row)}
    may_edit = isinstance(request.user, User) and request.user.has_perm("labs.edit_lab", row)
    return render(request, "labs/detail.html", {**context, "may_edit": may_edit})


@for_object(Lab, "labs.edit_lab")
def edit(request: SignedRequest, lab: Lab) -> HttpResponse:
    """Change what is said about a lab."""
    form = LabForm(request.POST or None, instance=lab)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.keep_lab(lab, form.cleaned_data["sectors"], by=request.user)):
            messages.success(request, _("Saved."))
            return redirect("labs:detail", key=lab.key)
    return render(request, "labs/edit.html", {"form": form, "lab": lab}, status=status_of(form))


@requires("labs.add_lab")
def add(request: SignedRequest) -> HttpResponse:
    """A new lab joins the programme."""
    form = LabForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kept = attempt(form, lambda: actions.keep_lab(form.instance, form.cleaned_data["sectors"], by=request.user))
        if kept:
            messages.success(request, _("The lab is added."))
            return redirect("labs:people", key=kept.key)
    return render(request, "labs/edit.html", {"form": form}, status=status_of(form))


@for_object(Lab, "labs.edit_lab")
def people(request: SignedRequest, lab: Lab) -> HttpResponse:
    """Who belongs to a lab, and the form to add somebody."""
    form = MemberForm(request.POST or None, initial={"starts_on": timezone.localdate()})
    form.instance.lab = lab
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.add_member(form.instance, by=request.user)):
            messages.success(request, _("Added."))
            return redirect("labs:people", key=lab.key)
    context = {"form": form, "lab": lab, "members": queries.members_of(lab)}
    return render(request, "labs/people.html", context, status=status_of(form))


@require_POST
@for_object(Lab, "labs.edit_lab")
def end_member(request: SignedRequest, lab: Lab, pk: int) -> HttpResponse:
    """Somebody leaves the lab."""
    actions.end_member(get_object_or_404(lab.members, pk=pk), by=request.user)
    messages.success(request, _("Her membership and her role in this lab have ended."))
    return redirect("labs:people", key=lab.key)


@for_object(Lab, "labs.edit_lab")
def joined(request: SignedRequest, lab: Lab) -> HttpResponse:
    """Who takes part in a lab, and the form to add an organisation."""
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: actions.add_partner(lab, data["organisation"], by=request.user, note=data["note"])):
            messages.success(request, _("Added."))
            return redirect("labs:joined", key=lab.key)
    context = {"form": form, "lab": lab, "partners": queries.partners_of(lab)}
    return render(request, "labs/joined.html", context, status=status_of(form))


@require_POST
@for_object(Lab, "labs.edit_lab")
def end_partner(request: SignedRequest, lab: Lab, pk: int) -> HttpResponse:
    """An organisation no longer takes part."""
    actions.end_partner(get_object_or_404(lab.lab_partners, pk=pk), by=request.user)
    messages.success(request, _("It no longer takes part in this lab."))
    return redirect("labs:joined", key=lab.key)


@public("partners are presented to everybody")
def partners(request: HttpRequest) -> HttpResponse:
    """All partner organisations."""
    search = PartnerSearch(request.GET)
    rows = queries.partners_listed()
    if search.is_valid():
        rows = rows.filter(_named(search.cleaned_data["q"])) if search.cleaned_data["q"] else rows
        rows = rows.filter(kind=search.cleaned_data["kind"]) if search.cleaned_data["kind"] else rows
    page = key_page_for(request, rows, order=("name_en", "pk"))
    filtered = any(request.GET.get(name) for name in ("q", "kind"))
    context = {"page": page, "count": rows.count(), "filter_form": search, "is_filtered": filtered}
    return render(request, "labs/partners.html", context)


@public("a partner is presented to everybody")
def partner(request: HttpRequest, key: str) -> HttpResponse:
    """One organisation and the labs in which it takes part."""
    row = get_object_or_404(queries.partners_visible_to(request.user), key=key)
    return render(request, "labs/partner.html", {"partner": row, "labs": queries.labs_of(row)})


@for_object(PartnerOrganisation, "labs.edit_partners")
def edit_partner(request: SignedRequest, partner: PartnerOrganisation) -> HttpResponse:
    """Change what is said about an organisation."""
    form = PartnerForm(request.POST or None, instance=partner)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.keep_partner(form.instance, by=request.user)):
            messages.success(request, _("Saved."))
            return redirect("labs:partner", key=partner.key)
    return render(request, "labs/edit_partner.html", {"form": form, "partner": partner}, status=status_of(form))


@requires("labs.edit_partners")
def add_partner(request: SignedRequest) -> HttpResponse:
    """A new organisation."""
    form = PartnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kept = attempt(form, lambda: actions.keep_partner(form.instance, by=request.user))
        if kept:
            return redirect("labs:partner", key=kept.key)
    return render(request, "labs/edit_partner.html", {"form": form}, status=status_of(form))
