"""What a payroll, a claim and a payment need."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import factory
from django.conf import settings
from django.utils import timezone

from common.crypto import encrypt
from funding.actions.rates import load_rates
from funding.models import (
    BankDetail,
    CategoryRule,
    Claim,
    ClaimCategory,
    InsuranceException,
    MatchScheme,
    MoneyRule,
    PayerAccount,
    PayLine,
    PayrollRun,
    PurchaseRequest,
    RateTable,
    SchemeTerms,
    Severance,
)
from tests.factories.base import RowFactory
from tests.factories.fellowships import AppointmentFactory
from tests.factories.people import UserFactory


class ClaimCategoryFactory(RowFactory):
    class Meta:
        model = ClaimCategory
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    code = "activities"
    name_en = "Research activities"
    name_ko = "연구활동비"

    @factory.post_generation
    def limit_krw(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        """One approval suffices up to so many won; False leaves the category without a limit."""
        if extracted is not False:
            CategoryRuleFactory(category=self, kind="one_approval", value=extracted or 3_000_000)


class CategoryRuleFactory(RowFactory):
    """A rule of spending that is in force since long."""

    class Meta:
        model = CategoryRule
        django_get_or_create = ("category", "kind", "from_on")

    category = None
    kind = "forbidden"
    from_on = date(2025, 1, 1)
    reason_en = "Not so."
    reason_ko = "안 됩니다."
    source = "a notice"
    confirmed_at = factory.LazyFunction(timezone.now)


class ClaimFactory(RowFactory):
    class Meta:
        model = Claim

    appointment = factory.SubFactory(AppointmentFactory)
    category = factory.SubFactory(ClaimCategoryFactory)
    amount_krw = 100_000
    spent_on = factory.LazyAttribute(lambda made: made.appointment.starts_on)
    fiscal_year = factory.LazyAttribute(lambda made: made.spent_on.year)
    purpose = "Sensors"
    submitted_by = factory.LazyAttribute(lambda made: made.appointment.fellow)


class MatchSchemeFactory(RowFactory):
    """A scheme with terms that are in force since long."""

    class Meta:
        model = MatchScheme
        skip_postgeneration_save = True

    code = "joint"
    name_en = "Joint"
    name_ko = "공동"

    @factory.post_generation
    def terms_of_old(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        SchemeTermsFactory(scheme=self)


class SchemeTermsFactory(RowFactory):
    class Meta:
        model = SchemeTerms

    from_on = date(2025, 1, 1)
    ratio_percent = 50
    ceiling_krw = 60
    in_kind_counts_percent = 50
    pays = ("equipment",)
    source = "a test"
    confirmed_at = factory.LazyFunction(timezone.now)


class BankDetailFactory(RowFactory):
    """Bank details that stand."""

    class Meta:
        model = BankDetail

    user = factory.SubFactory(UserFactory)
    holder = factory.LazyAttribute(lambda made: str(made.user))
    bank_code = "004"
    number_sealed = factory.LazyFunction(lambda: encrypt("1234567890"))
    last_digits = "7890"
    entered_by = factory.SelfAttribute("user")
    confirmed_at = factory.LazyFunction(timezone.now)
    confirmed_by = factory.SubFactory(UserFactory)
    is_current = True


class PayrollRunFactory(RowFactory):
    """The run of a month."""

    class Meta:
        model = PayrollRun

    month = date(2026, 7, 1)
    pay_on = factory.LazyAttribute(lambda made: made.month.replace(day=25))
    rate_table = factory.LazyFunction(lambda: RateTable.objects.first() or load_rates(by=None))


class PayLineFactory(RowFactory):
    """A slip that carries nothing but what is said."""

    class Meta:
        model = PayLine

    gross_krw = deductions_krw = net_krw = employer_krw = 0


class PurchaseRequestFactory(RowFactory):
    """Asked for, not decided."""

    class Meta:
        model = PurchaseRequest

    appointment = factory.SubFactory(AppointmentFactory)
    category = factory.SubFactory(ClaimCategoryFactory)
    what = "A robot arm for the bench of the second floor"
    estimate_krw = 400_000
    needed_on = factory.LazyAttribute(lambda made: made.appointment.starts_on)
    fiscal_year = factory.LazyAttribute(lambda made: made.needed_on.year)
    asked_by = factory.LazyAttribute(lambda made: made.appointment.fellow)


class SeveranceFactory(RowFactory):
    """Asked for, not decided."""

    class Meta:
        model = Severance

    appointment = factory.SubFactory(AppointmentFactory)
    amount_krw = 7_400_000
    way = "irp"
    basis = "Copy of the retirement account"


class InsuranceExceptionFactory(RowFactory):
    """Entered, not confirmed."""

    class Meta:
        model = InsuranceException

    appointment = factory.SubFactory(AppointmentFactory)
    kind = "pension"
    from_on = factory.LazyAttribute(lambda made: made.appointment.starts_on)
    paper = "Certificate of coverage"
    entered_by = factory.SubFactory(UserFactory)


class PayerAccountFactory(RowFactory):
    class Meta:
        model = PayerAccount

    bank_code = "004"
    number_sealed = factory.LazyFunction(lambda: encrypt("9876543210"))
    last_digits = "3210"


def confirmed_rules(**values: int) -> None:
    """The rules of money that come with the application, confirmed, but `values`; in force for long."""
    rows = tomllib.loads((Path(settings.BASE_DIR) / "funding" / "data" / "money-rules.toml").read_text())["rule"]
    MoneyRule.objects.bulk_create(
        MoneyRule(
            code=row["code"], from_on=row["from"], value=values.get(row["code"], row["value"]), source="a test",
            confirmed_at=timezone.now(),
        )
        for row in rows
    )  # fmt: skip


def confirmed_rates(by: Any) -> RateTable:
    """The rate tables that come with the application, confirmed by somebody."""
    table = load_rates(by=None)
    RateTable.objects.filter(pk=table.pk).update(
        confirmed_at=timezone.now(), confirmed_by=by, document="Gazette of 1 July"
    )
    table.refresh_from_db()
    return table
