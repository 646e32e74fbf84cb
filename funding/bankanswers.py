"""Reading what a bank answers: CSV, pain.002.001.10 and camt.053.001.08. Files from outside: parsed without entities.

Source: ISO 20022 message definition reports, Payments Initiation (CustomerPaymentStatusReport V10) and Bank-to-Customer
Cash Management (BankToCustomerStatement V08). A file that does not say plainly what it means is refused whole.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext_lazy as _

from common.refusals import Refusal
from funding.states import MessageKind

PAIN_002: Final = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
CAMT_053: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
PAID: Final = frozenset({"ACSC", "ACCC"})
RETURNED: Final = frozenset({"RJCT", "CANC"})
WAITING: Final = frozenset({"RCVD", "PDNG", "ACTC", "ACCP", "ACSP", "ACWC", "PATC", "PRES", "PART"})
CSV_STATES: Final = {"paid": True, "returned": False}
WON: Final = re.compile(r"[0-9]{1,15}(\.0{1,2})?", re.ASCII)
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Unreadable(Refusal):
    words = _("This file cannot be read as an answer of a bank, so nothing was changed.")


@dataclass(frozen=True)
class Told:
    """What the bank says of one movement. `is_paid` None: it only states that the payment is on its way.

    `amount_krw` is signed in a statement (positive: money came in) and plain elsewhere; None where it is not said.
    """

    reference: str
    is_paid: bool | None
    amount_krw: int | None = None
    reason: str = ""
    booked_on: date | None = None
    bank_reference: str = ""


@dataclass(frozen=True)
class Message:
    """One file of the bank, read. `original` is the batch that it answers, with its totals where they are said."""

    kind: str
    ident: str
    told: tuple[Told, ...]
    sha256: str
    text: str
    original: str = ""
    number: int | None = None
    total_krw: int | None = None
    whole: str = ""
    account: str = ""
    opening_krw: int | None = None
    closing_krw: int | None = None


def read(content: bytes) -> Message:
    """The message in `content`: XML by its namespace, anything else as CSV. Refuses with `Unreadable`, with words."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(_("The file is not UTF-8 text.")) from None
    if "\x00" in text:
        raise Unreadable(_("The file is not text."))
    message = _xml(text) if text.lstrip()[:1] == "<" else _csv(text)
    return replace(message, sha256=hashlib.sha256(content).hexdigest(), text=text)


def _csv(text: str) -> Message:
    told: list[Told] = []
    wrong: list[int] = []
    try:
        for number, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
            line = _row(row)
            told.append(line) if line else wrong.append(number)
    except csv.Error:
        raise Unreadable(_("The file is not a CSV.")) from None
    if wrong:
        raise Unreadable(_("Line %(lines)s is wrong."), lines=", ".join(map(str, wrong[:10])))
    if not told:
        raise Unreadable(_("The file holds no answers."))
    return Message(MessageKind.CSV, "", tuple(told), "", "")


def _row(row: dict[str, str | None]) -> Told | None:
    state = (row.get("state") or "").strip().lower()
    reference = (row.get("reference") or "").strip().lstrip("'")
    amount = (row.get("amount_krw") or "").strip()
    if not reference or state not in CSV_STATES or (amount and not amount.isdecimal()):
        return None
    reason = (row.get("reason") or "").strip()
    return Told(reference[:35], CSV_STATES[state], int(amount) if amount else None, reason[:200])


def _xml(text: str) -> Message:
    try:
        root: Element = fromstring(text.encode(), forbid_dtd=True)
    except DefusedXmlException:
        raise Unreadable(
            _("The file declares a document type or entities, which no bank message does; it is refused.")
        ) from None
    except (ParseError, ValueError, LookupError):
        raise Unreadable(_("The file is not well-formed XML.")) from None
    readers = {f"{{{PAIN_002}}}Document": _pain, f"{{{CAMT_053}}}Document": _camt}
    if root.tag not in readers:
        raise Unreadable(_("The file is neither pain.002.001.10 nor camt.053.001.08."))
    return readers[root.tag](root)


def _text(parent: Element, space: str, path: str) -> str:
    steps = "/".join(f"{{{space}}}{step}" for step in path.split("/"))
    return (parent.findtext(steps) or "").strip()


def _all(parent: Element, space: str, path: str) -> list[Element]:
    return parent.findall("/".join(f"{{{space}}}{step}" for step in path.split("/")))


def won_of(text: str, currency: str | None) -> int:
    """Whole won; refuses another currency, fractions and signs."""
    if currency != "KRW":
        raise Unreadable(_("The file states an amount in %(currency)s, not in won."), currency=currency or "–")
    if not WON.fullmatch(text):
        raise Unreadable(_("“%(amount)s” is not an amount in whole won."), amount=text[:30])
    return int(text.split(".")[0])


def _day(text: str) -> date:
    if not DAY.match(text):
        raise Unreadable(_("“%(day)s” is not a day."), day=text[:30])
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise Unreadable(_("“%(day)s” is not a day."), day=text[:30]) from None


def _pain(root: Element) -> Message:
    reports = _all(root, PAIN_002, "CstmrPmtStsRpt")
    if len(reports) != 1:
        raise Unreadable
    group = _all(reports[0], PAIN_002, "OrgnlGrpInfAndSts")
    if len(group) != 1 or not _text(group[0], PAIN_002, "OrgnlMsgId"):
        raise Unreadable(_("The status report does not name the message that it answers."))
    whole = _text(group[0], PAIN_002, "GrpSts")
    told = tuple(_status(row) for row in _all(reports[0], PAIN_002, "OrgnlPmtInfAndSts/TxInfAndSts"))
    if not told and whole not in PAID | RETURNED | WAITING:
        raise Unreadable(_("The file holds no answers."))
    number, total = (_text(group[0], PAIN_002, name) for name in ("OrgnlNbOfTxs", "OrgnlCtrlSum"))
    return Message(
        MessageKind.PAIN_002, _text(reports[0], PAIN_002, "GrpHdr/MsgId")[:35], told, "", "",
        original=_text(group[0], PAIN_002, "OrgnlMsgId"), whole=whole,
        number=won_of(number, "KRW") if number else None, total_krw=won_of(total, "KRW") if total else None,
    )  # fmt: skip


def _status(row: Element) -> Told:
    status, reference = _text(row, PAIN_002, "TxSts"), _text(row, PAIN_002, "OrgnlEndToEndId")
    if not reference:
        raise Unreadable(_("A status is given without the reference of its payment."))
    if status not in PAID | RETURNED | WAITING:
        raise Unreadable(_("The status “%(status)s” is not known."), status=status[:10])
    amounts = _all(row, PAIN_002, "OrgnlTxRef/Amt/InstdAmt")
    amount = won_of((amounts[0].text or "").strip(), amounts[0].get("Ccy")) if amounts else None
    said = [_text(row, PAIN_002, f"StsRsnInf/{name}") for name in ("Rsn/Cd", "AddtlInf")]
    is_paid = True if status in PAID else False if status in RETURNED else None
    return Told(reference[:35], is_paid, amount, " ".join(word for word in said if word)[:200])


def _camt(root: Element) -> Message:
    statements = _all(root, CAMT_053, "BkToCstmrStmt/Stmt")
    if len(statements) != 1:
        raise Unreadable(_("The file must hold one statement of one account."))
    statement = statements[0]
    balances = {_text(row, CAMT_053, "Tp/CdOrPrtry/Cd"): _signed(row) for row in _all(statement, CAMT_053, "Bal")}
    told = tuple(line for row in _all(statement, CAMT_053, "Ntry") for line in _entry(row))
    opening, closing = balances.get("OPBD", balances.get("PRCD")), balances.get("CLBD")
    if opening is None or closing is None:
        raise Unreadable(_("The statement lacks its opening or closing balance."))
    if opening + sum(line.amount_krw or 0 for line in told) != closing:
        raise Unreadable(_("The statement's movements do not lead from its opening to its closing balance."))
    return Message(
        MessageKind.CAMT_053, _text(root, CAMT_053, "BkToCstmrStmt/GrpHdr/MsgId")[:35], told, "", "",
        account=_text(statement, CAMT_053, "Acct/Id/Othr/Id"), opening_krw=opening, closing_krw=closing,
    )  # fmt: skip


def _signed(row: Element) -> int:
    amounts = _all(row, CAMT_053, "Amt")
    if not amounts:
        raise Unreadable(_("An amount is missing."))
    amount = won_of((amounts[0].text or "").strip(), amounts[0].get("Ccy"))
    side = _text(row, CAMT_053, "CdtDbtInd")
    if side not in {"CRDT", "DBIT"}:
        raise Unreadable(_("A movement is neither credit nor debit."))
    return amount if side == "CRDT" else -amount


def _entry(row: Element) -> Iterator[Told]:
    """The movements of one booked entry: each of its transactions, or the entry itself. What is not booked is left."""
    if (_text(row, CAMT_053, "Sts/Cd") or _text(row, CAMT_053, "Sts")) != "BOOK":
        return
    whole = _signed(row)
    on = _day(_text(row, CAMT_053, "BookgDt/Dt") or _text(row, CAMT_053, "BookgDt/DtTm"))
    bank_reference = _text(row, CAMT_053, "AcctSvcrRef")[:35]
    parts = _all(row, CAMT_053, "NtryDtls/TxDtls")
    if not parts:
        yield Told("", whole < 0, whole, _text(row, CAMT_053, "AddtlNtryInf")[:200], on, bank_reference)
        return
    sums = 0
    for part in parts:
        amount = _signed(part) if _all(part, CAMT_053, "Amt") else whole
        sums += amount
        said = [
            _text(part, CAMT_053, name) for name in ("RtrInf/Rsn/Cd", "RtrInf/AddtlInf", "RmtInf/Ustrd", "AddtlTxInf")
        ]
        words = " ".join(word for word in said if word)[:200]
        yield Told(_text(part, CAMT_053, "Refs/EndToEndId")[:35], amount < 0, amount, words, on, bank_reference)
    if sums != whole:
        raise Unreadable(_("The parts of a movement do not sum to it."))
