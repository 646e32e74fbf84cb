"""What the worker does for this room."""

from celery import shared_task

from applications import actions


@shared_task(name="applications.remind")
def remind() -> None:
    """Remind applicants and referees whose stage has come."""
    actions.remind()
