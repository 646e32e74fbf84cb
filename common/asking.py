"""Carrying a form to an action: a refusal becomes words beside the form, with HTTP 409."""

from collections.abc import Callable
from typing import TypeVar

from django.forms import BaseForm

from common.refusals import Refusal

R = TypeVar("R")


def attempt(form: BaseForm, act: Callable[[], R]) -> R | None:
    """Call `act`; a refusal is put beside the field it names (else on top) and None comes back."""
    try:
        return act()
    except Refusal as refusal:
        field = refusal.field if refusal.field in form.fields else None
        form.add_error(field, str(refusal))
        form.was_refused = True  # type: ignore[attr-defined]
        return None


def status_of(form: BaseForm) -> int:
    """The HTTP status to show a form with: 200 when fresh, 422 when its input is wrong, 409 when the action refused."""
    if getattr(form, "was_refused", False):
        return 409
    return 422 if form.is_bound and form.errors else 200
