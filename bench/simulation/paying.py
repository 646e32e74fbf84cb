"""A month's pay at each institute by three people, what is held, what the bank answers, and severance at the end."""

from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from bench.simulation.checks import Broken
from bench.simulation.world import World
from common.refusals import NotConfigured
from fellowships.queries.changes import standing_of
from funding import ledger
from funding.actions import answers, insurance, movements, payments, payroll, severance
from funding.actions.payroll import NobodyToPay
from funding.models import Claim, PayLine, Payment, PaymentBatch, PayrollRun
from funding.models.insurance import InsuranceKind
from funding.postings import Books, payment_posting
from funding.queries.retirement import retirement_tax_of
from funding.queries.severance import owed_at
from funding.states import BatchState, ClaimState, PaymentState, PayrollState, Purpose, SeveranceWay
from funding.terms import severance_krw
from labs.models import Institute

HELD = "Her visa is not there yet."
RARELY = 0.006  # that a month's pay is held, that a payment comes back
ONE_BY_ONE = 6
OUTSIDE = (InsuranceKind.PENSION, InsuranceKind.HEALTH)


def refused_without_rates(world: World, month: date) -> None:
    """A payroll whose month no confirmed table covers is refused."""
    try:
        payroll.prepare_payroll(world.institutes[0], month, by=world.staff["prepares"])
    except NotConfigured as refusal:
        world.refuse(refusal)
        return
    raise Broken(f"{month}: a payroll was prepared without confirmed rates")


def pay(world: World, month: date) -> None:
    """Prepare, hold some, approve, release and book the month at every institute."""
    for institute in world.institutes:
        try:
            run = _prepared(world, institute, month)
        except NobodyToPay:
            continue
        for line in run.lines.filter(is_held=False, net_krw__gt=0).order_by("pk"):
            if world.happens(RARELY):
                payroll.hold_line(line, by=world.staff["prepares"], note=HELD)
                world.counts["holds"] += 1
        payroll.approve_payroll(run, by=world.staff["approves"])
        payroll.release_payroll(run, by=world.staff["releases"])
        payroll.pay_out(run.pk)
        _refuse_unexpected(run)
        world.counts["pay_lines"] += run.lines.count()


def _prepared(world: World, institute: Institute, month: date) -> PayrollRun:
    """A preview; whom insurance would leave less than nothing is declared otherwise, and it is prepared afresh."""
    run = payroll.prepare_payroll(institute, month, by=world.staff["prepares"])
    wrong = list(run.lines.filter(is_held=True).select_related("appointment").order_by("pk"))
    if not wrong:
        return run
    for line in wrong:
        for kind in OUTSIDE:
            made = insurance.enter_exception(
                line.appointment, by=world.staff["prepares"], kind=kind, from_on=month,
                until_on=month + timedelta(days=27), paper="Settled with the insurers",
            )  # fmt: skip
            insurance.confirm_exception(made, by=world.staff["approves"])
        world.counts["insurance_exceptions"] += 1
    payroll.discard_payroll(run, by=world.staff["prepares"], note="Prepared afresh")
    return payroll.prepare_payroll(institute, month, by=world.staff["prepares"])


def _refuse_unexpected(run: PayrollRun) -> None:
    """Nobody is held but whom we held: everybody has an account, and her pay is committed."""
    odd = run.lines.filter(is_held=True).exclude(held_note=HELD).select_related("appointment").first()
    if odd is not None:
        raise Broken(f"{run}: {odd.appointment_id} is held with {odd.gross_krw:,}: {odd.held_note}")


def release_held(world: World, *, all_of_them: bool) -> None:
    """Pay some of what was held, alone."""
    rows = PayLine.objects.filter(
        is_held=True, gross_krw__gt=0, run__state__in=(PayrollState.RELEASED, PayrollState.PAID)
    )
    for line in rows.order_by("pk"):
        if all_of_them or world.chance(0.6):
            payroll.release_held(line, by=world.staff["releases"])
            world.counts["held_released"] += 1


def carry_held(world: World, year: int) -> None:
    """What is still held of a year that is over goes into the next with its commitment."""
    rows = PayLine.objects.filter(
        Q(books_year=year) | Q(books_year=None, month__year=year),
        is_held=True, gross_krw__gt=0, run__state__in=(PayrollState.RELEASED, PayrollState.PAID),
    )  # fmt: skip
    for line in rows.order_by("pk"):
        movements.carry_held(line, by=world.staff["approves"])
        world.counts["held_carried"] += 1


def pay_again(world: World) -> None:
    """What came back is paid once more."""
    back = Payment.objects.filter(state=PaymentState.RETURNED, replaced_by=None, tests=None)
    for payment in back.order_by("pk"):
        payments.pay_again(payment, by=world.staff["releases"], why="The account is open again.")
        world.counts["paid_again"] += 1


def answer(world: World, *, all_arrive: bool = False) -> None:
    """The bank answers every file that waits: nearly all is paid, a little comes back unless `all_arrive`."""
    for batch in PaymentBatch.objects.filter(state=BatchState.SEALED).select_related("institute").order_by("pk"):
        rows = list(batch.payments.filter(state=PaymentState.PENDING).order_by("pk"))
        back = [row for row in rows if not all_arrive and world.happens(RARELY)]
        paid = [row for row in rows if row not in back]
        if len(rows) > ONE_BY_ONE and batch.purpose != Purpose.SEVERANCE:
            _book(world, batch, paid[1:])
            paid = paid[:1]
        said = [answers.Answer(row.reference, True) for row in paid]
        said += [answers.Answer(row.reference, False, "account closed") for row in back]
        answers.record_answers(batch, said, by=world.staff["reconciles"])
        world.counts["returned"] += len(back)
        if batch.purpose == Purpose.SEVERANCE:
            world.counts["severance_paid"] += len(paid)


def _book(world: World, batch: PaymentBatch, paid: list[Payment]) -> None:
    """Many payments at once, as `record_answers` enters each."""
    books, now = Books(batch.institute, batch.pay_on.year), timezone.now()
    postings = [payment_posting(row, books, timezone.localdate()) for row in paid]
    ledger.post_many(postings, by=world.staff["reconciles"])
    Payment.objects.filter(pk__in=[row.pk for row in paid]).update(state=PaymentState.PAID, paid_at=now)
    Claim.objects.filter(pk__in=[row.claim_id for row in paid]).update(state=ClaimState.PAID, paid_at=now)


def pay_severance(world: World, today: date) -> None:
    """Whose term is over is paid what accrued: asked for, approved, released by three people."""
    for row in owed_at(world.staff["prepares"], today):
        way, tax_krw = SeveranceWay.PENSION, 0
        if world.chance(0.3):
            tax = retirement_tax_of(row)
            way, tax_krw = SeveranceWay.DIRECT, tax.tax_krw if tax else 0
        asked = severance.ask_severance(
            row, by=world.staff["prepares"], way=way, tax_krw=tax_krw, basis="Her papers and the tax office's"
        )
        if asked.amount_krw != (due := severance_krw(standing_of(row))):
            raise Broken(f"{row.pk}: {asked.amount_krw:,} of severance accrued, {due:,} are due")
        severance.approve_severance(asked, by=world.staff["approves"])
        world.counts["severance_krw"] += asked.amount_krw
        world.counts["severances"] += 1
    for institute in world.institutes:
        if severance.to_release(institute).exists():
            severance.release_severances(institute, by=world.staff["releases"])
