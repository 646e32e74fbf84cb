"""The business event behind an entry: what it was, whose it is, who stands behind it and when, and on what papers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from typing import Any, Final

from django.db import models
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from common.access import visible_to
from common.money import won
from common.when import day_words
from fellowships.models import Amendment, Offer
from funding.event_words import STAMPS, event_words, stamp_words
from funding.models import (
    Agreement,
    Allotment,
    Appropriation,
    BankLine,
    CardCharge,
    Claim,
    Entry,
    MatchedUse,
    Movement,
    PayLine,
    Payment,
    PledgeReceipt,
    Severance,
    Tranche,
    YearChange,
)
from funding.states import YearState
from labs.models import Institute
from people.models import User

# fields without words of their own
WORDS: Final = {
    "from_lab": gettext_noop("From lab"),
    "to_lab": gettext_noop("To lab"),
    "return_reason": gettext_noop("Why the bank returned it"),
}


@dataclass(frozen=True)
class Fact:
    """One thing that is known of an event, in the reader's words."""

    label: str
    value: str


@dataclass(frozen=True)
class Stamp:
    """Somebody did something to the row behind an entry, or to the row that carries it."""

    words: str
    at: datetime | None
    by: str


@dataclass(frozen=True)
class Paper:
    """What an event rests on: a file or a sealed text, and the hash of exactly that."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Page:
    """Where a row has a page: its address, the row that a reader must see (by path), and what she must be allowed."""

    address: Callable[[Any], str]
    gate: str
    permission: str


def _nobody(_entry: Entry) -> list[Any]:
    return []


def _who_closed_the_year(entry: Entry) -> list[Any]:
    """What an institute owns and owes goes over when two people close the year."""
    rows = YearChange.objects.filter(year__year=entry.booked_on.year, to=YearState.CLOSED, confirmed_at__isnull=False)
    return list(rows.select_related("asked_by", "confirmed_by").order_by("confirmed_at"))


def _no_papers(_row: Any) -> list[Paper]:
    return []


def _evidence(claim: Claim) -> list[Paper]:
    return [Paper(row.name, row.sha256) for row in claim.evidence.order_by("pk")]


def _hash_of(path: str) -> Callable[[Any], list[Paper]]:
    def papers(row: Any) -> list[Paper]:
        holder = attrgetter(path)(row)
        return [Paper(str(holder), holder.sha256)]

    return papers


def _receipt(row: PledgeReceipt) -> list[Paper]:
    return [Paper(row.name, row.sha256)]


def _letter(offer: Offer) -> list[Paper]:
    found = [Paper(_("The letter as it was sent"), offer.terms_sha256)]
    return found + [Paper(_("The letter as it was accepted"), offer.accepted_sha256)] * bool(offer.accepted_sha256)


@dataclass(frozen=True)
class Kind:
    """How a row of one model is shown as what caused an entry.

    `facts` are its fields; `whose` is the path to the person whose personal data they are; `beside` are paths to rows
    whose people stand behind it, too, and `others` finds more of them. Without `is_public` it is shown to auditors and
    to those who keep the finances of its institute.
    """

    model: type[models.Model]
    facts: Sequence[str]
    page: Page | None
    whose: str = ""
    related: Sequence[str] = ()
    beside: Sequence[str] = ()
    others: Callable[[Entry], list[Any]] = _nobody
    papers: Callable[[Any], list[Paper]] = _no_papers
    is_public: bool = False


def _list_page(name: str, gate: str, permission: str) -> Page:
    return Page(lambda _row: reverse(name), gate, permission)


def _page(name: str, gate: str, permission: str) -> Page:
    def address(row: Any) -> str:
        return reverse(name, args=[(attrgetter(gate)(row) if gate else row).key])

    return Page(address, gate, permission)


_budget = partial(_list_page, "funding:budget", permission="funding.view_budget")
KINDS: Final[dict[str, Kind]] = {
    kind.model._meta.label_lower: kind
    for kind in (
        Kind(Appropriation, ("source", "fiscal_year", "amount_krw", "note"), _budget(""), is_public=True),
        Kind(
            Agreement, ("institute", "appropriation", "fiscal_year", "amount_krw", "note"), _budget(""),
            related=("institute", "appropriation"), is_public=True,
        ),
        Kind(
            Allotment, ("lab", "fiscal_year", "amount_krw", "note"), _budget("agreement"),
            related=("lab", "agreement"), is_public=True,
        ),
        Kind(
            Movement, ("kind", "fiscal_year", "from_lab", "to_lab", "amount_krw", "reason", "state"),
            _list_page("funding:movements", "", "funding.view_budget"), related=("institute", "from_lab", "to_lab"),
            is_public=True,
        ),
        Kind(
            Tranche, ("agreement", "due_on", "received_on", "amount_krw"),
            _list_page("funding:tranches", "", "funding.view_budget"), related=("agreement__institute",),
            is_public=True,
        ),
        Kind(
            Institute, (), _list_page("funding:years", "", "funding.view_books"), others=_who_closed_the_year,
            is_public=True,
        ),
        Kind(
            Offer, ("salary_krw_a_year", "research_fund_krw_a_year", "starts_on", "ends_on", "state"),
            _page("funding:offer", "", "fellowships.view_offer"), whose="application.applicant",
            related=("application__applicant", "call_lab__lab__institute"), papers=_letter,
        ),
        Kind(
            Amendment, ("kind", "from_on", "until_on", "lab", "percent", "version", "state"),
            _page("funding:decide_change", "", "fellowships.view_change"), whose="appointment.fellow",
            related=("appointment__fellow", "appointment__institute", "lab"),
        ),
        Kind(
            PayLine, ("month", "gross_krw", "deductions_krw", "net_krw", "employer_krw", "severance_krw", "held_note"),
            _page("funding:payroll_run", "run", "funding.run_payroll"), whose="appointment.fellow",
            related=("appointment__fellow", "appointment__institute", "run__institute"), beside=("run",),
        ),
        Kind(
            Severance, ("amount_krw", "way", "tax_krw", "basis", "state"),
            _list_page("funding:severances", "", "funding.run_payroll"), whose="appointment.fellow",
            related=("appointment__fellow", "appointment__institute"),
        ),
        Kind(
            Claim, ("category", "kind", "amount_krw", "approved_krw", "cut_reason", "spent_on", "purpose", "state"),
            _page("funding:claim", "", "funding.view_claim"), whose="appointment.fellow",
            related=("appointment__fellow", "appointment__institute", "category", "settlement"),
            beside=("settlement",), papers=_evidence,
        ),
        Kind(
            CardCharge, ("merchant", "approval", "used_on", "amount_krw", "words", "state"),
            _page("funding:card_charge", "", "funding.view_claim"), whose="card.appointment.fellow",
            related=("card__appointment__fellow", "card__institute", "statement"), beside=("statement",),
            papers=_hash_of("statement"),
        ),
        Kind(
            Payment, ("reference", "amount_krw", "state", "return_reason"),
            _page("funding:batch", "batch", "funding.pay"), whose="payee", related=("payee", "batch__institute"),
            beside=("batch",), papers=_hash_of("batch"),
        ),
        Kind(
            BankLine, ("booked_on", "amount_krw", "reference", "bank_reference", "words", "settled_as", "settled_note"),
            _list_page("funding:statements", "", "funding.pay"), related=("message__institute",),
            beside=("message",), papers=_hash_of("message"),
        ),
        Kind(
            PledgeReceipt, ("pledge", "received_on", "amount_krw", "basis", "match_krw"),
            _page("funding:pledge", "pledge", "funding.view_pledge"),
            related=("pledge__partner", "pledge__lab__institute"), papers=_receipt,
        ),
        Kind(
            MatchedUse, ("pledge", "pays", "used_on", "amount_krw", "reason"),
            _page("funding:pledge", "pledge", "funding.view_pledge"), whose="appointment.fellow",
            related=("pledge__partner", "pledge__lab__institute", "appointment__fellow"),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Event:
    """The event behind an entry for one reader. Without `row` she may not see more than its words."""

    words: str
    row: Any = None
    name: str = ""
    url: str = ""
    person: User | None = None
    whose: str = ""
    facts: Sequence[Fact] = ()
    stamps: Sequence[Stamp] = ()
    papers: Sequence[Paper] = ()


def event_of(entry: Entry, user: Any) -> Event:
    """What caused `entry`, as far as `user` may see it; of a reversal, what caused the entry that it reverses."""
    words, first = event_words(entry.event), _first(entry)
    kind = KINDS.get(first.source_type)
    row = _row(kind, first.source_id) if kind else None
    if kind is None or row is None or not (kind.is_public or user.has_perm("funding.view_event", row)):
        return Event(words)
    person = _person(row, kind)
    behind = [row, *filter(None, (getattr(row, path, None) for path in kind.beside)), *kind.others(first)]
    return Event(
        words=words,
        row=row,
        name=f"{capfirst(str(row._meta.verbose_name))}: {row}",
        url=_address(row, kind.page, user),
        person=person,
        whose=kind.whose if person else "",
        facts=[fact for name in kind.facts for fact in _facts(row, name)],
        stamps=sorted((each for one in behind for each in stamps_of(one)), key=_when),
        papers=kind.papers(row),
    )


def _first(entry: Entry) -> Entry:
    while entry.reverses is not None:
        entry = entry.reverses
    return entry


def _row(kind: Kind, pk: str) -> Any:
    people = [f"{name}_by" for name in _set_by(kind.model)]
    for path in kind.beside:
        people += [path, *(f"{path}__{name}_by" for name in _set_by(kind.model._meta.get_field(path).related_model))]
    return kind.model._default_manager.select_related(*kind.related, *people).filter(pk=pk).first()


def _set_by(model: Any) -> list[str]:
    names = {field.name for field in model._meta.concrete_fields}
    return [stem for stem in stems(model) if f"{stem}_by" in names]


def stems(model: Any) -> list[str]:
    """The names of the stamps that rows of `model` carry, those with words, in their order."""
    names = [field.name[:-3] for field in model._meta.concrete_fields if field.name[-3:] in {"_at", "_by"}]
    return [name for name in dict.fromkeys(names) if name in STAMPS]


def stamps_of(row: Any) -> Iterator[Stamp]:
    """What people did to `row`, by its stamps."""
    for stem in stems(type(row)):
        at, by = getattr(row, f"{stem}_at", None), getattr(row, f"{stem}_by", None)
        if at is not None or by is not None:
            yield Stamp(stamp_words(stem), at, str(by) if by is not None else "")


def _when(stamp: Stamp) -> tuple[bool, float]:
    return stamp.at is not None, stamp.at.timestamp() if stamp.at else 0.0


def _person(row: Any, kind: Kind) -> User | None:
    try:
        return attrgetter(kind.whose)(row) if kind.whose else None
    except AttributeError:  # matched money that pays no one person
        return None


def _address(row: Any, page: Page | None, user: Any) -> str:
    if page is None:
        return ""
    gate = attrgetter(page.gate)(row) if page.gate else row
    is_seen = user.has_perm(page.permission, gate) and visible_to(user, type(gate)).filter(pk=gate.pk).exists()
    return page.address(row) if is_seen else ""


def _facts(row: Any, name: str) -> Iterator[Fact]:
    value = getattr(row, name)
    if value is None or value == "":
        return
    words = str(value)
    if name.endswith(("_krw", "_krw_a_year")):
        words = won(value)
    elif isinstance(value, date):
        words = day_words(value)
    elif hasattr(row, f"get_{name}_display"):
        words = str(getattr(row, f"get_{name}_display")())
    yield Fact(label_of(type(row), name), words)


def label_of(model: Any, name: str) -> str:
    """The words of a field, also of one that has no words of its own but those of its name."""
    return capfirst(_(WORDS.get(name) or str(model._meta.get_field(name).verbose_name)))
