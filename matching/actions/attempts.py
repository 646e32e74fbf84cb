"""What was tried and refused stays in the audit, although the refusal wrote nothing else."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.db import models

from common.audit import record
from common.gestures import action
from common.refusals import Refusal
from people.models import User

P = ParamSpec("P")
R = TypeVar("R")


def watched(act: Callable[P, R]) -> Callable[P, R]:
    """Make `act` an action of which each refusal is written down: who tried what, and why it was refused."""
    acting = action(act)

    @functools.wraps(act)
    def trying(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return acting(*args, **kwargs)
        except Refusal as refusal:
            subject: Any = args[0]
            by: Any = kwargs["by"]
            note_attempt(subject, act.__name__, str(refusal), by=by)
            raise

    return trying


@action
def note_attempt(subject: models.Model, what: str, words: str, *, by: User | None) -> None:
    """Write down that `by` tried `what` with `subject` and was refused with `words`."""
    record(f"matching.{what}.refused", subject, by=by, note=words)
