"""The worker's side of the outbox."""

from celery import shared_task

from notifications import actions


@shared_task(name="notifications.deliver")
def deliver(pk: int) -> None:
    actions.deliver(pk)


@shared_task(name="notifications.sweep")
def sweep() -> None:
    actions.sweep()
