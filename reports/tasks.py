"""The worker's side of reports."""

from celery import shared_task

from reports import actions


@shared_task(name="reports.make")
def make(pk: int) -> None:
    actions.make_report(pk)


@shared_task(name="reports.sweep")
def sweep() -> None:
    actions.sweep()
