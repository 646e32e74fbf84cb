"""What differs from last month, item by item and person by person, each with its reason; exceptions first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from fellowships.models import Appointment
from funding.models import PayItem, PayLine, PayrollRun
from funding.payroll.words import BY_BRACKETS, CLAUSE_JOINT, EXEMPT_BY_TREATY, FLAT_RATE, LABELS, LOCAL_TAX, TAX
from funding.queries.payroll import month_before
from funding.states import AdjustmentCode, GrantKind, TaxWay

# how many people stand on the page of the run itself; all are on a page of their own
FIRST: Final = 20
ORDER: Final = ("pk",)
WAYS: Final = {BY_BRACKETS: TaxWay.ORDINARY, FLAT_RATE: TaxWay.FLAT, EXEMPT_BY_TREATY: GrantKind.TREATY}
# their bases follow what is paid: where the gross differs, they need no reason of their own
OF_WHAT_IS_PAID: Final = frozenset({TAX, LOCAL_TAX, "employment"})

# An item is one code of one person: two corrections of a month are one sum, whatever stands before or after them.
BY_ITEM: Final = """
    WITH was AS (
        SELECT l.appointment_id AS who, i.code, min(i.kind) AS kind, sum(i.amount_krw) AS krw, sum(i.base_krw) AS base,
               string_agg(i.rate, ' ' ORDER BY i.position) AS rate, min(split_part(i.rule, '; ', 1)) AS way
        FROM funding_payitem i JOIN funding_payline l ON l.id = i.line_id JOIN funding_payrollrun r ON r.id = l.run_id
        WHERE r.institute_id = %s AND l.month = %s GROUP BY 1, 2
    ), now AS (
        SELECT l.appointment_id AS who, i.code, min(i.kind) AS kind, sum(i.amount_krw) AS krw, sum(i.base_krw) AS base,
               string_agg(i.rate, ' ' ORDER BY i.position) AS rate, min(split_part(i.rule, '; ', 1)) AS way
        FROM funding_payitem i JOIN funding_payline l ON l.id = i.line_id WHERE l.run_id = %s GROUP BY 1, 2
    ), pairs AS (
        SELECT code, coalesce(now.kind, was.kind) AS kind, coalesce(now.krw, 0) - coalesce(was.krw, 0) AS change,
               was.who IS NULL AS is_new, now.who IS NULL AS is_gone, code = 'income_tax' AND was.way <> now.way AS way,
               CASE WHEN was.rate ~ '^[0-9.]+ %%$' AND now.rate ~ '^[0-9.]+ %%$' AND was.rate <> now.rate
                    THEN was.rate END AS was_rate, now.rate AS now_rate,
               code IN ('salary', 'leave') AND was.rate <> now.rate AS days, was.base IS DISTINCT FROM now.base AS base,
               was.base IS NULL AND now.base IS NULL AS given
        FROM was FULL JOIN now USING (who, code)
    ), told AS (
        SELECT *, NOT (is_new OR is_gone) AS both_months FROM pairs WHERE change <> 0
    )
    SELECT code, kind, count(*), sum(change), count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE is_gone),
           count(*) FILTER (WHERE both_months AND way), count(*) FILTER (WHERE both_months AND was_rate IS NOT NULL),
           min(was_rate), min(now_rate) FILTER (WHERE was_rate IS NOT NULL),
           count(*) FILTER (WHERE both_months AND days), count(*) FILTER (WHERE both_months AND base AND NOT days),
           count(*) FILTER (WHERE both_months AND given AND NOT way),
           count(*) FILTER (WHERE both_months AND NOT (way OR days OR base OR given) AND was_rate IS NULL)
    FROM told GROUP BY 1, 2 ORDER BY 2 DESC, abs(sum(change)) DESC, 1
"""


@dataclass(frozen=True)
class ItemChange:
    """One item of the slips: for how many people it differs, by how many won in all, and why."""

    label: str
    people: int
    change_krw: int
    why: str


@dataclass(frozen=True)
class Difference:
    """One person whose pay differs: gross and net then and now, each reason in words, her line of this month."""

    appointment: Appointment
    was_krw: int | None
    now_krw: int | None
    net_change_krw: int
    reasons: tuple[str, ...]
    line_key: str


@dataclass(frozen=True)
class Changes:
    """What differs in a run from the month before, and what the finance desk looks at first."""

    items: list[ItemChange]
    people: list[Difference]
    number: int
    exceptions: list[PayLine]
    was_rates: str

    @property
    def more(self) -> int:
        """How many people differ beside those that are shown."""
        return self.number - len(self.people)


def changes_of(run: PayrollRun, limit: int = 50) -> Changes:
    """Differences of `run`; of people the first, of exceptions the first `limit`. Six queries whatever its size."""
    held = run.lines.filter(is_held=True).select_related("appointment__fellow", "appointment__lab").order_by("pk")
    rows = people_changed(run)
    was_rates = _rates_before(run)
    return Changes(
        _items(run, was_rates),
        differences(run, list(rows.order_by(*ORDER)[:FIRST]), was_rates),
        rows.count(),
        list(held[:limit]),
        was_rates,
    )


def _rates_before(run: PayrollRun) -> str:
    """The version of the rates of the month before, where it is another one."""
    before = PayrollRun.objects.filter(institute=run.institute_id, month=month_before(run.month))
    others = before.exclude(state="discarded").exclude(rate_table=run.rate_table_id)
    return others.values_list("rate_table__version", flat=True).first() or ""


def _items(run: PayrollRun, was_rates: str) -> list[ItemChange]:
    with connection.cursor() as cursor:
        cursor.execute(BY_ITEM, [run.institute_id, month_before(run.month), run.pk])
        rows = cursor.fetchall()
    return [
        ItemChange(_(LABELS[code]), people, int(change), ", ".join(_why(counts, was_rates)))
        for code, _kind, people, change, *counts in rows
    ]


def _why(counts: Sequence[Any], was_rates: str) -> Iterable[str]:
    """Why an item differs, each reason with for how many people."""
    new, gone, way, rate, was_rate, now_rate, days, base, given, other = counts
    if new:
        yield _("new for %(number)s") % {"number": new}
    if gone:
        yield _("gone for %(number)s") % {"number": gone}
    if way:
        yield _("taxed another way for %(number)s") % {"number": way}
    if rate:
        yield _("rate %(was)s → %(now)s for %(number)s") % {"was": was_rate, "now": now_rate, "number": rate}
    if days:
        yield _("other days paid for %(number)s") % {"number": days}
    if base:
        yield _("another base for %(number)s") % {"number": base}
    if given:
        yield _("another amount entered for %(number)s") % {"number": given}
    if other:
        yield _for_another_reason(was_rates) % {"number": other}


def _for_another_reason(was_rates: str) -> str:
    return (
        _("other tax tables for %(number)s")
        if was_rates
        else _("other family, relief or deductions for %(number)s, or December's remainder")
    )


def people_changed(run: PayrollRun) -> QuerySet[Appointment]:
    """Appointments whose gross or net differs from last month's, or that are in one of the two only."""
    mine = PayLine.objects.filter(appointment=OuterRef("pk"))
    now = mine.filter(run=run)
    was = mine.filter(run__institute=run.institute_id, month=month_before(run.month))
    rows = Appointment.objects.filter(Exists(now) | Exists(was)).annotate(
        was_gross=Subquery(was.values("gross_krw")),
        was_net=Subquery(was.values("net_krw")),
        now_gross=Subquery(now.values("gross_krw")),
        now_net=Subquery(now.values("net_krw")),
        line_key=Subquery(now.values("key")),
    )
    alone = Q(was_net=None) | Q(now_net=None)
    return rows.filter(alone | ~Q(was_gross=F("now_gross")) | ~Q(was_net=F("now_net"))).select_related("fellow", "lab")


def differences(run: PayrollRun, rows: Sequence[Any], was_rates: str | None = None) -> list[Difference]:
    """Each of `rows` of `people_changed` with its reasons; two queries, one where the rates before are known."""
    rates = _rates_before(run) if was_rates is None else was_rates
    items = _items_by([row.pk for row in rows], run)
    return [
        Difference(
            row,
            row.was_gross,
            row.now_gross,
            (row.now_net or 0) - (row.was_net or 0),
            tuple(_reasons(row, run, (items.get((row.pk, False), {}), items.get((row.pk, True), {})), rates)),
            row.line_key or "",
        )
        for row in rows
    ]


def _items_by(appointments: list[int], run: PayrollRun) -> dict[tuple[int, bool], dict[str, PayItem]]:
    """Items by appointment and by whether they are of this month; several of one code as their sum."""
    rows = PayItem.objects.filter(
        line__appointment__in=appointments,
        line__month__in=(month_before(run.month), run.month),
        line__run__institute=run.institute_id,
    ).select_related("line")
    by: dict[tuple[int, bool], dict[str, PayItem]] = {}
    for row in rows:
        of_month = by.setdefault((row.line.appointment_id, row.line.month == run.month), {})
        if row.code in of_month:
            row.amount_krw += of_month[row.code].amount_krw
        of_month[row.code] = row
    return by


Two = tuple[Mapping[str, PayItem], Mapping[str, PayItem]]


def _reasons(appointment: Appointment, run: PayrollRun, items: Two, was_rates: str) -> Iterable[str]:
    """Why one person's pay differs, in words."""
    was, now = items
    yield from _why_salary(appointment, was.get("salary"), now.get("salary"))
    for code in ("leave", *AdjustmentCode.values):
        if code in now:
            yield f"{_(LABELS[code])} ₩{now[code].amount_krw:,}"
        elif code in was:
            yield _("%(what)s of last month") % {"what": f"{_(LABELS[code])} ₩{was[code].amount_krw:,}"}
    if not was or not now:
        return
    is_paid_otherwise = _gross(was) != _gross(now)
    for code in sorted({code for code in (*was, *now) if (now.get(code) or was[code]).kind == "deduction"}):
        for words in _why_deduction(code, was.get(code), now.get(code), is_paid_otherwise, was_rates):
            yield f"{_(LABELS[code])}: {words}"


def _gross(items: Mapping[str, PayItem]) -> int:
    return sum(item.amount_krw for item in items.values() if item.kind == "earning")


def _why_salary(appointment: Appointment, was: PayItem | None, now: PayItem | None) -> Iterable[str]:
    if was is None and now is not None:
        yield _("joins on %(day)s") % {"day": appointment.starts_on.isoformat()}
    if was is not None and now is None:
        yield _("left on %(day)s") % {"day": appointment.ends_on.isoformat()}
    if now is not None and now.rate != "1/12":
        yield _("%(days)s days of this month") % {"days": now.rate}
    if was is not None and was.rate != "1/12":
        yield _("%(days)s days of last month") % {"days": was.rate}
    if was and now and was.rate == now.rate and was.amount_krw != now.amount_krw:
        if was.base_krw != now.base_krw:
            yield _("salary a year %(was)s → %(now)s") % {"was": f"₩{was.base_krw:,}", "now": f"₩{now.base_krw:,}"}
        else:
            yield _("December carries the year's remainder")


def _why_deduction(
    code: str, was: PayItem | None, now: PayItem | None, is_paid_otherwise: bool, was_rates: str
) -> Iterable[str]:
    """Why one deduction differs, where what is paid does not explain it already."""
    if was is None or now is None:
        yield _("new this month") if was is None else _("no more this month")
        return
    if was.amount_krw == now.amount_krw or code == LOCAL_TAX:
        return
    ways = [WAYS.get(item.rule.split(CLAUSE_JOINT)[0]) for item in (was, now)]
    if code == TAX and ways[0] != ways[1]:
        yield " → ".join(str(way.label) for way in ways if way is not None)
    elif "%" in was.rate and "%" in now.rate and code != TAX and was.rate != now.rate:
        yield _("rate %(was)s → %(now)s") % {"was": was.rate, "now": now.rate}
    elif was.base_krw != now.base_krw:
        if not (is_paid_otherwise and code in OF_WHAT_IS_PAID):
            yield _("base %(was)s → %(now)s") % {"was": f"₩{was.base_krw or 0:,}", "now": f"₩{now.base_krw or 0:,}"}
    else:
        yield _("other tables") if was_rates else _("other family, relief or deductions")
