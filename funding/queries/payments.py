"""Reads of batches, payments and bank details."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from common.access import scope_of
from fellowships.models import Appointment
from funding.models import BankDetail, Payment, PaymentBatch
from funding.states import PaymentState
from people.models import User
from people.states import Role


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


def current_details(users: list[int]) -> dict[int, BankDetail]:
    """The bank details that stand, by person."""
    return {detail.user_id: detail for detail in BankDetail.objects.filter(user__in=users, is_current=True)}


def bank_changes_waiting(user: User) -> QuerySet[BankDetail]:
    """Changes at her institutes that another person has still to confirm."""
    return bank_details_visible_to(user).filter(confirmed_at=None).exclude(user=user).order_by("pk")


def batch_counts(batch: PaymentBatch) -> dict[str, int]:
    """How many payments of `batch` are in each state."""
    counts = dict.fromkeys(PaymentState.values, 0)
    rows = batch.payments.order_by().values_list("state").annotate(number=Count("pk"))
    counts.update({str(state): number for state, number in rows})
    return counts
