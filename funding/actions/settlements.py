"""An institute settles a year: figures frozen and sealed; the ministry accepts or asks."""

import hashlib
import json

from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from funding.models import Settlement
from funding.queries.movements import settlement_figures
from funding.states import SettlementState
from labs.models import Institute
from people.models import User


class SettlementRefused(Refusal):
    words = _("This settlement cannot be made so.")


def seal(figures: dict[str, int]) -> str:
    """SHA-256 of the figures, in an order that does not depend on how they were written."""
    return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()


@action
def submit_settlement(institute: Institute, year: int, *, by: User, note: str = "") -> Settlement:
    """Submit the account of a year to the ministry, as the books stand now. Refuses a second one that stands."""
    lock(institute)
    if (
        Settlement.objects.filter(institute=institute, fiscal_year=year)
        .exclude(state=SettlementState.RETURNED)
        .exists()
    ):
        raise SettlementRefused(_("The settlement of this year was submitted already."), field="fiscal_year")
    figures = settlement_figures(institute, year)
    if not any(figures.values()):
        raise SettlementRefused(_("The books of this institute hold nothing for this year."), field="fiscal_year")
    made = Settlement.objects.create(
        institute=institute, fiscal_year=year, figures=figures, sha256=seal(figures), note=note, submitted_by=by
    )
    record("funding.settlement.submitted", made, by=by, after={"sha256": made.sha256})
    return made


@action
def accept_settlement(settlement: Settlement, *, by: User) -> Settlement:
    """The ministry accepts. Refuses when the books have moved since: the institute submits anew."""
    lock(settlement)
    if by.pk == settlement.submitted_by_id:
        raise SamePersonTwice
    if seal(settlement_figures(settlement.institute, settlement.fiscal_year)) != settlement.sha256:
        raise SettlementRefused(
            _("The books have changed since this was submitted. Return it, so that it is made anew.")
        )
    return move(settlement, SettlementState.ACCEPTED, by=by)


@action
def return_settlement(settlement: Settlement, *, by: User, question: str) -> Settlement:
    """The ministry returns it with a question; the institute submits anew."""
    if not question.strip():
        raise SettlementRefused(_("Say what is asked."), field="question")
    return move(settlement, SettlementState.RETURNED, by=by, note=question, question=question)
