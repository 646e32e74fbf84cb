"""Telling people: `notify` in the action's transaction, `deliver` by the worker, resend, bounce."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.audit import plain, record
from common.gestures import action
from common.queue import after_commit
from common.refusals import Refusal
from common.states import move
from notifications.models import Notification
from notifications.queries import waiting
from notifications.rendering import rendered
from notifications.states import NotificationState
from people.models import User

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 6
DELIVER = "notifications.deliver"
SWEEP = "notifications.sweep"


class NotSendable(Refusal):
    words = _("This message cannot be sent again.")


def language_of(user: User | None) -> str:
    """The language to write to `user` in: her own choice, else the one in use."""
    chosen = user.language if user else ""
    return chosen or (translation.get_language() or settings.LANGUAGE_CODE)[:2]


def draft(kind: str, *, to: User | str, about: models.Model | None, dedupe: str, **context: Any) -> Notification:
    """An unsaved notification: to a person, or to an address. `context` gets `site` and `name` besides.

    What is said `later` is said in the language of whoever is told.
    """
    user = to if isinstance(to, User) else None
    facts = {"site": settings.SITE_URL, "name": user.name if user else "", **context}
    language = str(facts.pop("language", "")) or language_of(user)
    is_secret = bool(facts.pop("is_secret", False))
    with translation.override(language):
        facts = {key: str(value) if isinstance(value, Promise) else value for key, value in facts.items()}
    return Notification(
        kind=kind,
        to=user,
        address=user.email if user else str(to),
        language=language,
        about_type=about._meta.label_lower if about is not None else "",
        about_id=str(about.pk) if about is not None else "",
        context=plain(facts),
        dedupe=f"{kind}:{dedupe}"[:200],
        is_secret=is_secret,
    )


def notify(kind: str, *, to: User | str, about: models.Model | None, dedupe: str, **context: Any) -> None:
    """Record in the present transaction that `to` is to be told; telling the same `dedupe` twice is one message.

    The text comes from `templates/notifications/<kind>/{en,ko}.txt`, given `context` (plain values), `site` and `name`.
    `language=` in the context chooses the language of somebody without an account; `is_secret=True` hides the text
    from officers and forgets it once sent (codes, personal links).
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"notify({kind}) outside a transaction")
    drafted = draft(kind, to=to, about=about, dedupe=dedupe, **context)
    Notification.objects.bulk_create([drafted], ignore_conflicts=True)
    pk = Notification.objects.values_list("pk", flat=True).get(dedupe=drafted.dedupe)
    after_commit(DELIVER, pk)


def notify_many(drafts: Iterable[Notification]) -> int:
    """Record many drafts in the present transaction, a thousand at a time; the sweep sends them. How many there are."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("notify_many outside a transaction")
    made = Notification.objects.bulk_create(drafts, ignore_conflicts=True, batch_size=1000)
    after_commit(SWEEP)
    return len(made)


def claim(pk: int) -> Notification | None:
    """Take the row for sending, or None when it is sent, being sent or not due."""
    with transaction.atomic():
        row = waiting().select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
        if row is None:
            return None
        row.state, row.claimed_at, row.attempts = NotificationState.SENDING, timezone.now(), row.attempts + 1
        row.save(update_fields=["state", "claimed_at", "attempts"])
        return row


def deliver(pk: int) -> bool:
    """Send notification `pk` if it waits. At most one worker sends it; a failed attempt is tried again later.

    The message carries a Message-ID made from the row's key, so that a copy sent by a worker that died before it could
    say so is recognised as the same message by mail servers and readers.
    """
    row = claim(pk)
    if row is None:
        return False
    try:
        subject, body = rendered(row)
        _send(row, subject, body)
    except Exception as problem:
        log.warning("notification %s was not sent", pk, exc_info=True)
        _postpone(row, str(problem))
        return False
    kept = {"subject": subject, "body": "" if row.is_secret else body}
    if row.is_secret:
        kept["context"] = {}  # type: ignore[assignment]
    Notification.objects.filter(pk=pk, state=NotificationState.SENDING, claimed_at=row.claimed_at).update(
        state=NotificationState.SENT, sent_at=timezone.now(), error="", **kept
    )
    return True


def _send(row: Notification, subject: str, body: str) -> None:
    host = settings.SITE_URL.split("://")[-1].split(":")[0]
    headers = {
        "Message-ID": f"<{row.key}@{host}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": row.language,
    }
    message = EmailMultiAlternatives(subject, body, to=[row.address], headers=headers)
    with translation.override(row.language):
        message.attach_alternative(
            render_to_string("mail/base.html", {"subject": subject, "body": body, "language": row.language}),
            "text/html",
        )
    message.send()


def _postpone(row: Notification, problem: str) -> None:
    is_last = row.attempts >= MAX_ATTEMPTS
    row.state = NotificationState.FAILED if is_last else NotificationState.QUEUED
    row.error, row.due_at = problem[:2000], timezone.now() + timedelta(minutes=2**row.attempts)
    row.save(update_fields=["state", "error", "due_at"])


def sweep(limit: int = 1000) -> int:
    """Hint again at every row that waits; returns how many. Loses nothing when the broker was emptied."""
    keys = list(waiting().values_list("pk", flat=True)[:limit])
    for pk in keys:
        after_commit(DELIVER, pk)
    return len(keys)


@action
def resend(notification: Notification, *, by: User, address: str = "") -> Notification:
    """Send the same text once more, as a row of its own, to the same or a corrected address."""
    if notification.is_secret:
        raise NotSendable(_("This message held a personal code or link; ask for a new one instead."))
    number = notification.resends.count() + 1
    again = Notification.objects.create(
        kind=notification.kind,
        to=notification.to,
        address=address or notification.address,
        language=notification.language,
        about_type=notification.about_type,
        about_id=notification.about_id,
        context=notification.context,
        dedupe=f"resend:{notification.pk}:{number}",
        resend_of=notification,
    )
    record("notifications.resent", notification, by=by, after={"address": again.address})
    after_commit(DELIVER, again.pk)
    return again


@action
def record_bounce(key: str, reason: str, *, by: User | None) -> Notification | None:
    """Note that the recipient's server returned message `key` (the part of its Message-ID before the @)."""
    row = Notification.objects.filter(key=key, state=NotificationState.SENT).first()
    if row is None:
        return None
    return move(row, NotificationState.BOUNCED, by=by, note=reason[:500], error=reason[:2000])
