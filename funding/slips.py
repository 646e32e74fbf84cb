"""Between the tables and the pure payroll engine: an appointment's month becomes a case, a slip becomes rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from fellowships.models import Appointment
from fellowships.queries.changes import standing_of
from funding.models import Adjustment, InsuranceException, PayItem, PayLine, PayrollRun, RateTable, TaxGrant, TaxProfile
from funding.models.insurance import InsuranceKind
from funding.payroll.severance import accrued_krw
from funding.payroll.slip import FULLY_INSURED, Away, BadCase, Case, Insured, ReliefClaim, Slip, compute
from funding.payroll.slip import Adjustment as Change
from funding.payroll.tables import NotCovered, Tables
from funding.payroll.tax import TREATY
from funding.payroll.words import CLAUSE_JOINT, EXCEPTIONS, LABELS, STEPS
from funding.states import GrantKind, PayItemKind, TaxWay
from funding.terms import days_away, pay_of_month, severance_krw

NOT_INSURED: Final = Insured(pension=False, health=False, care=False, employment=False, accident=False)


def is_foreign(appointment: Appointment) -> bool:
    """Whether the flat rate for foreign workers is open to her. A row of `to_pay` brings her citizenship along."""
    known: str | None = getattr(appointment, "citizenship", None)
    return (known or appointment.offer.application.citizenship.code) != "KR"


@dataclass(frozen=True)
class Beside:
    """What one person's month has beside her salary: adjustments that were approved, exemptions that were granted.

    `accrued_krw` is the severance of the months before, given for the last month of a term only.
    """

    adjustments: tuple[Adjustment, ...] = ()
    grants: tuple[TaxGrant, ...] = ()
    accrued_krw: int | None = None
    exceptions: tuple[InsuranceException, ...] = ()

    def way(self, profile: TaxProfile | None) -> str:
        """How she is taxed: by the treaty while it was granted, else as she chose; ordinarily where she chose not."""
        if any(grant.kind == GrantKind.TREATY for grant in self.grants):
            return TREATY
        return profile.way if profile else TaxWay.ORDINARY.value

    def insured(self) -> Insured:
        """All insurances but those that she is outside of."""
        outside = {row.kind: False for row in self.exceptions if row.kind != InsuranceKind.BASE}
        return replace(FULLY_INSURED, **outside)

    def declared_base_krw(self) -> int | None:
        """The monthly base with which she was declared; none where it is a twelfth of the salary."""
        return next((row.base_krw for row in self.exceptions if row.kind == InsuranceKind.BASE), None)

    def reliefs(self) -> tuple[ReliefClaim, ...]:
        """The first relief that was granted; one income has one."""
        claims = [
            ReliefClaim(code=grant.kind, since=grant.from_on) for grant in self.grants if grant.kind != GrantKind.TREATY
        ]
        return tuple(claims[:1])


NOTHING: Final = Beside()


def case_of(appointment: Appointment, month: date, profile: TaxProfile | None, beside: Beside = NOTHING) -> Case:
    """The engine's case for one appointment and month. Days away without full pay are a line of their own.

    Who is unpaid the whole month is in no insurance for it: its exemption is filed with the leave.
    """
    standing = standing_of(appointment)
    away = tuple(Away(days=days, unpaid_percent=Decimal(percent)) for days, percent in days_away(standing, month))
    nothing = bool(away) and pay_of_month(standing, month.year, month.month) == 0
    return Case(
        month=f"{month:%Y-%m}",
        salary_krw_a_year=appointment.salary_krw_a_year,
        starts_on=appointment.starts_on,
        ends_on=appointment.ends_on,
        tax_way=beside.way(profile),
        family_size=profile.family_size if profile else 1,
        is_foreign_worker=is_foreign(appointment),
        reliefs=beside.reliefs(),
        adjustments=tuple(Change(code=row.code, amount_krw=row.amount_krw) for row in beside.adjustments),
        away=away,
        insured=NOT_INSURED if nothing else beside.insured(),
        declared_base_krw=beside.declared_base_krw(),
    )


# the columns of an item that depend on the slip alone
ITEM_COLUMNS: Final = (
    "position", "kind", "code", "amount_krw", "base_krw", "rate", "rule", "table_from", "steps",
)  # fmt: skip


def item_rows(slip: Slip) -> list[tuple[object, ...]]:
    """The items of a slip by `ITEM_COLUMNS`."""
    return [
        (
            position,
            item.kind,
            item.code,
            item.amount_krw,
            item.base_krw,
            item.rate,
            item.rule,
            item.table_from,
            json.dumps([(step.code, step.amount_krw) for step in item.steps]),
        )
        for position, item in enumerate(slip.items)
    ]


class Slips:
    """Computes slips for one table, each distinct case once: most of a month's cases are alike."""

    def __init__(self, table: RateTable) -> None:
        self.tables = Tables.from_dict(table.data)
        self.slip = lru_cache(maxsize=4096)(self._compute)

    def _compute(self, case: Case) -> Slip:
        return compute(case, self.tables)

    def line(
        self, run: PayrollRun, appointment: Appointment, profile: TaxProfile | None, beside: Beside = NOTHING
    ) -> tuple[PayLine, Slip]:
        """The unsaved pay line of `appointment` in `run`, and the slip whose items it has."""
        slip = self.slip(case_of(appointment, run.month, profile, beside))
        salary_krw = sum(item.amount_krw for item in slip.items if item.code == "salary")
        line = PayLine(
            run=run,
            appointment=appointment,
            month=run.month,
            gross_krw=slip.gross_krw,
            deductions_krw=slip.deductions_krw,
            net_krw=slip.net_krw,
            employer_krw=slip.employer_krw,
            severance_krw=_severance(appointment, salary_krw, beside),
            notes=[*slip.notes, *(EXCEPTIONS[row.kind] for row in beside.exceptions)],
        )
        return line, slip


def _severance(appointment: Appointment, salary_krw: int, beside: Beside) -> int:
    """What the month adds: a twelfth of the salary; in the last month, what is then due less all that accrued."""
    if beside.accrued_krw is None:
        return accrued_krw(salary_krw)
    return severance_krw(standing_of(appointment)) - beside.accrued_krw


def both_ways(appointment: Appointment | None, family_size: int) -> list[tuple[str, int, int]]:
    """For the month of her pay: each way of being taxed that is open to her, with deductions and net; an estimate."""
    table = RateTable.objects.filter(confirmed_at__isnull=False).order_by("-loaded_at", "-pk").first()
    if appointment is None or table is None:
        return []
    today = min(max(timezone.localdate(), appointment.starts_on), appointment.ends_on)
    slips = Slips(table)
    ways = TaxWay if is_foreign(appointment) else (TaxWay.ORDINARY,)
    profiles = [TaxProfile(way=way, family_size=family_size) for way in ways]
    try:
        shown = [slips.slip(case_of(appointment, today.replace(day=1), profile)) for profile in profiles]
    except (NotCovered, BadCase):
        return []
    return [(str(way.label), slip.deductions_krw, slip.net_krw) for way, slip in zip(ways, shown, strict=True)]


def label_of(item: PayItem) -> str:
    """The item's words in the language in use."""
    return _(LABELS[item.code])


def how(item: PayItem) -> str:
    """How the item was computed: base, rate and rounding, and since when the rate stands, in the language in use."""
    clauses = ", ".join(_(clause) for clause in item.rule.split(CLAUSE_JOINT) if clause)
    base = "" if item.base_krw is None else f"₩{item.base_krw:,}"
    since = _("rates from %(day)s") % {"day": item.table_from.isoformat()} if item.table_from else ""
    return " · ".join(part for part in (base, item.rate, clauses, since) if part)


def steps_of(item: PayItem) -> list[tuple[str, int]]:
    """The steps of the item's computation: words in the language in use, and won."""
    return [(_(STEPS[code]), amount) for code, amount in item.steps]


def notes_of(line: PayLine) -> list[str]:
    """What to know beside the lines of a slip, in the language in use."""
    return [_(note) for note in line.notes]


def explained(line: PayLine) -> list[dict[str, Any]]:
    """The items of a slip by kind, each with its words, how it was computed, its steps, and the sum of its kind."""
    items = list(line.items.all())
    sums = {
        PayItemKind.EARNING: line.gross_krw,
        PayItemKind.DEDUCTION: line.deductions_krw,
        PayItemKind.EMPLOYER: line.employer_krw,
    }
    return [
        {
            "title": str(kind.label),
            "rows": [
                (label_of(item), how(item), item.amount_krw, steps_of(item)) for item in items if item.kind == kind
            ],
            "total_krw": total,
        }
        for kind, total in sums.items()
    ]


def slip_document(line: PayLine, language: str) -> dict[str, Any]:
    """The data of the pay slip's PDF in `language`."""
    with override(language):
        sections = explained(line)
        return {
            "title": _("Pay slip %(month)s") % {"month": f"{line.month:%Y-%m}"},
            "lang": language,
            "programme": str(settings.PROGRAMME_NAME),
            "facts": [
                (_("Name"), line.appointment.fellow.full_name),
                (_("Institute"), line.run.institute.name),
                (_("Lab"), line.appointment.lab.name),
                (_("Pay day"), line.run.pay_on.isoformat()),
            ],
            "columns": [_("Item"), _("How it was computed"), _("Won")],
            "sections": [
                {
                    "title": section["title"],
                    "rows": [(label, words, f"{amount:,}") for label, words, amount, _steps in section["rows"]],
                    "total": (_("Sum"), f"{section['total_krw']:,}"),
                }
                for section in sections
            ],
            "net": (_("Paid to you"), f"₩{line.net_krw:,}"),
            "steps": [
                {"title": label, "rows": [(words, f"{won:,}") for words, won in steps]}
                for section in sections
                for label, _how, _amount, steps in section["rows"]
                if steps
            ],
            "step_columns": [_("Step by step"), _("Won")],
            "notes": [
                *notes_of(line),
                _("Rates: version %(version)s.") % {"version": line.run.rate_table.version[:12]},
            ],
        }


@dataclass(frozen=True)
class YearStatement:
    """What one person earned and what was withheld in a year, by item, in won; from the slips that were released."""

    year: int
    months: list[PayLine]
    sections: list[dict[str, Any]]
    gross_krw: int
    deductions_krw: int
    net_krw: int
    severance_krw: int


def year_statement(lines: Sequence[PayLine], year: int) -> YearStatement:
    """Sum `lines`, the slips of `year`, item by item."""
    sums: dict[tuple[str, str], int] = {}
    for line in lines:
        for item in line.items.all():
            sums[item.kind, item.code] = sums.get((item.kind, item.code), 0) + item.amount_krw
    sections = [
        {
            "title": str(kind.label),
            "rows": [(_(LABELS[code]), amount) for (of_kind, code), amount in sums.items() if of_kind == kind],
            "total_krw": sum(amount for (of_kind, _code), amount in sums.items() if of_kind == kind),
        }
        for kind in PayItemKind
    ]
    return YearStatement(
        year,
        list(lines),
        sections,
        sum(line.gross_krw for line in lines),
        sum(line.deductions_krw for line in lines),
        sum(line.net_krw for line in lines),
        sum(line.severance_krw for line in lines),
    )


def statement_document(statement: YearStatement, person: str, institute: str) -> dict[str, Any]:
    """The data of the year-end statement's PDF, in the language in use."""
    months = [(f"{line.month:%Y-%m}", line.run.pay_on.isoformat(), f"{line.net_krw:,}") for line in statement.months]
    return {
        "title": _("Statement of pay %(year)s") % {"year": statement.year},
        "lang": (get_language() or "en")[:2],
        "programme": str(settings.PROGRAMME_NAME),
        "facts": [(_("Name"), person), (_("Institute"), institute), (_("Year"), str(statement.year))],
        "columns": [_("Item"), "", _("Won")],
        "sections": [
            {
                "title": section["title"],
                "rows": [(label, "", f"{amount:,}") for label, amount in section["rows"]],
                "total": (_("Sum"), f"{section['total_krw']:,}"),
            }
            for section in statement.sections
        ]
        + [{"title": _("By month"), "rows": months, "total": (_("Sum"), f"{statement.net_krw:,}")}],
        "net": (_("Paid to you"), f"₩{statement.net_krw:,}"),
        "notes": [
            _("Severance that accrued in this year: ₩%(amount)s. It is due from one year of service on.")
            % {"amount": f"{statement.severance_krw:,}"},
            _("Taxes are settled finally by the year-end settlement or your own return; keep this statement for it."),
        ],
    }
