"""Pages of payments: batches and their files, the bank's answer, a person's bank details and their confirmation."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires, signed_in
from common.asking import attempt, status_of
from common.audit import record
from common.crypto import decrypt
from common.gestures import action
from common.paging import key_page_for
from funding import bankfile
from funding.actions import payments as actions
from funding.forms.payments import AnswerForm, BankForm, PayerForm
from funding.models import BankDetail, Payment, PaymentBatch
from funding.queries import payments as queries
from funding.queries.payroll import institutes_of
from people.requests import SignedRequest


@requires("funding.pay")
def batches(request: SignedRequest) -> HttpResponse:
    """The files for the bank of her institutes."""
    page = key_page_for(request, queries.batches_visible_to(request.user), order=("-pk",))
    return render(request, "funding/payments/batches.html", {"page": page})


@for_object(PaymentBatch, "funding.pay")
def batch(request: SignedRequest, batch: PaymentBatch) -> HttpResponse:
    """One file: control totals, seal, payments page by page, and the form for the bank's answer."""
    form = AnswerForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.record_answers(batch, form.cleaned_data["file"], by=request.user)):
            messages.success(request, _("The bank's answer is entered."))
            return redirect("funding:batch", key=batch.key)
    payments = batch.payments.select_related("payee", "bank_detail")
    context: dict[str, Any] = {
        "batch": batch,
        "form": form,
        "counts": queries.batch_counts(batch),
        "page": key_page_for(request, payments, order=("pk",)),
    }
    return render(request, "funding/payments/batch.html", context, status=status_of(form))


@for_object(PaymentBatch, "funding.pay")
def batch_file(request: SignedRequest, batch: PaymentBatch, kind: str) -> HttpResponse:
    """The sealed file, as XML or CSV; each download is in the audit."""
    if kind not in {"xml", "csv"}:
        raise Http404
    xml = decrypt(batch.pain_xml_sealed)
    _note_download(batch, kind, by=request.user)
    content = xml if kind == "xml" else "\ufeff" + bankfile.as_csv(xml)
    types = {"xml": "application/xml", "csv": "text/csv; charset=utf-8"}
    response = HttpResponse(content, content_type=types[kind])
    response["Content-Disposition"] = f'attachment; filename="{batch.key}.{kind}"'
    return response


@action
def _note_download(batch: PaymentBatch, kind: str, *, by: Any) -> None:
    record("funding.batch.downloaded", batch, by=by, after={"kind": kind})


@require_POST
@for_object(Payment, "funding.pay")
def pay_again(request: SignedRequest, payment: Payment) -> HttpResponse:
    """Pay a returned payment once more."""
    made = actions.pay_again(payment, by=request.user)
    messages.success(request, _("A new file for the bank holds this payment."))
    return redirect("funding:batch", key=made.key)


@requires("funding.pay")
def payers(request: SignedRequest) -> HttpResponse:
    """From which account each of her institutes pays, masked, and the form to set it."""
    institutes = institutes_of(request.user).select_related("payer_account").order_by("code")
    form = PayerForm(request.POST or None, institutes=institutes)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        if attempt(form, lambda: actions.set_payer_account(data.pop("institute"), by=request.user, **data)):
            messages.success(request, _("Kept. The next file for the bank pays from this account."))
            return redirect("funding:payers")
    context = {"form": form, "institutes": institutes}
    return render(request, "funding/payments/payers.html", context, status=status_of(form))


@signed_in("her own bank account, masked")
def bank(request: SignedRequest) -> HttpResponse:
    """Where she is paid, and the form to change it."""
    form = BankForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.enter_bank_detail(request.user, by=request.user, **form.cleaned_data)):
            messages.success(request, _("Kept. The finance desk confirms it before the next payment goes there."))
            return redirect("funding:bank")
    details = BankDetail.objects.filter(user=request.user.pk).order_by("-is_current", "-pk")[:5]
    return render(request, "funding/payments/bank.html", {"form": form, "details": details}, status=status_of(form))


@requires("funding.confirm_bank")
def bank_desk(request: SignedRequest) -> HttpResponse:
    """Bank accounts that wait for a second person."""
    page = key_page_for(request, queries.bank_changes_waiting(request.user), order=("pk",))
    return render(request, "funding/payments/bank_desk.html", {"page": page})


@require_POST
@for_object(BankDetail, "funding.confirm_bank", key="pk")
def confirm_bank(request: SignedRequest, detail: BankDetail) -> HttpResponse:
    """The second person's yes to a bank account."""
    actions.confirm_bank_detail(detail, by=request.user)
    messages.success(request, _("Confirmed; payments go there from now on."))
    return redirect("funding:bank_desk")
