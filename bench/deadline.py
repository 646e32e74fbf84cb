"""Deadline night: many applicants write, upload, submit and fetch receipts at once; then again with things killed.

    ./run bench deadline            2,000 applicants, then 2,000 more with worker, broker and database killed once each
    BENCH_APPLICANTS=300 BENCH_BROKEN=100 ./run bench deadline

Each applicant signs in, saves each section twice, uploads a PDF of 2 MB, submits and fetches her receipt, as a browser
does: what is refused or lost on the way is sent again. At the end every answer that was accepted must be in the
database, every receipt must verify, and nothing may be there twice. Figures stand beside an empty signed-in page's.
"""

import hashlib
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

from applications.actions.submitting import canonical
from applications.models import Application, Call, CallLab, Document, ReferenceLetter, Submission
from applications.states import ApplicationState, CallState
from bench.browser import Browser, Figures
from bench.processes import Broker, Running, kill_the_database
from labs.models import Lab, Programme
from notifications.models import Notification
from people.models import User

APPLICANTS = int(os.environ.get("BENCH_APPLICANTS", "2000"))
BROKEN = int(os.environ.get("BENCH_BROKEN", APPLICANTS))
CLIENTS = 48
PASSWORD = "a long bench password"
SECTIONS = ("about", "research", "labs")
TYPED = {
    "about": {"given_name": "Bench", "family_name": "Person", "citizenship": "KR", "residence": "KR"},
    "research": {"title": "", "summary": ""},
    "labs": {"motivation": ""},
}


def heavy_pdf() -> bytes:
    """A page and 2 MB that do not compress."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    ballast = StreamObject()
    ballast._data = os.urandom(2_000_000)
    writer._root_object[NameObject("/Ballast")] = writer._add_object(ballast)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def open_call(code: str) -> tuple[Call, list[CallLab]]:
    """A call that closes in an hour, with every lab."""
    now, programme = timezone.now(), Programme.objects.get()
    call = Call.objects.create(
        code=code, name_en=f"Bench {code}", name_ko=f"부하 {code}", programme=programme, text_en="x", text_ko="x",
        opens_at=now - timedelta(days=9), closes_at=now + timedelta(hours=1), letters_due_at=now + timedelta(days=9),
        reviews_due_at=now + timedelta(days=19), ranks_due_at=now + timedelta(days=29),
        decisions_on=date(2030, 1, 1), starts_on=date(2030, 3, 1), salary_krw_a_year=90_000_000,
        research_fund_krw_a_year=60_000_000, state=CallState.PUBLISHED, letters_needed=1,
    )  # fmt: skip
    rows = [CallLab(call=call, lab=lab, seats_announced=50) for lab in Lab.objects.all()]
    return call, CallLab.objects.bulk_create(rows)


def people_for(call: Call, labs: list[CallLab], many: int) -> list[Application]:
    """`many` applicants with a draft that lacks its words and its CV."""
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(email=f"{call.code}-{n}@bench.example", password=password, given_name="B", family_name=f"P{n}")
        for n in range(many)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    drafts = Application.objects.bulk_create(
        Application(
            call=call, applicant=user, phd_institution="U", phd_country="KR", phd_field="F",
            phd_awarded_on=date(2024, 1, 1), ranked_labs=[labs[n % len(labs)].pk, labs[(n + 1) % len(labs)].pk],
        )
        for n, user in enumerate(users)
    )  # fmt: skip
    ReferenceLetter.objects.bulk_create(
        ReferenceLetter(
            application=draft, referee_name="R", email=f"r{draft.pk}@bench.example",
            link_sha256=hashlib.sha256(f"{draft.pk}".encode()).hexdigest(),
        )
        for draft in drafts
    )  # fmt: skip
    return drafts


class Night:
    """One run: who applied, what was accepted of each, and how long it took."""

    def __init__(self, port: int, drafts: list[Application], pdf: bytes) -> None:
        self.port, self.drafts, self.pdf = port, drafts, pdf
        self.figures = Figures()
        self.accepted: dict[int, dict[str, str]] = {draft.pk: {} for draft in drafts}
        self.receipts: dict[int, str] = {}
        self.files: dict[int, str] = {}
        self.floor: list[float] = []
        self.seconds = 0.0

    def run(self, meanwhile: Callable[[], None] | None = None) -> None:
        """Everybody at once, as many at a time as there are clients."""
        helper = threading.Thread(target=meanwhile) if meanwhile else None
        began = time.perf_counter()
        if helper:
            helper.start()
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(self.apply, self.drafts))
        self.seconds = time.perf_counter() - began
        if helper:
            helper.join()

    def apply(self, draft: Application) -> None:
        """One person's evening."""
        browser = Browser(self.port, draft.pk, self.figures)
        browser.sign_in(f"{draft.applicant.email}", PASSWORD)
        began = time.perf_counter()
        browser.get("/bench/empty/")
        self.floor.append(time.perf_counter() - began)
        for section in SECTIONS:
            self._write(browser, draft, section)
        self._upload(browser, draft)
        base = f"/applications/{draft.key}"
        browser.get(f"{base}/form/review/")
        browser.post(f"{base}/submit/", {}, "submit")
        page = browser.get(f"{base}/receipt/", "receipt")
        self.receipts[draft.pk] = browser.check_code(page)
        browser.get(f"{base}/receipt.pdf", "receipt.pdf")
        browser.close()

    def _write(self, browser: Browser, draft: Application, section: str) -> None:
        url = f"/applications/{draft.key}/form/{section}/"
        version = browser.version_in(browser.get(url, "section"))
        for turn in ("begun", "finished"):
            values = {name: value or f"{name} {turn} by {draft.pk}" for name, value in TYPED[section].items()}
            chosen = {"ranked_labs": [str(pk) for pk in draft.ranked_labs]} if section == "labs" else {}
            said = browser.autosave(f"{url}save/", {**values, **chosen, "version": version})
            version = said["version"]
            self.accepted[draft.pk].update(values)

    def _upload(self, browser: Browser, draft: Application) -> None:
        content = self.pdf + f"\n%{draft.pk}\n".encode()
        browser.upload(f"/applications/{draft.key}/upload/", {"kind": "cv"}, "cv.pdf", content)
        self.files[draft.pk] = hashlib.sha256(content).hexdigest()

    def losses(self) -> dict[str, int]:
        """What was accepted and is not there, and what is there twice; all zeros on a good night."""
        rows = Application.objects.in_bulk([draft.pk for draft in self.drafts])
        lost = sum(
            getattr(rows[pk], name) != value for pk, values in self.accepted.items() for name, value in values.items()
        )
        versions = Submission.objects.filter(application__in=rows)
        by_row = {row.application_id: row for row in versions}
        wrong = sum(
            pk not in by_row
            or by_row[pk].sha256 != code
            or hashlib.sha256(canonical(by_row[pk].content)).hexdigest() != code
            for pk, code in self.receipts.items()
        )
        current = Document.objects.filter(application__in=rows, is_current=True, kind="cv")
        files = {row.application_id: row for row in current}
        unkept = sum(pk not in files or _hash_of(files[pk]) != sha for pk, sha in self.files.items())
        numbers = sorted(row.number or 0 for row in rows.values())
        told = Notification.objects.filter(
            kind="application_submitted", dedupe__in=[f"application_submitted:{pk}:1" for pk in rows]
        )
        return {
            "answers_lost": lost,
            "receipts_wrong": wrong + len(self.drafts) - len(self.receipts),
            "files_lost": unkept,
            "not_submitted": sum(row.state != ApplicationState.SUBMITTED for row in rows.values()),
            "submitted_twice": versions.count() - len(by_row),
            "numbers_missing_or_twice": int(numbers != list(range(1, len(rows) + 1))),
            "mails_missing_or_twice": abs(told.count() - len(rows)),
        }

    def report(self, name: str, **more: Any) -> bool:
        """One JSON line; whether the night was a good one."""
        lost = self.losses()
        floor = statistics.median(self.floor)
        line = {
            "bench": "deadline", "run": name, "applicants": len(self.drafts), "seconds": round(self.seconds, 1),
            **self.figures.summary(self.seconds), "floor_median_ms": round(1000 * floor, 1), **lost, **more,
            "ok": not any(lost.values()),
        }  # fmt: skip
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        return not any(lost.values())


def _hash_of(document: Document) -> str:
    with document.file.open("rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _late(port: int, call: Call, draft: Application) -> bool:
    """After the deadline nothing is taken any more, and the page says so."""
    Call.objects.filter(pk=call.pk).update(closes_at=timezone.now() - timedelta(minutes=1))
    browser = Browser(port, draft.pk, Figures())
    browser.sign_in(draft.applicant.email, PASSWORD)
    status, page = browser.once("POST", f"/applications/{draft.key}/reopen/", {})
    return status == 409 and "closed at" in page


@contextmanager
def _breaking(running: Running, broker: Broker) -> Iterator[Callable[[], None]]:
    def act() -> None:
        for pause, gesture in ((4, running.kill_worker), (6, broker.kill), (6, kill_the_database)):
            time.sleep(pause)
            gesture()

    yield act


def _settle(drafts: list[Application]) -> int:
    """How many receipts' mails still wait after the worker had a while."""
    keys = [f"application_submitted:{draft.pk}:1" for draft in drafts]
    for _attempt in range(120):
        waiting = Notification.objects.filter(dedupe__in=keys).exclude(state="sent")
        if not waiting.exists():
            return 0
        time.sleep(1)
    return waiting.count()


def main() -> int:
    """Two nights; 1 when anything was lost, doubled, or does not verify."""
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    call_command("load_reference", verbosity=0)
    pdf, broker = heavy_pdf(), Broker()
    with Running() as running:
        call, labs = open_call("night")
        quiet = Night(running.port, people_for(call, labs, APPLICANTS), pdf)
        quiet.run()
        is_fine = quiet.report("deadline night", mails_waiting=_settle(quiet.drafts))
        is_fine &= _late(running.port, call, quiet.drafts[0])
        call, labs = open_call("broken")
        broken = Night(running.port, people_for(call, labs, BROKEN), pdf)
        with _breaking(running, broker) as act:
            broken.run(meanwhile=act)
        connection.close()
        is_fine &= broken.report("worker, broker and database killed", mails_waiting=_settle(broken.drafts))
    broker.stop()
    return 0 if is_fine else 1
