"""How many places of a call the books carry: the tightest year of the term, free allotments and matched money."""

from datetime import date
from typing import Any

from django.utils import timezone

from funding.ledger import Posting, account, post
from funding.queries.places import cost_of_a_place, places_carried
from funding.states import AccountKind, Purpose
from matching import actions, queries
from tests.factories.fellowships import fund


def test_the_tightest_year_decides(call: Any, call_lab: Any, other_call_lab: Any, lab: Any) -> None:
    type(call).objects.update(starts_on=date(2026, 7, 1), term_months=18)
    call.refresh_from_db()
    cost = cost_of_a_place(call)
    year = call.salary_krw_a_year + call.research_fund_krw_a_year
    assert cost == {2026: year // 2, 2027: year}
    fund(lab, 2026, 5 * cost[2026])
    fund(lab, 2027, 3 * cost[2027] - 1)
    found = places_carried(call)
    assert [row.places for row in found[call_lab.pk].years] == [5, 2]
    assert (found[call_lab.pk].places, found[other_call_lab.pk].places) == (2, 0)
    given = account(AccountKind.SOURCE, 2027, institute=lab.institute, purpose=Purpose.MATCHED)
    lines = [(account(AccountKind.MATCHED, 2027, lab=lab), 1), (given, -1)]
    post(Posting("a won", timezone.localdate(), "One won of a partner", lines, lab), by=None)
    assert places_carried(call)[call_lab.pk].places == 3


def test_what_the_books_carry_stands_without_a_second_officer(call: Any, call_lab: Any, lab: Any, officer: Any) -> None:
    cost = cost_of_a_place(call)
    for year, amount in cost.items():
        fund(lab, year, 4 * amount)
    actions.open_seats(call, by=officer)
    assert queries.carried_by_books(call)[call_lab.pk].places == 4
    assert [row.seats_funded for row in actions.state_money(call, {call_lab.pk: 4}, by=officer)] == [4]
    call_lab.opening.refresh_from_db()
    assert call_lab.opening.funded_source.endswith("; ".join(f"{y} ₩{4 * a:,} / ₩{a:,}" for y, a in cost.items()))
