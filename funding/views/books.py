"""The books: trial balance, accounts, an account's lines, an entry with what caused it."""

from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import for_object, looked_at, requires
from common.asking import status_of
from common.csv import csv_response
from common.paging import key_page_for
from common.settled import kept_count
from funding.actions import audits
from funding.exports import write_books
from funding.forms.budget import ReversalForm, SampleForm
from funding.models import Account, Entry
from funding.queries import books as queries
from funding.queries import trace
from funding.queries.budget import fiscal_years
from funding.queries.reversals import reversals_of
from funding.queries.sources import event_of
from funding.queries.upward import way_up
from funding.states import AccountKind, ReversalState
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
    lab = request.GET.get("lab", "")[:30]
    rows = rows.filter(lab__code=lab) if lab else rows
    _note(request, "books", {"year": year, "kind": kind, "lab": lab}, len(totals))
    context = {
        "year": year, "years": fiscal_years(), "totals": totals, "kind": kind,
        "debit_krw": sum(row.debit_krw for row in totals), "credit_krw": sum(row.credit_krw for row in totals),
        "is_whole": request.user.has_perm("funding.sample"),
        "page": key_page_for(request, rows, order=("code", "pk")), "count": rows.count(),
        "is_filtered": bool(kind or lab or request.GET.get("q")), "q": request.GET.get("q", ""), "lab": lab,
    }  # fmt: skip
    return render(request, "funding/books/books.html", context)


def _note(request: SignedRequest, what: str, asked: dict[str, Any], found: int) -> None:
    """Keep what an auditor looked at."""
    if request.user.has_perm("funding.sample"):
        audits.note_look(what, asked, found, by=request.user)


@for_object(Account, "funding.view_books")
def account(request: SignedRequest, account: Account) -> HttpResponse:
    """An account's lines, the newest first."""
    rows = queries.lines_of(account)
    _note(request, "account", {"account": account.code}, 1)
    number = kept_count(f"lines:{account.pk}", rows.count)
    context = {"account": account, "page": key_page_for(request, rows, order=queries.LINES), "count": number}
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
    """One entry: its lines, its business event and the person who caused it; and whether it is taken back."""
    return entry_page(request, entry)


def entry_page(request: SignedRequest, entry: Entry, form: ReversalForm | None = None) -> HttpResponse:
    """The page of an entry, with what was asked about its reversal."""
    lines = list(queries.lines_of_entry(entry, request.user))
    hidden = entry.lines.count() - len(lines)
    _note(request, "entry", {"entry": entry.key}, len(lines))
    event = event_of(entry, request.user)
    if event.whose:
        looked_at(request, event.row, event.whose)
    found = reversals_of(entry)
    may = request.user.has_perm("funding.reverse", entry)
    is_open = may and all(row.state == ReversalState.REFUSED for row in found)
    if form is None and is_open:
        form = ReversalForm(action=reverse("funding:ask_reversal", args=[entry.key]))
    context = {"entry": entry, "lines": lines, "hidden": hidden, "event": event}
    context |= {"reversals": found, "may_reverse": may, "form": form}
    return render(request, "funding/books/entry.html", context, status=status_of(form) if form else 200)


@for_object(Account, "funding.view_books")
def chain(request: SignedRequest, account: Account) -> HttpResponse:
    """From this account up to the appropriation."""
    _note(request, "chain", {"account": account.code}, 1)
    return render(request, "funding/books/chain.html", {"account": account, "stages": way_up(account, request.user)})


@requires("funding.sample")
def sample(request: SignedRequest) -> HttpResponse:
    """A sample of expenses for an auditor, and the log of what auditors asked."""
    form = SampleForm(request.POST or None, initial={"fiscal_year": timezone.localdate().year})
    lines = None
    if request.method == "POST" and form.is_valid():
        lines = audits.draw_sample(trace.Sample(**form.cleaned_data), by=request.user)
    page = key_page_for(request, trace.audit_queries_visible_to(request.user), order=("-pk",))
    context = {"form": form, "lines": lines, "page": page}
    return render(request, "funding/books/sample.html", context, status=status_of(form))


@requires("funding.view_books")
def export(request: SignedRequest, year: int) -> FileResponse:
    """The books of a year as she may see them: tables, facts and a manifest of hashes."""
    file = TemporaryFile()  # noqa: SIM115  the response closes it
    manifest = write_books(queries.accounts_visible_to(request.user), year, file)
    _note(request, "export", {"year": year}, len(manifest["files"]))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"books-{year}.zip", content_type="application/zip")
