"""Won for people, in full and short, in both languages."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.money import won, won_short

SHORT = [
    (0, "₩0", "0원"),
    (9_999, "₩9,999", "9,999원"),
    (10_000, "₩10,000", "1만 원"),
    (999_949, "₩999,949", "100만 원"),
    (999_999, "₩1M", "100만 원"),
    (7_500_000, "₩7.5M", "750만 원"),
    (90_000_000, "₩90M", "9,000만 원"),
    (99_999_999, "₩100M", "1억 원"),
    (150_000_000, "₩150M", "1억 5,000만 원"),
    (999_960_000, "₩1bn", "9억 9,996만 원"),
    (1_234_567_890, "₩1.2bn", "12.3억 원"),
    (30_000_000_000, "₩30bn", "300억 원"),
    (300_000_000_000, "₩300bn", "3,000억 원"),
    (1_200_000_000_000, "₩1.2tn", "1.2조 원"),
    (-7_500_000, "−₩7.5M", "−750만 원"),
    (None, "–", "–"),
]


@pytest.mark.parametrize(("amount", "english", "korean"), SHORT)
def test_short_won_in_both_languages(amount: int | None, english: str, korean: str) -> None:
    assert (won_short(amount, "en"), won_short(amount, "ko")) == (english, korean)


@pytest.mark.parametrize(
    ("amount", "said"), [(90_000_000, "₩90,000,000"), (-1_000, "−₩1,000"), (Decimal("0.5"), "₩1"), (None, "–")]
)
def test_won_in_full(amount: int | Decimal | None, said: str) -> None:
    assert won(amount) == said


@given(st.integers(0, 10**14), st.integers(0, 10**14))
def test_short_won_never_turns_round_the_order(one: int, other: int) -> None:
    def size(text: str) -> float:
        figure = text.removeprefix("₩").replace(",", "")
        units = {"tn": 1e12, "bn": 1e9, "M": 1e6}
        unit = next((letters for letters in units if figure.endswith(letters)), "")
        return float(figure.removesuffix(unit)) * units.get(unit, 1)

    less, more = sorted((one, other))
    assert size(won_short(less, "en")) <= size(won_short(more, "en"))


def test_tags_follow_the_reader_and_keep_the_whole_amount() -> None:
    source = "{% load components %}{% won a %}|{% won_short a %}|{% money_pair a b %}"
    page = Template(source)
    with translation.override("ko"):
        html = page.render(Context({"a": 90_000_000, "b": 30_000_000_000}))
    assert html.count("₩90,000,000") == 3
    assert "9,000만 원 / 300억 원" in html
