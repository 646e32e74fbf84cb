"""The worker's side of the match."""

from celery import shared_task

from matching import actions


@shared_task(name="matching.solve")
def solve(pk: int) -> None:
    actions.solve_run(pk)


@shared_task(name="matching.sweep")
def sweep() -> None:
    actions.sweep()


@shared_task(name="matching.announce")
def announce(pk: int) -> None:
    actions.announce(pk)
