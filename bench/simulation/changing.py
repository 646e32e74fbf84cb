"""Amendments: asked for by one person, approved by another with all that they do to pay and commitments."""

from collections.abc import Callable
from datetime import date, timedelta

from django.utils import timezone

from applications.eligibility import months_after
from bench.simulation.checks import Broken
from bench.simulation.world import World
from common.refusals import Refusal
from fellowships import actions as fellowships
from fellowships.dates import longest_end, moved_end
from fellowships.models import Amendment, Appointment
from fellowships.states import AmendmentKind, AppointmentState
from fellowships.versions import Change
from funding.actions import appointments
from funding.models import Adjustment
from funding.queries.changes import preview_of
from labs.models import Lab

# how likely each change is in a month, for a fellow who works
LIKELY = (
    (AmendmentKind.END_EARLY, 0.005),
    (AmendmentKind.LEAVE, 0.003),
    (AmendmentKind.PARENTAL, 0.001),
    (AmendmentKind.MATERNITY, 0.001),
    (AmendmentKind.REDUCED, 0.002),
    (AmendmentKind.SECONDMENT, 0.001),
    (AmendmentKind.LAB, 0.004),
)
NAMES = {
    AmendmentKind.END_EARLY: "terminations",
    AmendmentKind.EXTENSION: "extensions",
    AmendmentKind.LAB: "transfers",
    AmendmentKind.START: "starts_moved",
}
EXTENDED_WITHIN = timedelta(days=75)


def change(world: World, today: date, *, share: float) -> None:
    """Some ask for a change today: `share` of those of a month."""
    standing = Appointment.objects.filter(state=AppointmentState.STANDING)
    whole = standing.select_related("lab", "institute", "fellow", "offer__call_lab__lab")
    drawn = [(row.pk, _wanted(world, row, today, share)) for row in standing.order_by("pk")]
    for pk, wanted in drawn:
        if wanted is not None:
            _ask(world, whole.get(pk=pk), *wanted)


def _wanted(world: World, row: Appointment, today: date, share: float) -> tuple[Change, Lab | None] | None:
    if row.starts_on > today:
        to = row.starts_on + timedelta(days=world.random.randrange(5, 40))
        fits = moved_end(row.starts_on, row.ends_on, to) <= world.last
        return (Change(AmendmentKind.START, from_on=to), None) if fits and world.happens(0.3 * share) else None
    if row.ends_on - today < EXTENDED_WITHIN and row.ends_on < min(world.last, longest_end(row.starts_on)):
        return _extension(world, row) if world.chance(0.7 * share) else None
    drawn = world.random.random()
    for kind, likely in LIKELY:
        drawn -= likely * share * world.pace
        if drawn < 0:
            return _of_kind(world, row, kind, today)
    return None


def _extension(world: World, row: Appointment) -> tuple[Change, Lab | None]:
    until = months_after(row.ends_on + timedelta(days=1), world.random.choice((6, 12, 24))) - timedelta(days=1)
    return Change(AmendmentKind.EXTENSION, until_on=min(until, world.last, longest_end(row.starts_on))), None


def _of_kind(world: World, row: Appointment, kind: str, today: date) -> tuple[Change, Lab | None] | None:
    if kind == AmendmentKind.END_EARLY:
        return Change(kind, until_on=max(row.starts_on, today + timedelta(days=world.random.randrange(-25, 26)))), None
    from_on = max(row.starts_on, today + timedelta(days=world.random.randrange(-35, 40)))
    if kind == AmendmentKind.LAB:
        others = [lab for lab in world.labs if lab.institute_id == row.institute_id and lab.pk != row.lab_id]
        return _transfer(world, row, others, from_on) if others else None
    longest = 110 if kind == AmendmentKind.MATERNITY else 150
    until = min(row.ends_on, from_on + timedelta(days=world.random.randrange(20, longest)))
    percent = world.random.choice((50, 60, 80)) if kind == AmendmentKind.REDUCED else None
    return Change(kind, from_on=from_on, until_on=until, percent=percent), None


def _transfer(world: World, row: Appointment, others: list[Lab], from_on: date) -> tuple[Change, Lab | None]:
    """To a lab that can take over what is held for her; now and then to one that cannot, which is refused."""
    changes = {lab: Change(AmendmentKind.LAB, from_on=from_on, lab=lab.code) for lab in others}
    able = [lab for lab in others if from_on <= row.ends_on and not preview_of(row, changes[lab]).missing]
    lab = world.random.choice(able if able and world.chance(0.9) else others)
    return changes[lab], lab


def _ask(world: World, row: Appointment, wanted: Change, lab: Lab | None) -> None:
    """One asks, another approves; what is refused is refused by its officer, with the words."""
    hers = wanted.kind != AmendmentKind.END_EARLY
    by = row.fellow if hers else world.staff["officer"]
    partner = world.partner if wanted.kind == AmendmentKind.SECONDMENT else None
    asked = _tried(world, lambda: fellowships.ask_change(row, wanted, "As agreed.", by=by, lab=lab, partner=partner))
    if asked is None:
        return
    before = Adjustment.objects.count()
    approved = _tried(world, lambda: appointments.approve_change(asked, by=world.staff["second_officer"]))
    if approved is None:
        if any(year < timezone.localdate().year for year in preview_of(row, wanted).missing):
            raise Broken(f"{row.pk}: {wanted} asks for money of a year that is over")
        fellowships.refuse_asked(Amendment.objects.get(pk=asked.pk), by=world.staff["second_officer"], note="No.")
        world.counts["changes_refused"] += 1
        return
    world.counts[NAMES.get(wanted.kind, f"on_{wanted.kind}")] += 1
    world.counts["recoveries"] += Adjustment.objects.count() - before
    world.counts["overpaid_krw"] += approved.facts["owed_krw"]
    if wanted.kind in {AmendmentKind.LEAVE, AmendmentKind.PARENTAL, AmendmentKind.MATERNITY}:
        world.counts["leaves_of_absence"] += 1


def _tried(world: World, act: Callable[[], Amendment]) -> Amendment | None:
    try:
        return act()
    except Refusal as refusal:
        world.refuse(refusal)
        return None


def keep_terms(world: World) -> None:
    """Transfers take effect and terms end; who is gone leaves a place to fill."""
    fellowships.keep_terms()
    over = Appointment.objects.exclude(state=AppointmentState.STANDING).exclude(pk__in=world.gone).order_by("pk")
    for row in over.select_related("lab__institute"):
        world.gone.add(row.pk)
        world.vacant.append(row.lab)
        world.counts["leaves"] += row.state == AppointmentState.ENDED
        world.counts["left_early"] += row.state == AppointmentState.TERMINATED
