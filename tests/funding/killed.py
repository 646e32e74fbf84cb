"""Processes of one's own that act on the test's database: killed between two statements, or many at the same moment."""

import faulthandler
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

from django.db import connection, connections
from django.db.backends.utils import CursorWrapper

from common.refusals import Refusal

DONE, REFUSED, BROKEN = 0, 3, 4
# seconds after which a process that does not end says where it stands, and is ended
LONGEST = 240
Act = Callable[[], Any]


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


def _forked(act: Act) -> int:
    """The id of a process that does `act` and says by its exit how it ended. The caller's connections are closed."""
    connections.close_all()
    child = os.fork()
    if child:
        return child
    how = BROKEN
    faulthandler.dump_traceback_later(LONGEST, exit=True, file=sys.__stderr__)
    try:
        act()
        how = DONE
    except Refusal:
        how = REFUSED
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(how)


def is_killed_at(point: int, act: Act) -> bool:
    """Let a process do `act` until its `point`-th place to die; False when it reached its end before."""

    def armed() -> None:
        Killer(point).arm()
        act()

    _, status = os.waitpid(_forked(armed), 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == DONE, "the act itself failed"
    return False


def at_once(acts: list[Act]) -> dict[str, int]:
    """Let each of `acts` happen in a process of its own, all at the same moment; how many ended which way."""
    hold, go = os.pipe()

    def waiting(act: Act) -> Act:
        def then() -> None:
            os.close(go)
            connection.ensure_connection()
            os.read(hold, 1)
            act()

        return then

    children = [_forked(waiting(act)) for act in acts]
    os.close(hold)
    os.close(go)
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert set(ends) <= {DONE, REFUSED}, ends
    return {"done": ends.count(DONE), "refused": ends.count(REFUSED)}
