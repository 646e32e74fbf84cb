"""What is told is in the language of whoever is told, whoever caused it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from common.later import later, name_later
from common.when import day_words, instant_words
from notifications.actions import draft
from notifications.models import Notification

MOMENT = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", ["18:00 KST, 5 December 2026", "8 January 2027"]), ("ko", ["2026년 12월 5일 18:00 KST", "2027년 1월 8일"])],
)
def test_days_and_instants_are_worded_for_the_reader(applicant: Any, call: Any, language: str, said: list[str]) -> None:
    applicant.language = language
    with translation.override("ko" if language == "en" else "en"):
        made = draft(
            "x", to=applicant, about=None, dedupe="1",
            at=later(instant_words, MOMENT), on=later(day_words, date(2027, 1, 8)), call=name_later(call),
        )  # fmt: skip
    assert [made.context["at"], made.context["on"]] == said
    assert made.context["call"] == (call.name_ko if language == "ko" else call.name_en)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("accept", "words"), [("en", "Your code is:"), ("ko", "확인 코드:")])
def test_the_first_mail_names_the_house(accept: str, words: str) -> None:
    client = Client(headers={"accept-language": accept})
    form = client.get(reverse("account_signup")).context["form"]
    data = {name: "1" for name, field in form.fields.items() if field.required}
    data |= {"email": "new@example.org", "password1": "a long enough secret 17"}
    data |= {name: "Mina" for name in ("given_name", "family_name") if name in form.fields}
    assert client.post(reverse("account_signup"), data).status_code == 302
    row = Notification.objects.get(kind="account")
    text = row.context["mail_body"]
    assert words in text
    assert "InnoCORE" in row.context["mail_subject"]
    for hole in (" !", " .", "에서 계정을", "  "):
        assert hole not in text
