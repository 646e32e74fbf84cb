"""What waited too long for its turn is answered at once, in words; nobody but our own proxy says how long."""

import time
from typing import Any

import pytest
from django.test import Client


@pytest.mark.django_db
def test_busy_is_said_at_once_and_in_the_readers_language(client: Client, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT, settings.OVERLOAD_SECONDS = 1, 5
    long_ago = str(int((time.time() - 30) * 1000))
    answer = client.get("/", headers={"x-request-start": long_ago})
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert b"still on this device" in answer.content
    assert client.get("/", headers={"x-request-start": f"t={long_ago}"}).status_code == 503
    assert client.get("/", headers={"x-request-start": str(int(time.time() * 1000))}).status_code == 200
    assert client.get("/", headers={"x-request-start": "soon"}).status_code == 200


@pytest.mark.django_db
def test_a_strangers_word_about_waiting_counts_for_nothing(client: Client, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert client.get("/", headers={"x-request-start": "1"}).status_code == 200
