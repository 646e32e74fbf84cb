"""What differs from last month, item by item and person by person, each with its reason; exceptions first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from fellowships.models import Appointment
from funding.models import PayItem, PayLine, PayrollRun
from funding.payroll.words import LABELS
from funding.queries.payroll import month_before

BY_ITEM = """
    SELECT coalesce(was.code, now.code), coalesce(was.kind, now.kind), count(*),
           sum(coalesce(now.amount_krw, 0) - coalesce(was.amount_krw, 0)),
           count(*) FILTER (WHERE was.code IS NULL), count(*) FILTER (WHERE now.code IS NULL),
           min(was.rate) FILTER (WHERE was.rate <> now.rate), max(now.rate) FILTER (WHERE was.rate <> now.rate)
    FROM (SELECT l.appointment_id, i.* FROM funding_payitem i JOIN funding_payline l ON l.id = i.line_id
          JOIN funding_payrollrun r ON r.id = l.run_id WHERE r.institute_id = %s AND l.month = %s) was
    FULL JOIN (SELECT l.appointment_id, i.* FROM funding_payitem i JOIN funding_payline l ON l.id = i.line_id
          WHERE l.run_id = %s) now
      ON now.appointment_id = was.appointment_id AND now.code = was.code AND now.position = was.position
    WHERE coalesce(was.amount_krw, 0) <> coalesce(now.amount_krw, 0)
    GROUP BY 1, 2 ORDER BY 2 DESC, abs(sum(coalesce(now.amount_krw, 0) - coalesce(was.amount_krw, 0))) DESC, 1
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
    """One person whose pay differs: her gross and net then and now, and each reason in words."""

    appointment: Appointment
    was_krw: int | None
    now_krw: int | None
    net_change_krw: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """What differs in a run from the month before, and what the finance desk looks at first."""

    items: list[ItemChange]
    people: list[Difference]
    number: int
    exceptions: list[PayLine]


def changes_of(run: PayrollRun, limit: int = 50) -> Changes:
    """Differences of `run`; of people, the first `limit` whose gross differs. Seven queries whatever its size."""
    held = run.lines.filter(is_held=True).select_related("appointment__fellow", "appointment__lab").order_by("pk")
    people, number = _people(run, limit)
    return Changes(_items(run), people, number, list(held[:limit]))


def _items(run: PayrollRun) -> list[ItemChange]:
    with connection.cursor() as cursor:
        cursor.execute(BY_ITEM, [run.institute_id, month_before(run.month), run.pk])
        rows = cursor.fetchall()
    return [
        ItemChange(_(LABELS[code]), people, int(change), _why_item(new, gone, was_rate, now_rate, people))
        for code, _kind, people, change, new, gone, was_rate, now_rate in rows
    ]


def _why_item(new: int, gone: int, was_rate: str | None, now_rate: str | None, people: int) -> str:
    said = []
    if new:
        said.append(_("new for %(number)s") % {"number": new})
    if gone:
        said.append(_("gone for %(number)s") % {"number": gone})
    if was_rate and now_rate and "%" in was_rate and "%" in now_rate:
        said.append(_("rate %(was)s → %(now)s") % {"was": was_rate, "now": now_rate})
    if not said or (new + gone < people and not (was_rate and now_rate)):
        said.append(_("its base differs"))
    return ", ".join(said)


def _people(run: PayrollRun, limit: int) -> tuple[list[Difference], int]:
    before = PayLine.objects.filter(run__institute=run.institute, month=month_before(run.month))
    now = {pk: (gross, net) for pk, gross, net in run.lines.values_list("appointment_id", "gross_krw", "net_krw")}
    was = {pk: (gross, net) for pk, gross, net in before.values_list("appointment_id", "gross_krw", "net_krw")}
    keys = sorted(pk for pk in now.keys() | was.keys() if now.get(pk, (None,))[0] != was.get(pk, (None,))[0])
    shown = keys[:limit]
    known = Appointment.objects.select_related("fellow", "lab").in_bulk(shown)
    items = _items_by(shown, run)
    return [
        Difference(
            known[pk],
            was.get(pk, (None, 0))[0],
            now.get(pk, (None, 0))[0],
            now.get(pk, (0, 0))[1] - was.get(pk, (0, 0))[1],
            tuple(_reasons(known[pk], run.month, items.get((pk, False), {}), items.get((pk, True), {}))),
        )
        for pk in shown
    ], len(keys)


def _items_by(appointments: list[int], run: PayrollRun) -> dict[tuple[int, bool], dict[str, PayItem]]:
    """Earnings by appointment and by whether they are of this month."""
    months = (month_before(run.month), run.month)
    rows = PayItem.objects.filter(
        line__appointment__in=appointments,
        line__month__in=months,
        line__run__institute=run.institute_id,
        kind="earning",
    ).select_related("line")
    by: dict[tuple[int, bool], dict[str, PayItem]] = {}
    for row in rows:
        by.setdefault((row.line.appointment_id, row.line.month == run.month), {})[row.code] = row
    return by


def _reasons(appointment: Appointment, month: date, was: dict[str, PayItem], now: dict[str, PayItem]) -> Iterable[str]:
    """Why one person's gross differs, in words."""
    salary_was, salary_now = was.get("salary"), now.get("salary")
    if salary_was is None and salary_now is not None:
        yield _("joins on %(day)s") % {"day": appointment.starts_on.isoformat()}
    if salary_was is not None and salary_now is None:
        yield _("left on %(day)s") % {"day": appointment.ends_on.isoformat()}
    if salary_now is not None and "/" in salary_now.rate and salary_now.rate != "1/12":
        yield _("%(days)s days of this month") % {"days": salary_now.rate}
    if salary_was is not None and "/" in salary_was.rate and salary_was.rate != "1/12":
        yield _("%(days)s days of last month") % {"days": salary_was.rate}
    if (
        salary_was
        and salary_now
        and salary_was.rate == salary_now.rate
        and salary_was.amount_krw != salary_now.amount_krw
    ):
        if salary_was.base_krw != salary_now.base_krw:
            yield _("salary a year %(was)s → %(now)s") % {
                "was": f"₩{salary_was.base_krw:,}",
                "now": f"₩{salary_now.base_krw:,}",
            }
        else:
            yield _("December carries the year's remainder")
    for code in ("arrears", "correction", "recovery"):
        if code in now:
            yield f"{_(LABELS[code])} ₩{now[code].amount_krw:,}"
        elif code in was:
            yield _("%(what)s of last month") % {"what": f"{_(LABELS[code])} ₩{was[code].amount_krw:,}"}
