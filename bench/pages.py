"""Every kind of signed-in list, by its own person, against an empty signed-in page of the same server.

One JSON line a page: median milliseconds, and the ratio to the empty page, at 1,260 applications and at 100,000.
The visits of all pages and of the floor take turns, so that a busy moment of the machine falls on all alike.
"""

import json
import statistics
import sys
from dataclasses import dataclass

from django.core.management import call_command
from django.urls import reverse

from applications.models import Application, Call
from applications.states import CallState
from bench.grow import grow_to
from bench.server import Visitor, serving
from fellowships.models import Appointment
from funding.models import PayrollRun
from innocore.demonstration.cast import DOMAIN
from matching.models import MatchRun, Opening
from outreach.models import InformationSession
from people.models import User

ROUNDS = 15
LIMITS = {1_260: 3.0, 100_000: 4.0}
FLOOR, BARE = "/bench/empty/", "/bench/bare/"


@dataclass(frozen=True)
class Page:
    """What `who` opens."""

    who: str
    path: str
    body: str = ""


def pages(call: Call) -> list[Page]:
    """One of each kind of list and desk, on the call that has the applications."""
    opening = Opening.objects.filter(call_lab__lab__code="LLM", call_lab__call=call).first()
    first = Call.objects.filter(state=CallState.FINISHED).order_by("opens_at").first() or call
    run = MatchRun.objects.filter(call=first).first()
    one = Application.objects.filter(call=call, ranked_labs__overlap=_kaist(call), number__gt=0).order_by("pk").first()
    payroll = PayrollRun.objects.filter(institute__code="KAIST").order_by("-month").first()
    visit = InformationSession.objects.order_by("pk").first()
    appointment = Appointment.objects.filter(lab__code="LLM").order_by("pk").first()
    screening = f"{reverse('applications:screening')}?call={call.key}"
    listed = [
        ("officer", reverse("home")),
        ("officer", screening),
        ("officer", f"{screening}&before=last"),
        ("officer", f"{screening}&state=eligible"),
        ("officer", f"{screening}&q=Family12"),
        ("officer", _at("applications:dossier", one)),
        ("officer", reverse("reviews:assignment", args=[call.key])),
        ("officer", reverse("matching:runs", args=[call.key])),
        ("officer", _at("matching:run", run)),
        ("officer", _at("matching:what_if", run), "try=1&seats_l1=51"),
        ("officer", _at("outreach:registrations", visit)),
        ("officer", reverse("outreach:campaigns")),
        ("officer", reverse("notifications:outbox")),
        ("officer", reverse("people:roles")),
        ("officer", reverse("fellowships:list")),
        ("officer", _at("fellowships:appointment", appointment)),
        ("finance", _at("funding:payroll_run", payroll)),
        ("finance", reverse("funding:books")),
        ("finance", reverse("funding:claims_desk")),
        ("head", _at("matching:rank", opening)),
        ("reviewer", reverse("reviews:queue")),
        ("mentor", reverse("mentoring:mine")),
        ("officer", reverse("mentoring:fellows")),
        ("ministry", reverse("reports:dashboard")),
        ("ministry", reverse("reports:list")),
        ("auditor", reverse("people:audit")),
        ("applicant", reverse("applications:mine")),
        ("applicant", reverse("labs:list")),
        ("fellow", reverse("home")),
    ]
    return [Page(*each) for each in listed if each[1]]


def _kaist(call: Call) -> list[int]:
    return list(call.call_labs.filter(lab__institute__code="KAIST").values_list("pk", flat=True))


def _at(route: str, row: object) -> str:
    return reverse(route, args=[row.key]) if row is not None else ""  # type: ignore[attr-defined]


def _measure(port: int, todo: list[Page]) -> dict[Page, float]:
    """Median seconds of each page, after two visits that do not count."""
    visitors = {who: Visitor(port, User.objects.get(email=f"{who}@{DOMAIN}")) for who in {page.who for page in todo}}
    times: dict[Page, list[float]] = {page: [] for page in todo}
    for turn in range(ROUNDS + 2):
        for page in todo:
            took = visitors[page.who].get(page.path, page.body)
            if turn >= 2:
                times[page].append(took)
    return {page: statistics.median(row) for page, row in times.items()}


def _report(found: dict[Page, float], applications: int) -> bool:
    limit = LIMITS[applications]
    floors = {page.who: seconds for page, seconds in found.items() if page.path == FLOOR}
    bare = {page.who: seconds for page, seconds in found.items() if page.path == BARE}
    is_fine = True
    for page, seconds in found.items():
        if page.path in {FLOOR, BARE}:
            continue
        ratio = seconds / floors[page.who]
        is_fine &= ratio <= limit
        line = {
            "bench": "pages",
            "applications": applications,
            "who": page.who,
            "page": page.path,
            "median_ms": round(1000 * seconds, 1),
            "floor_ms": round(1000 * floors[page.who], 1),
            "ratio": round(ratio, 2),
            "ratio_to_bare": round(seconds / bare[page.who], 2),
            "limit": limit,
            "ok": ratio <= limit,
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    return is_fine


def main() -> int:
    """Load the demonstration, measure, grow to 100,000 applications, measure again; 1 when a limit is passed."""
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    call_command("demo_data", stdout=sys.stderr)
    is_fine = True
    first = Call.objects.order_by("opens_at").first()
    if first is None:
        raise RuntimeError("the demonstration has no call")
    for applications in LIMITS:
        grow_to(first, applications)
        todo = pages(first)
        people = {page.who for page in todo}
        todo += [Page(who, path) for who in sorted(people) for path in (FLOOR, BARE)]
        with serving() as port:
            is_fine &= _report(_measure(port, todo), applications)
    return 0 if is_fine else 1
