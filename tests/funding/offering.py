"""How a candidate signs an offer, what an account holds, and acts that start at the same moment."""

from threading import Barrier, Thread
from typing import Any

from django.db import connection

from common.refusals import Refusal
from fellowships import actions as fellowships
from fellowships.actions import Signature
from fellowships.models import Appointment
from funding.ledger import account
from notifications.models import Notification


def balance(kind: str, year: int, **owner: Any) -> int:
    return account(kind, year, **owner).balance_krw


def code_for(offer: Any) -> str:
    """The code of the newest mail that holds one; a code is asked for first."""
    fellowships.send_code(offer, by=offer.application.applicant)
    mailed = Notification.objects.filter(kind="offer_code", about_id=str(offer.pk)).latest("pk")
    assert mailed.is_secret
    return str(mailed.context["code"])


def sign(offer: Any, **changes: str) -> Appointment:
    """The candidate accepts with her name and a fresh code."""
    given = {"name": offer.application.name, "code": "", "seal": offer.terms_sha256, **changes}
    signature = Signature(**{**given, "code": given["code"] or code_for(offer)})
    return fellowships.accept(offer, by=offer.application.applicant, signature=signature)


def at_once(*acts: Any) -> list[Any]:
    """What each of `acts` came to, a value or a refusal, when they begin together on connections of their own."""
    barrier, came = Barrier(len(acts)), []

    def run(act: Any) -> None:
        try:
            barrier.wait(timeout=10)
            came.append(act())
        except Refusal as refusal:
            came.append(type(refusal))
        finally:
            connection.close()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return came
