"""What waits for a person in the room of money."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.queries import has_applied
from common.desk import DeskItem
from common.when import day_words
from fellowships.models import Appointment
from fellowships.states import AppointmentState
from funding.models import BankDetail, Claim, PayLine, Payment, PayrollRun, PurchaseRequest
from funding.queries.cards import charges_of, charges_visible_to
from funding.queries.payroll import institutes_of, slips_visible_to
from funding.queries.reversals import waiting_for
from funding.queries.severance import DUE_WITHIN, owed_at, severances_visible_to
from funding.states import ChargeState, ClaimState, PaymentState, PayrollState, PurchaseState, SeveranceState
from people.rules import is_finance_officer


def desk_items(user: Any) -> list[DeskItem]:
    """For a fellow her slips, claims and bank details; for finance officers runs, claims and payments."""
    items = _of_fellow(user) if has_applied(user) else []
    items += _of_reversals(user) if user.has_perm("funding.view_books") else []
    return items + _of_finance(user) if is_finance_officer(user) else items


def _of_reversals(user: Any) -> list[DeskItem]:
    """Entries that somebody else wants reversed. One query."""
    label = _("Approve or refuse the reversal of an entry")
    return [
        DeskItem(label, reverse("funding:entry", args=[row.entry.key]), detail=row.reason) for row in waiting_for(user)
    ]


def _of_fellow(user: Any) -> list[DeskItem]:
    appointment = Appointment.objects.filter(fellow=user.pk, state=AppointmentState.STANDING).first()
    if appointment is None:
        return []
    asked = Claim.objects.filter(appointment__fellow=user.pk, state=ClaimState.RETURNED).order_by("pk")
    items = [
        DeskItem(
            _("The finance desk asks about your claim of ₩%(amount)s") % {"amount": f"{claim.amount_krw:,}"},
            reverse("funding:claim", args=[claim.key]),
            detail=_("It waits for your answer."),
        )
        for claim in asked[:5]
    ]
    if number := charges_of(user).filter(state=ChargeState.OPEN).count():
        items.append(DeskItem(_("Account for your payments by card"), reverse("funding:claims"), count=number))
    if not BankDetail.objects.filter(user=user.pk, confirmed_at__isnull=False, is_current=True).exists():
        label = _("Give the bank account for your salary")
        items.append(DeskItem(label, reverse("funding:bank"), detail=_("A second person confirms it.")))
    latest = slips_visible_to(user).order_by("-month").first()
    if latest is not None:
        said = _("Your payslip of %(month)s") % {"month": f"{latest.month:%Y-%m}"}
        items.append(DeskItem(said, reverse("funding:payslip", args=[latest.key]), kind="info"))
    items.append(DeskItem(_("Your research funds and claims"), reverse("funding:claims"), kind="info"))
    return items


def _of_finance(user: Any) -> list[DeskItem]:
    institutes = institutes_of(user)
    waiting = PayrollRun.objects.filter(
        institute__in=institutes, state__in=[PayrollState.PREVIEW, PayrollState.APPROVED]
    ).order_by("month")
    items = [_of_run(run) for run in waiting[:5]]
    claims = Claim.objects.filter(
        appointment__institute__in=institutes, state__in=[ClaimState.SUBMITTED, ClaimState.CHECKED]
    ).exclude(appointment__fellow=user.pk)
    number = claims.exclude(Q(submitted_by=user.pk) | Q(checked_by=user.pk)).count()
    if number:
        items.append(DeskItem(_("Decide claims of research funds"), reverse("funding:claims_desk"), count=number))
    charges = charges_visible_to(user).filter(state=ChargeState.OPEN).exclude(card__appointment__fellow=user.pk)
    if to_account := charges.count():
        label = _("Payments by card that nobody accounted for")
        items.append(DeskItem(label, reverse("funding:card_charges"), count=to_account, kind="info"))
    wishes = PurchaseRequest.objects.filter(appointment__institute__in=institutes, state=PurchaseState.ASKED)
    if to_decide := wishes.exclude(appointment__fellow=user.pk).count():
        items.append(DeskItem(_("Decide purchase requests"), reverse("funding:purchases_desk"), count=to_decide))
    approved = Claim.objects.filter(appointment__institute__in=institutes, state=ClaimState.APPROVED).exclude(
        Q(appointment__fellow=user.pk) | Q(submitted_by=user.pk) | Q(checked_by=user.pk) | Q(approved_by=user.pk)
    )
    if to_send := approved.exclude(payments__isnull=False).count():
        items.append(DeskItem(_("Send approved claims to the bank"), reverse("funding:claims_desk"), count=to_send))
    returned = Payment.objects.filter(
        batch__institute__in=institutes, state=PaymentState.RETURNED, replaced_by=None
    ).count()
    if returned:
        items.append(DeskItem(_("Payments came back from the bank"), reverse("funding:returned"), count=returned))
    accounts = BankDetail.objects.filter(confirmed_at=None, stopped_at=None).exclude(user=user.pk)
    if unconfirmed := accounts.count():
        items.append(DeskItem(_("Confirm bank details"), reverse("funding:bank_desk"), count=unconfirmed))
    return [*items, *_severance(user), *_next_run(institutes)]


def _severance(user: Any) -> list[DeskItem]:
    """Severance that nobody asked to pay, and what was asked for."""
    items = []
    owed = list(owed_at(user)[:50])
    if owed:
        due = day_words(owed[0].ends_on + DUE_WITHIN)
        items.append(
            DeskItem(
                _("Pay severance to who left"),
                reverse("funding:severances"),
                count=len(owed),
                detail=_("The first is due by %(day)s.") % {"day": due},
            )
        )
    waiting = severances_visible_to(user).filter(state=SeveranceState.ASKED).exclude(asked_by=user.pk)
    if number := waiting.exclude(appointment__fellow=user.pk).count():
        items.append(DeskItem(_("Approve severance"), reverse("funding:severances"), count=number))
    return items


def _of_run(run: PayrollRun) -> DeskItem:
    is_preview = run.state == PayrollState.PREVIEW
    label = _("Approve the payroll of %(month)s") if is_preview else _("Release the payroll of %(month)s")
    return DeskItem(label % {"month": f"{run.month:%Y-%m}"}, reverse("funding:payroll_run", args=[run.key]))


def _next_run(institutes: Any) -> list[DeskItem]:
    """A month that has fellows and no run yet."""
    month = timezone.localdate().replace(day=1)
    working = Appointment.objects.filter(
        institute__in=institutes, state=AppointmentState.STANDING, starts_on__lte=timezone.localdate()
    )
    has_run = PayLine.objects.filter(appointment__institute__in=institutes, month=month).exists()
    if has_run or not working.exists():
        return []
    label = _("Preview the payroll of %(month)s") % {"month": f"{month:%Y-%m}"}
    return [DeskItem(label, reverse("funding:payroll"))]
