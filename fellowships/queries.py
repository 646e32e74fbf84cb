"""Reads of offers and appointments, for a person."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.queries import has_applied
from common.access import scope_of
from common.desk import DeskItem
from common.when import day_words
from fellowships.models import Appointment, Offer
from fellowships.states import AppointmentState, OfferState
from matching.models import MatchResult
from matching.states import RunState
from people.rules import is_programme_officer
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
    answered = Offer.objects.filter(application=OuterRef("application")).exclude(state=OfferState.WITHDRAWN)
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
        items += [_own_appointment(row) for row in own_appointments(user)[:1]]
    return [*items, *_for_officer(user)] if is_programme_officer(user) else items


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
    sent = offers_visible_to(user).filter(state=OfferState.SENT).exclude(application__applicant=user.pk).count()
    url = reverse("funding:offers")
    items = []
    if waiting:
        items.append(DeskItem(_("Make offers to the candidates whom the match placed"), url, count=waiting))
    if sent:
        items.append(DeskItem(_("Offers wait for an answer"), url, kind="waiting", count=sent))
    return items


def standing(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Those of `rows` that stand."""
    return rows.filter(state=AppointmentState.STANDING)
