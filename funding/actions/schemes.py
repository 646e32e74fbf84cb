"""Entering and confirming the terms of schemes of matched money."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from common.audit import record
from common.gestures import action
from funding.actions.rules import RuleStands, confirm_entered
from funding.models import MatchScheme, SchemeTerms
from people.models import User


@dataclass(frozen=True)
class Terms:
    """Public won for 100 of a partner's, at most so many, the share of in-kind that counts, and what both may pay."""

    ratio_percent: int
    ceiling_krw: int
    in_kind_counts_percent: int
    pays: Sequence[str]
    source: str


@action
def enter_terms(scheme: MatchScheme, from_on: date, terms: Terms, *, by: User | None) -> SchemeTerms:
    """Enter a scheme's terms from a day on, with their source; they count once another person confirmed them.

    Refuses to change what is confirmed: new terms begin on another day.
    """
    standing = SchemeTerms.objects.select_for_update().filter(scheme=scheme, from_on=from_on).first()
    if standing is not None and standing.confirmed_at is not None:
        raise RuleStands(field="from_on")
    made = standing or SchemeTerms(scheme=scheme, from_on=from_on)
    for name, value in asdict(terms).items():
        setattr(made, name, value)
    made.entered_at, made.entered_by = timezone.now(), by
    made.save()
    record("funding.scheme.entered", made, by=by, after={"from": from_on, **asdict(terms)})
    return made


@action
def confirm_terms(terms: SchemeTerms, *, by: User) -> SchemeTerms:
    """Another person than the one who entered them confirms `terms`; pledges that begin from their day on keep them."""
    after = {"ratio_percent": terms.ratio_percent, "ceiling_krw": terms.ceiling_krw}
    return confirm_entered(terms, by=by, verb="funding.scheme.confirmed", after=after)


@action
def load_schemes(rows: Sequence[dict[str, Any]], *, by: User | None) -> int:
    """Load schemes of matched money where there are none; their terms wait for confirmation. How many are new."""
    new = 0
    for row in rows:
        names = {name: row[name] for name in ("name_en", "name_ko")}
        scheme, is_new = MatchScheme.objects.get_or_create(code=row["code"], defaults=names)
        if is_new:
            record("funding.scheme.loaded", scheme, by=by)
        if not scheme.terms.filter(from_on=row["from"]).exists():
            values = {name: value for name, value in row.items() if name not in {"code", "from", *names}}
            enter_terms(scheme, row["from"], Terms(**values), by=by)
        new += is_new
    return new
