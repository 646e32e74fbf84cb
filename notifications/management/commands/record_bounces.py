"""Record returned messages from the mail server's reports, read from standard input."""

import email
import re
import sys
from typing import Any

from django.core.management.base import BaseCommand

from notifications.actions import record_bounce

OURS = re.compile(r"Message-ID:\s*<([0-9a-z]{12})@", re.IGNORECASE)


class Command(BaseCommand):
    help = "Reads one delivery report (a mail) from standard input and marks the message that it returns."

    def handle(self, *args: Any, **options: Any) -> None:
        report = email.message_from_string(sys.stdin.read())
        found = OURS.search(report.as_string())
        row = record_bounce(found[1], str(report.get("Subject", "")), by=None) if found else None
        self.stdout.write(f"Recorded: {row.address}" if row else "Nothing of ours in this report.")
