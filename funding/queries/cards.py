"""Reads of research cards, statements and charges."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from common.access import scope_of
from common.when import day_words
from fellowships.models import Appointment
from fellowships.states import AppointmentState
from funding.cardfile import Charge, Problem, Statement
from funding.models import CardCharge, CardStatement, ResearchCard
from funding.states import ChargeState
from labs.models import Institute
from people.states import Role


@scope_of(ResearchCard)
def cards_visible_to(user: Any) -> QuerySet[ResearchCard]:
    """Her own; those of the institutes whose finances she keeps."""
    rows = ResearchCard.objects.filter(
        Q(appointment__fellow=user.pk) | Q(institute__place__in=user.places(Role.FINANCE_OFFICER))
    )
    return rows.select_related("institute", "appointment__fellow", "appointment__lab")


@scope_of(CardStatement)
def card_statements_visible_to(user: Any) -> QuerySet[CardStatement]:
    """Those of the institutes whose finances she keeps."""
    rows = CardStatement.objects.filter(institute__place__in=user.places(Role.FINANCE_OFFICER))
    return rows.select_related("institute", "entered_by")


@scope_of(CardCharge)
def charges_visible_to(user: Any) -> QuerySet[CardCharge]:
    """Those on her own cards; those of the institutes whose finances she keeps."""
    rows = CardCharge.objects.filter(
        Q(card__appointment__fellow=user.pk) | Q(card__institute__place__in=user.places(Role.FINANCE_OFFICER))
    )
    return rows.select_related("card__institute", "card__appointment__fellow", "card__appointment__lab")


def charges_to_account(appointment: Appointment) -> QuerySet[CardCharge]:
    """Charges on her cards for which she claims now, the oldest first."""
    rows = CardCharge.objects.filter(card__appointment=appointment, state=ChargeState.OPEN, amount_krw__gt=0)
    return rows.select_related("card").order_by("used_on", "pk")


def unaccounted_in(year: int) -> QuerySet[CardCharge]:
    """Charges and cancellations of a year that nobody accounted for or decided on: its books know nothing of them."""
    return CardCharge.objects.filter(used_on__year=year, state=ChargeState.OPEN)


def charges_of(user: Any) -> QuerySet[CardCharge]:
    """What she has still to account for or to pay back, whichever of her appointments it was on."""
    states = (ChargeState.OPEN, ChargeState.OWED)
    rows = CardCharge.objects.filter(card__appointment__fellow=user.pk, state__in=states, amount_krw__gt=0)
    return rows.select_related("card").order_by("used_on", "pk")


def appointments_for_cards(user: Any) -> QuerySet[Appointment]:
    """Fellows at her institutes who may be given a card."""
    rows = Appointment.objects.filter(
        institute__place__in=user.places(Role.FINANCE_OFFICER), state=AppointmentState.STANDING
    )
    rows = rows.exclude(fellow=user.pk).select_related("fellow", "lab", "institute")
    return rows.order_by("fellow__family_name", "fellow__given_name", "pk")


@dataclass
class Digits:
    """The cards of an institute that end with the same four digits, one after another."""

    cards: list[ResearchCard] = field(default_factory=list)

    def on(self, day: date) -> ResearchCard | None:
        """Whose card it was on a day: the last one given by then, unless it had ended before."""
        given = [card for card in self.cards if card.given_on <= day and (not card.ended_on or card.ended_on >= day)]
        return max(given, key=lambda card: (card.given_on, card.pk), default=None)


def cards_by_digits(institute: Institute) -> dict[str, Digits]:
    """Every card that the institute ever gave, by its last four digits."""
    found: dict[str, Digits] = {}
    for card in ResearchCard.objects.filter(institute=institute).select_related("appointment"):
        found.setdefault(card.last_four, Digits()).cards.append(card)
    return found


def problems_with(institute: Institute, statement: Statement) -> list[Problem]:
    """What stands against entering a statement, line by line: in the file itself, and against what is known."""
    if CardStatement.objects.filter(institute=institute, sha256=statement.sha256).exists():
        return [Problem(1, _("This file was entered before."))]
    cards = cards_by_digits(institute)
    known = set(
        CardCharge.objects.filter(
            card__institute=institute, approval__in={charge.approval for charge in statement.charges}
        ).values_list("card", "approval", "amount_krw")
    )
    against = [_problem(charge, cards, known) for charge in statement.charges]
    return sorted([*statement.problems, *filter(None, against)], key=lambda problem: problem.line)


def _problem(charge: Charge, cards: dict[str, Digits], known: set[tuple[int, str, int]]) -> Problem | None:
    if charge.last_four not in cards:
        words = _("No card of this institute ends with %(digits)s.")
        return Problem(charge.line, words % {"digits": charge.last_four})
    card = cards[charge.last_four].on(charge.used_on)
    if card is None:
        words = _("The card that ends with %(digits)s was in nobody's hands on %(day)s.")
        return Problem(charge.line, words % {"digits": charge.last_four, "day": day_words(charge.used_on)})
    if (card.pk, charge.approval, charge.amount_krw) in known:
        return Problem(charge.line, _("This charge was entered before, with another file."))
    return None
