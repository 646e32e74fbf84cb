"""The simulation's state: its clock, its random numbers, who holds which duty, and what it counted."""

import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import time_machine
from django.conf import settings
from django.utils import timezone

from applications.models import Call, CallLab
from common.refusals import Refusal
from fellowships.models import Appointment
from funding.actions import bank_details, rates, rules
from funding.actions.claims import load_categories
from funding.actions.spending_rules import confirm_spending_rule, load_spending_rules
from funding.models import CategoryRule, ClaimCategory, MoneyRule, RateTable
from funding.states import SpendingRule
from labs.models import Institute, Lab, PartnerOrganisation, Programme
from people.models import Place, RoleGrant, User
from people.states import Role

DOMAIN = "simulation.example"
SALARY, FUND = 90_000_000, 60_000_000
ROLES = {
    "prepares": Role.FINANCE_OFFICER,
    "approves": Role.FINANCE_OFFICER,
    "releases": Role.FINANCE_OFFICER,
    "reconciles": Role.FINANCE_OFFICER,
    "confirms": Role.FINANCE_OFFICER,
    "officer": Role.PROGRAMME_OFFICER,
    "second_officer": Role.PROGRAMME_OFFICER,
    "ministry": Role.MINISTRY,
}
EVERYWHERE = {Role.MINISTRY}


def month_after(first: date, turn: int) -> date:
    """The first day of the month `turn` months after the one of `first`."""
    number = first.year * 12 + first.month - 1 + turn
    return date(number // 12, number % 12 + 1, 1)


@dataclass
class World:
    """What the months of a simulation share. `staff` is by duty, `vacant` the labs with a place to fill."""

    random: Random
    clock: time_machine.Traveller
    first: date
    last: date
    labs: Sequence[Lab]
    institutes: Sequence[Institute]
    staff: dict[str, User]
    call_labs: dict[int, CallLab]
    partner: PartnerOrganisation
    category: ClaimCategory
    counts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    vacant: list[Lab] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    joined: int = 0
    pace: float = 1

    def at(self, day: date, hour: int = 10) -> date:
        """Set the clock to an hour of `day` in Korea."""
        self.clock.move_to(_hour(day, hour))
        assert timezone.localdate() == day
        return day

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def happens(self, likely: float) -> bool:
        """An event that is rare; `pace` makes it less so."""
        return self.random.random() < likely * self.pace

    def refuse(self, refusal: Refusal) -> None:
        """Count a refusal by its kind: it is the application's answer, and changes nothing."""
        self.refused[type(refusal).__name__] += 1


def _hour(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - timedelta(hours=9)


def begin(fellows: int, months: int, seed: int, clock: time_machine.Traveller) -> World:
    """Everything that is there before the first month: people with roles, accounts to pay from, confirmed rules."""
    if Appointment.objects.exists():
        raise RuntimeError("the simulation wants a database without appointments")
    first = date(2025, 7, 1)
    last = month_after(first, months) - timedelta(days=1)
    clock.move_to(_hour(date(2025, 6, 2)))
    labs = list(Lab.objects.select_related("institute__place").order_by("pk"))
    institutes = list({lab.institute_id: lab.institute for lab in labs}.values())
    staff = {duty: _holder(duty, role, institutes) for duty, role in ROLES.items()}
    _reference(staff)
    for institute in institutes:
        payer = bank_details.set_payer_account(
            institute, by=staff["prepares"], bank_code="004", number=f"{institute.pk:014}"
        )
        bank_details.confirm_payer_account(payer, by=staff["confirms"])
    partner, _is_new = PartnerOrganisation.objects.get_or_create(
        name_en="A partner of the simulation",
        defaults={"name_ko": "모의 협력기관", "kind": "industry", "country": "KR"},
    )
    one_approval = CategoryRule.objects.filter(kind=SpendingRule.ONE_APPROVAL, category__isnull=False)
    category = ClaimCategory.objects.filter(pk__in=one_approval.values("category")).order_by("pk")[0]
    return World(
        Random(seed), clock, first, last, labs, institutes, staff, _call(labs, first, last, fellows), partner, category
    )  # fmt: skip


def _holder(duty: str, role: str, institutes: Sequence[Institute]) -> User:
    user = User.objects.create(email=f"{duty}@{DOMAIN}", given_name=duty.title(), family_name="Kim")
    places: list[Place | None] = [None] if role in EVERYWHERE else [institute.place for institute in institutes]
    RoleGrant.objects.bulk_create(
        [RoleGrant(user=user, role=role, place=place, starts_on=date(2025, 6, 1)) for place in places]
    )
    return user


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(settings.BASE_DIR, "funding", "data", name).read_text(encoding="utf-8"))


def _reference(staff: dict[str, User]) -> None:
    """Rules, categories and rates that come with the application, confirmed as a finance officer would."""
    load_categories(_read("claim-categories.toml")["category"], by=None)
    load_spending_rules(_read("category-rules.toml")["rule"], by=None)
    for of_spending in CategoryRule.objects.filter(confirmed_at=None).order_by("pk"):
        confirm_spending_rule(of_spending, by=staff["approves"])
    rules.load_rules(_read("money-rules.toml")["rule"], by=None)
    for rule in MoneyRule.objects.filter(confirmed_at=None).order_by("pk"):
        rules.confirm_rule(rule, by=staff["approves"])
    RateTable.objects.filter(confirmed_at=None).update(loaded_at=timezone.now())
    rates.confirm_rates(rates.load_rates(by=None), by=staff["approves"], document="The gazettes of these rates")


def _call(labs: Sequence[Lab], first: date, last: date, fellows: int) -> dict[int, CallLab]:
    """The call in which all of them applied, and its labs by their primary keys."""
    programme = Programme.objects.first() or Programme.objects.create(
        code="simulated", name_en="Simulated", name_ko="모의", ministry_en="Ministry", ministry_ko="부처",
        target_appointments=fellows, target_labs=len(labs), budget_krw=fellows * (SALARY + FUND) * 5, years=5,
        salary_krw_a_year=SALARY, research_fund_krw_a_year=FUND,
    )  # fmt: skip
    opens, closes = _hour(first) - timedelta(days=90), _hour(last)
    call = Call.objects.create(
        code="simulated", programme=programme, name_en="Simulated", name_ko="모의", opens_at=opens, closes_at=closes,
        letters_due_at=closes, reviews_due_at=closes, ranks_due_at=closes, decisions_on=last, starts_on=first,
        salary_krw_a_year=SALARY, research_fund_krw_a_year=FUND, state="published",
    )  # fmt: skip
    return {lab.pk: CallLab.objects.create(call=call, lab=lab, seats_announced=fellows) for lab in labs}
