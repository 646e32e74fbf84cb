"""Carrying a form to an action: a refusal becomes words beside the form, with HTTP 409."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.forms import BaseForm, IntegerField, ModelForm

from common.refusals import Refusal

R = TypeVar("R")


def keep_limits(form: ModelForm[Any]) -> None:
    """Let the fields of a form whose row an action writes refuse what the row's columns cannot hold."""
    columns = {field.name: field for field in form._meta.model._meta.concrete_fields}
    for name, field in form.fields.items():
        if isinstance(field, IntegerField) and name in columns:
            field.validators = [*field.validators, *columns[name].validators]


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
