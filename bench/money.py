"""Money: a payroll of 400 and 100,000 pay lines against COPY; balances and the budget page at five million lines.

Each figure is a ratio to a floor measured in the same run on the same tables: COPY of exactly the rows that were
written, through the same triggers and constraints.
"""

import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.urls import reverse

from bench.server import Visitor, serving
from fellowships.models import Appointment
from funding.actions import payroll
from funding.ledger import Posting, account, post, post_many
from funding.models import Account, Entry, Line, PayItem, PayLine, PayrollRun
from funding.states import AccountKind, Purpose
from innocore.demonstration.cast import DOMAIN
from labs.models import Institute
from people.models import User

PEOPLE, PAY_LINES, BOOK_LINES = 400, 100_000, 5_000_000
RUN_LIMIT, POST_LIMIT, PAGE_LIMIT = 3.0, 3.0, 4.0
CHUNK = 5_000
ROUNDS = 15


def say(figure: str, ratio: float, limit: float, **more: Any) -> bool:
    """One JSON line; whether the limit holds."""
    line = {"bench": "money", "figure": figure, **more, "ratio": round(ratio, 2), "limit": limit, "ok": ratio <= limit}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    return ratio <= limit


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    made = act()
    return time.perf_counter() - began, made


def copied_out(table: str, where: str) -> str:
    """The rows of `table` as COPY writes them."""
    out = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY (SELECT * FROM {table} WHERE {where} ORDER BY id) TO STDOUT", out)
    return out.getvalue()


def copy_in(rows: dict[str, str]) -> float:
    """Seconds that COPY takes to write `rows` into their tables, constraints checked; the caller rolls back."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for table, text in rows.items():
            cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(text))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return time.perf_counter() - began


def asleep(sleeping: bool) -> None:
    """Put triggers to sleep, so that what a measurement wrote can be taken away."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET session_replication_role = {'replica' if sleeping else 'DEFAULT'}")


def everybody_at(institute: Institute) -> int:
    """Every appointment of the demonstration at one institute: a payroll of 400."""
    return Appointment.objects.update(institute=institute)


def measure_run(institute: Institute, month: date) -> bool:
    """Prepare a payroll of 400, against COPY of its pay lines and items."""
    turns = [_prepared_and_undone(institute, month) for _turn in range(5)]
    took, run = statistics.median(turns), payroll.prepare_payroll(institute, month, by=_user("finance"))
    lines = run.lines.count()
    rows = {
        "funding_payline": copied_out("funding_payline", f"run_id = {run.pk}"),
        "funding_payitem": copied_out(
            "funding_payitem", f"line_id IN (SELECT id FROM funding_payline WHERE run_id = {run.pk})"
        ),
    }
    floors = []
    for _turn in range(5):
        with transaction.atomic():
            PayItem.objects.filter(line__run=run)._raw_delete("default")
            PayLine.objects.filter(run=run)._raw_delete("default")
            floors.append(copy_in(rows))
            transaction.set_rollback(True)
    floor = statistics.median(floors)
    written = lines + PayItem.objects.filter(line__run=run).count()
    return say(
        "a payroll of 400 prepared",
        took / floor,
        RUN_LIMIT,
        seconds=round(took, 3),
        copy_s=round(floor, 3),
        people=lines,
        rows=written,
    )


def _prepared_and_undone(institute: Institute, month: date) -> float:
    """Seconds of one preparation, as warm as the floor's turns are; undone."""
    with transaction.atomic():
        took, _run = timed(lambda: payroll.prepare_payroll(institute, month, by=_user("finance")))
        transaction.set_rollback(True)
    return took


def _user(mailbox: str) -> User:
    return User.objects.get(email=f"{mailbox}@{DOMAIN}")


def _postings(institute: Institute, number: int) -> list[Posting]:
    year = 2026
    held = account(AccountKind.INSTITUTE, year, institute=institute)
    source = account(AccountKind.SOURCE, year)
    gross, net, kept = 7_500_000, 6_000_000, 1_500_000
    with transaction.atomic():
        given = [(source, -gross * number), (held, gross * number)]
        post(Posting("bench:given", date(year, 1, 1), "for the bench", given), by=None)
    accounts = {
        "spent": account(AccountKind.SPENT, year, lab=institute.labs.order_by("pk")[0], purpose=Purpose.SALARY),
        "expense": account(AccountKind.EXPENSE, year, institute=institute, purpose=Purpose.SALARY),
        "payable": account(AccountKind.PAYABLE, year, institute=institute),
        "withheld": account(AccountKind.WITHHELD, year, institute=institute),
    }
    lines = [
        (held, -gross), (accounts["spent"], gross), (accounts["expense"], gross),
        (accounts["payable"], -net), (accounts["withheld"], -kept),
    ]  # fmt: skip
    return [Posting(f"bench:pay:{turn}", date(year, 7, 25), "Pay", lines) for turn in range(number)]


def measure_posting(institute: Institute) -> bool:
    """100,000 pay lines posted by the ledger's one door, against COPY of the entries and lines that they made."""
    postings = _postings(institute, PAY_LINES)

    def act() -> None:
        with transaction.atomic():
            for begin in range(0, PAY_LINES, CHUNK):
                post_many(postings[begin : begin + CHUNK], by=None)

    took, _nothing = timed(act)
    first = Entry.objects.get(event="bench:pay:0").pk
    rows = {
        "funding_entry": copied_out("funding_entry", f"id >= {first}"),
        "funding_line": copied_out("funding_line", f"entry_id >= {first}"),
    }
    with transaction.atomic():
        asleep(True)
        Line.objects.filter(entry__gte=first)._raw_delete("default")
        Entry.objects.filter(pk__gte=first)._raw_delete("default")
        asleep(False)
        for owner, amount in postings[0].lines:
            Account.objects.filter(pk=owner.pk).update(balance_krw=F("balance_krw") - amount * PAY_LINES)
        floor = copy_in(rows)
        transaction.set_rollback(True)
    return say(
        "100,000 pay lines posted", took / floor, POST_LIMIT, seconds=round(took, 1), copy_s=round(floor, 1),
        lines=len(postings[0].lines) * PAY_LINES,
    )  # fmt: skip


def grow_books(institute: Institute, wanted: int) -> int:
    """Let the books have `wanted` lines, made by the database itself; kept balances are moved along."""
    one = account(AccountKind.EXPENSE, 2026, institute=institute, purpose=Purpose.OTHER)
    two = account(AccountKind.BANK, 2026, institute=institute)
    missing = max(0, wanted - Line.objects.count()) // 2
    with transaction.atomic(), connection.cursor() as cursor:
        asleep(True)
        cursor.execute(
            "INSERT INTO funding_entry (key, booked_on, event, words, source_type, source_id) "
            "SELECT lpad(to_hex(n), 12, 'w'), date '2026-01-01' + (n %% 300)::int, 'grown:' || n, 'Grown', '', '' "
            "FROM generate_series(1, %s) n RETURNING id",
            [missing],
        )
        cursor.execute("SELECT min(id) FROM funding_entry WHERE event LIKE 'grown:%%'")
        first = cursor.fetchone()[0]
        for owner, sign in ((one, 1), (two, -1)):
            cursor.execute(
                "INSERT INTO funding_line (entry_id, account_id, amount_krw) "
                "SELECT id, %s, %s * (1 + id %% 1000) FROM funding_entry WHERE id >= %s",
                [owner.pk, sign, first],
            )
            cursor.execute(
                "UPDATE funding_account SET balance_krw = (SELECT sum(amount_krw) FROM funding_line "
                "WHERE account_id = %s) WHERE id = %s",
                [owner.pk, owner.pk],
            )
        asleep(False)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return Line.objects.count()


def measure_pages(institute: Institute) -> bool:
    """The budget page and an account's page at five million lines, against an empty signed-in page."""
    lines = grow_books(institute, BOOK_LINES)
    big = Account.objects.get(kind=AccountKind.EXPENSE, purpose=Purpose.OTHER, fiscal_year=2026, institute=institute)
    paths = {
        "the budget page": f"{reverse('funding:budget')}?year=2026",
        "the books": f"{reverse('funding:books')}?year=2026",
        "an account's balance and newest lines": reverse("funding:account", args=[big.key]),
    }
    times: dict[str, list[float]] = {}
    with serving() as port:
        visitor = Visitor(port, _user("finance"))
        for turn in range(ROUNDS + 2):
            for path in ("/bench/empty/", *paths.values()):
                took = visitor.get(path)
                if turn >= 2:
                    times.setdefault(path, []).append(took)
    floor = statistics.median(times["/bench/empty/"])
    fine = True
    for what, path in paths.items():
        median = statistics.median(times[path])
        words = {"lines": lines, "median_ms": round(1000 * median, 1), "floor_ms": round(1000 * floor, 1)}
        fine &= say(what, median / floor, PAGE_LIMIT, **words)
    return fine


def main() -> int:
    """Load the demonstration and measure; 1 when a limit is passed."""
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    call_command("demo_data", stdout=sys.stderr)
    institute = Institute.objects.get(code="KAIST")
    everybody_at(institute)
    last = PayrollRun.objects.order_by("-month").values_list("month", flat=True).first() or date(2026, 10, 1)
    month = date(last.year + last.month // 12, last.month % 12 + 1, 1)
    is_fine = measure_run(institute, month)
    is_fine &= measure_posting(institute)
    is_fine &= measure_pages(institute)
    return 0 if is_fine else 1
