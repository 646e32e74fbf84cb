"""What categories forbid and let one person approve: dated, entered by one, confirmed by another, then fixed."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.models import AuditEntry
from common.refusals import NotConfigured, SamePersonTwice
from funding.actions import claims
from funding.actions.rules import RuleStands
from funding.actions.spending_rules import (
    Said,
    SpendingRuleRefused,
    confirm_spending_rule,
    enter_spending_rule,
    load_spending_rules,
)
from funding.models import CategoryRule, ClaimCategory
from funding.queries.claims import one_approval_limit, rules_of
from innocore.reference import load_reference
from tests.factories.funding import CategoryRuleFactory, ClaimCategoryFactory, ClaimFactory

SEPTEMBER = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def autumn() -> Any:
    with time_machine.travel("2026-10-01 12:00+09:00", tick=False):
        yield


@pytest.fixture
def category(db: None) -> ClaimCategory:
    made: ClaimCategory = ClaimCategoryFactory(limit_krw=3_000_000)
    return made


def said(value: int = 0, words: str = "") -> Said:
    return Said(value, words, "Not so.", "안 됩니다.", "Notice 12")


def test_a_limit_counts_once_another_person_confirmed_it(
    category: ClaimCategory, finance_officer: Any, second_finance_officer: Any
) -> None:
    rule = enter_spending_rule(category, "one_approval", SEPTEMBER, said(100_000), by=finance_officer)
    assert one_approval_limit(category, SEPTEMBER) == 3_000_000
    with pytest.raises(SamePersonTwice):
        confirm_spending_rule(rule, by=finance_officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        CategoryRule.objects.filter(pk=rule.pk).update(confirmed_at=timezone.now(), confirmed_by=finance_officer)
    for _twice in range(2):
        confirm_spending_rule(rule, by=second_finance_officer)
    assert one_approval_limit(category, SEPTEMBER) == 100_000
    assert one_approval_limit(category, date(2026, 8, 31)) == 3_000_000
    verbs = AuditEntry.objects.filter(verb__startswith="funding.spending_rule").values_list("verb", "by_id")
    assert sorted(verbs) == [
        ("funding.spending_rule.confirmed", second_finance_officer.pk),
        ("funding.spending_rule.entered", finance_officer.pk),
    ]


def test_a_claim_follows_the_limit_of_its_day(appointment: Any, category: ClaimCategory, finance_officer: Any) -> None:
    CategoryRuleFactory(category=category, kind="one_approval", value=100_000, from_on=SEPTEMBER)
    before, after = (
        ClaimFactory(appointment=appointment, category=category, amount_krw=500_000, spent_on=day)
        for day in (date(2026, 8, 31), SEPTEMBER)
    )
    assert claims.approve_claim(before, by=finance_officer).state == "approved"
    assert claims.approve_claim(after, by=finance_officer).state == "checked"


def test_a_limit_of_all_categories_counts_where_one_has_none(
    appointment: Any, category: ClaimCategory, finance_officer: Any
) -> None:
    other = ClaimCategoryFactory(code="other", limit_krw=False)
    claim = ClaimFactory(appointment=appointment, category=other)
    with pytest.raises(NotConfigured):
        claims.approve_claim(claim, by=finance_officer)
    CategoryRuleFactory(category=None, kind="one_approval", value=1_000_000)
    assert (one_approval_limit(other, SEPTEMBER), one_approval_limit(category, SEPTEMBER)) == (1_000_000, 3_000_000)
    assert claims.approve_claim(claim, by=finance_officer).state == "approved"


def test_what_is_forbidden_counts_once_confirmed_and_from_its_day_on(
    category: ClaimCategory, finance_officer: Any, second_finance_officer: Any
) -> None:
    rule = enter_spending_rule(None, "forbidden", SEPTEMBER, said(words="wine"), by=finance_officer)
    assert rules_of(category, SEPTEMBER) == []
    confirm_spending_rule(rule, by=second_finance_officer)
    assert [each.words for each in rules_of(category, SEPTEMBER)] == [("wine",)]
    assert rules_of(category, date(2026, 8, 31)) == []


def test_what_is_confirmed_stands(category: ClaimCategory, finance_officer: Any, second_finance_officer: Any) -> None:
    first = enter_spending_rule(category, "max_krw", SEPTEMBER, said(10), by=finance_officer)
    again = enter_spending_rule(category, "max_krw", SEPTEMBER, said(20), by=second_finance_officer)
    assert (again.pk, again.value, again.entered_by) == (first.pk, 20, second_finance_officer)
    with pytest.raises(SamePersonTwice):
        confirm_spending_rule(again, by=second_finance_officer)
    confirm_spending_rule(again, by=finance_officer)
    with pytest.raises(RuleStands):
        enter_spending_rule(category, "max_krw", SEPTEMBER, said(30), by=finance_officer)
    for change in (lambda rows: rows.update(value=30), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError, match="what is confirmed stands"), transaction.atomic():
            change(CategoryRule.objects.filter(pk=again.pk))


@pytest.mark.parametrize(("kind", "what"), [("forbidden", said(words=" , ")), ("max_percent", said(101))])
def test_what_makes_no_sense_is_refused(category: ClaimCategory, finance_officer: Any, kind: str, what: Said) -> None:
    with pytest.raises(SpendingRuleRefused):
        enter_spending_rule(category, kind, SEPTEMBER, what, by=finance_officer)
    with pytest.raises(IntegrityError, match=r"forbidden_names|sane_number"), transaction.atomic():
        CategoryRuleFactory(category=category, kind=kind, words=what.words.strip(" ,"), value=what.value)


def test_rules_that_come_with_the_application_wait_for_confirmation(db: None) -> None:
    load_reference()
    rows = CategoryRule.objects.all()
    assert set(rows.values_list("confirmed_at", flat=True)) == {None}
    assert rows.filter(kind="one_approval").count() == 3
    number = rows.count()
    load_reference()
    assert rows.count() == number
    assert load_spending_rules([], by=None) == 0


def test_pages_of_spending_rules(
    category: ClaimCategory, finance_officer: Any, second_finance_officer: Any, auditor: Any, stranger: Any,
    client_of: Any,
) -> None:  # fmt: skip
    here, asks, confirms = "/money/rules/spending/", client_of(finance_officer), client_of(second_finance_officer)
    form = {
        "category": category.pk, "kind": "one_approval", "value": "250000", "from_on": "2026-11-01",
        "reason_en": "Two approve.", "reason_ko": "두 사람이 승인합니다.", "source": "Notice 12",
    }  # fmt: skip
    assert asks.post(here, {**form, "value": ""}).status_code == 422
    assert asks.post(here, {**form, "kind": "max_percent"}).status_code == 409
    assert client_of(auditor).post(here, form).status_code == 200
    assert CategoryRule.objects.filter(from_on=date(2026, 11, 1)).count() == 0
    assert asks.post(here, form).status_code == 302
    rule = CategoryRule.objects.get(from_on=date(2026, 11, 1))
    confirm = f"{here}{rule.pk}/confirm/"
    assert client_of(auditor).post(confirm).status_code == 403
    assert client_of(stranger).get(here).status_code == 403
    assert asks.post(confirm).status_code == 409
    assert confirms.post(confirm).status_code == 302
    rule.refresh_from_db()
    assert (rule.value, rule.confirmed_by) == (250_000, second_finance_officer)
    assert asks.post(here, form).status_code == 409
    page = client_of(auditor).get(here).content.decode()
    assert "250,000" in page
    assert "Enter a rule" not in page
    assert "Two approve." in page


def test_support_desk_changes_no_rule_of_spending(category: ClaimCategory, admin_person: Any, client_of: Any) -> None:
    rule = category.rules.get()
    desk = client_of(admin_person)
    address = f"/admin/funding/categoryrule/{rule.pk}/change/"
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"value": "1"}).status_code == 403
    assert desk.get("/admin/funding/categoryrule/add/").status_code == 403
    assert "limit" not in desk.get(f"/admin/funding/claimcategory/{category.pk}/change/").content.decode()
