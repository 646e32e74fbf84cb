"""Account mail (codes, confirmations) goes through the outbox like everything else."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.utils import translation

from common.models import new_key
from notifications.actions import language_of, notify
from people.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Sends allauth's mail as secret notifications, in the person's language."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        user = context.get("user")
        site = {"name": "InnoCORE", "domain": urlsplit(settings.SITE_URL).netloc}
        facts = {"request": self.request, "current_site": site, **context}
        with translation.override(language_of(user if isinstance(user, User) else None)):
            message = self.render_mail(template_prefix, email, facts)
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
