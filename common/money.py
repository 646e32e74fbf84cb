"""Won for people: in full (₩90,000,000) and short where space is (₩90M; in Korean 9,000만 원)."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import get_language

Won = int | Decimal

MAN, EOK, JO = 10**4, 10**8, 10**12
ENGLISH_UNITS = ((10**12, "tn"), (10**9, "bn"), (10**6, "M"))
NOTHING = "–"


def won(amount: Won | None) -> str:
    """The amount in full: `₩90,000,000`, `−₩1,000`; a dash when there is none."""
    if amount is None:
        return NOTHING
    whole = amount if isinstance(amount, int) else _rounded(Decimal(amount), 0)
    return f"{'−' if whole < 0 else ''}₩{abs(whole):,}"


def won_short(amount: Won | None, language: str | None = None) -> str:
    """The amount in three or four figures and a unit, in `language` or the reader's: `₩30bn`, `300억 원`."""
    if amount is None:
        return NOTHING
    korean = (language or get_language() or "en").startswith("ko")
    sign, size = ("−" if amount < 0 else ""), abs(Decimal(amount))
    return sign + (_korean(size) if korean else _english(size))


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _figure(value: Decimal) -> str:
    text = f"{_rounded(value, 1):,}"
    return text.removesuffix(".0")


def _english(size: Decimal) -> str:
    for unit, letters in ENGLISH_UNITS:
        if _rounded(size / unit, 4) >= 1:  # else 999,960,000 would be ₩1,000M
            return f"₩{_figure(size / unit)}{letters}"
    return won(size)


def _korean(size: Decimal) -> str:
    man = int(_rounded(size / MAN, 0))
    if size < MAN:
        return f"{_rounded(size, 0):,}원"
    if man < EOK // MAN:
        return f"{man:,}만 원"
    if man < 10 * EOK // MAN:
        eok, rest = divmod(man, EOK // MAN)
        return f"{eok}억 {rest:,}만 원" if rest else f"{eok}억 원"
    if _rounded(size / EOK, 1) < JO // EOK:
        return f"{_figure(size / EOK)}억 원"
    return f"{_figure(size / JO)}조 원"
