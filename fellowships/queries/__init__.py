"""Reads of offers and appointments, for a person."""

from datetime import datetime, time
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.queries import has_applied
from common.access import scope_of
from common.desk import DeskItem
from common.when import day_words
from fellowships.letters import standard_text
from fellowships.models import (
    Amendment,
    Appointment,
    LetterTemplate,
    Offer,
    OfferQuestion,
    OnboardingItem,
    YearlyReview,
)
from fellowships.onboarding import FELLOW
from fellowships.states import AmendmentState, AppointmentState, ItemState, OfferState, QuestionState
from labs.models import Institute
from matching.models import MatchResult
from matching.states import RunState
from people.rules import is_lab_head, is_programme_officer
from people.states import Role

LIVE = (OfferState.SENT, OfferState.ACCEPTED)


@scope_of(Offer)
def offers_visible_to(user: Any) -> QuerySet[Offer]:
    """Her own; those of labs at the institutes whose officer she is."""
    return Offer.objects.filter(
        Q(application__applicant=user.pk) | Q(call_lab__lab__institute__place__in=user.places(Role.PROGRAMME_OFFICER))
    ).select_related(
        "application__applicant", "application__call__programme", "call_lab__lab__institute", "appointment"
    )


@scope_of(OfferQuestion)
def questions_visible_to(user: Any) -> QuerySet[OfferQuestion]:
    """Those about the offers that she may see."""
    rows = OfferQuestion.objects.filter(offer__in=offers_visible_to(user).values("pk"))
    return rows.select_related("offer__application__applicant", "offer__call_lab__lab__institute")


def letter_text(institute: Institute, language: str) -> str:
    """What the institute's letters say in `language`: its newest version, else the standard text."""
    newest = LetterTemplate.objects.filter(institute=institute).order_by("-version").first()
    if newest is None:
        return standard_text(language)
    return newest.text_ko if language == "ko" else newest.text_en


def institutes_offering(user: Any) -> QuerySet[Institute]:
    """The institutes for which `user` makes offers."""
    return Institute.objects.filter(place__in=user.places(Role.PROGRAMME_OFFICER))


@scope_of(Appointment)
def appointments_visible_to(user: Any) -> QuerySet[Appointment]:
    """Her own; those of her institute (officers); those of her lab (head and members)."""
    return Appointment.objects.filter(
        Q(fellow=user.pk)
        | Q(institute__place__in=user.places(Role.PROGRAMME_OFFICER, Role.FINANCE_OFFICER))
        | Q(lab__place__in=user.places(Role.LAB_HEAD, Role.LAB_MEMBER))
    ).select_related("fellow", "lab", "institute")


def placed_without_offer(user: Any) -> QuerySet[MatchResult]:
    """Candidates whom a published match placed at `user`'s institutes, and to whom no offer stands or was answered."""
    taken = ~Q(state=OfferState.WITHDRAWN) | Q(replaced_by__isnull=False)
    answered = Offer.objects.filter(taken, application=OuterRef("application"))
    rows = MatchResult.objects.filter(
        run__state=RunState.PUBLISHED,
        application__state="eligible",
        call_lab__lab__institute__place__in=user.places(Role.PROGRAMME_OFFICER),
    )
    return rows.exclude(Exists(answered)).select_related(
        "application__applicant", "application__call", "call_lab__lab__institute", "run"
    )


def own_appointments(user: Any) -> QuerySet[Appointment]:
    """The appointments of `user` herself, the latest first."""
    rows = Appointment.objects.filter(fellow=user.pk).select_related("lab", "institute", "offer")
    return rows.order_by("-starts_on")


def desk_items(user: Any) -> list[DeskItem]:
    """Her own offer and appointment (two queries); for officers, whom to offer a place (two more)."""
    items: list[DeskItem] = []
    if has_applied(user):
        items += [item for offer in offers_of(user) if (item := _own_offer(offer))]
        items += [item for row in own_appointments(user)[:1] for item in (*_own_checklist(row), _own_appointment(row))]
    if is_lab_head(user):
        items += _for_head(user)
    return [*items, *_for_officer(user)] if is_programme_officer(user) else items


def _own_checklist(appointment: Appointment) -> list[DeskItem]:
    """What a fellow has to do of her checklist, by when; one query."""
    waiting = appointment.onboarding.filter(owner=FELLOW, state__in=[ItemState.OPEN, ItemState.RETURNED])
    days = list(waiting.order_by("due_on").values_list("due_on", flat=True))
    if not days:
        return []
    due_at = timezone.make_aware(datetime.combine(days[0], time(18)))
    url = reverse("fellowships:onboarding", args=[appointment.key])
    return [DeskItem(_("Before you begin: your checklist"), url, due_at=due_at, count=len(days))]


def _for_head(user: Any) -> list[DeskItem]:
    """Fellows of her labs whose year waits for her review; one query."""
    labs = user.places(Role.LAB_HEAD)
    waiting = YearlyReview.objects.filter(appointment__lab__place__in=labs, recommendation="").count()
    url = reverse("fellowships:reviews")
    return [DeskItem(_("Review your fellows' year"), url, count=waiting)] if waiting else []


def offers_of(user: Any) -> QuerySet[Offer]:
    """Offers to `user` that wait for her answer."""
    rows = Offer.objects.filter(application__applicant=user.pk, state=OfferState.SENT)
    return rows.select_related("call_lab__lab")


def _own_offer(offer: Offer) -> DeskItem | None:
    if offer.deadline_at < timezone.now():
        return None
    label = _("Answer your offer: %(lab)s") % {"lab": offer.call_lab.lab}
    return DeskItem(label, reverse("funding:offer", args=[offer.key]), due_at=offer.deadline_at)


def _own_appointment(appointment: Appointment) -> DeskItem:
    url = reverse("fellowships:appointment", args=[appointment.key])
    words = {"start": day_words(appointment.starts_on), "end": day_words(appointment.ends_on)}
    label = _("Your fellowship: %(lab)s") % {"lab": appointment.lab}
    return DeskItem(label, url, kind="info", detail=_("%(start)s to %(end)s") % words)


def _for_officer(user: Any) -> list[DeskItem]:
    waiting = placed_without_offer(user).count()
    asked = questions_visible_to(user).filter(state=QuestionState.ASKED)
    asked = asked.filter(offer__state=OfferState.SENT).exclude(offer__application__applicant=user.pk)
    sent = offers_visible_to(user).filter(state=OfferState.SENT).exclude(application__applicant=user.pk).count()
    url = reverse("funding:offers")
    items = _waiting_for_officer(user)
    if number := asked.count():
        items.append(DeskItem(_("Candidates ask about their offers"), f"{url}?state=asked", count=number))
    if waiting:
        items.append(DeskItem(_("Make offers to the candidates whom the match placed"), url, count=waiting))
    if sent:
        items.append(DeskItem(_("Offers wait for an answer"), url, kind="waiting", count=sent))
    return items


def _waiting_for_officer(user: Any) -> list[DeskItem]:
    """Changes that a second officer decides, things handed in, reviews to decide; three queries."""
    here = {"appointment__institute__place__in": user.places(Role.PROGRAMME_OFFICER)}
    changes = Amendment.objects.filter(state=AmendmentState.ASKED, **here).exclude(asked_by=user.pk).count()
    handed_in = OnboardingItem.objects.filter(state=ItemState.HANDED_IN, **here).count()
    reviews = YearlyReview.objects.filter(is_renewed=None, **here).exclude(recommendation="").count()
    found = (
        (_("Decide on changes of appointments"), "funding:changes", changes),
        (_("Confirm what fellows handed in"), "fellowships:cases", handed_in),
        (_("Decide on yearly reviews"), "fellowships:reviews", reviews),
    )
    return [DeskItem(label, reverse(route), count=number) for label, route, number in found if number]


def standing(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Those of `rows` that stand."""
    return rows.filter(state=AppointmentState.STANDING)
