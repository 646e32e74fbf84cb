"""The books for a person: accounts, an account's lines, an entry; the trial balance; what a check finds wrong."""

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from common.access import scope_of
from funding.models import Account, BankLine, BankMessage, Entry, Line
from funding.states import AccountKind, BankLineState, Purpose
from labs.models import Institute
from people.rules import is_auditor, is_ministry
from people.states import Role

OF_THE_MINISTRY = (AccountKind.SOURCE, AccountKind.PROGRAMME, AccountKind.INSTITUTE, AccountKind.LAB)


@scope_of(Account)
def accounts_visible_to(user: Any) -> QuerySet[Account]:
    """An auditor sees all; finance those of her institute; the ministry those down to the labs, no person's."""
    rows = Account.objects.select_related("institute", "lab")
    if is_auditor(user):
        return rows
    seen = Q(institute__place__in=user.places(Role.FINANCE_OFFICER))
    return rows.filter(seen | Q(kind__in=OF_THE_MINISTRY)) if is_ministry(user) else rows.filter(seen)


@scope_of(Entry)
def entries_visible_to(user: Any) -> QuerySet[Entry]:
    """Entries with a line on an account that she may see."""
    lines = Line.objects.filter(account__in=accounts_visible_to(user).order_by().values("pk"))
    return Entry.objects.filter(pk__in=lines.values("entry")).select_related("by", "reverses")


LINES: Final = ("account_id", "-pk")


def lines_of(account: Account) -> QuerySet[Line]:
    """The account's lines with their entries; in order `LINES` by index lines_of_account.

    Said as a range, so that the planner keeps the account in the order: it would else walk through the newest lines of
    all accounts until it met one of an old one.
    """
    return Line.objects.filter(account_id__gte=account.pk, account_id__lte=account.pk).select_related("entry__by")


def lines_of_entry(entry: Entry, user: Any) -> QuerySet[Line]:
    """The lines of `entry` on accounts that `user` may see."""
    seen = accounts_visible_to(user).order_by().values("pk")
    return entry.lines.filter(account__in=seen).select_related("account").order_by("-amount_krw", "pk")


@dataclass(frozen=True)
class Total:
    """One kind of account in the trial balance, in won."""

    kind: AccountKind
    accounts: int
    balance_krw: int

    @property
    def debit_krw(self) -> int:
        return max(self.balance_krw, 0)

    @property
    def credit_krw(self) -> int:
        return max(-self.balance_krw, 0)


def trial_balance(user: Any, fiscal_year: int) -> list[Total]:
    """Sums by kind of the accounts that she may see; all of them together sum to zero for an auditor."""
    rows = accounts_visible_to(user).filter(fiscal_year=fiscal_year).order_by()
    summed = rows.values_list("kind").annotate(number=Count("pk"), total=Sum("balance_krw"))
    by_kind = {kind: Total(AccountKind(kind), number, int(total)) for kind, number, total in summed}
    return [by_kind[kind] for kind in AccountKind if kind in by_kind]


@dataclass(frozen=True)
class BankAgainstBooks:
    """What an institute's bank last stated, what the books hold, and what explains the difference, in won."""

    institute: Institute
    stated_krw: int | None
    booked_krw: int
    unmatched_krw: int


def bank_against_books(institutes: QuerySet[Institute]) -> list[BankAgainstBooks]:
    """Each institute's last stated balance beside its account in the books; four queries."""
    rows = list(institutes.order_by("code"))
    held = Account.objects.filter(kind=AccountKind.BANK, institute__in=rows).order_by()
    booked = dict(held.values_list("institute").annotate(total=Sum("balance_krw")))
    messages = BankMessage.objects.filter(institute__in=rows, closing_krw__isnull=False).order_by("pk")
    stated = dict(messages.values_list("institute", "closing_krw"))
    open_lines = BankLine.objects.filter(
        message__institute__in=rows, state__in=(BankLineState.UNMATCHED, BankLineState.PROPOSED)
    ).order_by()
    unmatched = dict(
        open_lines.exclude(settled_as=Purpose.BOOKED)
        .values_list("message__institute")
        .annotate(total=Sum("amount_krw"))
    )
    return [
        BankAgainstBooks(row, stated.get(row.pk), int(booked.get(row.pk, 0)), int(unmatched.get(row.pk, 0)))
        for row in rows
    ]


FAULTS = {
    "unbalanced entries": """
        SELECT entry_id, sum(amount_krw) FROM funding_line GROUP BY entry_id HAVING sum(amount_krw) <> 0 LIMIT 20""",
    "entries without lines": """
        SELECT id, event FROM funding_entry e
        WHERE NOT EXISTS (SELECT 1 FROM funding_line l WHERE l.entry_id = e.id) LIMIT 20""",
    "kept balances that differ from their lines": """
        SELECT a.code, a.balance_krw - coalesce(l.total, 0) FROM funding_account a
        LEFT JOIN (SELECT account_id, sum(amount_krw) AS total FROM funding_line GROUP BY account_id) l
          ON l.account_id = a.id
        WHERE a.balance_krw <> coalesce(l.total, 0) LIMIT 20""",
    "offers that committed something else than they promise": """
        SELECT c.offer_id, sum(c.amount_krw) FROM funding_commitment c
        JOIN funding_account a ON a.id = c.account_id
        LEFT JOIN (SELECT account_id, sum(amount_krw) AS total FROM funding_line
                   WHERE amount_krw > 0 GROUP BY account_id) l ON l.account_id = a.id
        GROUP BY c.offer_id HAVING sum(c.amount_krw) > coalesce(sum(l.total), 0) LIMIT 20""",
}


def faults() -> dict[str, list[tuple[Any, ...]]]:
    """What is wrong in the books, by kind of fault; empty when they are right."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        for name, sql in FAULTS.items():
            cursor.execute(sql)
            if rows := cursor.fetchall():
                found[name] = rows
    return found
