"""What a report says: tables of plain values with titles, gathered from the figures of one moment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from common.jobs import Progress
from fellowships.states import AppointmentState
from reports import queries
from reports.states import ReportKind


@dataclass(frozen=True)
class Table:
    """A title, column heads and rows; `numeric` are the positions of columns with whole numbers."""

    title: str
    columns: list[str]
    rows: list[list[Any]]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Contents:
    """A whole report: its title, the moment of its figures, and its tables."""

    title: str
    as_of: str
    tables: list[Table] = field(default_factory=list)


def _against_plan() -> Table:
    plan, money = queries.programme(), queries.money_of()
    rows: list[list[Any]] = []
    if plan is not None:
        rows = [
            [_("Appointments"), queries.appointments_made(), plan.target_appointments],
            [_("Labs"), len(queries.labs_with_figures()), plan.target_labs],
            [_("Appropriated (won)"), money.appropriated_krw, plan.budget_krw],
            [_("Spent (won)"), money.spent_krw, plan.budget_krw],
        ]
    return Table(_("Against plan"), [_("What"), _("Now"), _("Plan")], rows, frozenset({1, 2}))


def _labs() -> Table:
    rows = [
        [
            row.lab.institute.code,
            row.lab.name,
            row.fellows,
            row.money.appropriated_krw,
            row.money.committed_krw,
            row.money.spent_krw,
            row.money.available_krw,
        ]
        for row in queries.labs_with_figures()
    ]
    heads = [_("Institute"), _("Lab"), _("Fellows"), _("Allotted"), _("Committed"), _("Spent"), _("Available")]
    return Table(_("Labs"), heads, rows, frozenset(range(2, 7)))


def _pairs(title: str, what: str, rows: list[tuple[str, int]]) -> Table:
    return Table(title, [what, _("Number")], [[name, number] for name, number in rows], frozenset({1}))


def _funnel() -> Table:
    return _pairs(_("From the first session to the appointment"), _("Step"), queries.funnel(queries.latest_call()))


def _origins() -> Table:
    return _pairs(_("Where the fellows come from"), _("Group"), queries.origins())


def _channels() -> Table:
    return _pairs(_("Applications by channel"), _("Channel"), queries.by_channel())


def _declines() -> Table:
    return _pairs(_("Why offers were declined"), _("Reason"), queries.declines())


def _people() -> Table:
    states = dict(AppointmentState.choices)
    rows = [
        [institute, lab, first.isoformat(), last.isoformat(), str(states[state]), country]
        for institute, lab, first, last, state, country in queries.people_rows().iterator(chunk_size=2000)
    ]
    heads = [_("Institute"), _("Lab"), _("First day"), _("Last day"), _("State"), _("Citizenship")]
    return Table(_("Appointments"), heads, rows)


def _months() -> Table:
    rows = [[month.strftime("%Y-%m"), total] for month, total in queries.spent_by_month()]
    return Table(_("Spent by month"), [_("Month"), _("Won")], rows, frozenset({1}))


PARTS: Final[dict[str, tuple[Callable[[], Table], ...]]] = {
    ReportKind.PROGRAMME: (_against_plan, _labs, _funnel, _origins, _channels, _declines),
    ReportKind.PEOPLE: (_origins, _people),
    ReportKind.MONEY: (_against_plan, _labs, _months),
}


def _tables(kind: str, progress: Progress) -> Iterator[Table]:
    parts = PARTS[kind]
    for number, part in enumerate(parts):
        progress(number, len(parts) + 1)
        yield part()
    progress(len(parts), len(parts) + 1)


def gather(kind: str, progress: Progress) -> Contents:
    """All tables of report `kind`, in the language in use; `progress` is told after each."""
    moment = timezone.localtime()
    titles = dict(ReportKind.choices)
    tables = list(_tables(kind, progress))
    return Contents(str(titles[kind]), moment.strftime("%Y-%m-%d %H:%M %Z"), tables)
