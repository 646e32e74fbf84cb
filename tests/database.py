"""One database with all tables, made once, that the databases of the tests are copied from."""

import hashlib
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2

ROOT = Path(__file__).resolve().parents[1]
LOCK = 20250618  # one process makes it, the others wait


def template_of(address: str) -> str:
    """The name of the database to copy, on the server of `address`; made first if it is not there."""
    name = f"tables_{_fingerprint()}"
    with closing(psycopg2.connect(_named("postgres", address))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                _make(cursor, name, address)
    return name


def _fingerprint() -> str:
    files = sorted(ROOT.glob("*/migrations/*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def _make(cursor: Any, name: str, address: str) -> None:
    """Under another name until it is whole: what a killed run leaves is never copied."""
    half = f"{name}_half"
    cursor.execute(f'DROP DATABASE IF EXISTS "{half}"')
    cursor.execute(f"CREATE DATABASE \"{half}\" TEMPLATE template0 ENCODING 'UTF8'")
    env = {**os.environ, "DATABASE_URL": _named(half, address)}
    command = [sys.executable, "manage.py", "migrate", "--no-input", "-v0"]
    subprocess.run(command, cwd=ROOT, env=env, check=True)
    cursor.execute(f'ALTER DATABASE "{half}" RENAME TO "{name}"')


def _named(name: str, address: str) -> str:
    scheme, rest = address.split("://", 1)
    who, path = rest.split("/", 1)
    return f"{scheme}://{who}/{name}{path[path.index('?') :] if '?' in path else ''}"
