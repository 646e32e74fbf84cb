"""What an offer commits, and what a lab can still carry."""

from collections.abc import Iterable

from django.db.models import QuerySet

from fellowships.models import Offer
from funding.models import Account, Commitment
from funding.states import AccountKind


def commitments_of(offer: Offer) -> QuerySet[Commitment]:
    """The sums that `offer` committed, with what is left of them."""
    return offer.commitments.select_related("account").order_by("fiscal_year", "-purpose")


def carried_by(labs: Iterable[int]) -> QuerySet[Account]:
    """What is available to `labs` (primary keys), by lab and fiscal year."""
    rows = Account.objects.filter(kind=AccountKind.LAB, lab__in=set(labs))
    return rows.select_related("lab").order_by("lab__code", "fiscal_year")
