"""Hints to the worker. A lost hint loses nothing: a sweep finds the row."""

import logging
from typing import Any

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)


def send(task: str, *args: Any) -> None:
    """Put a hint on the queue; a broker that does not answer is logged, never raised."""
    try:
        current_app.send_task(task, args=args, ignore_result=True)
    except Exception:
        log.warning("the broker did not take %s%s; the sweep will", task, args, exc_info=True)


def after_commit(task: str, *args: Any) -> None:
    """Hint at `task` once the present transaction has committed."""
    transaction.on_commit(lambda: send(task, *args), robust=True)
