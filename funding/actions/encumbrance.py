"""What an offer holds of its lab's allotment, year by year: put there whole, refused with what is missing, moved."""

from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.gestures import action
from fellowships.models import Amendment, Offer
from funding.ledger import OverBudget, Posting, account, opened, post, unopened
from funding.models import Account, Commitment
from funding.queries.encumbering import Move, Payers, Sums, by_year
from funding.states import AccountKind
from labs.models import Lab
from people.models import User


class BudgetMissing(OverBudget):
    """What the lab's allotments lack, year by year, in words."""

    words = gettext_lazy("The allotments of %(lab)s do not carry this. %(years)s")


def refuse_shortfall(lab: Lab, need: dict[int, int]) -> None:
    """Refuse with every year and amount that the allotments of `lab` lack for `need` (won by year); locks them."""
    accounts = opened(unopened(AccountKind.LAB, year, lab=lab) for year in sorted(need))
    rows = Account.objects.select_for_update().filter(pk__in=[row.pk for row in accounts.values()]).order_by("pk")
    available = {row.fiscal_year: row.balance_krw for row in rows}
    lacking = [(year, need[year], available[year]) for year in sorted(need) if need[year] > available[year]]
    if lacking:
        years = " ".join(
            _("%(year)s: ₩%(missing)s missing (₩%(needed)s needed, ₩%(available)s available).")
            % {
                "year": year,
                "missing": f"{needed - there:,}",
                "needed": f"{needed:,}",
                "available": f"{there:,}",
            }
            for year, needed, there in lacking
        )
        raise BudgetMissing(lab=lab.code, years=years)


@action
def encumber(made: Offer, wanted: Sums, *, by: User | None) -> Offer:
    """Put what a new offer promises aside, from the lab's allotments; putting it twice is once.

    Refuses with `BudgetMissing` what they do not carry: each year, with the amount.
    """
    lab = made.call_lab.lab
    if not made.commitments.exists():
        refuse_shortfall(lab, by_year((year, amount) for year, _purpose, amount in wanted))
    payers = {year: unopened(AccountKind.LAB, year, lab=lab) for year, _purpose, _amount in wanted}
    targets = [
        unopened(AccountKind.COMMITTED, year, lab=lab, offer=made, purpose=purpose) for year, purpose, _amount in wanted
    ]
    accounts = opened([*payers.values(), *targets])
    lines = []
    commitments = []
    for (year, purpose, amount), held in zip(wanted, targets, strict=True):
        target = accounts[held.code]
        lines += [(accounts[payers[year].code], -amount), (target, amount)]
        commitments.append(Commitment(offer=made, fiscal_year=year, purpose=purpose, amount_krw=amount, account=target))
    words = f"Offer {made.key}: term {made.starts_on} to {made.ends_on}"
    post(Posting(f"offer:{made.key}", timezone.localdate(), words, lines, made), by=by)
    Commitment.objects.bulk_create(commitments, ignore_conflicts=True)
    return made


@action
def encumber_anew(
    made: Offer, moves: Sequence[Move], *, event: str, words: str, source: Offer | Amendment, by: User | None
) -> Offer:
    """Take more from the lab's allotments, or give back, so that `made` holds what `moves` say; once an `event`.

    Refuses with `BudgetMissing` what the allotments do not carry.
    """
    changed = [move for move in moves if move.change_krw]
    payers = Payers(made)
    for lab in {payers.of(move.fiscal_year) for move in changed}:
        own = (move for move in changed if payers.of(move.fiscal_year) == lab)
        refuse_shortfall(lab, by_year((move.fiscal_year, move.change_krw) for move in own))
    lines = posting_lines(made, changed, payers)
    if lines:
        post(Posting(event, timezone.localdate(), words, lines, source), by=by)
    for move in moves:
        lab = made.call_lab.lab
        target = account(AccountKind.COMMITTED, move.fiscal_year, lab=lab, offer=made, purpose=move.purpose)
        whole = move.then_krw + move.spent_krw
        if whole:
            Commitment.objects.update_or_create(
                offer=made,
                fiscal_year=move.fiscal_year,
                purpose=move.purpose,
                defaults={"amount_krw": whole, "account": target},
            )
        else:
            made.commitments.filter(fiscal_year=move.fiscal_year, purpose=move.purpose).delete()
    return made


def posting_lines(made: Offer, moves: Iterable[Move], payers: Payers) -> list[tuple[Account, int]]:
    """The lines that carry `moves` out: from the paying lab's allotment to the offer's commitment, or back."""
    lab = made.call_lab.lab
    lines = []
    for move in moves:
        target = account(AccountKind.COMMITTED, move.fiscal_year, lab=lab, offer=made, purpose=move.purpose)
        payer = account(AccountKind.LAB, move.fiscal_year, lab=payers.of(move.fiscal_year))
        lines += [(payer, -move.change_krw), (target, move.change_krw)]
    return lines


@action
def recharge(amendment: Amendment, sums: dict[int, int], *, payers: Payers, by: User | None) -> None:
    """The lab that she moves to takes over what is held for her (won by year): its allotments pay the first lab's.

    Refuses with `BudgetMissing` what they do not carry.
    """
    lab = amendment.lab
    if lab is None or not sums:
        return
    refuse_shortfall(lab, sums)
    lines = []
    for year, amount in sums.items():
        lines += [(account(AccountKind.LAB, year, lab=lab), -amount)]
        lines += [(account(AccountKind.LAB, year, lab=payers.of(year)), amount)]
    words = f"Taken over by {lab.code}: appointment {amendment.appointment.key}"
    post(Posting(f"recharged:{amendment.key}", timezone.localdate(), words, lines, amendment), by=by)
