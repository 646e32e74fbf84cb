"""How many places of a call the money of each lab carries for the full term: free allotments and matched money."""

from collections import defaultdict
from datetime import timedelta

from applications.eligibility import months_after
from applications.models import Call
from funding.models import Account
from funding.states import AccountKind
from funding.terms import cost_of_term
from matching.queries.money import Carried, MoneyOfYear

FREE = (AccountKind.LAB, AccountKind.MATCHED)


def places_carried(call: Call) -> dict[int, Carried]:
    """By primary key of the lab in the call: for each fiscal year of the term what is free and what a place costs.

    A place costs what an offer of the call's usual terms would commit. What is committed already is not free. Matched
    money counts once it came in and was confirmed, in the year of which it is. Two queries.
    """
    labs = dict(call.call_labs.values_list("pk", "lab_id"))
    cost = cost_of_a_place(call)
    rows = Account.objects.filter(kind__in=FREE, lab__in=labs.values(), fiscal_year__in=cost)
    free: dict[tuple[int | None, int, str], int] = defaultdict(int)
    for lab, year, kind, balance in rows.values_list("lab_id", "fiscal_year", "kind", "balance_krw"):
        free[lab, year, kind] += balance
    return {
        pk: Carried(
            tuple(
                MoneyOfYear(year, free[lab, year, AccountKind.LAB], free[lab, year, AccountKind.MATCHED], a_place)
                for year, a_place in sorted(cost.items())
            )
        )
        for pk, lab in labs.items()
    }


def cost_of_a_place(call: Call) -> dict[int, int]:
    """What a term from the call's usual first day costs, in won by fiscal year."""
    last = months_after(call.starts_on, call.term_months) - timedelta(days=1)
    costs: dict[int, int] = {}
    for year, _purpose, amount in cost_of_term(
        call.salary_krw_a_year, call.research_fund_krw_a_year, call.starts_on, last
    ):
        costs[year] = costs.get(year, 0) + amount
    return costs
