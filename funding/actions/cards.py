"""Verbs of research cards: give one, enter the card company's statement, say that a charge is owed or given back."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import NotConfigured, Refusal, SamePersonTwice
from common.states import lock, move
from common.when import day_words
from fellowships.models import Appointment
from funding import ledger
from funding.cardfile import Statement
from funding.models import CardCharge, CardStatement, ResearchCard
from funding.postings import Books, owed_charge_posting, refund_posting
from funding.queries.cards import cards_by_digits, problems_with
from funding.queries.rules import value_of
from funding.states import ChargeState, RuleCode
from labs.models import Institute
from notifications.actions import notify
from people.models import User


class CardRefused(Refusal):
    words = _("This cannot be done with this card.")


@action
def give_card(appointment: Appointment, *, by: User, issuer: str, last_four: str, given_on: date) -> ResearchCard:
    """Write down that a fellow has a card of her institute. Refuses digits that another card in use ends with."""
    lock(appointment.institute)
    if by.pk == appointment.fellow_id:
        raise SamePersonTwice
    if not appointment.starts_on <= given_on <= appointment.ends_on:
        raise CardRefused(_("The day must lie within the appointment."), field="given_on")
    used = ResearchCard.objects.filter(institute=appointment.institute, last_four=last_four, ended_on=None)
    if used.exists():
        raise CardRefused(_("Another card in use ends with these digits."), field="last_four")
    made = ResearchCard.objects.create(
        institute=appointment.institute,
        appointment=appointment,
        issuer=issuer,
        last_four=last_four,
        given_on=given_on,
        entered_by=by,
    )
    record("funding.card.given", made, by=by, after={"fellow": appointment.fellow.pk, "last_four": last_four})
    return made


@action
def end_card(card: ResearchCard, *, by: User) -> ResearchCard:
    """The card was taken back or blocked; charges of days before are still taken from statements."""
    lock(card)
    if card.ended_on is None:
        card.ended_on = max(card.given_on, timezone.localdate())
        card.save(update_fields=["ended_on"])
        record("funding.card.ended", card, by=by, after={"ended_on": card.ended_on})
    return card


@action
def enter_card_statement(institute: Institute, statement: Statement, *, by: User, name: str) -> CardStatement:
    """Enter the card company's file: every charge finds its card and its fellow, who is told; or nothing is changed.

    A charge and its cancellation for as much, neither of them accounted for yet, end each other.
    """
    lock(institute)
    problems = problems_with(institute, statement)
    if problems:
        raise CardRefused("\n".join(map(str, problems[:50])), field="file")
    made = CardStatement.objects.create(
        institute=institute,
        name=name[:200],
        sha256=statement.sha256,
        number_of_charges=len(statement.charges),
        total_krw=sum(charge.amount_krw for charge in statement.charges),
        entered_by=by,
    )
    cards = cards_by_digits(institute)
    charges = []
    for charge in statement.charges:
        card = cards[charge.last_four].on(charge.used_on)
        assert card is not None
        values = {name: getattr(charge, name) for name in ("approval", "used_on", "merchant", "amount_krw")}
        charges.append(CardCharge(statement=made, card=card, **values))
    CardCharge.objects.bulk_create(charges)
    _end_each_other(charges, by)
    record(
        "funding.card_statement.entered",
        made,
        by=by,
        after={"charges": made.number_of_charges, "total_krw": made.total_krw, "sha256": made.sha256},
    )
    _tell(made)
    return made


def _end_each_other(fresh: list[CardCharge], by: User) -> None:
    for charge in fresh:
        if charge.amount_krw > 0:
            continue
        same = CardCharge.objects.select_for_update(of=("self",)).filter(
            card=charge.card, approval=charge.approval, amount_krw=-charge.amount_krw, state=ChargeState.OPEN
        )
        first = same.first()
        if first is not None:
            move(first, ChargeState.CANCELLED, by=by)
            move(charge, ChargeState.CANCELLED, by=by)


def _tell(statement: CardStatement) -> None:
    """One message a fellow: how many charges of this statement she accounts for, and by when."""
    rows = statement.charges.filter(state=ChargeState.OPEN, amount_krw__gt=0)
    rows = rows.select_related("card__appointment__fellow").order_by("card__appointment__fellow", "used_on")
    for fellow, group in groupby(rows, key=lambda charge: charge.card.appointment.fellow):
        charges = list(group)
        facts = _facts(charges)
        notify("card_charges", to=fellow, about=statement, dedupe=f"{statement.pk}:{fellow.pk}", **facts)


def _facts(charges: list[CardCharge]) -> dict[str, Any]:
    try:
        days = value_of(RuleCode.CARD_DAYS, timezone.localdate())
    except NotConfigured:
        days = None
    listed = [{"merchant": row.merchant, "amount_krw": f"{row.amount_krw:,}"} for row in charges[:20]]
    return {"charges": listed, "number": len(charges), "days": days, "path": reverse("funding:claims")}


@action
def owe_charge(charge: CardCharge, *, by: User, words: str) -> CardCharge:
    """A charge that is no expense of research: she pays it back. Refuses without words, and one accounted for."""
    lock(charge)
    _refuse_herself(charge, by)
    if charge.amount_krw < 0:
        raise CardRefused(_("A cancellation is not owed; give it back to her fund."))
    if not words.strip():
        raise CardRefused(_("Say why, so that she understands it."), field="words")
    books = Books(charge.card.institute, charge.used_on.year)
    entry = ledger.post(owed_charge_posting(charge, books, timezone.localdate()), by=by)
    _decide(charge, ChargeState.OWED, entry, words, by)
    facts = {"merchant": charge.merchant, "amount_krw": f"{charge.amount_krw:,}", "reason": words}
    fellow, path = charge.card.appointment.fellow, reverse("funding:claims")
    notify("card_charge_owed", to=fellow, about=charge, dedupe=str(charge.pk), path=path, **facts)
    return charge


@action
def refund_charge(charge: CardCharge, *, by: User, words: str) -> CardCharge:
    """A merchant gave back what a claim accounted for: it is in her fund again. Refuses more than she spent."""
    lock(charge)
    _refuse_herself(charge, by)
    if charge.amount_krw > 0:
        raise CardRefused(_("Only a cancellation is given back to her fund."))
    if not words.strip():
        raise CardRefused(_("Say what was cancelled."), field="words")
    books = Books(charge.card.institute, charge.used_on.year)
    posting = refund_posting(charge, books, timezone.localdate())
    spent = posting.lines[0][0]
    lock(spent)
    if spent.balance_krw + charge.amount_krw < 0:
        most = f"{max(spent.balance_krw, 0):,}"
        raise CardRefused(_("Only ₩%(most)s were spent of her fund in that year."), field="words", most=most)
    return _decide(charge, ChargeState.REFUNDED, ledger.post(posting, by=by), words, by)


def _decide(charge: CardCharge, to: str, entry: Any, words: str, by: User) -> CardCharge:
    also = {"words": words[:300], "decided_by": by, "decided_at": timezone.now(), "entry": entry}
    return move(charge, to, by=by, note=words, **also)


def _refuse_herself(charge: CardCharge, by: User) -> None:
    if by.pk == charge.card.appointment.fellow_id:
        raise SamePersonTwice


@action
def remind_of_charges() -> int:
    """Tell fellows once of charges for which the days to account are over. How many fellows."""
    today = timezone.localdate()
    try:
        days = value_of(RuleCode.CARD_DAYS, today)
    except NotConfigured:
        return 0
    late = CardCharge.objects.select_for_update(of=("self",)).filter(state=ChargeState.OPEN, amount_krw__gt=0)
    late = late.filter(reminded_at=None, statement__entered_at__date__lt=today - timedelta(days))
    rows = late.select_related("card__appointment__fellow").order_by("card__appointment__fellow", "used_on")
    told = 0
    for fellow, group in groupby(rows, key=lambda charge: charge.card.appointment.fellow):
        charges = list(group)
        facts = {**_facts(charges), "first": day_words(charges[0].used_on)}
        notify("card_charges_late", to=fellow, about=charges[0], dedupe=str(charges[0].pk), **facts)
        CardCharge.objects.filter(pk__in=[row.pk for row in charges]).update(reminded_at=timezone.now())
        told += 1
    return told
