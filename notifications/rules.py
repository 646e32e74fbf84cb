"""Who may see what was told, and send it again."""

from typing import Any

import rules

from notifications.models import Notification
from people.models import User
from people.rules import is_admin, is_programme_officer


@rules.predicate
def is_addressee(user: User, notification: Notification | None) -> bool:
    return notification is not None and user.is_authenticated and notification.to_id == user.pk


@rules.predicate
def is_open_text(user: User, notification: Any) -> bool:
    """Sign-in codes and personal links are never shown to somebody else."""
    return notification is None or not notification.is_secret


rules.add_perm("notifications.view_outbox", is_programme_officer | is_admin)
rules.add_perm("notifications.view_notification", is_addressee | ((is_programme_officer | is_admin) & is_open_text))
rules.add_perm("notifications.resend", is_programme_officer | is_admin)
