"""Offers with the commitment that the database demands, and appointments."""

from datetime import date, timedelta
from typing import Any

import factory
from django.utils import timezone

from fellowships.models import Appointment, Offer
from fellowships.states import OfferState
from funding import ledger
from funding.models import Commitment
from funding.states import AccountKind, Purpose
from tests.factories.applications import CallLabFactory, EligibleFactory
from tests.factories.base import RowFactory


def fund(lab: Any, fiscal_year: int, amount_krw: int) -> None:
    """Give `lab` money to commit in `fiscal_year`, by the way that money takes."""
    source = ledger.account(AccountKind.SOURCE, fiscal_year)
    target = ledger.account(AccountKind.LAB, fiscal_year, lab=lab)
    event = f"test:{lab.code}:{fiscal_year}:{target.lines.count()}"
    ledger.post(
        ledger.Posting(event, date(fiscal_year, 1, 1), "for a test", [(source, -amount_krw), (target, amount_krw)]),
        by=None,
    )


def commit(offer: Any, fiscal_year: int, purpose: str, amount_krw: int) -> Commitment:
    """Money for one purpose of `offer` in one year, committed in the books."""
    fund(offer.call_lab.lab, fiscal_year, amount_krw)
    lab_account = ledger.account(AccountKind.LAB, fiscal_year, lab=offer.call_lab.lab)
    lab = offer.call_lab.lab
    target = ledger.account(AccountKind.COMMITTED, fiscal_year, lab=lab, offer=offer, purpose=purpose)
    ledger.post(
        ledger.Posting(
            f"test:commit:{offer.pk}:{fiscal_year}:{purpose}",
            date(fiscal_year, 1, 1),
            "for a test",
            [(lab_account, -amount_krw), (target, amount_krw)],
            offer,
        ),
        by=None,
    )
    return Commitment.objects.create(
        offer=offer, fiscal_year=fiscal_year, purpose=purpose, amount_krw=amount_krw, account=target
    )


class OfferFactory(RowFactory):
    """An offer from 1 July 2026 for a year, its salary and research funds committed half and half."""

    class Meta:
        model = Offer
        skip_postgeneration_save = True

    application = factory.SubFactory(EligibleFactory)
    call_lab = factory.SubFactory(CallLabFactory)
    salary_krw_a_year = 90_000_000
    research_fund_krw_a_year = 60_000_000
    starts_on = date(2026, 7, 1)
    ends_on = date(2027, 6, 30)
    deadline_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=14))
    state = OfferState.SENT
    terms_sha256 = "0" * 64

    @factory.post_generation
    def committed(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        for year in (2026, 2027):
            commit(self, year, Purpose.SALARY, self.salary_krw_a_year // 2)
            commit(self, year, Purpose.RESEARCH_FUND, self.research_fund_krw_a_year // 2)


class AppointmentFactory(RowFactory):
    class Meta:
        model = Appointment

    offer = factory.SubFactory(OfferFactory, state=OfferState.ACCEPTED, signed_name="Mina Seo")
    fellow = factory.LazyAttribute(lambda made: made.offer.application.applicant)
    lab = factory.LazyAttribute(lambda made: made.offer.call_lab.lab)
    institute = factory.LazyAttribute(lambda made: made.offer.call_lab.lab.institute)
    starts_on = factory.LazyAttribute(lambda made: made.offer.starts_on)
    ends_on = factory.LazyAttribute(lambda made: made.offer.ends_on)
    salary_krw_a_year = factory.LazyAttribute(lambda made: made.offer.salary_krw_a_year)
    research_fund_krw_a_year = factory.LazyAttribute(lambda made: made.offer.research_fund_krw_a_year)
