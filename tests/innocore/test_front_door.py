"""Health, error pages, the server's discreet log, the public pages, and the demonstration's commands."""

import io
import logging
import subprocess
import sys
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse

from common.discreet import LongPartsOut, discreet
from innocore import gunicorn, views
from innocore.demonstration.cast import CAST


@pytest.mark.parametrize("name", ["privacy", "accessibility"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_pages_that_the_law_asks_for(db: None, client: Client, name: str, language: str) -> None:
    answer = client.get(reverse(name), headers={"accept-language": language})
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == language


def test_health_names_what_fails(db: None, client: Client) -> None:
    with mock.patch.dict(views.CHECKS, {"broker": lambda: True}):
        assert client.get("/healthz").json() == {"status": "ok", "failing": []}
    with (
        mock.patch("innocore.views.connection.cursor", side_effect=OSError),
        mock.patch("innocore.views.app.connection_for_write", side_effect=OSError),
    ):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["database", "broker"])


def test_a_form_from_an_old_page_says_what_to_do(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(reverse("people:language"), {"language": "ko"})
    assert answer.status_code == 403
    assert b"nothing" in answer.content.lower() or b"reload" in answer.content.lower()


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/letters/abcdefghijklmnopqrstuvwxyz0123456789/", "/letters/.../"),
        ("/static/" + "a" * 40 + ".css", "/static/" + "a" * 40 + ".css"),
        ("/calls/abcdefghijkl/", "/calls/abcdefghijkl/"),
        ("", ""),
    ],
)
def test_personal_links_stay_out_of_the_log(path: str, logged: str) -> None:
    assert discreet(path) == logged


def test_what_django_logs_of_a_refused_link_is_short() -> None:
    record = logging.LogRecord("django.request", 30, "", 1, "%s: %s", ("Not Found", "/letters/" + "k" * 43 + "/"), None)
    assert LongPartsOut().filter(record)
    assert record.getMessage() == "Not Found: /letters/.../"


def test_a_signed_in_page_is_kept_by_no_shared_cache(client_of: Any, stranger: Any, client: Client) -> None:
    assert client_of(stranger).get("/privacy/")["Cache-Control"] == "private, no-cache"
    assert "Cache-Control" not in client.get("/privacy/")


def test_a_fault_is_said_without_asking_the_database() -> None:
    request = RequestFactory().get("/")
    for fault, status in ((OperationalError("away"), 503), (ValueError("ours"), 500)):
        try:
            raise fault
        except Exception:
            answer = views.server_error(request)
        assert (answer.status_code, b"<h1" in answer.content) == (status, True)


def test_the_access_log_leaves_out_health_checks() -> None:
    logger = gunicorn.DiscreetLogger.__new__(gunicorn.DiscreetLogger)
    with mock.patch("gunicorn.glogging.Logger.access") as written:
        logger.access(None, None, {"PATH_INFO": "/healthz"}, None)
        logger.access(None, None, {"PATH_INFO": "/calls/"}, None)
    assert written.call_count == 1
    with mock.patch("gunicorn.glogging.Logger.atoms", return_value={"U": "/letters/" + "k" * 30}):
        assert logger.atoms(SimpleNamespace())["U"] == "/letters/..."


def test_who_can_sign_in_to_the_demonstration_is_printed() -> None:
    said = io.StringIO()
    call_command("demo_accounts", stdout=said)
    assert all(part.mailbox in said.getvalue() for part in CAST)


def run_settings(**env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import innocore.settings as s; print(s.SOCIALACCOUNT_PROVIDERS.keys(), s.DEBUG)"]
    base = {"PATH": "/usr/bin", "SECRET_KEY": "k" * 50, "DATABASE_URL": "postgresql://x/y"}
    return subprocess.run(command, env={**base, **env}, capture_output=True, text=True, check=False)


def test_what_is_not_configured_is_off_and_what_is_missing_is_named() -> None:
    fernet = "ESnhRmtsZwhVK-ge-XU5I0ThMBecdAoYLrL_LxhkRZU="
    redis = {"REDIS_URL": "redis://127.0.0.1:1/0", "FIELD_ENCRYPTION_KEYS": fernet}
    plain = run_settings(**redis)
    assert plain.returncode == 0, plain.stderr
    assert "dict_keys([]) False" in plain.stdout
    configured = run_settings(**redis, ORCID_CLIENT_ID="id", ORCID_SECRET="secret")
    assert "orcid" in configured.stdout
    missing = run_settings(FIELD_ENCRYPTION_KEYS=fernet, ORCID_CLIENT_ID="id")
    assert missing.returncode != 0
    assert "environment variable" in missing.stderr
