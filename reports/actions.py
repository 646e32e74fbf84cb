"""Asking for a report, and making it: progress is seen while it runs, the file is kept when it is whole."""

import hashlib
import logging
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from common import jobs
from common.audit import record
from common.gestures import action
from common.later import later
from common.queue import after_commit
from common.refusals import Refusal
from common.states import lock
from notifications.actions import language_of, notify
from people.models import User
from reports.contents import gather
from reports.formats import WRITERS
from reports.models import ReportRun

log = logging.getLogger(__name__)
MAKE = "reports.make"
WAITING_AT_MOST = 10


class TooManyReports(Refusal):
    words = translation.gettext_lazy("Ten of your reports are still being made. Wait for one of them to be ready.")


@action
def request_report(kind: str, *, by: User, file_format: str, language: str = "") -> ReportRun:
    """Ask for a report. The same one asked for while it is still being made is that one, so a double click is one."""
    lock(by)
    open_runs = ReportRun.objects.filter(requested_by=by, job_state__in=["requested", "running"])
    spoken = language or language_of(by)
    same = open_runs.filter(kind=kind, format=file_format, language=spoken).first()
    if same:
        return same
    if open_runs.count() >= WAITING_AT_MOST:
        raise TooManyReports
    run = ReportRun.objects.create(kind=kind, format=file_format, language=spoken, requested_by=by)
    record("reports.requested", run, by=by, after={"kind": kind, "format": file_format})
    after_commit(MAKE, run.pk)
    return run


def make_report(pk: int) -> ReportRun | None:
    """Make report `pk` unless another worker does or it is made. A worker that dies is followed by another."""
    run = jobs.claim(ReportRun, pk)
    if run is None:
        return None
    attempt = run.attempts
    try:
        with translation.override(run.language):
            contents = gather(run.kind, jobs.progress_of(run))
            made = WRITERS[run.format](contents)
    except Exception:
        log.exception("report %s failed", pk)
        return _give_up(run, attempt)
    return _keep(run, attempt, made, by=None)


def _is_still_ours(run: ReportRun, attempt: int) -> bool:
    """Whether nobody took `run` over while this worker was silent; its row is locked."""
    lock(run)
    return run.attempts == attempt and not run.is_finished


@action
def _give_up(run: ReportRun, attempt: int) -> ReportRun:
    if _is_still_ours(run, attempt):
        with translation.override(run.language):
            jobs.fail(run, _("The report could not be made. Ask for it again; support has been told."))
    return run


@action
def _keep(run: ReportRun, attempt: int, made: bytes, *, by: User | None) -> ReportRun:
    if not _is_still_ours(run, attempt):
        return run
    run.as_of, run.sha256 = timezone.now(), hashlib.sha256(made).hexdigest()
    _write(run, made)
    run.save(update_fields=["as_of", "sha256", "file"])
    jobs.finish(run)
    record("reports.ready", run, by=by, after={"sha256": run.sha256})
    facts: dict[str, Any] = {
        "report": later(run.get_kind_display),
        "path": reverse("reports:report", kwargs={"key": run.key}),
    }
    notify("report_ready", to=run.requested_by, about=run, dedupe=str(run.pk), **facts)
    return run


def _write(run: ReportRun, made: bytes) -> None:
    """Write the file in place of one that a worker left which died before it could commit."""
    name = f"{run.key}.{run.format}"
    run.file.storage.delete(run.file.field.generate_filename(run, name))
    run.file.save(name, ContentFile(made), save=False)


def sweep() -> int:
    """Hint again at every report that nobody makes; returns how many."""
    lost = list(ReportRun.lost().values_list("pk", flat=True))
    with transaction.atomic():
        for pk in lost:
            after_commit(MAKE, pk)
    return len(lost)
