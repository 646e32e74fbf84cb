"""One database with all tables, made once, that the databases of the tests are copied from."""

import hashlib
import os
import subprocess
import sys
import time
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


# Rows that making the tables leaves behind; everything else is empty between tests.
MADE_WITH_THE_TABLES = ("django_migrations", "django_content_type", "auth_permission")
WAIT_FOR_OTHERS = 5.0
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
)
EMPTY = """
DO $$
DECLARE
    named text;
    filled boolean;
BEGIN
    FOR named IN
        SELECT quote_ident(relname) FROM pg_class
        WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
        AND relname <> ALL (%s)
    LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || named || ')' INTO filled;
        IF filled THEN
            EXECUTE 'DELETE FROM ' || named;
        END IF;
    END LOOP;
END $$
"""


def empty(cursor: Any) -> None:
    """Delete all rows, past triggers and references, once nobody else is in the middle of a transaction.

    A tenth of what Django's flush costs on some two hundred tables, most of them empty; what stands in the tables when
    they are made stays.
    """
    until = time.monotonic() + WAIT_FOR_OTHERS
    cursor.execute(OTHERS)
    while cursor.fetchone()[0] and time.monotonic() < until:
        time.sleep(0.02)
        cursor.execute(OTHERS)
    cursor.execute("SET session_replication_role = replica")
    try:
        cursor.execute(EMPTY, [list(MADE_WITH_THE_TABLES)])
    finally:
        cursor.execute("SET session_replication_role = DEFAULT")


def _named(name: str, address: str) -> str:
    scheme, rest = address.split("://", 1)
    who, path = rest.split("/", 1)
    return f"{scheme}://{who}/{name}{path[path.index('?') :] if '?' in path else ''}"
