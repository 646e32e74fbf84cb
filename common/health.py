"""Our own record of being up: looked at once a minute by the worker, from outside, as a visitor would."""

import time
import urllib.request
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from common.models import HealthRecord

PATIENCE_SECONDS: Final = 30
KEPT: Final = timedelta(days=400)
MINUTE: Final = timedelta(minutes=1)


def look(now: datetime | None = None) -> HealthRecord:
    """Ask our own address whether all is well and keep the answer, once a minute however often it is called."""
    at = (now or timezone.now()).replace(second=0, microsecond=0)
    began, problem = time.perf_counter(), ""
    try:
        with urllib.request.urlopen(f"{settings.SITE_URL}/healthz", timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
            answer.read()
    except OSError as found:
        problem = str(found)[:200] or "no answer"
    took = int(1000 * (time.perf_counter() - began))
    found_now = {"is_up": not problem, "took_ms": took, "problem": problem}
    record, _is_new = HealthRecord.objects.get_or_create(at=at, defaults=found_now)
    HealthRecord.objects.filter(at__lt=at - KEPT).delete()
    return record


def minutes_lost(since: datetime, until: datetime) -> int:
    """How many minutes between two instants the service was down, slower than it may be, or not even recorded.

    Counts from the first record ever: what was before it, nobody knows. Two queries.
    """
    first = HealthRecord.objects.order_by("at").values_list("at", flat=True).first()
    if first is None:
        return 0
    begins = max(since, first).replace(second=0, microsecond=0)
    ends = until.replace(second=0, microsecond=0)
    expected = max(0, int((ends - begins) / MINUTE))
    good = HealthRecord.objects.filter(at__gte=begins, at__lt=ends, is_up=True, took_ms__lte=settings.SLOW_AFTER_MS)
    return max(0, expected - good.count())
