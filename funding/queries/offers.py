"""What an offer commits, and what a lab can still carry."""

from django.db.models import QuerySet

from fellowships.models import Offer
from funding.models import Account, Commitment
from funding.states import AccountKind
from labs.models import Lab


def commitments_of(offer: Offer) -> QuerySet[Commitment]:
    """The sums that `offer` committed, with what is left of them."""
    return offer.commitments.select_related("account").order_by("fiscal_year", "-purpose")


def available_of(lab: Lab) -> QuerySet[Account]:
    """What is available to `lab`, by fiscal year."""
    return Account.objects.filter(kind=AccountKind.LAB, lab=lab).order_by("fiscal_year")
