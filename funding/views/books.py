"""The books: trial balance, accounts, an account's lines, an entry with what caused it."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import for_object, requires
from common.csv import csv_response
from common.paging import key_page_for
from funding.models import Account, Entry
from funding.queries import books as queries
from funding.queries.budget import fiscal_years
from funding.states import AccountKind
from people.requests import SignedRequest


@requires("funding.view_books")
def books(request: SignedRequest) -> HttpResponse:
    """The trial balance of a year and its accounts."""
    asked, kind = request.GET.get("year", ""), request.GET.get("kind", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else timezone.localdate().year
    totals = queries.trial_balance(request.user, year)
    rows = queries.accounts_visible_to(request.user).select_related(None).filter(fiscal_year=year)
    rows = rows.filter(kind=kind) if kind in AccountKind.values else rows
    rows = rows.filter(code__icontains=request.GET["q"][:60]) if request.GET.get("q") else rows
    context = {
        "year": year, "years": fiscal_years(), "totals": totals, "kind": kind,
        "sum_krw": sum(row.balance_krw for row in totals),
        "page": key_page_for(request, rows, order=("code", "pk")), "count": rows.count(),
        "is_filtered": bool(kind or request.GET.get("q")), "q": request.GET.get("q", ""),
    }  # fmt: skip
    return render(request, "funding/books/books.html", context)


@for_object(Account, "funding.view_books")
def account(request: HttpRequest, account: Account) -> HttpResponse:
    """An account's lines, the newest first."""
    rows = queries.lines_of(account)
    context = {"account": account, "page": key_page_for(request, rows, order=("-pk",)), "count": rows.count()}
    return render(request, "funding/books/account.html", context)


@for_object(Account, "funding.view_books")
def account_csv(request: HttpRequest, account: Account) -> HttpResponseBase:
    """An account's lines as a file."""
    heads = [_("Entry"), _("Day"), _("What for"), _("Amount")]
    rows = queries.lines_of(account).order_by("pk").iterator()
    lines = ([row.entry.key, row.entry.booked_on, row.entry.words, row.amount_krw] for row in rows)
    return csv_response(f"account-{account.key}.csv", heads, lines)


@for_object(Entry, "funding.view_books")
def entry(request: SignedRequest, entry: Entry) -> HttpResponse:
    """One entry: its lines, its business event and the person who caused it."""
    lines = list(queries.lines_of_entry(entry, request.user))
    hidden = entry.lines.count() - len(lines)
    return render(request, "funding/books/entry.html", {"entry": entry, "lines": lines, "hidden": hidden})
