"""Loading the whole demonstration, in one transaction: it is there whole, or not at all."""

from random import Random
from typing import Final

from django.db import connection, transaction

from common.gestures import gesture
from common.models import keys_from
from fellowships.models import Appointment
from innocore.demonstration import (
    appointing,
    first_round,
    guidance,
    later_rounds,
    matched,
    money,
    money_desks,
    reach,
)
from innocore.demonstration.calls import today
from innocore.demonstration.cast import CAST, DOMAIN, heads_of, make_cast, officers_by_institute
from innocore.demonstration.first_round import Size
from innocore.reference import load_reference
from people.models import User
from people.queries import holders_of
from people.states import Role

SEED: Final = 20250615


def is_loaded() -> bool:
    """Whether the demonstration is there: its cast is."""
    return User.objects.filter(email=f"{CAST[0].mailbox}@{DOMAIN}").exists()


@transaction.atomic
def load(size: Size, seed: int = SEED) -> list[Appointment]:
    """Load reference data and the demonstration of `size`; the same seed makes the same people and figures."""
    random, day = Random(seed), today()
    with gesture(), keys_from(Random(seed + 1)):
        load_reference()
        cast = make_cast(random)
        heads, officers = heads_of(cast, random), officers_by_institute(cast)
        reach.join_partners(cast, heads, random)
        reach.announce(cast, day, random)
        money.confirm_rates(cast["finance2"])
        appointments = first_round.fill(cast, heads, officers, size, random)
        money.pay(money.months_to_pay(day), cast)
        money.claim(appointments, cast, day, random)
        money_desks.fill(appointments, cast, day)
        guidance.guide(appointments, cast, day, random)
        appointing.follow(appointments, cast, heads, day)
        appointing.offer_on(cast, first_round.OFFERED, day)
        reviewers = [cast["reviewer"], *holders_of(Role.REVIEWER).exclude(pk=cast["reviewer"].pk)]
        later_rounds.review(cast, reviewers, size, day, random)
        later_rounds.open_now(cast, size, day, random)
        matched.quiet()
        _count()
    return appointments


def _count() -> None:
    """Let the database count what was written: else it checks every entry of the books by reading all of them."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
