"""The publications of a draft: adding, putting some first, taking out."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions.drafts import refuse_unless_editable
from applications.models import Application
from applications.publications import Row, joined
from common.audit import record
from common.gestures import action
from common.refusals import Refusal
from common.states import lock
from people.models import User


class TooManyFirst(Refusal):
    words = _("You may put at most %(most)s publications first; you chose %(chosen)s.")


class Added(NamedTuple):
    """How many publications were new, and how many were there already."""

    new: int
    known: int


@action
def add_publications(application: Application, rows: Iterable[Row], *, by: User) -> Added:
    """Add publications to the draft; one that is there already is completed and not added again.

    Refuses like `save_section`.
    """
    _open(application)
    kept, new, known = joined(application.publications, rows)
    _write(application, kept, by)
    return Added(new, known)


@action
def put_first(application: Application, keys: Collection[str], *, by: User) -> Application:
    """Put the publications named by `keys` first, and no others. Refuses more than the call allows."""
    _open(application)
    chosen = [row for row in application.publications if row["key"] in keys]
    most = application.call.publications_starred
    if len(chosen) > most:
        raise TooManyFirst(most=most, chosen=len(chosen))
    _write(application, [{**row, "is_starred": row["key"] in keys} for row in application.publications], by)
    return application


@action
def take_out(application: Application, key: str, *, by: User) -> Application:
    """Take one publication out of the draft. Doing it twice changes nothing."""
    _open(application)
    _write(application, [row for row in application.publications if row["key"] != key], by)
    return application


def _open(application: Application) -> None:
    lock(application)
    refuse_unless_editable(application, timezone.now())


def _write(application: Application, rows: list[Row], by: User) -> None:
    if rows == application.publications:
        return
    application.publications, application.saved_at = rows, timezone.now()
    application.save(update_fields=["publications", "saved_at"])
    record("applications.publications.saved", application, by=by, after={"number": len(rows)})
