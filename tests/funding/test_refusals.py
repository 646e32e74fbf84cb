"""Bad input of every kind, each with its words: no page breaks, and nothing is written in part."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.test import Client

from common.models import AuditEntry
from funding.actions import claims, movements, rules
from funding.models import Claim, ClaimCategory, Movement, PayerAccount, RateTable
from tests.factories.funding import ClaimCategoryFactory, ClaimFactory, confirmed_rules
from tests.factories.labs import LabFactory, PartnerOrganisationFactory
from tests.funding.bank_files import camt053, pain002

PDF = b"%PDF-1.7 paper"
Case = tuple[str, str, dict[str, Any], int, str]


def upload(content: str | bytes, name: str = "file.xml") -> io.BytesIO:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = name
    return file


def rows_written() -> dict[str, int]:
    """How many rows each table of money has, and the audit trail."""
    models = [*apps.get_app_config("funding").get_models(), AuditEntry]
    return {model.__name__: model._default_manager.count() for model in models}


def bomb(kind: str) -> str:
    """Small files that grow, or reach out."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    return {
        "laughs": f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a0 "ha">{entities}]><d>&a8;</d>',
        "quadratic": f'<!DOCTYPE d [<!ENTITY a "{"x" * 50_000}">]><d>{"&a;" * 500}</d>',
        "file": '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><d>&x;</d>',
        "network": '<!DOCTYPE d SYSTEM "http://127.0.0.1/d.dtd"><d/>',
        "parameter": "<!DOCTYPE d [<!ENTITY % p \"<!ENTITY x 'y'>\"> %p;]><d/>",
        "plain": "<!DOCTYPE d><d/>",
    }[kind]


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with time_machine.travel("2026-10-01 12:00+09:00", tick=False):
        yield


@pytest.fixture
def world(
    batch_at_the_bank: Any,
    institute: Any,
    other_institute: Any,
    lab: Any,
    other_lab: Any,
    finance_officer: Any,
    second_finance_officer: Any,
    fourth_finance_officer: Any,
    other_finance_officer: Any,
    ministry: Any,
    auditor: Any,
    stranger: Any,
    fellow: Any,
    client_of: Callable[[Any], Client],
) -> dict[str, Any]:
    """Everybody signed in, and one of each thing that there is to be wrong about."""
    confirmed_rules()
    appointment = batch_at_the_bank.payments.get().pay_line.appointment
    ClaimCategoryFactory()
    claim = ClaimFactory(appointment=appointment, amount_krw=1_000)
    decided = claims.approve_claim(ClaimFactory(appointment=appointment), by=finance_officer)
    wish = movements.Wish("take_back", 2026, 1, "x", from_lab=lab)
    people = {
        "fellow": fellow,
        "finance": finance_officer,
        "second": second_finance_officer,
        "stranger": stranger,
        "bank": fourth_finance_officer,
        "abroad": other_finance_officer,
        "ministry": ministry,
        "auditor": auditor,
    }
    return {
        "clients": {name: client_of(user) for name, user in people.items()},
        "batch": batch_at_the_bank,
        "payment": batch_at_the_bank.payments.get(),
        "appointment": appointment,
        "claim": claim,
        "decided": decided,
        "institute": institute,
        "movement": Movement.objects.create(institute=institute, asked_by=finance_officer, **vars(wish)),
        "rule": rules.enter_rule("rate_days", RateTable.objects.get().loaded_at.date(), 3, "x", by=finance_officer),
        "lab": lab,
        "second_lab": LabFactory(code="SECOND", institute=institute),
        "other_lab": other_lab,
        "other_institute": other_institute,
        "partner": PartnerOrganisationFactory(),
    }


def claim_cases(w: dict[str, Any]) -> Iterator[Case]:
    new = f"/claims/new/{w['appointment'].key}/"
    good = {"category": ClaimCategory.objects.get().pk, "amount_krw": "1000", "spent_on": "2026-09-01", "purpose": "x"}
    for field, value, words in (
        ("amount_krw", "0", "greater than or equal to 1"),
        ("amount_krw", "-5", "greater than or equal to 1"),
        ("amount_krw", "1.5", "whole number"),
        ("amount_krw", "1e6", "whole number"),
        ("amount_krw", "NaN", "whole number"),
        ("amount_krw", "Infinity", "whole number"),
        ("amount_krw", "1 000x", "whole number"),
        ("amount_krw", "9" * 40, "less than or equal"),
        ("amount_krw", "", "Enter the amount"),
        ("amount_krw", "₩1000", "whole number"),
        ("amount_krw", "0x10", "whole number"),
        ("amount_krw", "99999999", "Only ₩"),
        ("spent_on", "2026-02-30", "valid date"),
        ("spent_on", "", "required"),
        ("spent_on", "2026-10-02", "within your appointment"),
        ("spent_on", "2026-06-30", "within your appointment"),
        ("spent_on", "0000-00-00", "valid date"),
        ("spent_on", "tomorrow", "valid date"),
        ("spent_on", "2027-07-01", "within your appointment"),
        ("spent_on", "10000-01-01", "valid date"),
        ("category", "999999", "available choices"),
        ("category", "x", "available choices"),
        ("category", "", "required"),
        ("purpose", "", "required"),
        ("purpose", "x" * 2001, "at most 2000"),
        ("purpose", "\x00", "Null characters"),
        ("currency", "EUR", "available choices"),
        ("currency", "won", "available choices"),
        ("foreign", "5", "needs its currency"),
        ("kind", "gift", "available choices"),
    ):
        yield "fellow", new, {**good, field: value, "receipts": upload(PDF, "r.pdf")}, 0, words
    for content, words in (
        (b"", "empty"),
        (b"MZ exe", "neither a PDF"),
        (b"GIF89a", "neither a PDF"),
        (b"<svg/>", "neither a PDF"),
        (b"PK\x03\x04", "neither a PDF"),
        (None, "needs a receipt"),
    ):
        files = {} if content is None else {"receipts": upload(content, "r.pdf")}
        yield "fellow", new, {**good, **files}, 0, words
    here = f"/claims/{w['claim'].key}/"
    yield "finance", f"{here}approve/", {"amount_krw": "0", "reason": "x"}, 422, "greater than or equal"
    yield "finance", f"{here}approve/", {"amount_krw": "1001", "reason": "x"}, 409, "less than was claimed"
    yield "finance", f"{here}approve/", {"amount_krw": "5", "reason": ""}, 409, "Say why less"
    yield "finance", f"{here}return/", {"question": ""}, 422, "required"
    yield "finance", here, {"reason": ""}, 422, "required"
    yield "fellow", f"{here}answer/", {"answer": "x"}, 409, "no longer possible"
    yield "fellow", f"{here}settle/", {"spent_krw": "1", "words": "x"}, 409, "Only an advance"
    yield "finance", f"/claims/{w['decided'].key}/approve/", {}, 409, "no longer possible"
    yield "second", f"/claims/{w['decided'].key}/approve/", {}, 409, "no longer possible"
    yield "finance", "/claims/release/KAIST/", {}, 409, "no part yet"
    plan = f"/claims/plan/{w['appointment'].key}/"
    for value, words in (("-1", "greater than"), ("x", "whole number"), ("99999999999", "are promised")):
        yield "fellow", plan, {f"c{ClaimCategory.objects.get().pk}": value}, 0, words
    for data, words in (
        ({"currency": "US", "on": "2026-09-01", "krw": "1", "source": "x"}, "Three letters"),
        ({"currency": "USD1", "on": "2026-09-01", "krw": "1", "source": "x"}, "Three letters"),
        ({"currency": "USD", "on": "2026-13-01", "krw": "1", "source": "x"}, "valid date"),
        ({"currency": "USD", "on": "2026-09-01", "krw": "0", "source": "x"}, "above 0"),
        ({"currency": "USD", "on": "2026-09-01", "krw": "-1", "source": "x"}, "greater than"),
        ({"currency": "USD", "on": "2026-09-01", "krw": "NaN", "source": "x"}, "number"),
        ({"currency": "USD", "on": "2026-09-01", "krw": "1", "source": ""}, "required"),
    ):
        yield "finance", "/claims/rates/", data, 422, words


def bank_cases(w: dict[str, Any]) -> Iterator[Case]:
    batch, payment = w["batch"], w["payment"]
    here, ref, amount = f"/payments/{batch.key}/", payment.reference, payment.amount_krw
    good = pain002(batch, (ref, "ACSC", amount))
    files: list[tuple[str | bytes, str]] = [
        *((bomb(kind), "document type") for kind in ("laughs", "quadratic", "file", "network", "parameter", "plain")),
        (pain002(batch, (ref, "ACSC", amount - 1)), "differs from what was sealed"),
        (pain002(batch, (ref, "ACSC", amount), total=amount + 1), "not those that were sealed"),
        (pain002(batch, ("elsewhere", "ACSC", amount)), "not in the batch"),
        (pain002(batch, (ref, "XXXX", amount)), "not known"),
        (pain002(batch, ("", "ACSC", amount)), "without the reference"),
        (pain002(batch, (ref, "ACSC", amount), (ref, "RJCT", amount)), "answered twice"),
        (good.replace(f"<OrgnlMsgId>{batch.key}", "<OrgnlMsgId>another"), "not this one"),
        (good.replace(f"<OrgnlMsgId>{batch.key}</OrgnlMsgId>", ""), "does not name"),
        (good.replace('Ccy="KRW"', 'Ccy="USD"'), "in USD"),
        (good.replace(f">{amount}</InstdAmt>", ">1e9</InstdAmt>"), "whole won"),
        (good.replace(f">{amount}</InstdAmt>", ">-5</InstdAmt>"), "whole won"),
        (good.replace(f">{amount}</InstdAmt>", f">{amount}.50</InstdAmt>"), "whole won"),
        (good.replace("pain.002.001.10", "pain.002.001.03"), "neither pain.002"),
        (good.replace("CstmrPmtStsRpt", "Other"), "cannot be read"),
        (good[:-20], "well-formed"),
        ("<", "well-formed"),
        ("<a/>", "neither pain.002"),
        ("<a>\x01</a>", "well-formed"),
        (pain002(batch, group="WHAT"), "no answers"),
        (b"\xff\xfe<\x00a", "UTF-8"),
        ("a\x00b", "not text"),
        ("", "empty"),
        (camt053([(ref, -amount, "x")]), "Bank statements"),
        ("reference,state\n", "no answers"),
        (f"reference,state\n{ref},maybe\n", "Line 2"),
        (f"reference,state\n,paid\n{ref},paid\n", "Line 2"),
        (f"reference,state,amount_krw\n{ref},paid,12.5\n", "Line 2"),
        (f"reference,state,amount_krw\n{ref},paid,-1\n", "Line 2"),
        (f"reference,state,amount_krw\n{ref},paid,1\n", "differs"),
        ("reference,state\nnobody,paid\n", "not in the batch"),
        (f"reference,state\n{ref},paid\n{ref},paid\n", "answered twice"),
        ("x;y\n1;2\n", "Line 2"),
    ]
    for content, words in files:
        yield "bank", here, {"file": upload(content)}, 0, words
    yield "bank", here, {"no": "file"}, 422, "required"
    for who in ("finance", "second"):
        yield who, here, {"file": upload(good)}, 409, "Another person"
    whole = camt053([(ref, -amount, "x")])
    statement = "/payments/statements/"
    for content, words in (
        (camt053([(ref, -amount, "x")], account="111"), "another account"),
        (good, "not a statement"),
        (camt053([(ref, -amount, "x")], closing=7), "do not lead"),
        (camt053([("", 5, "x")], currency="EUR"), "in EUR"),
        (whole.replace("CLBD", "XXXX"), "lacks its opening or closing"),
        (whole.replace("2026-07-24", "2026-99-24"), "not a day"),
        (whole.replace(">DBIT<", ">SIDE<", 1), "neither credit nor debit"),
        (whole.replace("<Stmt>", "<S>").replace("</Stmt>", "</S>"), "one statement"),
        (
            whole.replace(f'<Amt Ccy="KRW">{amount}</Amt>', f'<Amt Ccy="KRW">{amount}</Amt>', 1).replace(
                "<TxDtls>", '<TxDtls><Amt Ccy="KRW">1</Amt><CdtDbtInd>DBIT</CdtDbtInd>'
            ),
            "not",
        ),
        (bomb("laughs"), "document type"),
    ):
        yield "bank", statement, {"institute": w["institute"].pk, "file": upload(content)}, 0, words
    yield "bank", statement, {"institute": w["other_institute"].pk, "file": upload(whole)}, 422, "available choices"
    yield "bank", f"/payments/{payment.key}/again/", {}, 409, "Only a returned"
    for data, words in (
        ({"number": "12"}, "6 at least"),
        ({"number": "abc-def"}, "Digits"),
        ({"number": "1" * 40}, "Digits"),
        ({"number": "------"}, "6 at least"),
        ({"bank_code": "999"}, "available choices"),
        ({"holder": ""}, "required"),
        ({"holder": "x" * 151}, "at most 150"),
        ({"number": "１２３４５６"}, "Digits"),
        ({"number": "12345'; --"}, "Digits"),
    ):
        account = {"holder": "M", "bank_code": "004", "number": "1234567", **data}
        yield "fellow", "/bank/", account, 422, words


def budget_cases(w: dict[str, Any]) -> Iterator[Case]:
    for field, value, words in (
        ("amount_krw", "0", "greater than"),
        ("amount_krw", "1.0e3", "whole number"),
        ("amount_krw", "9" * 30, "less than"),
        ("fiscal_year", "1999", "greater than"),
        ("fiscal_year", "2200", "less than"),
        ("fiscal_year", "x", "whole number"),
        ("source", "", "required"),
        ("source", "x" * 201, "at most 200"),
    ):
        good = {"source": "S", "fiscal_year": "2026", "amount_krw": "5", field: value}
        yield "ministry", "/budget/appropriate/", good, 422, words
    move = {
        "institute": w["institute"].pk,
        "kind": "transfer",
        "fiscal_year": "2026",
        "amount_krw": "5",
        "from_lab": w["lab"].pk,
        "to_lab": w["second_lab"].pk,
        "reason": "x",
    }
    for data, status, words in (
        ({"amount_krw": "0"}, 422, "greater than"),
        ({"kind": "theft"}, 422, "available choices"),
        ({"to_lab": w["lab"].pk}, 409, "do not fit"),
        ({"to_lab": ""}, 409, "do not fit"),
        ({"to_lab": w["other_lab"].pk}, 422, "available choices"),
        ({"reason": ""}, 422, "required"),
        ({"institute": w["other_institute"].pk}, 422, "available choices"),
        ({"kind": "give_back"}, 409, "do not fit"),
        ({"fiscal_year": "26"}, 422, "greater than"),
    ):
        yield "finance", "/budget/movements/", {**move, **data}, status, words
    decide = f"/budget/movements/{w['movement'].key}/decide/"
    yield "finance", decide, {}, 409, "Another person"
    yield "abroad", decide, {}, 404, ""
    yield "second", decide, {}, 409, "are missing"
    yield "finance", f"/money/rules/{w['rule'].pk}/confirm/", {}, 409, "Another person"
    yield (
        "finance",
        "/money/rules/",
        {"code": "x", "value": "1", "from_on": "2026-01-01", "source": "x"},
        422,
        "choices",
    )
    yield "finance", "/money/rules/", {"code": "rate_days", "value": "-1", "from_on": "2026-01-01"}, 422, "greater"
    yield "finance", "/ledger/years/", {"year": "2026", "to": "open", "reason": "x"}, 409, "so already"
    yield "finance", "/ledger/years/", {"year": "2026", "to": "gone", "reason": "x"}, 422, "choices"
    yield "finance", "/ledger/years/", {"year": "2026", "to": "closed", "reason": ""}, 422, "required"
    yield (
        "auditor",
        "/ledger/sample/",
        {"fiscal_year": "2026", "size": "0", "at_least_krw": "0", "seed": "1"},
        422,
        "greater",
    )
    yield (
        "finance",
        "/budget/settlements/",
        {"institute": w["institute"].pk, "fiscal_year": "2031"},
        409,
        "hold nothing",
    )
    adjust = f"/payroll/adjust/{w['appointment'].key}/"
    for data, status, words in (
        ({"month": "2026-13"}, 422, "Enter a month"),
        ({"amount_krw": "0"}, 409, "above 0"),
        ({"amount_krw": "x"}, 422, "whole"),
        ({"code": "gift"}, 422, "choices"),
        ({"reason": ""}, 422, "required"),
        ({"month": "2026-07"}, 409, "settled"),
        ({"code": "recovery"}, 409, "below 0"),
    ):
        change = {"month": "2026-11", "code": "arrears", "amount_krw": "5", "reason": "x", **data}
        yield "finance", adjust, change, status, words
    yield "finance", "/payroll/", {"institute": w["other_institute"].pk, "month": "2026-11"}, 422, "choices"
    yield "finance", "/payroll/", {"institute": w["institute"].pk, "month": "2026"}, 422, "Enter a month"
    yield "finance", "/payroll/", {"institute": w["institute"].pk, "month": "2030-01"}, 409, "Nobody"
    pledge = {"partner": w["partner"].pk, "lab": w["lab"].pk, "scheme": "1", "kind": "gift", "amount_krw": "-1"}
    yield "finance", "/matched/", pledge, 422, "choices"
    grant = {"kind": "treaty", "from_on": "2026-07-01", "paper": "x"}
    yield "fellow", "/payslips/exemptions/", grant, 409, "A treaty needs"
    yield "fellow", "/payslips/exemptions/", {**grant, "kind": "foreign-researcher"}, 409, "nationality"


def foreign_cases(w: dict[str, Any]) -> Iterator[Case]:
    """Things of others, by their right addresses: they are not there."""
    keys = {"claims": w["claim"].key, "batch": w["batch"].key, "run": w["payment"].pay_line.run.key}
    for address in (
        f"/claims/{keys['claims']}/approve/",
        f"/claims/{keys['claims']}/return/",
        f"/payments/{keys['batch']}/",
        f"/payments/{w['payment'].key}/again/",
        f"/payroll/{keys['run']}/approve/",
        f"/payroll/{keys['run']}/release/",
        f"/payroll/{keys['run']}/discard/",
        f"/payroll/adjust/{w['appointment'].key}/",
        f"/bank/{w['payment'].bank_detail.pk}/confirm/",
        f"/bank/{w['payment'].bank_detail.pk}/stop/",
        f"/bank/{w['payment'].bank_detail.pk}/test/",
        f"/payments/accounts/{PayerAccount.objects.get().pk}/confirm/",
    ):
        yield "abroad", address, {}, 404, ""
        yield "stranger", address, {}, 404, ""
    for who in ("abroad", "stranger"):  # that there is such an institute, everybody may know
        yield who, "/claims/release/KAIST/", {}, 403, ""


def test_bad_input_is_refused_with_words_and_writes_nothing(world: dict[str, Any]) -> None:
    cases = [case for of in (claim_cases, bank_cases, budget_cases, foreign_cases) for case in of(world)]
    before = rows_written()
    wrong = []
    for who, address, data, status, words in cases:
        answer = world["clients"][who].post(address, data)
        text = answer.content.decode()
        expected = {status} if status else {409, 422}
        if answer.status_code not in expected or words not in text.replace("&#x27;", "'"):
            wrong.append((who, address, {k: str(v)[:40] for k, v in data.items()}, answer.status_code, words))
        if rows_written() != before:
            wrong.append((who, address, "wrote something"))
            before = rows_written()
    assert not wrong, "\n".join(map(str, wrong))
    assert len(cases) >= 150
    assert Claim.objects.count() == 2
