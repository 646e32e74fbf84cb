"""An offer commits the whole term that it promises, by fiscal year; declined, lapsed or withdrawn, it is released."""

from collections.abc import Iterable

from django.utils import timezone

from applications.models import Application, CallLab
from common.gestures import action
from fellowships import actions as fellowships
from fellowships.actions import Terms
from fellowships.models import Offer
from fellowships.states import OfferState
from funding.ledger import Posting, account, post
from funding.models import Account, Commitment
from funding.states import AccountKind
from funding.terms import cost_of_term
from matching.models import MatchResult
from people.models import User


@action
def offer(application: Application, call_lab: CallLab, terms: Terms, *, by: User) -> Offer:
    """Send an offer and commit its whole term, by fiscal year, from the lab's allotment.

    Refuses with `OverBudget` what the allotment does not carry, and what `open_offer` refuses. Nothing goes out then.
    """
    made = fellowships.open_offer(application, call_lab, terms, by=by)
    commit(made, by=by)
    return made


@action
def commit(made: Offer, *, by: User | None) -> Offer:
    """Commit the term of `made` in the books; committing twice is committing once."""
    lab = made.call_lab.lab
    rows = cost_of_term(made.salary_krw_a_year, made.research_fund_krw_a_year, made.starts_on, made.ends_on)
    lines = []
    commitments = []
    for year, purpose, amount in rows:
        target = account(AccountKind.COMMITTED, year, lab=lab, offer=made, purpose=purpose)
        lines += [(account(AccountKind.LAB, year, lab=lab), -amount), (target, amount)]
        commitments.append(Commitment(offer=made, fiscal_year=year, purpose=purpose, amount_krw=amount, account=target))
    words = f"Offer {made.key}: term {made.starts_on} to {made.ends_on}"
    post(Posting(f"offer:{made.key}", timezone.localdate(), words, lines, made), by=by)
    Commitment.objects.bulk_create(commitments, ignore_conflicts=True)
    return made


@action
def offer_all(results: Iterable[MatchResult], terms: Terms, *, by: User) -> list[Offer]:
    """Offer the same terms to every placed candidate among `results`; one refusal sends none."""
    return [
        offer(result.application, result.call_lab, terms, by=by) for result in results if result.call_lab is not None
    ]


def release(made: Offer, *, by: User | None, words: str) -> None:
    """Give back to the lab whatever is still committed for `made`. Releasing twice is releasing once."""
    lab = made.call_lab.lab
    lines = []
    held = Account.objects.select_for_update().filter(offer=made, kind=AccountKind.COMMITTED, balance_krw__gt=0)
    for row in held.order_by("pk"):
        lines += [(row, -row.balance_krw), (account(AccountKind.LAB, row.fiscal_year, lab=lab), row.balance_krw)]
    if lines:
        post(Posting(f"release:{made.key}", timezone.localdate(), words, lines, made), by=by)


@action
def decline(made: Offer, *, by: User, reason: str, note: str = "") -> Offer:
    """She declines; what was committed is free again."""
    fellowships.decline(made, by=by, reason=reason, note=note)
    release(made, by=by, words=f"Offer {made.key} declined")
    return made


@action
def withdraw(made: Offer, *, by: User, note: str) -> Offer:
    """The officer takes an unanswered offer back; what was committed is free again."""
    fellowships.withdraw(made, by=by, note=note)
    release(made, by=by, words=f"Offer {made.key} withdrawn")
    return made


@action
def lapse(made: Offer, *, by: User | None) -> Offer:
    """An unanswered offer past its deadline lapses, and what was committed is free again."""
    fellowships.lapse(made, by=by)
    if made.state == OfferState.LAPSED:
        release(made, by=by, words=f"Offer {made.key} lapsed")
    return made


def lapse_offers() -> int:
    """Let every offer lapse whose deadline has passed unanswered; each in a transaction of its own. How many."""
    late = Offer.objects.filter(state=OfferState.SENT, deadline_at__lt=timezone.now())
    return sum(lapse(row, by=None).state == OfferState.LAPSED for row in late.select_related("call_lab__lab"))
