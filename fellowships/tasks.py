"""The worker's side of fellowships."""

from celery import shared_task

from fellowships import actions


@shared_task(name="fellowships.remind")
def remind() -> None:
    """Remind fellows of what is due before and after their first day; open the yearly reviews whose time has come."""
    actions.remind_onboarding()
    actions.open_reviews()


@shared_task(name="fellowships.scan")
def scan() -> None:
    """Ask the malware scanner about papers that it has not spoken of."""
    actions.scan_waiting()


@shared_task(name="fellowships.keep_terms")
def keep_terms() -> None:
    """Let transfers take effect on their day, and appointments end after their last."""
    actions.keep_terms()
