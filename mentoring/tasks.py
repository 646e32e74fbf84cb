"""The worker's side of mentoring."""

from celery import shared_task

from mentoring import actions


@shared_task(name="mentoring.follow")
def follow() -> None:
    """Tell mentors of fellows who leave early, and end guidance that outlived its appointment."""
    actions.follow_appointments()
