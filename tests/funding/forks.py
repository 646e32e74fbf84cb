"""A process with one thread that lets copies of itself act on the test's database: `python -m tests.funding.forks`.

A test's own process has other threads (of its browser, of what shares the tests out), and a copy of such a process can
stand still for ever on a lock that one of them held. This one starts clean. It reads one order a line, as JSON, and
answers each with how its copies ended.
"""

import faulthandler
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import date
from typing import Any

import django

DONE, REFUSED, BROKEN = 0, 3, 4
# seconds after which a copy that does not end says where it stands, and is ended
LONGEST = 200
JULY = date(2026, 7, 1)


def _by(pk: int) -> Any:
    from people.models import User

    return User.objects.get(pk=pk)


def release_run(run: int, by: int) -> None:
    from funding.actions import payroll
    from funding.models import PayrollRun

    payroll.release_payroll(PayrollRun.objects.get(pk=run), by=_by(by))


def pay_out(run: int) -> None:
    from funding.actions import payroll

    payroll.pay_out(run)


def answer_paid(batch: int, by: int) -> None:
    from funding.actions import answers
    from funding.models import Payment, PaymentBatch

    paid = answers.Answer(Payment.objects.get().reference, True)
    answers.record_answers(PaymentBatch.objects.get(pk=batch), [paid], by=_by(by))


def release_claims(institute: int, by: int) -> None:
    from funding.actions import claims
    from labs.models import Institute

    claims.release_claims(Institute.objects.get(pk=institute), by=_by(by))


def approve_claim(claim: int, by: int) -> None:
    from funding.actions import claims
    from funding.models import Claim

    claims.approve_claim(Claim.objects.get(pk=claim), by=_by(by))


def spend(place: int, held: int, other: int) -> None:
    from django.db import transaction

    from funding import ledger
    from funding.models import Account

    lines = [(Account.objects.get(pk=held), -1), (Account.objects.get(pk=other), 1)]
    with transaction.atomic():
        ledger.post(ledger.Posting(f"spend:{place}", JULY, "one won", lines), by=None)


ACTS: dict[str, Callable[..., None]] = {
    act.__name__: act for act in (release_run, pay_out, answer_paid, release_claims, approve_claim, spend)
}


class Killer:
    """Kills its own process, by a signal that nothing can catch, at the `point`-th place where it can die.

    The places are before every statement, COPY among them, and before and after every commit.
    """

    def __init__(self, point: int) -> None:
        self.left = point

    def pass_by(self) -> None:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1

    def statement(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.pass_by()
        return execute(*args)

    def arm(self) -> None:
        """Stand before this process's statements and around its commits."""
        from django.db import connection
        from django.db.backends.utils import CursorWrapper

        commit = connection._commit

        def dying() -> None:
            self.pass_by()
            commit()
            self.pass_by()

        def copying(cursor: Any, sql: str, file: Any) -> Any:
            self.pass_by()
            return cursor.cursor.copy_expert(sql, file)

        connection._commit = dying
        CursorWrapper.copy_expert = copying
        connection.execute_wrappers.append(self.statement)


def _copied(act: Callable[[], None]) -> int:
    """The id of a copy of this process that does `act` and says by its exit how it ended."""
    from common.refusals import Refusal

    child = os.fork()
    if child:
        return child
    how = BROKEN
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    try:
        act()
        how = DONE
    except Refusal:
        how = REFUSED
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(how)


def _end(child: int) -> int:
    """The exit of a copy; minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill(point: int, act: str, values: dict[str, Any]) -> list[int]:
    """Let one copy do `act` until its `point`-th place to die."""

    def armed() -> None:
        Killer(point).arm()
        ACTS[act](**values)

    return [_end(_copied(armed))]


def at_once(acts: list[tuple[str, dict[str, Any]]]) -> list[int]:
    """Let each of `acts` happen in a copy of its own, all at the same moment."""
    from django.db import connection

    hold, go = os.pipe()

    def waiting(act: str, values: dict[str, Any]) -> Callable[[], None]:
        def then() -> None:
            os.close(go)
            connection.ensure_connection()
            os.read(hold, 1)
            ACTS[act](**values)

        return then

    children = [_copied(waiting(act, values)) for act, values in acts]
    os.close(hold)
    os.close(go)
    return [_end(child) for child in children]


def main(files: str) -> None:
    """Obey orders: `{"kill": point, "act": name, "values": {…}}` or `{"at_once": [[name, {…}], …]}`."""
    django.setup()
    from django.test import override_settings

    from tests.broker import use_broker

    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": files}},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    override_settings(STORAGES=storages, MEDIA_ROOT=files).enable()
    use_broker("memory://")
    for line in sys.stdin:
        order = json.loads(line)
        ends = at_once(order["at_once"]) if "at_once" in order else kill(order["kill"], order["act"], order["values"])
        sys.stdout.write(f"{json.dumps(ends)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
