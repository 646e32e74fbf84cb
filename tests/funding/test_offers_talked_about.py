"""What a candidate asks of her offer before she answers it, and the first day that moves with it."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from common.refusals import IllegalMove, Refusal
from fellowships import actions as fellowships
from fellowships.actions import Terms
from funding.actions import offers
from funding.actions.encumbrance import BudgetMissing
from funding.queries.books import faults
from funding.states import AccountKind
from notifications.models import Notification
from tests.factories.fellowships import fund
from tests.funding.offering import balance, code_for, sign


@pytest.fixture
def open_to_talk(placed: Any, terms: Terms, officer: Any, call_lab: Any) -> Any:
    fund(call_lab.lab, 2027, 150_000_000)
    bounds = {"earliest_start_on": date(2027, 1, 1), "latest_start_on": date(2027, 4, 1)}
    return offers.offer(placed.application, call_lab, Terms(**{**vars(terms), **bounds}), by=officer)


def test_first_day_moves_with_letter_and_money(open_to_talk: Any, applicant: Any, officer: Any, call_lab: Any) -> None:
    """A year from 1 March: ten months in 2027, two in 2028; the term stays a year, and the books follow."""
    before = open_to_talk.terms_sha256
    code = code_for(open_to_talk)
    question = fellowships.ask(open_to_talk, "My visa.", by=applicant, wanted_start_on=date(2027, 3, 1))
    with pytest.raises(BudgetMissing, match="2028: ₩25,000,000 missing"), transaction.atomic():
        offers.agree_first_day(question, by=officer)
    fund(call_lab.lab, 2028, 25_000_000)
    moved = offers.agree_first_day(question, by=officer, answer="Welcome in March.")
    assert (moved.starts_on, moved.ends_on) == (date(2027, 3, 1), date(2028, 2, 29))
    assert moved.terms_sha256 != before
    assert "1 March 2027" in str(moved.letter["en"])
    assert "2027년 3월 1일" in str(moved.letter["ko"])
    assert balance(AccountKind.LAB, 2027, lab=call_lab.lab) == 25_000_000
    assert balance(AccountKind.LAB, 2028, lab=call_lab.lab) == 0
    assert sum(row.amount_krw for row in moved.commitments.all()) == 150_000_000
    assert not faults()
    with pytest.raises(fellowships.NoCode):
        sign(moved, code=code, seal=before)
    with pytest.raises(IllegalMove):
        offers.agree_first_day(question, by=officer)


ASKED_WRONGLY = [
    ("", None, "Write a question"),
    ("Please.", date(2027, 4, 2), "from 1 January 2027 to 1 April 2027"),
    ("Please.", date(2026, 12, 31), "from 1 January 2027 to 1 April 2027"),
    ("  ", date(2027, 1, 1), "Write a question"),
]


@pytest.mark.parametrize(("text", "day", "words"), ASKED_WRONGLY)
def test_questions_that_cannot_be_asked(open_to_talk: Any, applicant: Any, text: str, day: Any, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        fellowships.ask(open_to_talk, text, by=applicant, wanted_start_on=day)


def test_one_wish_and_five_questions_at_a_time(open_to_talk: Any, applicant: Any, officer: Any) -> None:
    wish = fellowships.ask(open_to_talk, "", by=applicant, wanted_start_on=date(2027, 2, 1))
    with pytest.raises(Refusal, match="waits for an officer"):
        fellowships.ask(open_to_talk, "", by=applicant, wanted_start_on=date(2027, 3, 1))
    for number in range(4):
        fellowships.ask(open_to_talk, f"Question {number}", by=applicant)
    with pytest.raises(Refusal, match="Five questions"):
        fellowships.ask(open_to_talk, "One more", by=applicant)
    with pytest.raises(Refusal, match="Write an answer"):
        fellowships.reply(wish, " ", by=officer)
    assert fellowships.reply(wish, "The lab needs you in January.", by=officer).state == "refused"
    open_to_talk.refresh_from_db()
    assert open_to_talk.starts_on == date(2027, 1, 1)


def test_questions_and_answers_through_the_pages(
    open_to_talk: Any, applicant: Any, officer: Any, stranger: Any, client_of: Any, call_lab: Any
) -> None:
    ask = reverse("funding:ask_offer", args=[open_to_talk.key])
    assert client_of(applicant).post(ask, {"text": ""}).status_code == 409
    assert client_of(officer).post(ask, {"text": "Is there housing?"}).status_code == 403
    given = {"text": "Is there housing?", "wanted_start_on": "2027-02-01"}
    assert client_of(applicant).post(ask, given).status_code == 302
    listed = client_of(officer).get(reverse("funding:offers"), {"state": "asked"}).content.decode()
    assert open_to_talk.application.applicant.full_name in listed
    reply = reverse("funding:reply_offer", args=[open_to_talk.questions.get().key])
    assert client_of(applicant).post(reply, {"answer": "Yes."}).status_code == 403
    assert client_of(stranger).post(reply, {"answer": "Yes."}).status_code == 404
    assert client_of(officer).post(reply, {"answer": ""}).status_code == 409
    assert client_of(officer).post(reply, {"answer": "Yes.", "verb": "agree"}).status_code == 409
    fund(call_lab.lab, 2028, 25_000_000)
    assert client_of(officer).post(reply, {"answer": "Yes.", "verb": "agree"}).status_code == 302
    page = client_of(applicant).get(reverse("funding:offer", args=[open_to_talk.key])).content.decode()
    assert "Yes." in page
    assert "1 February 2027" in page
    assert Notification.objects.filter(kind="offer_reply", to=applicant).count() == 1
