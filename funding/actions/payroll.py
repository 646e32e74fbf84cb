"""Verbs of payroll: prepare, hold, approve, release, pay out. Three people; nobody is paid a month twice."""

from collections.abc import Mapping, Sequence
from datetime import date

import holidays
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.queue import after_commit
from common.refusals import NotConfigured, Refusal
from common.states import lock, move
from fellowships.models import Appointment
from funding import ledger
from funding.actions.budget import day_in
from funding.actions.payments import Due, seal_batch
from funding.bulk import copy_under
from funding.models import Adjustment, BankDetail, PayItem, PayLine, PaymentBatch, PayrollRun, TaxProfile
from funding.payroll.payday import pay_day
from funding.payroll.slip import BadCase, Slip
from funding.payroll.tables import NotCovered
from funding.postings import Books, pay_posting
from funding.queries.adjustments import besides_of, left_out
from funding.queries.duties import of_bank, of_run, refuse_second_duty
from funding.queries.payments import current_details
from funding.queries.payroll import (
    committed_for_salary,
    confirmed_table,
    payable_lines,
    profiles_of,
    released_without_payments,
    to_pay,
)
from funding.slips import ITEM_COLUMNS, Beside, Slips, is_foreign, item_rows
from funding.states import Duty, PayrollState, Purpose, TaxWay
from labs.models import Institute
from notifications.actions import draft
from notifications.models import Notification
from people.models import User

PAY_OUT = "funding.pay_out"


class NobodyToPay(Refusal):
    words = _("Nobody is to be paid for this month.")


class RunChanged(Refusal):
    words = _("This payroll can no longer be changed.")


@action
def choose_tax(user: User, *, by: User, way: str, family_size: int) -> TaxProfile:
    """Keep how `user` chose to be taxed; payrolls prepared from now on use it."""
    if way == TaxWay.FLAT and not any(is_foreign(a) for a in user.appointments.select_related("offer__application")):
        raise RunChanged(_("The flat rate is open to foreign workers only."), field="way")
    profile, _is_new = TaxProfile.objects.update_or_create(
        user=user, defaults={"way": way, "family_size": family_size, "chosen_at": timezone.now()}
    )
    record("funding.tax.chosen", profile, by=by, after={"way": way, "family_size": family_size})
    return profile


def pay_day_of(month: date) -> date:
    """The 25th of `month`, or the working day before if that is a weekend or a Korean holiday."""
    korean = holidays.country_holidays("KR", years=[month.year])
    return pay_day(month.year, month.month, set(korean))


@action
def prepare_payroll(institute: Institute, month: date, *, by: User | None) -> PayrollRun:
    """Compute the month's pay of everybody who stands at `institute`, as a preview; nothing is paid or booked.

    Preparing the same month twice returns the run that stands. Refuses when no confirmed rate table covers the month.
    """
    lock(institute)
    standing = PayrollRun.objects.filter(institute=institute, month=month).exclude(state=PayrollState.DISCARDED).first()
    if standing:
        return standing
    appointments = list(to_pay(institute, month))
    if not appointments:
        raise NobodyToPay(field="month")
    table = confirmed_table()
    run = PayrollRun.objects.create(
        institute=institute, month=month, pay_on=pay_day_of(month), rate_table=table, prepared_by=by
    )
    profiles = profiles_of([appointment.fellow_id for appointment in appointments])
    slips = Slips(table)
    besides = besides_of(appointments, month)
    made = [
        _line(slips, run, appointment, profiles.get(appointment.fellow_id), besides[appointment.pk])
        for appointment in appointments
    ]
    PayLine.objects.bulk_create([line for line, _items in made])
    _carry(besides, [line for line, _items in made])
    copy_under(PayItem, "line_id", ITEM_COLUMNS, ((line.pk, slip) for line, slip in made if slip), item_rows)
    record("funding.payroll.prepared", run, by=by, after={"people": len(made), "rates": table.version})
    return run


def _line(
    slips: Slips, run: PayrollRun, appointment: Appointment, profile: TaxProfile | None, beside: Beside
) -> tuple[PayLine, Slip | None]:
    """One person's line; whom the rules leave less than nothing is held with the reason, and the others go on."""
    try:
        return slips.line(run, appointment, profile, beside)
    except NotCovered as missing:
        raise NotConfigured(field="month", what=str(missing)) from missing
    except BadCase as wrong:
        zero = {"gross_krw": 0, "deductions_krw": 0, "net_krw": 0, "employer_krw": 0}
        note = " ".join(wrong.problems)[:200]
        return PayLine(run=run, appointment=appointment, month=run.month, is_held=True, held_note=note, **zero), None


def _carry(besides: Mapping[int, Beside], lines: Sequence[PayLine]) -> None:
    """Each adjustment names the slip that carries it; of a line that could not be computed none does."""
    for line in lines:
        carried = [row.pk for row in besides[line.appointment_id].adjustments]
        if carried and not (line.is_held and line.gross_krw == 0):
            Adjustment.objects.filter(pk__in=carried).update(pay_line=line)


@action
def discard_payroll(run: PayrollRun, *, by: User, note: str = "") -> PayrollRun:
    """Throw a preview away, so that the month can be prepared afresh."""
    move(run, PayrollState.DISCARDED, by=by, note=note)
    run.lines.all().delete()
    return run


@action
def hold_line(line: PayLine, *, by: User, note: str) -> PayLine:
    """Keep one person's pay back, with a reason; the others are paid."""
    lock(line)
    if line.run.state not in {PayrollState.PREVIEW, PayrollState.APPROVED}:
        raise RunChanged
    if not note.strip():
        raise RunChanged(_("Say why the pay is held."), field="note")
    line.is_held, line.held_note = True, note
    line.save(update_fields=["is_held", "held_note"])
    record("funding.payroll.held", line, by=by, note=note)
    return line


@action
def resume_line(line: PayLine, *, by: User) -> PayLine:
    """Take a hold back while the run is not released: the line is paid with the others."""
    lock(line)
    if line.run.state not in {PayrollState.PREVIEW, PayrollState.APPROVED} or not line.is_held or line.net_krw == 0:
        raise RunChanged(_("This hold cannot be taken back here."))
    line.is_held, line.held_note = False, ""
    line.save(update_fields=["is_held", "held_note"])
    record("funding.payroll.resumed", line, by=by)
    return line


@action
def approve_payroll(run: PayrollRun, *, by: User) -> PayrollRun:
    """A second person approves what the first prepared.

    Refuses a preview that was prepared before an adjustment of its month was approved.
    """
    lock(run)
    refuse_second_duty(Duty.APPROVES, of_run(run), by=by)
    if number := left_out(run).count():
        raise RunChanged(
            _("%(number)s adjustments of this month were approved after this preview. Prepare it afresh."),
            number=number,
        )
    return move(run, PayrollState.APPROVED, by=by)


@action
def release_payroll(run: PayrollRun, *, by: User) -> PayrollRun:
    """A third person releases the run; the worker then books it and makes the file for the bank."""
    lock(run)
    refuse_second_duty(Duty.RELEASES, of_run(run), by=by)
    move(run, PayrollState.RELEASED, by=by)
    after_commit(PAY_OUT, run.pk)
    return run


@action
def pay_out(run_pk: int) -> PaymentBatch | None:
    """Book a released run and seal its file for the bank, all or nothing; doing it again does nothing.

    Held, with the reason, and released alone later: those without confirmed bank details, those whose account one of
    the run's own three people confirmed, and those whose pay exceeds what is committed for it.
    """
    run = PayrollRun.objects.select_for_update(of=("self",)).select_related("institute").get(pk=run_pk)
    if run.state != PayrollState.RELEASED:
        return None
    lines = list(payable_lines(run))
    details = current_details([line.appointment.fellow_id for line in lines])
    doing = {run.prepared_by_id, run.approved_by_id, run.released_by_id}
    committed = committed_for_salary([line.appointment.offer_id for line in lines], run.month.year)
    for line in lines:
        detail = details.get(line.appointment.fellow_id)
        why = _why_held(line, detail, committed.get(line.appointment.offer_id, 0), doing)
        if why:
            line.is_held, line.held_note = True, str(why)
            line.save(update_fields=["is_held", "held_note"])
            record("funding.payroll.held", line, by=None, note=line.held_note)
    payable = [line for line in lines if not line.is_held]
    return _book_and_seal(run, payable, by=run.released_by, on=run.pay_on) if payable else None


def _why_held(line: PayLine, detail: BankDetail | None, committed_krw: int, doing: set[int | None]) -> str:
    if detail is None and line.net_krw:
        return str(_("no confirmed bank details"))
    if detail is not None and of_bank([detail]) & doing:
        return str(_("bank details confirmed by one of the three"))
    if line.gross_krw > committed_krw:
        return str(_("more than is committed for her salary of the year"))
    return ""


def _book_and_seal(run: PayrollRun, lines: list[PayLine], *, by: User | None, on: date) -> PaymentBatch | None:
    """Book `lines`, all of one fiscal year, on a day of it, and seal the file for the bank of those that are paid.

    A month without pay is booked as well: its charges and the severance that accrues in it. Where nobody is paid and
    nobody is held, the run is settled with that.
    """
    books = Books(run.institute, lines[0].fiscal_year)
    books.open_for([line.appointment.offer for line in lines], Purpose.SALARY)
    postings = [pay_posting(line, books, on) for line in lines if line.is_booked]
    ledger.post_many(postings, by=by)
    _tell(lines)
    dues = [Due(line.appointment.fellow, line.net_krw, pay_line=line) for line in lines if line.net_krw]
    if not dues:
        if run.state == PayrollState.RELEASED and not run.lines.filter(Q(is_held=True) | Q(net_krw__gt=0)).exists():
            move(run, PayrollState.PAID, by=by)
        return None
    return seal_batch(run.institute, dues, by=by, purpose=Purpose.SALARY, pay_on=on)


def _tell(lines: list[PayLine]) -> None:
    """One notification a person in one statement; the sweep hints at them."""
    Notification.objects.bulk_create(
        [
            draft(
                "payslip_ready",
                to=line.appointment.fellow,
                about=line,
                dedupe=str(line.pk),
                month=f"{line.month:%Y-%m}",
                path=reverse("funding:payslip", kwargs={"key": line.key}),
            )
            for line in lines
        ],
        ignore_conflicts=True,
    )
    after_commit("notifications.sweep")


@action
def release_held(line: PayLine, *, by: User) -> PaymentBatch | None:
    """Pay one held line of a released run, alone, from the commitment of its year, or of the one it was carried into.

    Whoever prepared the run cannot.
    """
    lock(line)
    run = lock(line.run)
    if run.state not in {PayrollState.RELEASED, PayrollState.PAID} or not line.is_held:
        raise RunChanged(_("Only held pay of a released payroll is released alone."))
    refuse_second_duty(Duty.RELEASES, of_run(run), by=by)
    if line.appointment.fellow_id not in current_details([line.appointment.fellow_id]):
        raise NotConfigured(what=_("confirmed bank details of %(person)s") % {"person": line.appointment.fellow})
    line.is_held, line.held_note = False, ""
    line.save(update_fields=["is_held", "held_note"])
    record("funding.payroll.held_released", line, by=by)
    on = run.pay_on if line.fiscal_year == run.pay_on.year else day_in(line.fiscal_year)
    return _book_and_seal(run, [line], by=by, on=on)


def sweep() -> int:
    """Hint again at every released run whose file for the bank is not made."""
    waiting = list(released_without_payments().values_list("pk", flat=True))
    for pk in waiting:
        after_commit(PAY_OUT, pk)
    return len(waiting)
