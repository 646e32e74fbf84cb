"""Pages of payments: batches and their files, the bank's answers and statements, the desks of what did not fit."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.audit import record
from common.crypto import decrypt
from common.gestures import action
from common.paging import key_page_for
from funding import bankfile
from funding.actions import answers
from funding.actions import payments as actions
from funding.forms.payments import AgainForm, AnswerForm, SettleForm, StatementForm
from funding.models import BankLine, Payment, PaymentBatch
from funding.queries import books
from funding.queries import payments as queries
from funding.queries.payroll import institutes_of
from funding.states import PaymentState
from people.requests import SignedRequest


@requires("funding.pay")
def batches(request: SignedRequest) -> HttpResponse:
    """The files for the bank of her institutes."""
    page = key_page_for(request, queries.batches_visible_to(request.user), order=("-pk",))
    context = {"page": page, "waiting": queries.desks_of(request.user)}
    return render(request, "funding/payments/batches.html", context)


@for_object(PaymentBatch, "funding.pay")
def batch(request: SignedRequest, batch: PaymentBatch) -> HttpResponse:
    """One file: control totals, seal, payments page by page, and the form for the bank's answer."""
    form = AnswerForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: answers.enter_answer(batch, form.cleaned_data["file"], by=request.user)):
            messages.success(request, _("The bank's answer is entered."))
            return redirect("funding:batch", key=batch.key)
    payments = batch.payments.select_related("payee", "bank_detail", "replaced_by__batch")
    context: dict[str, Any] = {
        "batch": batch,
        "form": form,
        "counts": queries.batch_counts(batch),
        "messages_of_bank": batch.answers.select_related("entered_by"),
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


@for_object(Payment, "funding.pay", looks_at="payee")
def pay_again(request: SignedRequest, payment: Payment) -> HttpResponse:
    """Pay a returned payment once more; to the account that sent it back only with a reason."""
    goes_to = queries.current_details([payment.payee_id]).get(payment.payee_id)
    came_back = payment.state == PaymentState.RETURNED
    is_same = came_back and goes_to is not None and goes_to.pk == payment.bank_detail_id
    form = AgainForm(request.POST if request.method == "POST" else None, needs_reason=is_same)
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data.get("why", "")
        made = attempt(form, lambda: actions.pay_again(payment, by=request.user, why=why))
        if made:
            messages.success(request, _("A new file for the bank holds this payment."))
            return redirect("funding:batch", key=made.key)
    context = {"form": form, "payment": payment, "goes_to": goes_to, "is_same": is_same}
    return render(request, "funding/payments/again.html", context, status=status_of(form))


@requires("funding.pay")
def statements(request: SignedRequest) -> HttpResponse:
    """The bank's files of her institutes, and the form to enter a statement."""
    institutes = institutes_of(request.user)
    form = StatementForm(request.POST or None, request.FILES or None, institutes=institutes)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = attempt(form, lambda: answers.enter_statement(data["institute"], data["file"], by=request.user))
        if made:
            words = _("Entered: %(paid)s paid, %(returned)s returned, %(unmatched)s not matched.")
            messages.success(request, words % vars(made))
            return redirect("funding:unmatched" if made.unmatched else "funding:statements")
    context = {
        "form": form,
        "page": key_page_for(request, queries.bank_messages_visible_to(request.user), order=("-pk",)),
        "accounts": books.bank_against_books(institutes),
    }
    return render(request, "funding/payments/statements.html", context, status=status_of(form))


@requires("funding.pay")
def unmatched(request: SignedRequest) -> HttpResponse:
    """Movements that no payment explains."""
    rows = queries.open_lines(request.user)
    context = {"page": key_page_for(request, rows, order=("-pk",)), "count": rows.count()}
    return render(request, "funding/payments/unmatched.html", context)


@for_object(BankLine, "funding.pay")
def settle(request: SignedRequest, line: BankLine) -> HttpResponse:
    """Say what one movement is."""
    form = SettleForm(request.POST or None, line=line)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: answers.settle_line(line, by=request.user, **form.cleaned_data)):
            messages.success(request, _("Another person confirms it; then it is in the books."))
            return redirect("funding:unmatched")
    is_mine = line.proposed_by_id == request.user.pk
    context = {"form": form, "line": line, "is_mine": is_mine}
    return render(request, "funding/payments/settle.html", context, status=status_of(form))


@require_POST
@for_object(BankLine, "funding.pay")
def confirm_line(request: SignedRequest, line: BankLine) -> HttpResponse:
    """The second person's yes to what a movement is, or no."""
    if "reject" in request.POST:
        answers.reject_line(line, by=request.user)
        messages.success(request, _("The movement waits to be explained again."))
        return redirect("funding:settle_line", key=line.key)
    answers.confirm_line(line, by=request.user)
    messages.success(request, _("Entered in the books."))
    return redirect("funding:unmatched")


@requires("funding.pay")
def returned(request: SignedRequest) -> HttpResponse:
    """Payments that came back and wait to be made again."""
    rows = queries.returned_waiting(request.user)
    page = key_page_for(request, rows, order=("-pk",))
    latest = queries.current_details([payment.payee_id for payment in page.rows])
    for payment in page.rows:
        payment.goes_to = latest.get(payment.payee_id)  # type: ignore[attr-defined]
    return render(request, "funding/payments/returned.html", {"page": page, "count": rows.count()})
