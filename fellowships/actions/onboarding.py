"""Verbs of onboarding: the list is made for the case, things are handed in, confirmed, returned, reminded of."""

from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions import CheckedFile
from applications.scanning import scan
from applications.states import ScanState
from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from fellowships.models import Appointment, OnboardingItem, OnboardingPaper
from fellowships.onboarding import ARRIVAL, BY_VISA, END, FELLOW, OFFICER, VISA, demands_of
from fellowships.queries.onboarding import officers_of, to_remind
from fellowships.states import ItemState, VisaKind
from notifications.actions import language_of, notify
from people.models import User

REMIND_BEFORE = timedelta(days=14)


class PaperMissing(Refusal):
    words = _("Choose the file that is asked for: a PDF or a picture.")


class NotAgreed(Refusal):
    words = _("Tick the box if you agree to the text.")


class DayMissing(Refusal):
    words = _("Say the day.")


class OfTheOfficers(Refusal):
    words = _("The officers of your institute do this; there is nothing for you to hand in.")


class VisaSaid(Refusal):
    words = _("The visa is confirmed already; its kind can no longer be changed.")


@action
def begin_onboarding(appointment: Appointment, *, by: User | None) -> list[OnboardingItem]:
    """Make the checklist of the fellow's case, with days counted from her first day; doing it twice changes nothing."""
    wanted = demands_of(is_foreign=appointment.is_foreign)
    there = set(appointment.onboarding.values_list("code", flat=True))
    made = [
        OnboardingItem(
            appointment=appointment,
            code=each.code,
            position=position,
            owner=each.owner,
            due_on=each.due_on(appointment.starts_on, None),
        )
        for position, each in enumerate(wanted, start=1)
        if each.code not in there
    ]
    OnboardingItem.objects.bulk_create(made)
    if made:
        record("fellowships.onboarding.begun", appointment, by=by, after={"items": [row.code for row in made]})
    return made


@action
def choose_visa(appointment: Appointment, kind: str, *, by: User) -> Appointment:
    """Say which visa the fellow needs; with none, what hangs on a visa is not needed, and the other way round."""
    lock(appointment)
    if appointment.visa_kind == kind:
        return appointment
    items = list(appointment.onboarding.filter(code__in=BY_VISA).order_by("pk"))
    if any(row.code == VISA and row.state == ItemState.CONFIRMED for row in items):
        raise VisaSaid(field="visa_kind")
    before = {"visa_kind": appointment.visa_kind}
    appointment.visa_kind = kind
    appointment.save(update_fields=["visa_kind"])
    record("fellowships.appointment.visa_chosen", appointment, by=by, before=before, after={"visa_kind": kind})
    for row in items:
        if kind == VisaKind.HAS_RIGHT and row.is_waiting:
            move(row, ItemState.NOT_NEEDED, by=by, note=str(VisaKind.HAS_RIGHT.label))
        elif kind != VisaKind.HAS_RIGHT and row.state == ItemState.NOT_NEEDED:
            move(row, ItemState.OPEN, by=by)
    return appointment


@action
def hand_in(
    item: OnboardingItem, *, by: User, paper: CheckedFile | None = None, day: date | None = None, agrees: bool = False
) -> OnboardingItem:
    """The fellow says that it is done, with what the item asks for: a paper, a day, or her consent to its text.

    Refuses what is missing, and an item of the officers'. What is confirmed already stays as it is.
    """
    lock(item)
    if item.owner != FELLOW:
        raise OfTheOfficers
    demand = item.demand
    if demand.takes_paper and paper is None and not item.papers.filter(is_current=True).exists():
        raise PaperMissing(field="file")
    if demand.text_en and not agrees:
        raise NotAgreed(field="agrees")
    if demand.asks_day and not demand.takes_paper and day is None:
        raise DayMissing(field="expected_on")
    if paper is not None:
        keep_paper(item, paper, by=by)
    if day is not None:
        say_day(item, day, by=by)
    if item.state != ItemState.HANDED_IN:
        agreed = demand.text_sha256 if demand.text_en else ""
        move(item, ItemState.HANDED_IN, by=by, note="", agreed_sha256=agreed)
    return item


@action
def keep_paper(item: OnboardingItem, paper: CheckedFile, *, by: User) -> OnboardingPaper:
    """Keep `paper` for the item; the one before is kept too, no longer in force. The same file changes nothing."""
    lock(item)
    standing = item.papers.filter(is_current=True)
    present = standing.first()
    if present is not None and present.sha256 == paper.sha256:
        return present
    standing.update(is_current=False)
    row = OnboardingPaper(
        item=item,
        name=paper.name,
        size=paper.size,
        pages=paper.pages,
        sha256=paper.sha256,
        scan=paper.scan,
        uploaded_by=by,
    )
    row.file.save(paper.name, paper.file, save=False)
    row.save(force_insert=True)
    record("fellowships.onboarding.paper_kept", item, by=by, after={"sha256": paper.sha256, "bytes": paper.size})
    return row


@action
def say_day(item: OnboardingItem, day: date, *, by: User) -> OnboardingItem:
    """Say when something is expected or happened; what counts from that day is due anew."""
    lock(item)
    if item.expected_on == day:
        return item
    before = {"expected_on": item.expected_on}
    item.expected_on = day
    item.save(update_fields=["expected_on"])
    record("fellowships.onboarding.day_said", item, by=by, before=before, after={"expected_on": day})
    count_again(item.appointment)
    if item.code == VISA and day > item.appointment.starts_on:
        for officer in officers_of(item.appointment):
            _tell("visa_late", item.appointment, officer, f"{item.pk}:{day}", expected_on=day)
    return item


def count_again(appointment: Appointment) -> list[tuple[str, date, date]]:
    """Count the days of the checklist from the first day (and the arrival) as they now stand: (code, was, is)."""
    rows = list(appointment.onboarding.select_for_update().order_by("pk"))
    arrival = next((row.expected_on for row in rows if row.code == ARRIVAL), None)
    moved = []
    for row in rows:
        if row.demand.counts_from == END:
            continue
        due_on = row.demand.due_on(appointment.starts_on, arrival)
        if due_on != row.due_on:
            moved.append((row.code, row.due_on, due_on))
            row.due_on = due_on
    OnboardingItem.objects.bulk_update(rows, ["due_on"])
    return moved


@action
def confirm_item(item: OnboardingItem, *, by: User, note: str = "", paper: CheckedFile | None = None) -> OnboardingItem:
    """An officer confirms what was handed in, or that the officers' own part is done. Twice changes nothing.

    Refuses what the fellow has not handed in yet, and who handed it in herself.
    """
    lock(item)
    if item.state == ItemState.CONFIRMED:
        return item
    if item.handed_in_by_id == by.pk:
        raise SamePersonTwice
    if item.owner == FELLOW and item.state != ItemState.HANDED_IN:
        raise Refusal(_("The fellow has not handed this in yet."))
    if paper is not None:
        keep_paper(item, paper, by=by)
    if item.owner == OFFICER and item.demand.takes_paper and not item.papers.filter(is_current=True).exists():
        raise PaperMissing(field="file")
    return move(item, ItemState.CONFIRMED, by=by, note=note)


@action
def return_item(item: OnboardingItem, *, by: User, note: str) -> OnboardingItem:
    """An officer sends back what is not right, and says why; the fellow is told."""
    if not note.strip():
        raise Refusal(_("Please give a reason."), field="note")
    move(item, ItemState.RETURNED, by=by, note=note.strip())
    ko, en = item.demand.title_ko, item.demand.title_en
    fellow = item.appointment.fellow
    what = ko if language_of(fellow) == "ko" else en
    _tell("onboarding_returned", item.appointment, fellow, f"{item.pk}:{timezone.now():%Y%m%d%H%M%S}", what=what,
          note=note)  # fmt: skip
    return item


@action
def waive_item(item: OnboardingItem, *, by: User, note: str) -> OnboardingItem:
    """An officer says that this case does not need it, and why."""
    if not note.strip():
        raise Refusal(_("Please give a reason."), field="note")
    return move(item, ItemState.NOT_NEEDED, by=by, note=note.strip())


def _tell(kind: str, appointment: Appointment, to: User, dedupe: str, **more: object) -> None:
    notify(
        kind,
        to=to,
        about=appointment,
        dedupe=f"{dedupe}:{to.pk}",
        fellow=appointment.fellow.full_name,
        starts_on=appointment.starts_on,
        path=reverse("fellowships:onboarding", args=[appointment.key]),
        **more,
    )


def remind_onboarding() -> int:
    """Remind each fellow of what is due within two weeks or overdue, at most once a week; how many have something."""
    today = timezone.localdate()
    week = "{}-{}".format(*today.isocalendar())
    waiting: dict[Appointment, list[OnboardingItem]] = {}
    for item in to_remind(today + REMIND_BEFORE):
        waiting.setdefault(item.appointment, []).append(item)
    for appointment, items in waiting.items():
        _remind(appointment, items, week)
    return len(waiting)


@action
def _remind(appointment: Appointment, items: list[OnboardingItem], week: str) -> None:
    is_korean = language_of(appointment.fellow) == "ko"
    lines = [f"- {row.due_on}: {row.demand.title_ko if is_korean else row.demand.title_en}" for row in items]
    _tell("onboarding_due", appointment, appointment.fellow, f"{appointment.pk}:{week}", lines="\n".join(lines))


def scan_waiting(limit: int = 100) -> int:
    """Ask the scanner again about papers that it has not spoken of; how many were asked about."""
    rows = list(OnboardingPaper.objects.filter(scan=ScanState.WAITING).select_related("item")[:limit])
    for row in rows:
        with row.file.open("rb") as file:
            said = scan(iter(lambda: file.read(65536), b""), settings.CLAMAV_ADDRESS).said
        if said in {"clean", "infected"}:
            _keep_scan(row, ScanState.CLEAN if said == "clean" else ScanState.INFECTED)
    return len(rows)


@action
def _keep_scan(paper: OnboardingPaper, state: str) -> None:
    """Keep what the scanner said; an infected paper is out of force, and its item is returned."""
    item = lock(paper.item)
    paper.scan, paper.is_current = state, paper.is_current and state == ScanState.CLEAN
    paper.save(update_fields=["scan", "is_current"])
    record("fellowships.onboarding.scanned", item, by=None, after={"scan": state})
    if state == ScanState.INFECTED and item.state in {ItemState.HANDED_IN, ItemState.CONFIRMED}:
        move(item, ItemState.RETURNED, by=None, note=str(ScanState.INFECTED.label))
