"""Job rows: claiming one so that a single worker runs it, and saying how far it is."""

from collections.abc import Callable
from typing import Final, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.job_states import JobState
from common.models import Job

J = TypeVar("J", bound=Job)
MAX_ATTEMPTS: Final = 5

Progress = Callable[[int, int], None]


def claim(model: type[J], pk: int) -> J | None:
    """Take job `pk` for this worker, or return None when another has it or it is finished.

    A job whose worker fell silent may be taken again, `MAX_ATTEMPTS` times in all; then it fails with words.
    """
    with transaction.atomic():
        job = model._default_manager.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
        if job is None or job.is_finished:
            return None
        if job.job_state == JobState.RUNNING and not model.lost().filter(pk=pk).exists():
            return None
        if job.attempts >= MAX_ATTEMPTS:
            fail(job, _("The work stopped unexpectedly several times. Ask for it again, or call support."))
            return None
        job.job_state, job.attempts, job.heartbeat_at = JobState.RUNNING, job.attempts + 1, timezone.now()
        job.done = job.total = 0
        job.save(update_fields=["job_state", "attempts", "heartbeat_at", "done", "total"])
        return job


def progress_of(job: Job) -> Progress:
    """A callback `(done, total)` that writes the row at most once a percent, outside any transaction of the work."""
    seen = -1

    def say(done: int, total: int) -> None:
        nonlocal seen
        percent = 100 * done // total if total else 0
        if percent == seen:
            return
        seen = percent
        job.done, job.total, job.heartbeat_at = done, total, timezone.now()
        type(job)._default_manager.filter(pk=job.pk).update(done=done, total=total, heartbeat_at=job.heartbeat_at)

    return say


def finish(job: Job) -> None:
    """Mark `job` ready."""
    job.job_state, job.job_finished_at, job.error = JobState.READY, timezone.now(), ""
    job.save(update_fields=["job_state", "job_finished_at", "error"])


def fail(job: Job, words: str) -> None:
    """Mark `job` failed, with words for the person who asked."""
    job.job_state, job.job_finished_at, job.error = JobState.FAILED, timezone.now(), words
    job.save(update_fields=["job_state", "job_finished_at", "error"])
