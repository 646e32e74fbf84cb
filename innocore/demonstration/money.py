"""The demonstration's money: appropriations to bank lines, by the ledger's one door and payroll's own verbs."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F
from django.utils import timezone

from common.crypto import encrypt
from fellowships.actions import Terms
from fellowships.letters import seal_of
from fellowships.models import Appointment, Offer
from fellowships.states import OfferState
from funding import ledger
from funding.actions import bank_details, budget, claims, payroll, rates, rules, schemes, spending_rules
from funding.ledger import Posting, account, unopened
from funding.letters import letter_of
from funding.models import (
    Account,
    Appropriation,
    BankDetail,
    CategoryRule,
    Claim,
    ClaimCategory,
    Commitment,
    Evidence,
    MoneyRule,
    PaymentBatch,
    PayrollRun,
    RateTable,
    SchemeTerms,
    TaxProfile,
)
from funding.postings import Books, claim_posting, payment_posting
from funding.states import (
    AccountKind,
    BatchState,
    ClaimState,
    PaymentState,
    PayrollState,
    Purpose,
    SpendingRule,
    TaxWay,
)
from funding.terms import cost_of_term
from innocore.demonstration import words
from innocore.demonstration.rounds import audit
from labs.models import Institute, Lab
from matching.models import MatchResult
from people.models import User

# Plan of the programme (announced 15 June 2025), beyond 2025 as far as the demonstration's fellows need it.
SOURCES: Final = (
    ("Supplementary budget", 2025),
    ("Annual budget", 2026),
    ("Annual budget", 2027),
    ("Annual budget", 2028),
)
LAST_RATES: Final = date(2026, 12, 1)


def confirm_rates(by: User) -> None:
    """A finance officer confirms the rate tables, against an invented document, and the rules of money."""
    for rule in MoneyRule.objects.all():
        rules.confirm_rule(rule, by=by)
    for of_spending in CategoryRule.objects.all():
        spending_rules.confirm_spending_rule(of_spending, by=by)
    for terms in SchemeTerms.objects.all():
        schemes.confirm_terms(terms, by=by)
    table = RateTable.objects.latest("pk")
    rates.confirm_rates(table, by=by, document="Demonstration: rates as loaded, not checked against a gazette")


def appropriate(cast: dict[str, User], fellows: dict[str, int], more: dict[int, int]) -> None:
    """What the fellows' terms cost, year by year and lab by lab, and `more` won a lab for offers to come.

    `fellows` is how many each lab has; 30 months from 1 July 2025: 400 make 30, 60 and 60 billion.
    """
    costs = cost_of_term(90_000_000, 60_000_000, date(2025, 7, 1), date(2027, 12, 31))
    a_fellow: dict[int, int] = {}
    for year, _purpose, amount in costs:
        a_fellow[year] = a_fellow.get(year, 0) + amount
    labs = list(Lab.objects.select_related("institute").order_by("pk"))
    for source, year in SOURCES:
        of_lab = {lab.pk: fellows.get(lab.code, 0) * a_fellow.get(year, 0) + more.get(year, 0) for lab in labs}
        given = budget.appropriate(source, year, sum(of_lab.values()), by=cast["ministry"])
        _agree(given, labs, of_lab, cast)


def _agree(given: Appropriation, labs: Sequence[Lab], of_lab: dict[int, int], cast: dict[str, User]) -> None:
    for institute in Institute.objects.order_by("pk"):
        own = [lab for lab in labs if lab.institute_id == institute.pk]
        total, by_tranches = sum(of_lab[lab.pk] for lab in own), given.fiscal_year == SOURCES[-1][1]
        agreed = budget.agree(given, institute, total, by=cast["ministry"], by_tranches=by_tranches)
        for lab in own:
            budget.allot(agreed, lab, of_lab[lab.pk], by=cast["finance"])


def appoint(results: Sequence[MatchResult], officers: dict[str, User]) -> list[Appointment]:
    """Offers, commitments and appointments for everybody placed, in bulk, by the same rules as one by one."""
    offers = [_offer(result, officers) for result in results]
    Offer.objects.bulk_create(offers, batch_size=500)
    _commit(offers)
    made = [
        Appointment(
            offer=offer,
            fellow=offer.application.applicant,
            lab=offer.call_lab.lab,
            institute=offer.call_lab.lab.institute,
            starts_on=offer.starts_on,
            ends_on=offer.ends_on,
            salary_krw_a_year=offer.salary_krw_a_year,
            research_fund_krw_a_year=offer.research_fund_krw_a_year,
            appointed_at=offer.accepted_at or offer.sent_at,
        )
        for offer in offers
    ]
    Appointment.objects.bulk_create(made, batch_size=500)
    MatchResult.objects.filter(pk__in=[result.pk for result in results]).update(is_fixed=True)
    audit(("fellowships.offer.accepted", row, row.application.applicant, row.accepted_at) for row in offers)
    audit(("fellowships.appointed", row, row.fellow, row.appointed_at) for row in made)
    return made


def _offer(result: MatchResult, officers: dict[str, User]) -> Offer:
    application, call_lab = result.application, result.call_lab
    assert call_lab is not None
    call = application.call
    sent_at = datetime(2025, 6, 27, 8, 0, tzinfo=UTC)
    terms = Terms(
        call.salary_krw_a_year, call.research_fund_krw_a_year, date(2025, 7, 1), date(2027, 12, 31),
        sent_at + timedelta(days=3),
    )  # fmt: skip
    letter = letter_of(application, call_lab, terms)
    return Offer(
        application=application,
        call_lab=call_lab,
        letter=letter,
        terms_sha256=seal_of(letter),
        accepted_sha256=seal_of(letter),
        state=OfferState.ACCEPTED,
        sent_at=sent_at,
        sent_by=officers[call_lab.lab.institute.code],
        accepted_at=sent_at + timedelta(days=1, hours=result.pk % 20),
        signed_name=application.name,
        **vars(terms),
    )


def _commit(offers: Sequence[Offer]) -> None:
    """Open the accounts of all offers, post one entry an offer, write the commitments."""
    first = offers[0]
    costs = cost_of_term(first.salary_krw_a_year, first.research_fund_krw_a_year, first.starts_on, first.ends_on)
    fresh = [
        unopened(AccountKind.COMMITTED, year, lab=offer.call_lab.lab, offer=offer, purpose=purpose)
        for offer in offers
        for year, purpose, _amount in costs
    ]
    Account.objects.bulk_create(fresh, batch_size=1000)
    opened = {(row.offer_id, row.fiscal_year, row.purpose): row for row in fresh}
    lab_accounts = {
        (lab.pk, year): account(AccountKind.LAB, year, lab=lab)
        for lab in {offer.call_lab.lab for offer in offers}
        for year, _purpose, _amount in costs
    }
    postings, commitments = [], []
    for offer in offers:
        lines = []
        for year, purpose, amount in costs:
            target = opened[offer.pk, year, purpose]
            lines += [(lab_accounts[offer.call_lab.lab_id, year], -amount), (target, amount)]
            commitments.append(
                Commitment(offer=offer, fiscal_year=year, purpose=purpose, amount_krw=amount, account=target)
            )
        title = f"Offer {offer.key}: term {offer.starts_on} to {offer.ends_on}"
        postings.append(Posting(f"offer:{offer.key}", offer.sent_at.date(), title, lines, offer))
    ledger.post_many(postings, by=None)
    Commitment.objects.bulk_create(commitments, batch_size=1000)


def open_bank(appointments: Sequence[Appointment], cast: dict[str, User], random: Random) -> None:
    """Confirmed accounts for every fellow, an account to pay from for every institute; some chose the flat rate."""
    for institute in Institute.objects.all():
        number = "".join(random.choices("0123456789", k=14))
        payer = bank_details.set_payer_account(institute, by=cast["finance"], bank_code="004", number=number)
        bank_details.confirm_payer_account(payer, by=cast["finance5"])
    details = []
    for appointment in appointments:
        number = "".join(random.choices("0123456789", k=13))
        details.append(
            BankDetail(
                user=appointment.fellow,
                holder=str(appointment.fellow)[:150],
                bank_code=random.choice(("004", "020", "081", "088")),
                number_sealed=encrypt(number),
                last_digits=number[-4:],
                entered_at=appointment.appointed_at,
                entered_by=appointment.fellow,
                confirmed_at=appointment.appointed_at + timedelta(days=2),
                confirmed_by=cast["finance5"],
                is_current=True,
            )
        )
    BankDetail.objects.bulk_create(details)
    flat = [row for row in appointments if row.fellow.country.code != "KR" and random.random() < 0.6]
    TaxProfile.objects.bulk_create([TaxProfile(user=row.fellow, way=TaxWay.FLAT) for row in flat])


def months_to_pay(today: date) -> list[date]:
    """From July 2025 to the month before this one, as far as rates are loaded."""
    months, month = [], date(2025, 7, 1)
    while month < today.replace(day=1) and month <= LAST_RATES:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return months


def pay(months: Sequence[date], cast: dict[str, User]) -> None:
    """Each month at each institute: prepared, approved, released by three people, booked, paid by the bank."""
    for month in months:
        for institute in Institute.objects.filter(appointments__isnull=False).distinct().order_by("pk"):
            run = payroll.prepare_payroll(institute, month, by=cast["finance"])
            payroll.approve_payroll(run, by=cast["finance2"])
            payroll.release_payroll(run, by=cast["finance3"])
            batch = payroll.pay_out(run.pk)
            if batch is not None:
                settle(batch, cast["finance4"])
            at = datetime(month.year, month.month, 18, 1, 0, tzinfo=UTC)
            PayrollRun.objects.filter(pk=run.pk).update(
                state=PayrollState.PAID, prepared_at=at, approved_at=at + timedelta(days=1),
                released_at=at + timedelta(days=2), paid_at=_noon(run.pay_on),
            )  # fmt: skip


def _noon(day: date) -> datetime:
    """Noon in Korea."""
    return datetime(day.year, day.month, day.day, 3, 0, tzinfo=UTC)


def settle(batch: PaymentBatch, by: User) -> None:
    """The bank's answer says that every payment of the batch was made."""
    books = Books(batch.institute, batch.pay_on.year)
    rows = list(batch.payments.all())
    ledger.post_many([payment_posting(row, books, batch.pay_on) for row in rows], by=by)
    at = _noon(batch.pay_on)
    batch.payments.update(state=PaymentState.PAID, paid_at=at)
    PaymentBatch.objects.filter(pk=batch.pk).update(
        state=BatchState.CONFIRMED, confirmed_at=at, confirmed_by=by, sealed_at=F("sealed_at")
    )
    audit([("funding.paymentbatch.confirmed", batch, by, at)])


def claim(appointments: Sequence[Appointment], cast: dict[str, User], today: date, random: Random) -> None:
    """Claims of a third of the fellows: most were paid; some wait for the desk."""
    categories = list(ClaimCategory.objects.filter(rules__kind=SpendingRule.ONE_APPROVAL))
    paper = b"%PDF-1.4 receipt of the demonstration\n"
    path = default_storage.save(f"evidence/demo-{hashlib.sha256(paper).hexdigest()[:16]}.pdf", ContentFile(paper))
    chosen = [row for row in appointments if row.fellow == cast["fellow"] or random.random() < 0.33]
    made = [_claim(row, random.choice(categories), today, random, waits=i % 9 == 0) for i, row in enumerate(chosen)]
    Claim.objects.bulk_create(made)
    Evidence.objects.bulk_create(
        [
            Evidence(
                claim=row, file=path, name="receipt.pdf", size=len(paper), content_type="application/pdf",
                sha256=hashlib.sha256(f"{row.pk}".encode()).hexdigest(),
            )
            for row in made
        ]
    )  # fmt: skip
    audit(("funding.claim.submitted", row, row.submitted_by, row.submitted_at) for row in made)
    approved = [row for row in made if row.state == ClaimState.APPROVED]
    _book(approved, cast["finance"])
    for institute in {row.appointment.institute for row in approved}:
        settle_claims(claims.release_claims(institute, by=cast["finance3"]), cast["finance4"])


def _claim(row: Appointment, category: ClaimCategory, today: date, random: Random, *, waits: bool) -> Claim:
    spent_on = today - timedelta(days=random.randint(2, 20) if waits else random.randint(30, 150))
    at = _noon(spent_on + timedelta(days=1))
    return Claim(
        appointment=row,
        category=category,
        amount_krw=random.randint(8, 290) * 10_000,
        spent_on=spent_on,
        fiscal_year=spent_on.year,
        purpose=random.choice(words.PURPOSES),
        submitted_by=row.fellow,
        submitted_at=at,
        state=ClaimState.SUBMITTED if waits else ClaimState.APPROVED,
    )


def _book(approved: Sequence[Claim], by: User) -> None:
    """Approved by one finance officer: committed research funds become spent and owed."""
    for row in approved:
        row.approved_by, row.approved_at = by, row.submitted_at + timedelta(days=2)
    Claim.objects.bulk_update(approved, ["approved_by", "approved_at"])
    audit(("funding.claim.approved", row, by, row.approved_at) for row in approved)
    groups: dict[tuple[Institute, int], list[Claim]] = {}
    for row in approved:
        groups.setdefault((row.appointment.institute, row.fiscal_year), []).append(row)
    for (institute, year), rows in groups.items():
        books = Books(institute, year)
        books.open_for([row.appointment.offer for row in rows], Purpose.RESEARCH_FUND)
        ledger.post_many([claim_posting(row, books, row.spent_on) for row in rows], by=by)


def settle_claims(batch: PaymentBatch, by: User) -> None:
    """The bank paid a batch of claims."""
    settle(batch, by)
    Claim.objects.filter(payments__batch=batch).update(state=ClaimState.PAID, paid_at=timezone.now())
