"""Every kind of business event in the code leads an auditor from its entry to what caused it and who stands behind."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.html import escape

from fellowships.models import Amendment
from funding import ledger
from funding.actions import budget
from funding.event_words import EVENTS, STAMPS, event_kind, event_words
from funding.models import (
    BankLine,
    BankMessage,
    CardCharge,
    CardStatement,
    Entry,
    Evidence,
    FiscalYear,
    MatchedUse,
    Movement,
    Payment,
    PaymentBatch,
    Pledge,
    PledgeReceipt,
    ResearchCard,
    Tranche,
    YearChange,
)
from funding.queries.sources import KINDS, event_of, label_of
from people.models import AccessLog
from tests.factories.funding import (
    BankDetailFactory,
    ClaimFactory,
    MatchSchemeFactory,
    PayLineFactory,
    PayrollRunFactory,
    SeveranceFactory,
)
from tests.factories.labs import PartnerOrganisationFactory

ROOMS = ("funding", "fellowships", "matching", "innocore", "reports", "mentoring")
SHA = "5ea1" * 16
TODAY = date(2026, 7, 1)


def files() -> Iterator[tuple[Path, ast.Module]]:
    for room in ROOMS:
        for path in sorted((Path(settings.BASE_DIR) / room).rglob("*.py")):
            yield path, ast.parse(path.read_text())


def postings() -> Iterator[tuple[str, ast.Call]]:
    for path, tree in files():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Posting":
                yield f"{path.name}:{node.lineno}", node


def first_word(node: ast.expr) -> str:
    """What stands before the first colon of an idempotency key that is written as f"word:..."."""
    start = node.values[0] if isinstance(node, ast.JoinedStr) else node
    return event_kind(str(start.value)) if isinstance(start, ast.Constant) else ""


def keys_by_name() -> Iterator[str]:
    """First words of keys that reach a posting by the name `event`: assigned to it, or passed as it."""
    for _path, tree in files():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found = [keyword.value for keyword in node.keywords if keyword.arg == "event"]
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
                pairs = zip(node.targets[0].elts, getattr(node.value, "elts", ()), strict=False)
                found = [value for target, value in pairs if getattr(target, "id", "") == "event"]
            elif isinstance(node, ast.Assign):
                found = [node.value] if getattr(node.targets[0], "id", "") == "event" else []
            else:
                continue
            yield from (first_word(value) for value in found if isinstance(value, ast.JoinedStr))


def test_every_posting_in_the_code_has_words_and_a_source() -> None:
    direct = set()
    for where, call in postings():
        assert len(call.args) >= 5 or any(each.arg == "source" for each in call.keywords), f"{where}: no source"
        event = call.args[0]
        assert isinstance(event, ast.JoinedStr) or getattr(event, "id", "") == "event", f"{where}: what event is it?"
        direct |= {first_word(event)} if isinstance(event, ast.JoinedStr) else set()
    assert direct | set(keys_by_name()) == set(EVENTS)


def test_every_source_of_a_posting_is_shown() -> None:
    """mypy holds each posting to `Source`; a row of each of its kinds is shown, an entry by what it reverses."""
    shown = {model._meta.label_lower for model in get_args(ledger.Source)}
    assert shown == {*KINDS, "funding.entry"}


def test_nobody_who_set_a_stamp_is_left_out() -> None:
    for kind in KINDS.values():
        beside = [kind.model._meta.get_field(path).related_model for path in kind.beside]
        for model in (kind.model, *beside):
            stems = {field.name[:-3] for field in model._meta.concrete_fields if field.name.endswith("_by")}  # type: ignore[union-attr]
            assert stems <= set(STAMPS), model


def test_facts_are_labelled_in_korean() -> None:
    with translation.override("ko"):
        labels = {label_of(kind.model, name) for kind in KINDS.values() for name in kind.facts}
        assert {label for label in labels if not re.search("[가-힣]", label)} == set()
        assert all(re.search("[가-힣]", event_words(f"{word}:1")) for word in EVENTS)


@pytest.fixture
def money(
    appointment: Any, institute: Any, lab: Any, finance_officer: Any, second_finance_officer: Any, ministry: Any
) -> SimpleNamespace:
    """What rows of every kind need; `first` asks, `second` approves."""
    given = budget.appropriate("Annual", 2026, 1_000, by=ministry)
    agreed = budget.agree(given, institute, 900, by=ministry)
    allotted = budget.allot(agreed, lab, 800, by=finance_officer)
    return SimpleNamespace(
        given=given, agreed=agreed, allotted=allotted, appointment=appointment, fellow=appointment.fellow, lab=lab,
        institute=institute, first=finance_officer, second=second_finance_officer, at=timezone.now(), ministry=ministry,
    )  # fmt: skip


def a_position(world: Any) -> Any:
    year = FiscalYear.objects.create(year=2026)
    asked = {"to": "closed", "reason": "over", "asked_by": world.first, "asked_at": world.at}
    YearChange.objects.create(year=year, **asked, confirmed_at=world.at, confirmed_by=world.second)
    return world.institute


def a_movement(world: Any) -> Any:
    return Movement.objects.create(
        kind="take_back", fiscal_year=2026, institute=world.institute, from_lab=world.lab, amount_krw=5,
        reason="not needed", asked_by=world.first, approved_by=world.second, approved_at=world.at,
    )  # fmt: skip


def a_change(world: Any) -> Any:
    return Amendment.objects.create(
        appointment=world.appointment, kind="end_early", until_on=date(2026, 9, 30), reason="ill", state="approved",
        version=2, asked_by=world.first, decided_by=world.second, decided_at=world.at,
    )  # fmt: skip


def a_pay_line(world: Any) -> Any:
    run = PayrollRunFactory(
        institute=world.institute, prepared_by=world.first, approved_by=world.second, approved_at=world.at
    )
    return PayLineFactory(
        run=run, appointment=world.appointment, month=run.month, gross_krw=7_500_000, net_krw=7_500_000
    )


def a_claim(world: Any) -> Any:
    claim = ClaimFactory(appointment=world.appointment, approved_by=world.second, approved_at=world.at)
    Evidence.objects.create(claim=claim, file="x", name="bill.pdf", size=1, content_type="application/pdf", sha256=SHA)
    return claim


def a_charge(world: Any) -> Any:
    card = ResearchCard.objects.create(
        institute=world.institute, appointment=world.appointment, issuer="BC", last_four="1234", given_on=TODAY
    )
    statement = CardStatement.objects.create(
        institute=world.institute, name="july.csv", sha256=SHA, number_of_charges=1, total_krw=5, entered_by=world.first
    )
    return CardCharge.objects.create(
        statement=statement, card=card, approval="30001", used_on=TODAY, merchant="Book House", amount_krw=5,
        decided_by=world.second, decided_at=world.at,
    )  # fmt: skip


def a_payment(world: Any) -> Any:
    batch = PaymentBatch.objects.create(
        institute=world.institute, purpose="salary", pay_on=TODAY, number_of_payments=1, total_krw=5,
        pain_xml_sealed="x", sha256=SHA, sealed_by=world.first, confirmed_by=world.second, confirmed_at=world.at,
    )  # fmt: skip
    run, detail = PayrollRunFactory(institute=world.institute), BankDetailFactory(user=world.fellow)
    line = PayLineFactory(run=run, appointment=world.appointment, month=run.month)
    return Payment.objects.create(
        batch=batch, payee=world.fellow, bank_detail=detail, pay_line=line, reference="R1", amount_krw=5
    )


def a_bank_line(world: Any) -> Any:
    message = BankMessage.objects.create(
        institute=world.institute, kind="camt.053", ident="M1", sha256=SHA, content_sealed="x", entered_by=world.first
    )
    return BankLine.objects.create(
        message=message, booked_on=TODAY, amount_krw=5, words="interest", state="settled", settled_note="interest",
        proposed_by=world.first, settled_by=world.second, settled_at=world.at,
    )  # fmt: skip


def a_pledge(world: Any) -> Any:
    return Pledge.objects.create(
        partner=PartnerOrganisationFactory(), lab=world.lab, scheme=MatchSchemeFactory(), kind="cash", amount_krw=200,
        what_for="sensors", starts_on=TODAY, ends_on=TODAY, entered_by=world.first,
    )  # fmt: skip


def a_receipt(world: Any) -> Any:
    return PledgeReceipt.objects.create(
        pledge=a_pledge(world), received_on=TODAY, amount_krw=5, name="paper.pdf", sha256=SHA, entered_by=world.first,
        confirmed_by=world.second, confirmed_at=world.at,
    )  # fmt: skip


def a_use(world: Any) -> Any:
    return MatchedUse.objects.create(
        pledge=a_pledge(world), pays="equipment", appointment=world.appointment, used_on=TODAY, amount_krw=5,
        reason="a robot", asked_by=world.first, approved_by=world.second, approved_at=world.at,
    )  # fmt: skip


def a_severance(world: Any) -> Any:
    return SeveranceFactory(
        appointment=world.appointment, asked_by=world.first, approved_by=world.second, approved_at=world.at
    )


def an_offer(world: Any) -> Any:
    offer = world.appointment.offer
    type(offer).objects.filter(pk=offer.pk).update(sent_by=world.first, terms_sha256=SHA)
    return offer


def a_tranche(world: Any) -> Any:
    return Tranche.objects.create(
        agreement=world.agreed, due_on=TODAY, amount_krw=5, planned_by=world.first, received_by=world.second
    )


# a row of each kind; what the paper behind it is called; whether two people stand behind it
ROWS: dict[str, tuple[Callable[[Any], Any], str, bool]] = {
    "funding.appropriation": (lambda world: world.given, "", False),
    "funding.agreement": (lambda world: world.agreed, "", False),
    "funding.allotment": (lambda world: world.allotted, "", False),
    "funding.movement": (a_movement, "", True),
    "funding.tranche": (a_tranche, "", True),
    "labs.institute": (a_position, "", True),
    "fellowships.offer": (an_offer, "The letter as it was sent", False),
    "fellowships.amendment": (a_change, "", True),
    "funding.payline": (a_pay_line, "", True),
    "funding.severance": (a_severance, "", True),
    "funding.claim": (a_claim, "bill.pdf", False),
    "funding.cardcharge": (a_charge, "july.csv", True),
    "funding.payment": (a_payment, "KAIST salary 2026-07-01", True),
    "funding.bankline": (a_bank_line, "Bank statement (camt.053) M1", True),
    "funding.pledgereceipt": (a_receipt, "paper.pdf", True),
    "funding.matcheduse": (a_use, "", True),
}


def entered(row: Any, world: Any) -> Entry:
    """An entry that `row` caused, with a line that the ministry sees."""
    lines = [
        (ledger.account("lab", 2026, lab=world.lab), 5),
        (ledger.account("bank", 2026, institute=world.institute), -5),
    ]
    with transaction.atomic():
        return ledger.post(ledger.Posting(f"claim:{row.pk}", TODAY, "for a test", lines, row), by=world.first)


def test_there_is_a_row_of_every_kind() -> None:
    assert set(ROWS) == set(KINDS)


@pytest.mark.parametrize("label", sorted(KINDS))
def test_auditor_reads_what_caused_an_entry(
    label: str, money: Any, auditor: Any, ministry: Any, other_finance_officer: Any, client_of: Any
) -> None:
    make, paper, has_two = ROWS[label]
    kind, row = KINDS[label], make(money)
    entry = entered(row, money)
    AccessLog.objects.all().delete()
    page = client_of(auditor).get(f"/ledger/entry/{entry.key}/").content.decode()
    assert escape(str(row)) in page
    assert (SHA in page) is bool(paper)
    assert not paper or f"<li>{paper} <span" in page
    names = [escape(str(who)) for who in ((money.first, money.second) if has_two else ())]
    assert all(f">{name}</td>" in page for name in names)
    looked = list(AccessLog.objects.values_list("by", "whose"))
    assert looked == ([(auditor.pk, money.fellow.pk)] if kind.whose else [])
    assert event_of(entry, money.first).row == row, "who keeps the finances there sees it"
    assert (event_of(entry, ministry).row is not None) is kind.is_public
    assert (event_of(entry, other_finance_officer).row is not None) is kind.is_public
    assert client_of(ministry).get(f"/ledger/entry/{entry.key}/").status_code == 200
    assert not AccessLog.objects.filter(by=ministry).exists()


def test_reversal_leads_to_what_caused_the_first(money: Any, auditor: Any, client_of: Any) -> None:
    claim = a_claim(money)
    with transaction.atomic():
        back = ledger.reverse_entry(entered(claim, money), by=money.second, booked_on=TODAY, words="wrong")
    page = client_of(auditor).get(f"/ledger/entry/{back.key}/").content.decode()
    assert "An entry is reversed" in page
    assert "bill.pdf" in page


def test_page_of_an_event_is_named_only_to_who_may_open_it(
    money: Any, auditor: Any, second_finance_officer: Any, client_of: Any
) -> None:
    claim = a_claim(money)
    event = event_of(entered(claim, money), second_finance_officer)
    assert client_of(second_finance_officer).get(event.url).status_code == 200
    assert event_of(Entry.objects.latest("pk"), auditor).url == ""
    moved = event_of(entered(a_movement(money), money), auditor)
    assert client_of(auditor).get(moved.url).status_code == 200


@pytest.mark.parametrize("label", sorted(KINDS))
def test_an_event_costs_few_queries(label: str, money: Any, auditor: Any, django_assert_max_num_queries: Any) -> None:
    entry = Entry.objects.select_related("by", "reverses").get(pk=entered(ROWS[label][0](money), money).pk)
    event_words("claim:1")
    with django_assert_max_num_queries(8):
        event = event_of(entry, auditor)
    assert event.name
