"""What the worker does for this room."""

from celery import shared_task

from applications import actions
from applications.models import Document


@shared_task(name="applications.remind")
def remind() -> None:
    """Remind applicants and referees whose stage has come; put back what late access left unfinished."""
    actions.restore_after_late_access()
    actions.remind()


@shared_task(name="applications.look_closer")
def look_closer(pk: int | None = None) -> None:
    """Draw and read one file, or all that nobody looked into yet."""
    if pk is None:
        actions.look_into_waiting()
        return
    row = Document.objects.select_related("application__call", "application__applicant").filter(pk=pk).first()
    if row is not None:
        actions.look_closer(row)
