"""The worker's side of the match."""

from celery import shared_task

from matching import actions


@shared_task(name="matching.solve")
def solve(pk: int) -> None:
    actions.solve_run(pk)


@shared_task(name="matching.sweep")
def sweep() -> None:
    actions.sweep()
    actions.sweep_studies()


@shared_task(name="matching.study")
def study(pk: int) -> None:
    actions.make_study(pk)


@shared_task(name="matching.announce")
def announce(pk: int) -> None:
    actions.announce(pk)


@shared_task(name="matching.seal_due")
def seal_due() -> None:
    actions.seal_due()
    actions.certify_choices_due()


@shared_task(name="matching.make_waves")
def make_waves() -> None:
    actions.make_waves()


@shared_task(name="matching.vacate_withdrawn")
def vacate_withdrawn() -> None:
    actions.vacate_withdrawn()


@shared_task(name="matching.publish_due")
def publish_due() -> None:
    actions.publish_due()
