"""What became of the first appointments: checklists that are done or nearly, a reviewed year, changes asked and made."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils import timezone

from applications.eligibility import months_after
from fellowships import actions as fellowships
from fellowships.actions import Declining, Terms
from fellowships.dates import moved_end
from fellowships.models import Appointment, OnboardingItem, YearlyReview
from fellowships.onboarding import OFFICER, REGISTRATION
from fellowships.queries import placed_without_offer
from fellowships.states import AmendmentKind, ItemState, Recommendation, VisaKind
from fellowships.versions import Change
from funding.actions import appointments as changes
from funding.actions import offers
from innocore.demonstration.rounds import audit
from labs.models import PartnerOrganisation
from people.models import User

LISTED = 6
LAST_BUDGET = 2028


def follow(appointments: Sequence[Appointment], cast: dict[str, User], heads: dict[str, User], today: date) -> None:
    """The fellow of the cast and a few of her institute: checklists, her first year's review, a secondment, a leave."""
    here = [row for row in appointments if row.institute.code == "KAIST" and row.lab.code == "LLM"]
    ordered = sorted(here, key=lambda row: row.fellow_id != cast["fellow"].pk)[:LISTED]
    for position, appointment in enumerate(ordered):
        _checklist(appointment, cast["officer"], is_done=position == 0)
    _reviewed(ordered[0], heads, cast)
    _changed(ordered, cast, today)


def offer_on(cast: dict[str, User], lab: str, today: date) -> None:
    """One offer was declined, with what the other place pays; the next on the waitlist has it now, and asks."""
    result = placed_without_offer(cast["officer"]).filter(call_lab__lab__code=lab).first()
    starts_on = (today.replace(day=1) + timedelta(days=64)).replace(day=1)
    ends_on = moved_end(date(2026, 1, 1), date(2026, 12, 31), starts_on)
    if result is None or result.call_lab is None or ends_on.year > LAST_BUDGET:
        return
    call = result.application.call
    terms = Terms(
        call.salary_krw_a_year, call.research_fund_krw_a_year, starts_on, ends_on,
        timezone.now() + timedelta(days=12), "Asia/Seoul", starts_on, months_after(starts_on, 3),
    )  # fmt: skip
    declined = offers.offer(result.application, result.call_lab, terms, by=cast["officer"])
    why = Declining("pay", "They pay more, and my family can come at once.", "company", "US", 145_000_000)
    offers.decline(declined, by=result.application.applicant, why=why)
    offered = offers.offer_next(declined, by=cast["officer2"])
    words = "May I begin a month later? My visa takes until then, and I finish a paper here."
    fellowships.ask(offered, words, by=cast["offered"], wanted_start_on=months_after(offered.starts_on, 1))


def _checklist(appointment: Appointment, officer: User, *, is_done: bool) -> None:
    """Everything confirmed; of foreign fellows the alien registration still waits, but for the fellow of the cast."""
    if appointment.is_foreign:
        appointment.visa_kind = VisaKind.E3
        appointment.save(update_fields=["visa_kind"])
    items = fellowships.begin_onboarding(appointment, by=None)
    for item in items:
        if item.code == REGISTRATION and not is_done:
            item.state, item.expected_on = ItemState.OPEN, appointment.starts_on + timedelta(days=40)
            continue
        item.state, item.confirmed_by = ItemState.CONFIRMED, officer
        item.confirmed_at = timezone.now()
        if item.owner != OFFICER:
            item.handed_in_by, item.handed_in_at = appointment.fellow, timezone.now()
    OnboardingItem.objects.bulk_update(
        items, ["state", "expected_on", "confirmed_by", "confirmed_at", "handed_in_by", "handed_in_at"]
    )
    audit(("fellowships.onboardingitem.confirmed", item, officer, item.confirmed_at) for item in items)


def _reviewed(appointment: Appointment, heads: dict[str, User], cast: dict[str, User]) -> None:
    """Her first year was reviewed and goes on; her term lasts longer, so nothing is extended."""
    review = YearlyReview.objects.create(
        appointment=appointment,
        year=1,
        due_on=appointment.starts_on + timedelta(days=305),
        recommendation=Recommendation.RENEW,
        words="Two papers at leading conferences, a data set that others use, and a prototype with a partner.",
        recommended_at=timezone.now(),
        recommended_by=heads[appointment.lab.code],
    )
    fellowships.decide_review(review, by=cast["officer"], renews=True)


def _changed(ordered: Sequence[Appointment], cast: dict[str, User], today: date) -> None:
    """A secondment that was approved, a leave that waits for its second person; none when the terms are nearly over."""
    first = today + timedelta(days=60)
    last = first + timedelta(days=59)
    if last > ordered[0].ends_on:
        return
    partner = PartnerOrganisation.objects.order_by("pk").first()
    away = Change(AmendmentKind.SECONDMENT, from_on=first, until_on=last)
    words = "Two months at the partner's laboratory, to try the prototype on its data."
    asked = fellowships.ask_change(ordered[0], away, words, by=cast["fellow"], partner=partner)
    changes.approve_change(asked, by=cast["officer2"], note="Agreed with the partner.")
    for other in ordered[1:2]:
        leave = Change(AmendmentKind.PARENTAL, from_on=first, until_on=last)
        fellowships.ask_change(other, leave, "A child is expected.", by=other.fellow)
