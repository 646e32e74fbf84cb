"""Pages of budgets: figures by institute and lab; appropriations, agreements, allotments."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.charts import Point, Series
from common.csv import csv_response
from funding.actions import budget as actions
from funding.forms.budget import AgreementForm, AllotmentForm, AppropriationForm
from funding.models import Agreement
from funding.queries import budget as queries
from funding.queries.budget import Figures
from people.requests import SignedRequest


def _year(request: SignedRequest) -> int:
    asked = request.GET.get("year", "")
    return int(asked) if asked.isdecimal() and len(asked) == 4 else timezone.localdate().year


def _series(figures: list[Figures]) -> list[Series]:
    parts = ((_("Spent"), "spent_krw"), (_("Committed"), "committed_krw"), (_("Available"), "available_krw"))
    return [Series(label, [Point(row.owner, getattr(row, name)) for row in figures]) for label, name in parts]


@requires("funding.view_budget")
def budget(request: SignedRequest) -> HttpResponse:
    """Three figures for each lab, and what lies above them."""
    year = _year(request)
    figures = queries.budget_of(request.user, year)
    context = {
        "year": year,
        "years": queries.fiscal_years(),
        "figures": figures,
        "series": _series([lab for row in figures for lab in row.parts]),
        "appropriated_krw": queries.appropriated_krw(year),
        "unagreed_krw": queries.unagreed_krw(year),
        "agreements": queries.agreements_visible_to(request.user).filter(fiscal_year=year),
    }
    return render(request, "funding/books/budget.html", context)


@requires("funding.view_budget")
def budget_csv(request: SignedRequest) -> HttpResponseBase:
    """The same figures as a file."""
    year = _year(request)
    heads = [_("Institute"), _("Lab"), _("Allotted"), _("Committed"), _("Spent"), _("Available")]
    rows = (
        [row.owner, lab.owner, lab.allotted_krw, lab.committed_krw, lab.spent_krw, lab.available_krw]
        for row in queries.budget_of(request.user, year)
        for lab in row.parts
    )
    return csv_response(f"budget-{year}.csv", heads, rows)


def _ask(request: SignedRequest, form: Any, act: Callable[[dict[str, Any]], Any], title: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: act(form.cleaned_data)):
        messages.success(request, _("Entered in the books."))
        return redirect("funding:budget")
    return render(request, "funding/books/enter.html", {"form": form, "title": title}, status=status_of(form))


@requires("funding.appropriate")
def appropriate(request: SignedRequest) -> HttpResponse:
    """Enter what parliament gave."""
    form = AppropriationForm(request.POST or None, initial={"fiscal_year": timezone.localdate().year})
    return _ask(request, form, lambda data: actions.appropriate(by=request.user, **data), _("Appropriate money"))


@requires("funding.appropriate")
def agree(request: SignedRequest) -> HttpResponse:
    """Agree a sum with an institute."""
    form = AgreementForm(request.POST or None)
    return _ask(request, form, lambda data: actions.agree(by=request.user, **data), _("Agree with an institute"))


@for_object(Agreement, "funding.allot")
def allot(request: SignedRequest, agreement: Agreement) -> HttpResponse:
    """Allot to a lab."""
    form = AllotmentForm(request.POST or None, agreement=agreement)
    title = _("Allot out of %(agreement)s") % {"agreement": agreement}
    return _ask(request, form, lambda data: actions.allot(agreement, by=request.user, **data), title)
