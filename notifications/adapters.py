"""Account mail (codes, confirmations) goes through the outbox like everything else."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction

from common.models import new_key
from notifications.actions import notify
from people.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Sends allauth's mail as secret notifications, in the person's language."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, {"request": self.request, **context})
        user = context.get("user")
        with transaction.atomic():
            notify(
                "account",
                to=user if isinstance(user, User) and user.email.lower() == email.lower() else email,
                about=None,
                dedupe=new_key(),
                is_secret=True,
                mail_subject=message.subject,
                mail_body=message.body,
            )
