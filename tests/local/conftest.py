"""The production files, read once, and a house of real processes that runs what they say."""

import contextlib
import io
import os
import re
import shlex
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
import yaml
from dockerfile_parse import DockerfileParser

from tests.database import template_of

ROOT = Path(__file__).resolve().parents[2]
HERE = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::?(?P<sign>[-?])(?P<rest>[^}]*))?\}")
FILLED_IN = {
    "SITE_HOST": "localhost",
    "TLS": "internal",
    "SECRET_KEY": "a-key-of-the-tests-that-is-longer-than-fifty-characters-0123456789",
    "FIELD_ENCRYPTION_KEYS": "ESnhRmtsZwhVK-ge-XU5I0ThMBecdAoYLrL_LxhkRZU=",
    "POSTGRES_PASSWORD": "letters1",
    "REDIS_PASSWORD": "letters2",
    "EMAIL_HOST": "localhost",
    "EMAIL_HOST_USER": "",
    "EMAIL_HOST_PASSWORD": "",
    "DEFAULT_FROM_EMAIL": "InnoCore <no-reply@innocore.example>",
}


def interpolated(text: str) -> str:
    """`text` as compose reads it with `FILLED_IN` as the environment file."""

    def value(found: re.Match[str]) -> str:
        if found["name"] in FILLED_IN:
            return FILLED_IN[found["name"]]
        assert found["sign"] == "-", f"{found['name']} is asked for and not filled in"
        return found["rest"]

    return VARIABLE.sub(value, text).replace("$$", "$")


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    """docker-compose.yml as it is written."""
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="session")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    return compose["services"]


def environment_of(service: dict[str, Any]) -> dict[str, str]:
    """The environment that compose hands to a container; a name without a value is left out."""
    return {name: interpolated(str(value)) for name, value in service["environment"].items() if value is not None}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(seen: Callable[[], Any], seconds: float = 20) -> Any:
    """What `seen` answers as soon as it answers something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = seen()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s")


def fetch(address: str, data: bytes | None = None) -> tuple[int, str]:
    """Status and text of an answer, 0 when nobody answers; redirects are not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any, **options: Any) -> None:
            return None

    trusting = ssl._create_unverified_context()
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusting), Stay)
    try:
        with opener.open(address, data=data, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, problem.read().decode()
    except OSError:
        return 0, ""


class House:
    """A database and a broker of its own, and processes that are ended by their id."""

    def __init__(self, folder: Path, services: dict[str, Any]) -> None:
        self.folder, self.services = folder, services
        self.database = f"operations_{os.getpid()}"
        self.port = free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def database_url(self) -> str:
        return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{self.database}"))

    @property
    def redis_url(self) -> str:
        return urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{os.getpid() % 7 + 1}"))

    def on_server(self, statement: str) -> None:
        connection = psycopg2.connect(os.environ["DATABASE_URL"])
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(statement)

    def env(self, name: str) -> dict[str, str]:
        """What the container of `name` sees, with the addresses of this machine in place of the container's."""
        here = {
            "PATH": HERE,
            "VAR_DIR": str(self.folder),
            "HOME": str(self.folder),
            "HOSTNAME": socket.gethostname(),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "PYTHONUNBUFFERED": "1",
        }
        given = environment_of(self.services[name])
        return {**given, **here, **({"WEB_BIND": f"127.0.0.1:{self.port}"} if name == "web" else {})}

    def words(self, words: list[str]) -> list[str]:
        """A command of the compose file, with this machine's port and folder for temporary files."""
        return [
            interpolated(word)
            .replace("localhost:8000", f"localhost:{self.port}")
            .replace("/tmp", str(self.folder))
            .replace("/run/beat", str(self.folder))
            for word in words
        ]

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        return self.call(name, self.words(self.services[name]["command"]))

    def call(self, name: str, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=ROOT, env=self.env(name), capture_output=True, text=True, timeout=120, check=False
        )

    def start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                self.words(self.services[name]["command"]),
                cwd=ROOT,
                env=self.env(name),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def is_healthy(self, name: str) -> bool:
        """What the health check of the compose file says."""
        kind, *words = self.services[name]["healthcheck"]["test"]
        words = self.words(words)
        return self.call(name, ["sh", "-c", *words] if kind == "CMD-SHELL" else words).returncode == 0

    def stop(self, name: str) -> int:
        """Ask the process to end, as docker does, and wait for it."""
        process = self.running.pop(name)
        process.terminate()
        try:
            return process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for which the `manage.py` commands of the Dockerfile ran, in the environment that it gives them."""
    folder = tmp_path_factory.mktemp("house")
    image = DockerfileParser(fileobj=io.BytesIO((ROOT / "Dockerfile").read_bytes()))
    script = next(step["value"] for step in image.structure if "collectstatic" in step["value"])
    exported = shlex.split(script.split("&&")[0])[1:]
    commands = [part.strip() for part in script.split("&&") if part.strip().startswith("python manage.py")]
    assert len(commands) == 2
    env = {"PATH": HERE, "VAR_DIR": str(folder), **dict(word.split("=", 1) for word in exported)}
    for command in commands:
        words = shlex.split(command)
        done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def house(built: Path, services: dict[str, Any]) -> Iterator[House]:
    """The migrated database with web, worker and beat, by the commands of docker-compose.yml.

    It has its tables before, as at every release but the first; the first is how `template_of` makes them.
    """
    made = House(built, services)
    tables = template_of(os.environ["DATABASE_URL"])
    made.on_server(f'CREATE DATABASE "{made.database}" TEMPLATE "{tables}"')
    try:
        migrated = made.run("migrate")
        assert migrated.returncode == 0, migrated.stderr
        for name in ("web", "worker", "beat"):
            made.start(name)
        yield made
        codes = {name: made.stop(name) for name in list(made.running)}
        assert codes == dict.fromkeys(codes, 0), {name: made.log(name)[-2000:] for name in codes}
    finally:
        for name in list(made.running):
            made.stop(name)
        made.on_server(f'DROP DATABASE "{made.database}" WITH (FORCE)')
