"""Entering and confirming what categories of claims forbid, demand and let one person approve."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal
from funding.actions.rules import RuleStands, confirm_entered
from funding.models import CategoryRule, ClaimCategory
from funding.states import SpendingRule
from people.models import User


class SpendingRuleRefused(Refusal):
    words = _("This rule of spending cannot be entered so.")


@dataclass(frozen=True)
class Said:
    """What a rule says: its number or forbidden words, what a person reads, and on what it rests."""

    value: int
    words: str
    reason_en: str
    reason_ko: str
    source: str


@action
def enter_spending_rule(
    category: ClaimCategory | None, kind: str, from_on: date, said: Said, *, by: User | None
) -> CategoryRule:
    """Enter what holds for a category, or for all of them, from a day on; it counts once another person confirmed it.

    Refuses to change what is confirmed (a new one begins on another day), forbidden words that are none, and more than
    a hundred percent.
    """
    if kind == SpendingRule.FORBIDDEN and not said.words.strip(" ,"):
        raise SpendingRuleRefused(_("Name the words that are forbidden."), field="words")
    if kind == SpendingRule.MAX_PERCENT and said.value > 100:
        raise SpendingRuleRefused(_("A share is at most 100 percent."), field="value")
    standing = CategoryRule.objects.select_for_update().filter(category=category, kind=kind, from_on=from_on).first()
    if standing is not None and standing.confirmed_at is not None:
        raise RuleStands(field="from_on")
    made = standing or CategoryRule(category=category, kind=kind, from_on=from_on)
    for name, value in asdict(said).items():
        setattr(made, name, value)
    made.entered_at, made.entered_by = timezone.now(), by
    made.save()
    record("funding.spending_rule.entered", made, by=by, after={"kind": kind, "from": from_on, **asdict(said)})
    return made


@action
def confirm_spending_rule(rule: CategoryRule, *, by: User) -> CategoryRule:
    """Another person than the one who entered it confirms `rule`; from its day on it counts."""
    after = {"kind": rule.kind, "value": rule.value}
    return confirm_entered(rule, by=by, verb="funding.spending_rule.confirmed", after=after)


@action
def load_spending_rules(rows: Sequence[dict[str, Any]], *, by: User | None) -> int:
    """Load the rules of spending that come with the application where there are none; they wait for confirmation."""
    new = 0
    for row in rows:
        category = ClaimCategory.objects.get(code=row["category"]) if row["category"] else None
        if not CategoryRule.objects.filter(category=category, kind=row["kind"], from_on=row["from"]).exists():
            said = Said(row.get("value", 0), row.get("words", ""), row["reason_en"], row["reason_ko"], row["source"])
            enter_spending_rule(category, row["kind"], row["from"], said, by=by)
            new += 1
    return new
