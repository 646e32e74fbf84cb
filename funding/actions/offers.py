"""An offer commits the whole term that it promises, by fiscal year; declined, lapsed or withdrawn, it is released."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from applications.models import Application, CallLab
from common.gestures import action
from common.states import lock
from fellowships import actions as fellowships
from fellowships.actions import Declining, Terms
from fellowships.dates import moved_end
from fellowships.models import Offer, OfferQuestion
from fellowships.queries.waitlist import next_for
from fellowships.states import OfferState
from funding.actions.encumbrance import encumber, encumber_anew
from funding.ledger import Posting, account, post
from funding.letters import letter_of
from funding.models import Account
from funding.queries.encumbering import moves_of
from funding.states import AccountKind
from funding.terms import cost_of_term
from matching.models import MatchResult
from people.models import User


@action
def offer(
    application: Application, call_lab: CallLab, terms: Terms, *, by: User, replaces: Offer | None = None
) -> Offer:
    """Send an offer and commit its whole term, by fiscal year, from the lab's allotment.

    Refuses with `BudgetMissing` what the allotments do not carry (each year, with the amount), and what `open_offer`
    refuses. Nothing goes out then.
    """
    fellowships.refuse_terms(application, terms)
    letter = letter_of(application, call_lab, terms)
    made = fellowships.open_offer(application, call_lab, terms, letter=letter, by=by, replaces=replaces)
    return commit(made, by=by)


@action
def commit(made: Offer, *, by: User | None) -> Offer:
    """Commit the term of `made` in the books; committing twice is committing once."""
    return encumber(made, _cost(made), by=by)


def _cost(made: Offer | Terms) -> list[tuple[int, str, int]]:
    return cost_of_term(made.salary_krw_a_year, made.research_fund_krw_a_year, made.starts_on, made.ends_on)


@action
def offer_all(results: Iterable[MatchResult], terms: Terms, *, by: User) -> list[Offer]:
    """Offer the same terms to every placed candidate among `results`; one refusal sends none."""
    return [
        offer(result.application, result.call_lab, terms, by=by) for result in results if result.call_lab is not None
    ]


def terms_for_next(former: Offer) -> Terms:
    """The terms of an offer that came to nothing, for whoever is next: as much time to answer, days not in the past.

    A first day that has passed moves to the first of the next month; the term stays as long.
    """
    now = timezone.localtime()
    answered_within = max(former.deadline_at - former.sent_at, timedelta(days=3))
    deadline = (now + answered_within).replace(second=0, microsecond=0)
    starts_on = former.starts_on
    if starts_on <= deadline.date():
        starts_on = (deadline.date().replace(day=1) + timedelta(days=32)).replace(day=1)
    latest = former.latest_start_on
    return Terms.of(
        former,
        deadline_at=deadline,
        starts_on=starts_on,
        ends_on=moved_end(former.starts_on, former.ends_on, starts_on),
        earliest_start_on=min(starts_on, former.earliest_start_on) if former.earliest_start_on else None,
        latest_start_on=max(starts_on, latest) if latest else None,
    )


@action
def offer_next(former: Offer, *, by: User) -> Offer:
    """Offer the place that `former` left free to the next candidate of the lab's waitlist, on the same terms.

    She may hold a place that she likes less, which is free then. Refuses when the place is taken, nobody is left, or
    an offer of another place waits for her answer; two officers who do it at once make one offer.
    """
    lock(former)
    candidate = next_for(former)
    if candidate is None:
        raise fellowships.NotNext
    return offer(candidate.application, former.call_lab, terms_for_next(former), by=by, replaces=former)


@action
def agree_first_day(question: OfferQuestion, *, by: User, answer: str = "") -> Offer:
    """Agree the first day that the candidate wishes: days, letter and what is committed by fiscal year move together.

    Refuses with `BudgetMissing` when the moved term is not carried, and what `fellowships.agree_first_day` refuses.
    """
    made = question.offer
    was = _cost(made)
    terms = fellowships.agreed_terms(question)
    letter = letter_of(made.application, made.call_lab, terms)
    moved = fellowships.agree_first_day(question, letter, by=by, answer=answer)
    words = f"Offer {moved.key}: term moved to {moved.starts_on} to {moved.ends_on}"
    moves = moves_of(moved, was, _cost(moved), for_update=True)
    return encumber_anew(moved, moves, event=f"moved:{moved.key}:{question.pk}", words=words, source=moved, by=by)


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
def decline(made: Offer, *, by: User, why: Declining) -> Offer:
    """She declines; what was committed is free again."""
    fellowships.decline(made, by=by, why=why)
    release(made, by=by, words=f"Offer {made.key} declined")
    return made


@action
def withdraw(made: Offer, *, by: User) -> Offer:
    """A second officer takes an unanswered offer back; what was committed is free again."""
    fellowships.withdraw(made, by=by)
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


def remind_candidates() -> int:
    """Remind everybody whose offer's deadline draws near, each once a stage; how many were reminded."""
    rows = Offer.objects.filter(state=OfferState.SENT, deadline_at__gt=timezone.now())
    near = rows.filter(deadline_at__lte=timezone.now() + timedelta(days=7))
    related = ("application__applicant", "call_lab__lab__institute")
    return sum(fellowships.remind(row, by=None) for row in near.select_related(*related))
