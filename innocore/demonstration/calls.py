"""The demonstration's three calls: one finished in 2025, one under review now, one open now."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.utils import timezone

from applications.eligibility import months_after
from applications.models import Call, CallLab
from applications.states import CallState
from innocore.demonstration.rounds import audit
from labs.models import Lab, Programme
from people.models import User

TEXT_EN: Final = (
    "The institutes of science and technology look for postdoctoral researchers who join artificial intelligence with "
    "another field. Each fellow belongs to a lab with partners from universities, companies and public research, has "
    "research funds of her own, and is guided by several mentors towards her next post."
)
TEXT_KO: Final = (
    "과학기술원 연구단에서 인공지능과 다른 분야를 융합할 박사후연구원을 모집합니다. 연구원은 대학, 기업, 공공연구기관이 함께하는 연구단에 "
    "소속되어 개인 연구비를 받고, 여러 멘토의 지도를 받으며 다음 진로를 준비합니다."
)


@dataclass(frozen=True)
class Calendar:
    """A call's code, names, days and number of seats a lab."""

    code: str
    name_en: str
    name_ko: str
    opens_at: datetime
    closes_at: datetime
    decisions_on: date
    starts_on: date
    term_months: int
    state: str


def first_calendar() -> Calendar:
    """The finished call; its fellows began on 1 July 2025 and stay thirty months, so that the books close on years."""
    return Calendar(
        "2025-1",
        "First call 2025",
        "2025년 제1차 공고",
        datetime(2025, 5, 12, 0, 0, tzinfo=UTC),
        datetime(2025, 6, 4, 9, 0, tzinfo=UTC),
        date(2025, 6, 27),
        date(2025, 7, 1),
        30,
        CallState.REVIEW,
    )


def review_calendar(today: date) -> Calendar:
    """A call that closed nine days ago."""
    closes = _at_six(today - timedelta(days=9))
    decisions = today + timedelta(days=40)
    return Calendar(
        f"{closes.year}-2", f"Second call {closes.year}", f"{closes.year}년 제2차 공고",
        closes - timedelta(days=35), closes, decisions, _first_of(months_after(decisions, 2)), 12, CallState.REVIEW,
    )  # fmt: skip


def open_calendar(today: date) -> Calendar:
    """A call that opened two weeks ago and closes in 26 days."""
    closes = _at_six(today + timedelta(days=26))
    decisions = today + timedelta(days=80)
    return Calendar(
        f"{closes.year}-3", f"Third call {closes.year}", f"{closes.year}년 제3차 공고",
        _at_six(today - timedelta(days=14)), closes, decisions, _first_of(months_after(decisions, 2)), 12,
        CallState.PUBLISHED,
    )  # fmt: skip


def _at_six(day: date) -> datetime:
    """18:00 in Korea."""
    return datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)


def _first_of(day: date) -> date:
    return day.replace(day=1)


def make_call(calendar: Calendar, seats: dict[str, int], by: User) -> tuple[Call, dict[str, CallLab]]:
    """The call with its labs, by code, published when it opened."""
    programme = Programme.objects.get()
    closes = calendar.closes_at
    step = (datetime.combine(calendar.decisions_on, closes.timetz()) - closes) / 4
    call = Call.objects.create(
        code=calendar.code,
        name_en=calendar.name_en,
        name_ko=calendar.name_ko,
        programme=programme,
        text_en=TEXT_EN,
        text_ko=TEXT_KO,
        opens_at=calendar.opens_at,
        closes_at=closes,
        letters_due_at=closes + step,
        reviews_due_at=closes + 2 * step,
        ranks_due_at=closes + 3 * step,
        decisions_on=calendar.decisions_on,
        starts_on=calendar.starts_on,
        term_months=calendar.term_months,
        salary_krw_a_year=programme.salary_krw_a_year,
        research_fund_krw_a_year=programme.research_fund_krw_a_year,
        state=calendar.state,
        published_at=calendar.opens_at,
    )
    labs = {lab.code: lab for lab in Lab.objects.filter(code__in=seats)}
    rows = [CallLab(call=call, lab=labs[code], seats_announced=number) for code, number in seats.items()]
    CallLab.objects.bulk_create(rows)
    audit([("applications.call.published", call, by, calendar.opens_at)])
    return call, {row.lab.code: row for row in rows}


def today() -> date:
    """The day in Seoul."""
    return timezone.localdate()
