"""The states of a job row and the words and colours that people see for them."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    REQUESTED = "requested", _("Waiting to start")
    RUNNING = "running", _("Running")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


JOB_COLOURS: Final[dict[str, str]] = {
    JobState.REQUESTED: "neutral",
    JobState.RUNNING: "info",
    JobState.READY: "success",
    JobState.FAILED: "danger",
}
JOB_MOVES: Final[dict[str, frozenset[str]]] = {
    JobState.REQUESTED: frozenset({JobState.RUNNING, JobState.FAILED}),
    JobState.RUNNING: frozenset({JobState.READY, JobState.FAILED, JobState.REQUESTED}),
    JobState.READY: frozenset(),
    JobState.FAILED: frozenset({JobState.REQUESTED}),
}
