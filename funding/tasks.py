"""The worker's side of money."""

from celery import shared_task

from funding.actions import cards, offers, payroll


@shared_task(name="funding.pay_out")
def pay_out(pk: int) -> None:
    payroll.pay_out(pk)


@shared_task(name="funding.sweep")
def sweep() -> None:
    payroll.sweep()


@shared_task(name="funding.lapse_offers")
def lapse_offers() -> None:
    """Let offers lapse that nobody answered in time."""
    offers.lapse_offers()


@shared_task(name="funding.remind_candidates")
def remind_candidates() -> None:
    """Remind candidates whose offer's deadline draws near."""
    offers.remind_candidates()


@shared_task(name="funding.remind_of_charges")
def remind_of_charges() -> None:
    """Remind fellows of card charges for which the days to account are over."""
    cards.remind_of_charges()
