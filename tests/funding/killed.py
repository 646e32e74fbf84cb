"""Processes that act on the test's database: killed between two statements, or many at the same moment."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from tests.funding.forks import DONE, LONGEST, REFUSED

Act = tuple[str, dict[str, Any]]


def _database() -> str:
    """The address of the database that this test uses."""
    name = str(connection.settings_dict["NAME"])
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


class Forks:
    """The process that makes the copies (`tests/funding/forks.py`), as long as a test needs it."""

    def __init__(self, files: Path) -> None:
        environment = {**os.environ, "DATABASE_URL": _database(), "DJANGO_SETTINGS_MODULE": "innocore.settings"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.funding.forks", str(files)],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.kill()
        self.process.communicate()

    def _obeyed(self, order: dict[str, Any]) -> list[int]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], LONGEST + 60)
        if not ready:
            pytest.fail("the copies did not end in time: where they stand is written on standard error")
        line = self.process.stdout.readline()
        assert line, "the process that makes the copies has ended"
        ends: list[int] = json.loads(line)
        return ends

    def is_killed_at(self, point: int, act: Act) -> bool:
        """Let a process do `act` until its `point`-th place to die; False when it reached its end before."""
        (end,) = self._obeyed({"kill": point, "act": act[0], "values": act[1]})
        assert end in (DONE, -signal.SIGKILL), f"the act itself failed: {end}"
        return end != DONE

    def at_once(self, acts: list[Act]) -> dict[str, int]:
        """Let each of `acts` happen in a process of its own, all at the same moment; how many ended which way."""
        ends = self._obeyed({"at_once": acts})
        assert set(ends) <= {DONE, REFUSED}, ends
        return {"done": ends.count(DONE), "refused": ends.count(REFUSED)}
