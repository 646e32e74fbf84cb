"""The file for the bank: ISO 20022 pain.001.001.09, and a CSV for banks that want one.

Source: ISO 20022 message definition report, Payments Initiation, customer credit transfer initiation V09.
"""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree import ElementTree as ET

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


@dataclass(frozen=True)
class Transfer:
    """One transfer: end-to-end reference (35 characters at most), won, and where to."""

    reference: str
    amount_krw: int
    holder: str
    bank_code: str
    number: str
    remittance: str = ""


@dataclass(frozen=True)
class Header:
    """Who pays, when, and the name of the batch."""

    batch: str
    payer: str
    payer_account: str
    payer_bank: str
    pay_on: date
    created_at: datetime


def _add(parent: ET.Element, path: str, text: str = "") -> ET.Element:
    for tag in path.split("/"):
        parent = ET.SubElement(parent, tag)
    parent.text = text or None
    return parent


def _account(parent: ET.Element, role: str, number: str) -> None:
    _add(parent, f"{role}/Id/Othr/Id", number[:34])


def _agent(parent: ET.Element, role: str, bank_code: str) -> None:
    _add(parent, f"{role}/FinInstnId/ClrSysMmbId/MmbId", bank_code)


def _transfer(parent: ET.Element, transfer: Transfer) -> None:
    block = _add(parent, "CdtTrfTxInf")
    _add(block, "PmtId/EndToEndId", transfer.reference)
    amount = _add(block, "Amt/InstdAmt", str(transfer.amount_krw))
    amount.set("Ccy", "KRW")
    _agent(block, "CdtrAgt", transfer.bank_code)
    _add(block, "Cdtr/Nm", transfer.holder[:140])
    _account(block, "CdtrAcct", transfer.number)
    if transfer.remittance:
        _add(block, "RmtInf/Ustrd", transfer.remittance[:140])


def pain001(header: Header, transfers: Sequence[Transfer]) -> str:
    """The whole message, with control totals at both levels."""
    total, number = str(sum(t.amount_krw for t in transfers)), str(len(transfers))
    document = ET.Element("Document", {"xmlns": NAMESPACE})
    message = _add(document, "CstmrCdtTrfInitn")
    group = _add(message, "GrpHdr")
    _add(group, "MsgId", header.batch)
    _add(group, "CreDtTm", header.created_at.replace(microsecond=0).isoformat())
    _add(group, "NbOfTxs", number)
    _add(group, "CtrlSum", total)
    _add(group, "InitgPty/Nm", header.payer[:140])
    block = _add(message, "PmtInf")
    _add(block, "PmtInfId", header.batch)
    _add(block, "PmtMtd", "TRF")
    _add(block, "NbOfTxs", number)
    _add(block, "CtrlSum", total)
    _add(block, "ReqdExctnDt/Dt", header.pay_on.isoformat())
    _add(block, "Dbtr/Nm", header.payer[:140])
    _account(block, "DbtrAcct", header.payer_account)
    _agent(block, "DbtrAgt", header.payer_bank)
    for transfer in transfers:
        _transfer(block, transfer)
    return ET.tostring(document, encoding="unicode", xml_declaration=True)


def as_csv(xml: str) -> str:
    """The same transfers as a CSV, read back from the sealed message, so that both can never differ."""
    space = {"p": NAMESPACE}
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["reference", "bank", "account", "holder", "amount_krw"])
    for block in ET.fromstring(xml).iterfind(".//p:CdtTrfTxInf", space):  # noqa: S314  our own sealed message
        texts = (
            block.findtext(path, "", space)
            for path in (
                "p:PmtId/p:EndToEndId",
                "p:CdtrAgt/p:FinInstnId/p:ClrSysMmbId/p:MmbId",
                "p:CdtrAcct/p:Id/p:Othr/p:Id",
                "p:Cdtr/p:Nm",
                "p:Amt/p:InstdAmt",
            )
        )
        writer.writerow([f"'{text}" if text.startswith(("=", "+", "-", "@")) else text for text in texts])
    return buffer.getvalue()


def seal(xml: str) -> str:
    """SHA-256 of exactly what the bank is given."""
    return hashlib.sha256(xml.encode()).hexdigest()
