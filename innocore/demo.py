"""What exists only in the demonstration: the mailbox of everything that was sent."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from common.access import public

SHOWN = 100


@dataclass(frozen=True)
class Mail:
    """One message of the mailbox."""

    name: str
    to: str
    subject: str
    date: str
    body: str


def _read(path: Path) -> Mail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    plain = message.get_body(("plain",))
    body = plain.get_content() if plain else ""
    return Mail(path.stem, str(message["To"]), str(message["Subject"]), str(message["Date"]), str(body))


def _newest(to: str) -> list[Mail]:
    folder = Path(settings.EMAIL_FILE_PATH)
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True) if folder.is_dir() else []
    mails = (_read(path) for path in files)
    return [mail for mail in mails if to.lower() in mail.to.lower()][:SHOWN]


@public("the demonstration's mailbox; this address does not exist in production")
def mailbox(request: HttpRequest) -> HttpResponse:
    """The newest messages, those to one person if `?to=` is given."""
    to = request.GET.get("to", "")
    return render(request, "demo/mailbox.html", {"mails": _newest(to), "to": to})


@public("the demonstration's mailbox; this address does not exist in production")
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One message."""
    path = Path(settings.EMAIL_FILE_PATH) / f"{Path(name).name}.eml"
    if not path.is_file():
        raise Http404
    return render(request, "demo/mail.html", {"mail": _read(path)})
