"""Days, instants and deadlines for people: always with the zone, in the order of the reader's language."""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
SOON, VERY_SOON = timedelta(days=3), timedelta(days=1)


def _is_korean() -> bool:
    return (get_language() or "en").startswith("ko")


def zone_called(name: str | tzinfo | None) -> tzinfo:
    """The zone of that name; the one in force (Korea's, unless a page says otherwise) when there is none."""
    if isinstance(name, tzinfo):
        return name
    if not name:
        return timezone.get_current_timezone()
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError):
        return timezone.get_current_timezone()


def zone_word(moment: datetime) -> str:
    """`KST`, `EDT`, or `UTC+03` where the zone has no letters of its own."""
    word = moment.tzname() or "UTC"
    return f"UTC{word}" if word[0] in "+-" else word


def city_of(zone: tzinfo) -> str:
    """The place that names the zone: `New York` of `America/New_York`."""
    return str(zone).rsplit("/", 1)[-1].replace("_", " ")


def day_words(value: date) -> str:
    """`30 June 2025`, `2025년 6월 30일`."""
    if _is_korean():
        return f"{value.year}년 {value.month}월 {value.day}일"
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def instant_words(value: datetime, zone: str | tzinfo | None = None) -> str:
    """`18:00 KST, 30 June 2025`, `2025년 6월 30일 18:00 KST`, in `zone`."""
    local = value.astimezone(zone_called(zone))
    clock = f"{local:%H:%M} {zone_word(local)}"
    day = day_words(local.date())
    return f"{day} {clock}" if _is_korean() else f"{clock}, {day}"


@dataclass(frozen=True)
class Deadline:
    """An instant as a page shows it: here, in the reader's own zone, and how long is left."""

    at: datetime
    here: str
    there: str
    left: str
    tone: str


def deadline(at: datetime, zone: str | tzinfo | None = None, *, now: datetime | None = None) -> Deadline:
    """Say `at` for a reader who lives in `zone`; `there` is empty when her clock shows the same."""
    gap = at - (now or timezone.now())
    tone = "danger" if gap <= VERY_SOON else "warning" if gap <= SOON else "neutral"
    return Deadline(at, instant_words(at), _there(at, zone_called(zone)), left_words(gap), tone)


def _there(at: datetime, zone: tzinfo) -> str:
    local, home = at.astimezone(zone), at.astimezone(timezone.get_current_timezone())
    if local.utcoffset() == home.utcoffset():
        return ""
    values = {"time": f"{local:%H:%M}", "city": city_of(zone), "day": day_words(local.date())}
    if local.date() == home.date():
        return _("%(time)s in %(city)s") % values
    return _("%(time)s on %(day)s in %(city)s") % values


def left_words(gap: timedelta) -> str:
    """`12 days left`, `5 hours left`, `20 minutes left`, `closed`; rounded down, so that nobody is told too much."""
    seconds = math.floor(gap.total_seconds())
    if seconds <= 0:
        return _("closed")
    days, hours, minutes = seconds // 86400, seconds // 3600, seconds // 60
    if hours >= 48:
        return ngettext("%(count)s day left", "%(count)s days left", days) % {"count": days}
    if hours:
        return ngettext("%(count)s hour left", "%(count)s hours left", hours) % {"count": hours}
    return ngettext("%(count)s minute left", "%(count)s minutes left", minutes) % {"count": minutes}
