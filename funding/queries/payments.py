"""Reads of batches, payments and bank details."""

from datetime import timedelta
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.access import scope_of
from common.refusals import NotConfigured
from fellowships.models import Appointment
from funding.models import BankDetail, BankLine, BankMessage, Entry, Line, PayerAccount, Payment, PaymentBatch
from funding.states import AccountKind, BankLineState, PaymentState
from labs.models import Institute
from people.models import User
from people.states import Role

# a movement and its entry lie so many days apart at most
NEAR: Final = timedelta(days=45)


@scope_of(PaymentBatch)
def batches_visible_to(user: Any) -> QuerySet[PaymentBatch]:
    """The batches of the institutes whose finances she keeps."""
    places = user.places(Role.FINANCE_OFFICER)
    return PaymentBatch.objects.filter(institute__place__in=places).select_related("institute", "sealed_by")


@scope_of(Payment)
def payments_visible_to(user: Any) -> QuerySet[Payment]:
    """The payments of the institutes whose finances she keeps."""
    places = user.places(Role.FINANCE_OFFICER)
    return Payment.objects.filter(batch__institute__place__in=places).select_related("batch__institute", "payee")


@scope_of(BankDetail)
def bank_details_visible_to(user: Any) -> QuerySet[BankDetail]:
    """Her own; those of people appointed at the institutes whose finances she keeps."""
    places = user.places(Role.FINANCE_OFFICER)
    employed = Appointment.objects.filter(institute__place__in=places).values("fellow")
    return BankDetail.objects.filter(Q(user=user.pk) | Q(user__in=employed)).select_related("user")


@scope_of(PayerAccount)
def payers_visible_to(user: Any) -> QuerySet[PayerAccount]:
    """The accounts from which her institutes pay."""
    places = user.places(Role.FINANCE_OFFICER)
    return PayerAccount.objects.filter(institute__place__in=places).select_related("institute", "entered_by")


@scope_of(BankMessage)
def bank_messages_visible_to(user: Any) -> QuerySet[BankMessage]:
    """The bank's files at the institutes whose finances she keeps."""
    places = user.places(Role.FINANCE_OFFICER)
    return BankMessage.objects.filter(institute__place__in=places).select_related("institute", "entered_by")


@scope_of(BankLine)
def bank_lines_visible_to(user: Any) -> QuerySet[BankLine]:
    """The movements on the accounts of her institutes."""
    places = user.places(Role.FINANCE_OFFICER)
    return BankLine.objects.filter(message__institute__place__in=places).select_related("message__institute")


def returned_waiting(user: Any) -> QuerySet[Payment]:
    """Payments that came back and were not made again."""
    rows = payments_visible_to(user).filter(state=PaymentState.RETURNED, replaced_by=None)
    return rows.select_related("batch__institute", "payee", "bank_detail")


def current_details(users: list[int]) -> dict[int, BankDetail]:
    """The bank details that payments go to now, by person: the newest confirmed whose cooling-off has gone by."""
    usable = Q(usable_from=None) | Q(usable_from__lte=timezone.now())
    rows = BankDetail.objects.filter(usable, user__in=users, confirmed_at__isnull=False, stopped_at=None)
    return {detail.user_id: detail for detail in rows.order_by("confirmed_at", "pk")}


def bank_changes_waiting(user: User) -> QuerySet[BankDetail]:
    """Changes at her institutes that another person has still to confirm."""
    rows = bank_details_visible_to(user).filter(confirmed_at=None, stopped_at=None).exclude(user=user)
    return rows.prefetch_related("test_transfers").order_by("pk")


def batch_counts(batch: PaymentBatch) -> dict[str, int]:
    """How many payments of `batch` are in each state."""
    counts = dict.fromkeys(PaymentState.values, 0)
    rows = batch.payments.order_by().values_list("state").annotate(number=Count("pk"))
    counts.update({str(state): number for state, number in rows})
    return counts


def desks_of(user: Any) -> dict[str, int]:
    """How many payments of her institutes came back, and how many movements no payment explains; two queries."""
    return {
        "returned": returned_waiting(user).count(),
        "unmatched": open_lines(user).count(),
    }


def open_lines(user: Any) -> QuerySet[BankLine]:
    """Movements at her institutes that nobody explained, or that wait for a second person."""
    return bank_lines_visible_to(user).filter(state__in=(BankLineState.UNMATCHED, BankLineState.PROPOSED))


def entries_like(line: BankLine) -> QuerySet[Entry]:
    """Entries that may be this movement: as much on the institute's bank, about its day, of no other movement."""
    near = (line.booked_on - NEAR, line.booked_on + NEAR)
    bank = {"account__kind": AccountKind.BANK, "account__institute": line.message.institute_id}
    same = Line.objects.filter(entry=OuterRef("pk"), amount_krw=line.amount_krw, **bank)
    taken = BankLine.objects.filter(entry=OuterRef("pk")).exclude(pk=line.pk)
    rows = Entry.objects.filter(Exists(same), ~Exists(taken), booked_on__range=near)
    return rows.exclude(source_type="funding.payment").order_by("-booked_on", "-pk")


def employer_of(detail: BankDetail, user: Any) -> Institute:
    """The institute that employs the holder of `detail`, among those whose finances `user` keeps."""
    held = Appointment.objects.filter(fellow=detail.user_id, institute__place__in=user.places(Role.FINANCE_OFFICER))
    appointment = held.select_related("institute").order_by("-starts_on").first()
    if appointment is None:
        raise NotConfigured(what=_("an appointment of this person at an institute of yours"))
    return appointment.institute
