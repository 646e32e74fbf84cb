"""The audit trail and the shapes that several rooms share: a public key, a job row."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.job_states import JOB_COLOURS, JOB_MOVES, JobState
from common.triggers import append_only

KEY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
LOST_AFTER = timedelta(minutes=3)
_source: ContextVar[Random] = ContextVar("source of keys", default=secrets.SystemRandom())  # noqa: B039


def new_key() -> str:
    """A short random name for addresses, without letters that are read wrongly; 59 bits."""
    return "".join(_source.get().choices(KEY_ALPHABET, k=12))


@contextmanager
def keys_from(random: Random) -> Iterator[None]:
    """Draw keys from `random`, so that a demonstration comes out the same each time. Never for real people."""
    token = _source.set(random)
    try:
        yield
    finally:
        _source.reset(token)


class PublicKeyed(models.Model):
    """A row with a page: `key` stands in the address, so that no address tells how many rows there are."""

    key = models.CharField(max_length=12, unique=True, default=new_key, editable=False)

    class Meta:
        abstract = True


class AuditEntry(models.Model):
    """Who did what to which row, in one gesture with what else; written in the action's own transaction."""

    at = models.DateTimeField(db_default=Now(), editable=False)
    by_id = models.BigIntegerField(null=True, editable=False)
    by_label = models.CharField(max_length=200, editable=False)
    verb = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=40)
    subject_label = models.CharField(max_length=300)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    gesture = models.UUIDField()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ("-pk",)
        indexes = (
            # the history of one row, newest first
            models.Index(fields=("subject_type", "subject_id", "-id"), name="audit_of_subject"),
            # what one person did, newest first
            models.Index(fields=("by_id", "-id"), name="audit_of_person"),
            # everything that one gesture did
            models.Index(fields=("gesture",), name="audit_of_gesture"),
        )
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_label}"


class Job(models.Model):
    """A long piece of work that a person can watch. The row is the truth; the queue is a hint."""

    State = JobState
    MOVES: ClassVar = JOB_MOVES
    COLOURS: ClassVar = JOB_COLOURS

    job_state = models.CharField(
        _("state"), max_length=12, choices=JobState, default=JobState.REQUESTED, editable=False
    )
    done = models.PositiveIntegerField(default=0, editable=False)
    total = models.PositiveIntegerField(default=0, editable=False)
    words = models.CharField(max_length=200, blank=True, editable=False)
    error = models.TextField(blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    job_requested_at = models.DateTimeField(default=timezone.now, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    job_finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def percent(self) -> int:
        """Whole percent done; 0 while the total is not known, 100 only when ready."""
        if self.job_state == JobState.READY:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0

    @property
    def is_finished(self) -> bool:
        return self.job_state in {JobState.READY, JobState.FAILED}

    @classmethod
    def lost(cls) -> models.QuerySet[Any]:
        """Jobs that nobody works on: requested or beating last before `LOST_AFTER`."""
        limit = timezone.now() - LOST_AFTER
        waiting = models.Q(job_state=JobState.REQUESTED, job_requested_at__lt=limit)
        silent = models.Q(job_state=JobState.RUNNING, heartbeat_at__lt=limit)
        return cls._default_manager.filter(waiting | silent)


class HealthRecord(models.Model):
    """What a look at our own service found, once a minute: whether it answered, and how long that took."""

    at = models.DateTimeField(_("at"), unique=True)
    is_up = models.BooleanField(_("answered"))
    took_ms = models.PositiveIntegerField(_("milliseconds"))
    problem = models.CharField(_("problem"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("health record")
        verbose_name_plural = _("health records")
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
