"""The entries of pay, claims and payments: pure descriptions for the ledger, from rows that stand."""

from collections.abc import Iterable, Mapping
from datetime import date

from fellowships.models import Amendment, Offer
from funding.ledger import Posting, account, unopened
from funding.models import Account, BankLine, CardCharge, Claim, PayLine, Payment, Severance
from funding.queries.encumbering import Payers
from funding.states import AccountKind, Purpose
from labs.models import Institute


class Books:
    """Accounts of one institute and fiscal year, each opened once; those of many offers in two statements."""

    def __init__(self, institute: Institute, fiscal_year: int) -> None:
        self.institute, self.fiscal_year = institute, fiscal_year
        self._opened: dict[tuple[str, str, int], Account] = {}

    def open_for(self, offers: Iterable[Offer], purpose: str) -> None:
        """Read the accounts of `offers` for `purpose` at once, and open those of spending that are not there yet."""
        by_pk = {offer.pk: offer for offer in offers}
        self._remember(by_pk, purpose)
        missing = [offer for pk, offer in by_pk.items() if (AccountKind.SPENT, purpose, pk) not in self._opened]
        fresh = [
            unopened(AccountKind.SPENT, self.fiscal_year, lab=offer.call_lab.lab, offer=offer, purpose=purpose)
            for offer in missing
        ]
        if fresh:
            Account.objects.bulk_create(fresh, ignore_conflicts=True)
            self._remember(by_pk, purpose)

    def _remember(self, by_pk: Mapping[int, Offer], purpose: str) -> None:
        rows = Account.objects.filter(offer__in=by_pk, purpose=purpose, fiscal_year=self.fiscal_year)
        for row in rows:
            assert row.offer_id is not None
            self._opened[row.kind, purpose, row.offer_id] = row

    def of(self, kind: str, purpose: str = Purpose.NONE) -> Account:
        """The institute's account of `kind`."""
        if (kind, purpose, 0) not in self._opened:
            opened = account(kind, self.fiscal_year, institute=self.institute, purpose=purpose)
            self._opened[kind, purpose, 0] = opened
        return self._opened[kind, purpose, 0]

    def of_offer(self, kind: str, purpose: str, offer: Offer) -> Account:
        """The account of one fellow's offer."""
        if (kind, purpose, offer.pk) not in self._opened:
            opened = account(kind, self.fiscal_year, lab=offer.call_lab.lab, offer=offer, purpose=purpose)
            self._opened[kind, purpose, offer.pk] = opened
        return self._opened[kind, purpose, offer.pk]


def pay_posting(line: PayLine, books: Books, booked_on: date) -> Posting:
    """A pay line enters the books: committed becomes spent; the net is owed to her, the deductions to authorities.

    Severance accrues beside it, as an expense that is owed one day.
    """
    offer = line.appointment.offer
    lines = [
        (books.of_offer(AccountKind.COMMITTED, Purpose.SALARY, offer), -line.gross_krw),
        (books.of_offer(AccountKind.SPENT, Purpose.SALARY, offer), line.gross_krw),
        (books.of(AccountKind.EXPENSE, Purpose.SALARY), line.gross_krw),
        (books.of(AccountKind.PAYABLE), -line.net_krw),
        (books.of(AccountKind.WITHHELD), -line.deductions_krw - line.employer_krw),
        (books.of(AccountKind.EXPENSE, Purpose.EMPLOYER), line.employer_krw),
        (books.of(AccountKind.EXPENSE, Purpose.SEVERANCE), line.severance_krw),
        (books.of(AccountKind.SEVERANCE), -line.severance_krw),
    ]
    return Posting(f"pay:{line.appointment_id}:{line.month:%Y-%m}", booked_on, f"Pay {line.month:%Y-%m}", lines, line)


def claim_posting(claim: Claim, books: Books, booked_on: date) -> Posting:
    """An approved claim enters the books: committed research funds become spent, and the amount is owed to her.

    What was paid by card is owed to the card company; the part of it that was not approved she owes.
    """
    offer = claim.appointment.offer
    lines = [
        (books.of_offer(AccountKind.COMMITTED, Purpose.RESEARCH_FUND, offer), -claim.payable_krw),
        (books.of_offer(AccountKind.SPENT, Purpose.RESEARCH_FUND, offer), claim.payable_krw),
        (books.of(AccountKind.EXPENSE, Purpose.RESEARCH_FUND), claim.payable_krw),
    ]
    if claim.charge_id is None:
        lines.append((books.of(AccountKind.PAYABLE), -claim.payable_krw))
    else:
        lines.append((books.of(AccountKind.CARD), -claim.amount_krw))
        if cut := claim.amount_krw - claim.payable_krw:
            lines.append((books.of(AccountKind.RECEIVABLE, Purpose.RESEARCH_FUND), cut))
    return Posting(f"claim:{claim.pk}", booked_on, "Research-fund claim", lines, claim)


def owed_charge_posting(charge: CardCharge, books: Books, booked_on: date) -> Posting:
    """A charge that no claim accounts for: she owes it to the institute, as the institute does to the card company."""
    lines = [
        (books.of(AccountKind.RECEIVABLE, Purpose.RESEARCH_FUND), charge.amount_krw),
        (books.of(AccountKind.CARD), -charge.amount_krw),
    ]
    return Posting(f"charge:{charge.key}", booked_on, "Card charge to be paid back", lines, charge)


def refund_posting(charge: CardCharge, books: Books, booked_on: date) -> Posting:
    """A merchant gives back what was accounted for before: it is committed to her fund again, and less is owed."""
    offer, amount = charge.card.appointment.offer, -charge.amount_krw
    lines = [
        (books.of_offer(AccountKind.SPENT, Purpose.RESEARCH_FUND, offer), -amount),
        (books.of_offer(AccountKind.COMMITTED, Purpose.RESEARCH_FUND, offer), amount),
        (books.of(AccountKind.EXPENSE, Purpose.RESEARCH_FUND), -amount),
        (books.of(AccountKind.CARD), amount),
    ]
    return Posting(f"charge:{charge.key}", booked_on, "Card charge given back", lines, charge)


def severance_posting(severance: Severance, books: Books, booked_on: date) -> Posting:
    """What accrued as severance is owed to her now, and its tax to the tax office."""
    lines = [
        (books.of(AccountKind.SEVERANCE), severance.amount_krw),
        (books.of(AccountKind.PAYABLE), -severance.net_krw),
        (books.of(AccountKind.WITHHELD), -severance.tax_krw),
    ]
    return Posting(f"severance:{severance.key}", booked_on, "Severance", lines, severance)


def settled_severance_posting(amendment: Amendment, amount_krw: int, books: Books, booked_on: date) -> Posting:
    """Severance that is due at the end beyond what accrued on the slips; below 0 where more accrued."""
    lines = [
        (books.of(AccountKind.EXPENSE, Purpose.SEVERANCE), amount_krw),
        (books.of(AccountKind.SEVERANCE), -amount_krw),
    ]
    return Posting(f"severance-settled:{amendment.key}", booked_on, "Severance settled", lines, amendment)


def payment_posting(payment: Payment, books: Books, booked_on: date) -> Posting:
    """The bank paid: what was owed is owed no more, and the bank holds less."""
    lines = [
        (books.of(AccountKind.PAYABLE), payment.amount_krw),
        (books.of(AccountKind.BANK), -payment.amount_krw),
    ]
    return Posting(f"payment:{payment.reference}", booked_on, f"Payment {payment.reference}", lines, payment)


def test_posting(payment: Payment, books: Books, booked_on: date) -> Posting:
    """One won is owed to the holder of an account under test."""
    lines = [(books.of(AccountKind.EXPENSE, Purpose.TEST), 1), (books.of(AccountKind.PAYABLE), -1)]
    return Posting(f"test:{payment.reference}", booked_on, "Test transfer of one won", lines, payment)


def bank_line_posting(line: BankLine, books: Books, purpose: str) -> Posting:
    """A movement that no payment explains: what came in is income, what went out an expense, or a card company's."""
    kind = AccountKind.INCOME if line.amount_krw > 0 else AccountKind.EXPENSE
    against = books.of(AccountKind.CARD) if purpose == Purpose.CARD else books.of(kind, purpose)
    lines = [(books.of(AccountKind.BANK), line.amount_krw), (against, -line.amount_krw)]
    return Posting(f"bank-line:{line.key}", line.booked_on, f"Bank statement: {purpose}", lines, line)


def settled_posting(line: BankLine, owed: Account, books: Books) -> Posting:
    """What somebody owed came in, or what was owed went out. A debt of an earlier year is carried to that day."""
    lines = [(books.of(AccountKind.BANK), line.amount_krw), (owed, -line.amount_krw)]
    if owed.fiscal_year != books.fiscal_year:
        earlier = Books(books.institute, owed.fiscal_year)
        lines += [(earlier.of(AccountKind.CARRIED), line.amount_krw), (books.of(AccountKind.CARRIED), -line.amount_krw)]
    return Posting(f"repaid:{line.key}", line.booked_on, f"Paid back: {owed.purpose}", lines, line)


def overpaid_posting(amendment: Amendment, amount_krw: int, books: Books, booked_on: date) -> Posting:
    """Salary of `books`' year that was paid beyond what is due: the lab's again, and owed by her to the institute."""
    offer = amendment.appointment.offer
    lines = [
        (books.of_offer(AccountKind.SPENT, Purpose.SALARY, offer), -amount_krw),
        (account(AccountKind.LAB, books.fiscal_year, lab=Payers(offer).of(books.fiscal_year)), amount_krw),
        (books.of(AccountKind.EXPENSE, Purpose.SALARY), -amount_krw),
        (books.of(AccountKind.RECEIVABLE, Purpose.SALARY), amount_krw),
    ]
    event = f"overpaid:{amendment.key}:{books.fiscal_year}"
    return Posting(event, booked_on, "Salary beyond what is due", lines, amendment)


def advance_posting(claim: Claim, unspent_krw: int, books: Books, booked_on: date) -> Posting:
    """What is left of an advance is committed again, and she owes it to the institute."""
    offer = claim.appointment.offer
    lines = [
        (books.of_offer(AccountKind.SPENT, Purpose.RESEARCH_FUND, offer), -unspent_krw),
        (books.of_offer(AccountKind.COMMITTED, Purpose.RESEARCH_FUND, offer), unspent_krw),
        (books.of(AccountKind.EXPENSE, Purpose.RESEARCH_FUND), -unspent_krw),
        (books.of(AccountKind.RECEIVABLE, Purpose.RESEARCH_FUND), unspent_krw),
    ]
    return Posting(f"advance:{claim.pk}", booked_on, "Settlement of an advance", lines, claim)
