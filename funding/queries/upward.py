"""From an account up to the appropriations, through every year over whose end money was carried."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from fellowships.models import Offer
from funding.models import Account, Agreement, Allotment, Appropriation, Entry, Line, Movement, PledgeReceipt
from funding.queries.books import entries_visible_to
from funding.queries.encumbering import Payers
from funding.states import AccountKind, MovementKind, MovementState


@dataclass(frozen=True)
class Step:
    """One step on the way up: what it is and which, in won, and its entry in the books where the reader may see it."""

    words: str
    label: str
    amount_krw: int
    event: str = ""
    entry: Entry | None = None


@dataclass
class Stage:
    """The steps of one fiscal year; the year before follows where something was brought forward from it."""

    year: int
    labs: set[int]
    # what was carried into this year, on the account itself and on the allotments of its labs
    carried: list[Line] = field(default_factory=list)
    transfers: list[Movement] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def way_up(account: Account, user: Any) -> list[Stage]:
    """From `account` up to the appropriations, newest year first; ten queries at most, whatever the years and rows."""
    offer = _offer_of(account)
    payers = Payers(offer) if offer else None
    stages = _stages(account, payers)
    years = [stage.year for stage in stages]
    owned = _owned(account, years)
    allotments = _allotments({lab for stage in stages for lab in stage.labs}, years)
    agreed = [] if account.lab_id else _agreements(account, years)
    received = _receipts(account, years)
    for stage in stages:
        stage.steps = [*_own_steps(account, offer, owned[stage.year], stage), *_carried_steps(stage)]
        here = [row for row in received if row.received_on.year == stage.year]
        stage.steps += [_step(_("Contribution of a partner"), row, "pledge") for row in here]
        mine = [row for row in allotments if row.fiscal_year == stage.year and row.lab_id in stage.labs]
        stage.steps += [_step(_("Allotment"), row, "allotment") for row in mine]
        agreements = {row.agreement_id: row.agreement for row in mine}
        agreements |= {row.pk: row for row in agreed if row.fiscal_year == stage.year}
        stage.steps += [_step(_("Agreement"), row, "agreement") for row in agreements.values()]
        given = {row.appropriation_id: row.appropriation for row in agreements.values()}
        stage.steps += [_step(_("Appropriation"), row, "appropriation") for row in given.values()]
    if account.institute_id is None:
        rows = Appropriation.objects.standing().filter(fiscal_year=account.fiscal_year).order_by("pk")
        stages[0].steps += [_step(_("Appropriation"), row, "appropriation") for row in rows]
    _find_entries(stages, user)
    return stages


def _offer_of(account: Account) -> Offer | None:
    rows = Offer.objects.select_related("application", "call_lab__lab")
    return rows.get(pk=account.offer_id) if account.offer_id else None


def _siblings(account: Account) -> Q:
    """The account of the same owner and purpose in any year; what is spent was committed before."""
    kind = AccountKind.COMMITTED if account.kind == AccountKind.SPENT else account.kind
    owner = {name: getattr(account, name) for name in ("purpose", "institute_id", "lab_id", "offer_id")}
    return Q(kind=kind, **owner)


def _stages(account: Account, payers: Payers | None) -> list[Stage]:
    """The years from the account's back to the first from which nothing was brought forward; two queries."""
    transfers = _transfers(account)
    labs = {account.lab_id} | {row.from_lab_id for row in transfers}
    if payers:
        labs |= {payers.first.pk, *(lab.pk for _year, lab in payers.later)}
    into = _carried_into(account, {lab for lab in labs if lab})
    stages: list[Stage] = []
    year, start = account.fiscal_year, {account.lab_id} if account.lab_id else set()
    while True:
        start |= {payers.of(year).pk} if payers else set()
        stage = _stage(year, start, transfers)
        stage.carried = [line for line in into[year] if _is_on_the_way(line.account, account, stage.labs)]
        stages.append(stage)
        if not stage.carried:
            return stages
        start = {line.account.lab_id for line in stage.carried if line.account.lab_id}
        year -= 1


def _is_on_the_way(carried: Account, account: Account, labs: set[int]) -> bool:
    is_allotment = carried.kind == AccountKind.LAB and account.kind in ON_ALLOTMENTS
    return carried.lab_id in labs if is_allotment else True


# what comes out of a lab's allotments; of matched money the public part does
ON_ALLOTMENTS = (AccountKind.LAB, AccountKind.COMMITTED, AccountKind.SPENT, AccountKind.MATCHED)


def _stage(year: int, labs: set[int], transfers: Sequence[Movement]) -> Stage:
    """The labs whose allotments count in `year`: these, and those that gave to them."""
    stage, waiting = Stage(year, set()), set(labs)
    while waiting:
        stage.labs |= waiting
        more = [row for row in transfers if row.fiscal_year == year and row.to_lab_id in waiting]
        stage.transfers += more
        waiting = {row.from_lab_id for row in more if row.from_lab_id} - stage.labs
    return stage


def _transfers(account: Account) -> list[Movement]:
    """What labs of the institute gave each other until the account's year."""
    if account.kind not in ON_ALLOTMENTS:
        return []
    rows = Movement.objects.filter(
        institute=account.institute_id, kind=MovementKind.TRANSFER, state=MovementState.APPROVED,
        fiscal_year__lte=account.fiscal_year,
    )  # fmt: skip
    return list(rows.select_related("from_lab", "entry").order_by("pk"))


def _carried_into(account: Account, labs: set[int]) -> dict[int, list[Line]]:
    """By year the lines that brought something into it: on the account's like, and on allotments of `labs`.

    An entry that carries is of the year before, and passes over the accounts of what is carried, or carries a position.
    """
    wanted = _siblings(account)
    if account.kind in ON_ALLOTMENTS:
        wanted |= Q(kind=AccountKind.LAB, lab__in=labs)
    accounts = Account.objects.filter(wanted, fiscal_year__lte=account.fiscal_year).order_by()
    over = Line.objects.filter(
        entry=OuterRef("entry"), account__kind=AccountKind.CARRIED,
        account__fiscal_year=OuterRef("account__fiscal_year") - 1,
    )  # fmt: skip
    lines = Line.objects.filter(
        Exists(over) | Q(entry__event__startswith="position:"), account__in=accounts.values("pk"),
        entry__booked_on__year=F("account__fiscal_year") - 1,
    )  # fmt: skip
    found: dict[int, list[Line]] = defaultdict(list)
    for line in lines.select_related("entry", "account__lab").order_by("pk"):
        found[line.account.fiscal_year].append(line)
    return found


def _owned(account: Account, years: Sequence[int]) -> dict[int, list[Account]]:
    """By year the accounts of the offer, or the account's like."""
    wanted = Q(offer=account.offer_id) if account.offer_id else _siblings(account)
    found: dict[int, list[Account]] = defaultdict(list)
    for row in Account.objects.filter(wanted, fiscal_year__in=years).order_by("code"):
        found[row.fiscal_year].append(row)
    return found


def _allotments(labs: set[int], years: Sequence[int]) -> list[Allotment]:
    rows = Allotment.objects.standing().filter(lab__in=labs, fiscal_year__in=years)
    return list(rows.select_related("lab", "agreement__institute", "agreement__appropriation").order_by("pk"))


def _agreements(account: Account, years: Sequence[int]) -> list[Agreement]:
    rows = Agreement.objects.standing().filter(institute=account.institute_id, fiscal_year__in=years)
    return list(rows.select_related("institute", "appropriation").order_by("pk"))


def _receipts(account: Account, years: Sequence[int]) -> list[PledgeReceipt]:
    """What partners gave the lab of an account of matched money."""
    if account.kind != AccountKind.MATCHED:
        return []
    rows = PledgeReceipt.objects.filter(pledge__lab=account.lab_id, entry__isnull=False, received_on__year__in=years)
    return list(rows.select_related("pledge__partner", "pledge__lab").order_by("pk"))


def _own_steps(account: Account, offer: Offer | None, owned: Iterable[Account], stage: Stage) -> Iterator[Step]:
    if stage.year == account.fiscal_year:
        yield Step(_("Account"), account.code, account.balance_krw)
    else:
        like = [row for row in owned if row.purpose == account.purpose and row.kind != AccountKind.SPENT]
        yield from (Step(_("Account"), row.code, row.balance_krw) for row in like)
    if offer is not None:
        promised = sum(row.balance_krw for row in owned)
        yield Step(_("Committed and spent for the offer"), str(offer), promised, f"offer:{offer.key}")


def _carried_steps(stage: Stage) -> Iterator[Step]:
    for line in stage.carried:
        words = _("Brought forward from %(year)s") % {"year": stage.year - 1}
        yield Step(words, line.account.code, line.amount_krw, line.entry.event)
    for row in stage.transfers:
        if row.entry is not None:
            yield Step(_("Came from another lab"), str(row.from_lab), row.amount_krw, row.entry.event)


def _step(words: str, row: Allotment | Agreement | Appropriation | PledgeReceipt, kind: str) -> Step:
    return Step(words, str(row), row.amount_krw, f"{kind}:{row.key}")


def _find_entries(stages: Sequence[Stage], user: Any) -> None:
    """Name the entry of each step to whoever may open it; one query."""
    events = {step.event for stage in stages for step in stage.steps if step.event}
    found = {row.event: row for row in entries_visible_to(user).filter(event__in=events)}
    for stage in stages:
        stage.steps = [
            Step(step.words, step.label, step.amount_krw, step.event, found.get(step.event)) for step in stage.steps
        ]
