"""The budget of all years, and who joins: her rows are written, her term is committed by the action for it."""

from datetime import date, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from applications.eligibility import months_after
from applications.models import Application
from bench.simulation.world import DOMAIN, FUND, SALARY, World, month_after
from common.crypto import encrypt
from common.refusals import Refusal
from fellowships.actions import Declining
from fellowships.models import Appointment, Offer
from fellowships.states import OfferState
from funding.actions import budget, offers
from funding.models import BankDetail, TaxProfile
from funding.terms import cost_of_term
from labs.models import Lab
from people.models import User

SHORT = (12, 18, 24, 36)


def appropriate(world: World, fellows: int) -> None:
    """What `fellows` cost for the whole time comes in and goes down to the labs, to the won."""
    count = len(world.labs)
    shares = {lab.pk: fellows // count + (place < fellows % count) for place, lab in enumerate(world.labs)}
    by_year: dict[int, int] = {}
    for year, _purpose, amount in cost_of_term(SALARY, FUND, world.first, world.last):
        by_year[year] = by_year.get(year, 0) + amount
    for year, a_fellow in sorted(by_year.items()):
        given = budget.appropriate("Simulated budget", year, fellows * a_fellow, by=world.staff["ministry"])
        for institute in world.institutes:
            own = [lab for lab in world.labs if lab.institute_id == institute.pk and shares[lab.pk]]
            if not own:
                continue
            total = sum(shares[lab.pk] for lab in own) * a_fellow
            agreed = budget.agree(given, institute, total, by=world.staff["ministry"])
            for lab in own:
                budget.allot(agreed, lab, shares[lab.pk] * a_fellow, by=world.staff["prepares"])
        world.counts["appropriated_krw"] += fellows * a_fellow


def first_fellows(world: World, fellows: int) -> None:
    """They all begin on the first day; three in ten for a shorter term, which may be extended."""
    for number in range(fellows):
        lab = world.labs[number % len(world.labs)]
        join(world, lab, world.first, _last_day(world, world.first))


def _last_day(world: World, starts_on: date) -> date:
    if world.chance(0.7):
        return world.last
    return min(world.last, months_after(starts_on, world.random.choice(SHORT)) - timedelta(days=1))


def fill_vacancies(world: World, month: date) -> None:
    """Somebody else is to join next month for each place that is free, if what the lab has carries her."""
    waiting, world.vacant = world.vacant, []
    for lab in waiting:
        starts_on = month_after(month, 1) + timedelta(days=world.random.choice((0, 0, 0, 14)))
        if (world.last - starts_on).days < 120:
            continue
        try:
            with transaction.atomic():
                made = join(world, lab, starts_on, _last_day(world, starts_on))
            if made is None:
                world.vacant.append(lab)
        except Refusal as refusal:
            world.refuse(refusal)
            world.vacant.append(lab)


def join(world: World, lab: Lab, starts_on: date, ends_on: date) -> Appointment | None:
    """An offer goes out and commits its term; she accepts, or declines, and the money is free again."""
    declines = starts_on > world.first and world.chance(0.1)
    is_foreign, chose_flat = world.chance(0.3), world.chance(0.5)
    world.joined += 1
    user = User.objects.create(
        email=f"fellow{world.joined}@{DOMAIN}", given_name=f"Fellow {world.joined}", family_name="Lee"
    )
    made = _offer(world, user, lab, (starts_on, ends_on), "US" if is_foreign else "KR")
    offers.commit(made, by=world.staff["officer"])
    if declines:
        offers.decline(made, by=user, why=Declining("pay"))
        world.counts["declined"] += 1
        return None
    Offer.objects.filter(pk=made.pk).update(
        state=OfferState.ACCEPTED, accepted_at=timezone.now(), accepted_sha256=made.terms_sha256, signed_name=str(user)
    )
    appointment = Appointment.objects.create(
        offer=made, fellow=user, lab=lab, institute=lab.institute, starts_on=starts_on, ends_on=ends_on,
        salary_krw_a_year=SALARY, research_fund_krw_a_year=FUND,
    )  # fmt: skip
    BankDetail.objects.create(
        user=user, holder=str(user), bank_code="004", number_sealed=encrypt(f"{user.pk:012}"), last_digits="0000",
        entered_by=user, confirmed_at=timezone.now(), confirmed_by=world.staff["confirms"], is_current=True,
    )  # fmt: skip
    if is_foreign and chose_flat:
        TaxProfile.objects.create(user=user, way="flat")
    world.counts["joins"] += 1
    return appointment


def _offer(world: World, user: User, lab: Lab, days: tuple[date, date], citizenship: str) -> Offer:
    now, number = timezone.now(), world.joined
    seal = sha256(str(number).encode()).hexdigest()
    call_lab = world.call_labs[lab.pk]
    application = Application.objects.create(
        call=call_lab.call, applicant=user, number=number, state="eligible", version=1, given_name=user.given_name,
        family_name=user.family_name, citizenship=citizenship, submitted_at=now, receipt_sha256=seal,
    )  # fmt: skip
    return Offer.objects.create(
        application=application, call_lab=call_lab, salary_krw_a_year=SALARY, research_fund_krw_a_year=FUND,
        starts_on=days[0], ends_on=days[1], deadline_at=now + timedelta(days=14), terms_sha256=seal,
        sent_by=world.staff["officer"],
    )  # fmt: skip
