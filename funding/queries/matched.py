"""Reads of matched money: pledges of an institute's labs, and a partner's own statement."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from common.access import scope_of
from common.refusals import NotConfigured
from funding.models import BankLine, MatchedUse, Pledge, PledgeReceipt, SchemeTerms
from funding.queries.budget import institutes_budgeted
from funding.states import BankLineState, PledgeKind


@scope_of(Pledge)
def pledges_visible_to(user: Any) -> QuerySet[Pledge]:
    """Those to labs of the institutes whose budgets she sees."""
    rows = Pledge.objects.filter(lab__institute__in=institutes_budgeted(user))
    return rows.select_related("partner", "lab__institute", "scheme", "entered_by")


@scope_of(PledgeReceipt)
def receipts_visible_to(user: Any) -> QuerySet[PledgeReceipt]:
    """Those of the pledges that she sees."""
    rows = PledgeReceipt.objects.filter(pledge__lab__institute__in=institutes_budgeted(user))
    return rows.select_related("pledge__partner", "pledge__lab__institute", "pledge__scheme")


@scope_of(MatchedUse)
def uses_visible_to(user: Any) -> QuerySet[MatchedUse]:
    """Those of the pledges that she sees."""
    rows = MatchedUse.objects.filter(pledge__lab__institute__in=institutes_budgeted(user))
    return rows.select_related("pledge__partner", "pledge__lab__institute")


def terms_of(pledge: Pledge) -> SchemeTerms:
    """The confirmed terms of its scheme on the pledge's first day. Refuses where there are none."""
    found = terms_if_any(pledge)
    if found is None:
        raise NotConfigured(what=_("the terms of “%(scheme)s”") % {"scheme": pledge.scheme.name})
    return found


def terms_if_any(pledge: Pledge) -> SchemeTerms | None:
    """The same for a page, which says so where there are none."""
    rows = pledge.scheme.terms.filter(from_on__lte=pledge.starts_on, confirmed_at__isnull=False)
    return rows.order_by("-from_on").first()


@scope_of(SchemeTerms)
def terms_visible_to(user: Any) -> QuerySet[SchemeTerms]:
    """All terms of schemes, for those who keep, give or audit money."""
    rows = SchemeTerms.objects.select_related("scheme", "entered_by", "confirmed_by")
    return rows if user.has_perm("funding.view_rules") else rows.none()


@dataclass(frozen=True)
class Standing:
    """Where a pledge stands, in won: promised, come in and confirmed, matched, used."""

    pledged_krw: int
    received_krw: int
    matched_krw: int
    used_krw: int
    is_cash: bool = True

    @property
    def left_krw(self) -> int:
        return self.pledged_krw - self.received_krw

    @property
    def free_krw(self) -> int:
        """What may still be paid out of it: its own cash and match, not another pledge's; things in kind are none."""
        return (self.received_krw if self.is_cash else 0) + self.matched_krw - self.used_krw


def standing_of(pledge: Pledge) -> Standing:
    """Sums of one pledge; two queries."""
    confirmed = Q(confirmed_at__isnull=False)
    came = pledge.receipts.filter(confirmed).aggregate(
        received=Sum("amount_krw", default=0), matched=Sum("match_krw", default=0)
    )
    used = pledge.uses.filter(approved_at__isnull=False).aggregate(total=Sum("amount_krw", default=0))
    is_cash = pledge.kind == PledgeKind.CASH
    return Standing(pledge.amount_krw, came["received"], came["matched"], used["total"], is_cash)


def bank_lines_for(pledge: Pledge) -> QuerySet[BankLine]:
    """Movements into the institute's account that nothing explains yet: they may be the partner's money."""
    return BankLine.objects.filter(
        message__institute=pledge.lab.institute_id, state=BankLineState.UNMATCHED, amount_krw__gt=0, pledge_receipt=None
    ).order_by("-pk")
