"""Pages of fiscal years, of the chart of accounts, and of what is left at a year's end."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.paging import key_page_for
from funding.actions import movements
from funding.actions import years as actions
from funding.forms.budget import YearForm
from funding.models import Account, YearChange
from funding.queries import movements as moving
from funding.queries import years as queries
from funding.states import AccountKind
from people.requests import SignedRequest


@requires("funding.view_books")
def years(request: SignedRequest) -> HttpResponse:
    """Which years are open, what keeps the last from closing, and the form to ask."""
    last = timezone.localdate().year - 1
    form = YearForm(request.POST or None, initial={"year": last})
    may = request.user.has_perm("funding.change_year")
    if request.method == "POST" and may and form.is_valid():
        data = dict(form.cleaned_data)
        if attempt(form, lambda: actions.ask_year(data.pop("year"), by=request.user, **data)):
            messages.success(request, _("Asked for. Another person confirms it."))
            return redirect("funding:years")
    context = {
        "form": form,
        "may": may,
        "years": queries.years_with_states(),
        "matters": queries.open_matters(last),
        "last": last,
        "page": key_page_for(request, queries.year_changes_visible_to(request.user), order=("-pk",)),
        "chart": queries.chart().values(),
    }
    return render(request, "funding/books/years.html", context, status=status_of(form))


@require_POST
@for_object(YearChange, "funding.change_year", key="pk")
def confirm_year(request: SignedRequest, change: YearChange) -> HttpResponse:
    """The second person's yes; or the change is taken back."""
    if "withdraw" in request.POST:
        actions.withdraw_year(change, by=request.user)
        messages.success(request, _("Taken back."))
    else:
        actions.confirm_year(change, by=request.user)
        messages.success(request, _("Confirmed."))
    return redirect("funding:years")


@requires("funding.pay")
def leftovers(request: SignedRequest) -> HttpResponse:
    """What is left of a year at her institutes, and the gesture that settles each."""
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else timezone.localdate().year - 1
    rows = moving.leftovers(request.user, year)
    page = key_page_for(request, rows, order=("code", "pk"))
    return render(request, "funding/books/leftovers.html", {"page": page, "year": year, "count": rows.count()})


@require_POST
@for_object(Account, "funding.settle_account")
def settle_account(request: SignedRequest, account: Account) -> HttpResponse:
    """Carry what is left of a commitment into the fellow's next year, or give it back to the lab."""
    if account.kind == AccountKind.COMMITTED and "release" not in request.POST:
        movements.carry_commitment(account, by=request.user)
        messages.success(request, _("Carried over to the next year."))
    else:
        movements.release_commitment(account, by=request.user)
        messages.success(request, _("Given back to the lab."))
    return redirect("funding:leftovers")
