"""Research funds are claimed; withheld money goes to the authorities; what was paid beyond comes back by the bank."""

from datetime import date
from hashlib import sha256

from django.utils import timezone

from bench.simulation.world import World
from funding import ledger
from funding.actions import answers
from funding.actions import claims as actions
from funding.bankanswers import Message, Told
from funding.models import Account, BankLine, Claim
from funding.postings import Books, claim_posting
from funding.states import AccountKind, ClaimState, MessageKind, Purpose
from labs.models import Institute

STEP = 500_000


def claim(world: World, today: date) -> None:
    """Some claim from what is left of their funds, in December nearly all, most of these the whole rest."""
    is_december = today.month == 12 or (today.year, today.month) == (world.last.year, world.last.month)
    held = Account.objects.filter(
        kind=AccountKind.COMMITTED, purpose=Purpose.RESEARCH_FUND, fiscal_year=today.year, balance_krw__gt=0,
        offer__appointment__starts_on__lte=today, offer__appointment__ends_on__gte=today,
    )  # fmt: skip
    made = []
    for row in held.select_related("offer__appointment__institute", "offer__call_lab__lab").order_by("pk"):
        if not world.chance(0.9 if is_december else 0.4):
            continue
        amount = min(row.balance_krw, world.random.randrange(1, 40) * STEP)
        if is_december and world.chance(0.75):
            amount = row.balance_krw
        made.append(_claim(world, row, amount, today))
    Claim.objects.bulk_create(made)
    for institute in world.institutes:
        own = [row for row in made if row.appointment.institute_id == institute.pk]
        if own:
            books = Books(institute, today.year)
            books.open_for([row.appointment.offer for row in own], Purpose.RESEARCH_FUND)
            ledger.post_many([claim_posting(row, books, today) for row in own], by=world.staff["approves"])
            actions.release_claims(institute, by=world.staff["releases"])
    world.counts["claims"] += len(made)
    world.counts["claims_krw"] += sum(row.amount_krw for row in made)


def _claim(world: World, row: Account, amount_krw: int, today: date) -> Claim:
    assert row.offer is not None
    appointment, now = row.offer.appointment, timezone.now()
    return Claim(
        appointment=appointment, category=world.category, amount_krw=amount_krw, spent_on=today,
        fiscal_year=today.year, purpose="Computing time", submitted_by_id=appointment.fellow_id, submitted_at=now,
        state=ClaimState.APPROVED, approved_by=world.staff["approves"], approved_at=now,
    )  # fmt: skip


def statement(world: World, today: date, year: int) -> None:
    """A statement of each institute's account: tax and insurance of `year` went out, what was owed came in.

    What no payment explains is explained by one person and confirmed by another.
    """
    for institute in world.institutes:
        moved = _moved(world, institute, year, today)
        if not moved:
            continue
        text = f"{institute.code} {today}"
        told = tuple(Told("", amount < 0, amount, purpose, today) for purpose, amount in moved)
        message = Message(
            MessageKind.CAMT_053, text, told, sha256(text.encode()).hexdigest(), text, account=f"{institute.pk:014}",
            opening_krw=0, closing_krw=sum(amount for _purpose, amount in moved),
        )  # fmt: skip
        kept = answers.enter_statement(institute, message, by=world.staff["reconciles"])
        for line in BankLine.objects.filter(message=kept).order_by("pk"):
            answers.settle_line(line, by=world.staff["reconciles"], purpose=line.words, note="As the bank says")
            answers.confirm_line(line, by=world.staff["approves"])
            world.counts["repaid_krw"] += line.amount_krw if line.words == Purpose.SALARY else 0
            world.counts["repaid"] += line.words == Purpose.SALARY
            world.counts["authorities"] += line.words == Purpose.AUTHORITIES


def _moved(world: World, institute: Institute, year: int, today: date) -> list[tuple[str, int]]:
    """Purpose and signed won of what the bank tells."""
    rows = Account.objects.filter(institute=institute, fiscal_year=year, lab=None, offer=None)
    withheld = rows.filter(kind=AccountKind.WITHHELD, balance_krw__lt=0).order_by("pk")
    owed = rows.filter(kind=AccountKind.RECEIVABLE, purpose=Purpose.SALARY, balance_krw__gt=0).order_by("pk")
    out = [(str(Purpose.AUTHORITIES), row.balance_krw) for row in withheld]
    return out + [(str(Purpose.SALARY), row.balance_krw) for row in owed if today > world.last or world.chance(0.7)]
