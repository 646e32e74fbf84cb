"""What the worker does for this room."""

from celery import shared_task

from applications import actions


@shared_task(name="applications.remind")
def remind() -> None:
    """Remind applicants and referees whose stage has come; put back what late access left unfinished."""
    actions.restore_after_late_access()
    actions.remind()
