"""What the worker does for the house itself."""

from celery import shared_task

from common import health


@shared_task(name="common.look")
def look() -> None:
    """Keep whether we answer, and how fast."""
    health.look()
