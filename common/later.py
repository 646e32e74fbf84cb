"""Words made when they are read: in the language of whoever is told, not of whoever caused it."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.utils.functional import Promise, lazy


def later(make: Callable[..., Any], *values: Any) -> Promise:
    """`later(instant_words, moment, zone)`: what `make(*values)` says in the language in force when it is read."""
    made: Promise = lazy(make, str)(*values)
    return made


def name_later(row: object) -> Promise:
    """The name of `row`, which has one in both languages."""
    return later(attrgetter("name"), row)
