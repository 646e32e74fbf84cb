"""Turning a kind and its facts into a subject and a text in one language."""

from django.template.loader import render_to_string
from django.utils import translation

from notifications.models import Notification


def render(kind: str, language: str, context: dict[str, object]) -> tuple[str, str]:
    """Subject and body from `templates/notifications/<kind>/<language>.txt`, whose first line is the subject."""
    with translation.override(language):
        text = render_to_string(f"notifications/{kind}/{language}.txt", context)
    subject, _separator, body = text.strip().partition("\n")
    return subject.removeprefix("Subject:").strip(), body.strip() + "\n"


def rendered(notification: Notification) -> tuple[str, str]:
    """What was sent, or what would be sent now."""
    if notification.subject:
        return notification.subject, notification.body
    return render(notification.kind, notification.language, notification.context)
