"""A gesture is what one person did in one go: one request or one task. Its id ties all audit entries of it together."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar
from uuid import UUID, uuid4

from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")

_current: ContextVar[UUID | None] = ContextVar("gesture", default=None)


@contextmanager
def gesture() -> Iterator[UUID]:
    """Open a gesture, or go on with the one that is open."""
    existing = _current.get()
    if existing is not None:
        yield existing
        return
    token = _current.set(uuid4())
    try:
        yield current_gesture()
    finally:
        _current.reset(token)


def current_gesture() -> UUID:
    """The id of the open gesture; a fresh one where none is open."""
    return _current.get() or uuid4()


def action(verb: Callable[P, R]) -> Callable[P, R]:
    """Make `verb` an action: one transaction, one gesture."""

    @functools.wraps(verb)
    def acting(*args: P.args, **kwargs: P.kwargs) -> R:
        with gesture(), transaction.atomic():
            return verb(*args, **kwargs)

    return acting
