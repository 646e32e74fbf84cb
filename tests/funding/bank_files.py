"""Files as a bank would give them."""

from collections.abc import Sequence
from typing import Any

PAIN = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def pain002(batch: Any, *rows: tuple[str, str, int], total: int | None = None, group: str = "PART") -> str:
    """A status report on `batch`: (reference, status, won) each."""
    statuses = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        f"<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>account closed</AddtlInf></StsRsnInf>"
        f'<OrgnlTxRef><Amt><InstdAmt Ccy="KRW">{amount}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>'
        for reference, status, amount in rows
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{PAIN}"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-07-24T18:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{batch.key}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"<OrgnlNbOfTxs>{batch.number_of_payments}</OrgnlNbOfTxs>"
        f"<OrgnlCtrlSum>{batch.total_krw if total is None else total}</OrgnlCtrlSum><GrpSts>{group}</GrpSts>"
        f"</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch.key}</OrgnlPmtInfId>{statuses}"
        f"</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )


def camt053(
    rows: Sequence[tuple[str, int, str]], *, account: str = "9876543210", opening: int = 0, closing: int | None = None,
    currency: str = "KRW", message: str = "M1",
) -> str:  # fmt: skip
    """A statement: (reference, signed won, words) each, from `opening` to what they sum to."""
    entries = "".join(
        f'<Ntry><Amt Ccy="{currency}">{abs(amount)}</Amt><CdtDbtInd>{"CRDT" if amount > 0 else "DBIT"}</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-07-24</Dt></BookgDt><AcctSvcrRef>B{place}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>"
        f'<Amt Ccy="{currency}">{abs(amount)}</Amt><CdtDbtInd>{"CRDT" if amount > 0 else "DBIT"}</CdtDbtInd>'
        f"<RmtInf><Ustrd>{words}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        for place, (reference, amount, words) in enumerate(rows)
    )
    end = opening + sum(amount for _reference, amount, _words in rows) if closing is None else closing
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{CAMT}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>{message}</MsgId></GrpHdr><Stmt><Id>1</Id><Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>"
        f"{_balance('OPBD', opening)}{_balance('CLBD', end)}{entries}</Stmt></BkToCstmrStmt></Document>"
    )


def _balance(code: str, amount: int) -> str:
    side = "CRDT" if amount >= 0 else "DBIT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="KRW">{abs(amount)}</Amt><CdtDbtInd>{side}</CdtDbtInd></Bal>'
    )
