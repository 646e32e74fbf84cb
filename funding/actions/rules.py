"""Entering and confirming the numbers that change by date."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock
from funding.models import CategoryRule, MoneyRule, SchemeTerms
from people.models import User

R = TypeVar("R", MoneyRule, CategoryRule, SchemeTerms)


class RuleStands(Refusal):
    words = _("This rule has a confirmed value from this day on. Enter the new one with a later day.")


@action
def enter_rule(code: str, from_on: date, value: int, source: str, *, by: User | None) -> MoneyRule:
    """Enter a value from a day on, with its source; it counts once another person confirmed it.

    Refuses to change a value that is confirmed: a new one begins on another day.
    """
    standing = MoneyRule.objects.filter(code=code, from_on=from_on).first()
    if standing is not None and standing.confirmed_at is not None:
        raise RuleStands(field="from_on")
    made, _is_new = MoneyRule.objects.update_or_create(
        code=code, from_on=from_on, defaults={"value": value, "source": source, "entered_by": by}
    )
    record("funding.rule.entered", made, by=by, after={"value": value, "source": source})
    return made


@action
def confirm_rule(rule: MoneyRule, *, by: User) -> MoneyRule:
    """Another person than the one who entered it confirms `rule`."""
    return confirm_entered(rule, by=by, verb="funding.rule.confirmed", after={"value": rule.value})


def confirm_entered(rule: R, *, by: User, verb: str, after: dict[str, Any]) -> R:
    """Set the confirmation of what was entered, once; refuses whoever entered it."""
    lock(rule)
    if by.pk == rule.entered_by_id:
        raise SamePersonTwice
    if rule.confirmed_at is None:
        rule.confirmed_at, rule.confirmed_by = timezone.now(), by
        rule.save(update_fields=["confirmed_at", "confirmed_by"])
        record(verb, rule, by=by, after=after)
    return rule


@action
def load_rules(rows: Sequence[dict[str, Any]], *, by: User | None) -> int:
    """Load the rules that come with the application where there are none; they wait for confirmation."""
    new = 0
    for row in rows:
        if not MoneyRule.objects.filter(code=row["code"], from_on=row["from"]).exists():
            enter_rule(row["code"], row["from"], row["value"], row["source"], by=by)
            new += 1
    return new
