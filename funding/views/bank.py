"""Pages of bank accounts: a person's own, the desk that confirms them, and from which account an institute pays."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires, signed_in
from common.asking import attempt, status_of
from common.paging import key_page_for
from funding.actions import bank_details as actions
from funding.actions import payments
from funding.forms.payments import BankForm, CodeForm, PayerForm
from funding.models import BankDetail, PayerAccount
from funding.queries import payments as queries
from funding.queries.payroll import institutes_of
from people.requests import SignedRequest


@requires("funding.pay")
def payers(request: SignedRequest) -> HttpResponse:
    """From which account each of her institutes pays, masked, and the form to set it."""
    institutes = institutes_of(request.user).select_related("payer_account__entered_by").order_by("code")
    form = PayerForm(request.POST or None, institutes=institutes)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        if attempt(form, lambda: actions.set_payer_account(data.pop("institute"), by=request.user, **data)):
            messages.success(request, _("Kept. Nothing is paid from it before another person confirms it."))
            return redirect("funding:payers")
    context = {"form": form, "institutes": institutes}
    return render(request, "funding/payments/payers.html", context, status=status_of(form))


@require_POST
@for_object(PayerAccount, "funding.pay", key="pk")
def confirm_payer(request: SignedRequest, payer: PayerAccount) -> HttpResponse:
    """The second person's yes to an institute's account."""
    actions.confirm_payer_account(payer, by=request.user)
    messages.success(request, _("Confirmed. The next file for the bank pays from this account."))
    return redirect("funding:payers")


@signed_in("her own bank account, masked")
def bank(request: SignedRequest) -> HttpResponse:
    """Where she is paid, and the form to change it."""
    form = BankForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.enter_bank_detail(request.user, by=request.user, **form.cleaned_data)):
            messages.success(request, _("Kept. The finance desk confirms it before the next payment goes there."))
            return redirect("funding:bank")
    details = BankDetail.objects.filter(user=request.user.pk).order_by("-is_current", "-pk")[:5]
    context = {
        "form": form,
        "details": details,
        "now": queries.current_details([request.user.pk]).get(request.user.pk),
    }
    return render(request, "funding/payments/bank.html", context, status=status_of(form))


@for_object(BankDetail, "funding.answer_test", key="pk")
def answer_test(request: SignedRequest, detail: BankDetail) -> HttpResponse:
    """She says the number that came with the one won."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        if attempt(form, lambda: actions.answer_test_transfer(detail, by=request.user, code=code)):
            messages.success(request, _("The number is right: the account is yours."))
            return redirect("funding:bank")
    return render(request, "funding/payments/test.html", {"form": form, "detail": detail}, status=status_of(form))


@require_POST
@for_object(BankDetail, "funding.stop_bank", key="pk")
def stop_bank(request: SignedRequest, detail: BankDetail) -> HttpResponse:
    """Stop an account: nothing goes there any more."""
    actions.stop_bank_detail(detail, by=request.user)
    messages.success(request, _("Stopped. Nothing is paid to this account any more."))
    return redirect("funding:bank" if detail.user_id == request.user.pk else "funding:bank_desk")


@requires("funding.confirm_bank")
def bank_desk(request: SignedRequest) -> HttpResponse:
    """Bank accounts that wait for a second person."""
    page = key_page_for(request, queries.bank_changes_waiting(request.user), order=("pk",))
    institute = institutes_of(request.user).first()
    return render(request, "funding/payments/bank_desk.html", {"page": page, "institute": institute})


@require_POST
@for_object(BankDetail, "funding.confirm_bank", key="pk")
def confirm_bank(request: SignedRequest, detail: BankDetail) -> HttpResponse:
    """The second person's yes to a bank account."""
    actions.confirm_bank_detail(detail, by=request.user)
    messages.success(request, _("Confirmed. Payments go there once the cooling-off period has gone by."))
    return redirect("funding:bank_desk")


@require_POST
@for_object(BankDetail, "funding.confirm_bank", key="pk")
def send_test(request: SignedRequest, detail: BankDetail) -> HttpResponse:
    """Send one won to the account, from the institute that employs its holder."""
    institute = queries.employer_of(detail, request.user)
    batch = payments.send_test_transfer(detail, institute, by=request.user)
    messages.success(request, _("One won is in a file for the bank."))
    return redirect("funding:batch", key=batch.key)
