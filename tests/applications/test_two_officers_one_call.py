"""Two officers at one call: what one saved is never lost to the other's older page; a call ends when it is decided."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from applications import actions
from applications.actions.calls import ChangedMeanwhile, NotReady, NotScreened, WordsMissing
from applications.models import Call
from tests.applications.test_calls import data_of
from tests.factories.applications import ApplicationFactory


@pytest.fixture
def open_call(call: Any, call_lab: Any, officer: Any) -> Any:
    return actions.save_call(call, {"name_en": "First call", "text_en": "Words", "text_ko": "말"}, by=officer)


def test_an_older_page_does_not_write_over_a_newer_one(open_call: Any, officer: Any, second_officer: Any) -> None:
    seen = actions.stamp_of(open_call)
    actions.save_call(open_call, {"name_ko": "고친 이름"}, by=second_officer, seen=seen)
    with pytest.raises(ChangedMeanwhile, match=str(second_officer)):
        actions.save_call(open_call, {"name_ko": "옛 이름"}, by=officer, seen=seen)
    assert Call.objects.get(pk=open_call.pk).name_ko == "고친 이름"
    actions.save_call(open_call, {"name_ko": "옛 이름"}, by=officer, seen=actions.stamp_of(open_call))


def test_the_page_says_who_was_quicker_and_saves_on_the_second_try(
    open_call: Any, lab: Any, officer: Any, second_officer: Any, client_of: Any
) -> None:
    address = reverse("applications:edit_call", args=[open_call.key])
    client = client_of(officer)
    seen = client.get(address).context["form"]["seen_change"].value()
    data = data_of(lab, programme=open_call.programme_id, code=open_call.code, seen_change=seen)
    actions.save_call(open_call, {"name_ko": "고친 이름"}, by=second_officer)
    answer = client.post(address, {**data, "name_en": "Mine"})
    assert answer.status_code == 409
    assert str(second_officer) in answer.content.decode()
    assert Call.objects.get(pk=open_call.pk).name_en == "First call"
    stamp = answer.context["form"]["seen_change"].value()
    assert client.post(address, {**data, "name_en": "Mine", "seen_change": stamp}).status_code == 302
    assert Call.objects.get(pk=open_call.pk).name_en == "Mine"


def test_a_published_call_keeps_its_words(open_call: Any, officer: Any) -> None:
    with pytest.raises(WordsMissing):
        actions.save_call(open_call, {"text_en": "  "}, by=officer)


def test_what_stands_in_the_way_is_said_on_the_calls_page(officer: Any, client_of: Any, call: Any) -> None:
    Call.objects.filter(pk=call.pk).update(state="draft", decisions_on=call.closes_at.date() - timedelta(days=1))
    call.refresh_from_db()
    with pytest.raises(NotReady):
        actions.publish_call(call, by=officer)
    address = reverse("applications:call_gesture", args=[call.key, "publish"])
    answer = client_of(officer).post(address, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("applications:call", args=[call.key])
    assert "cannot be published yet" in answer.content.decode()


def test_a_call_does_not_end_while_something_is_undecided(
    call: Any, call_lab: Any, applicant: Any, officer: Any, client_of: Any
) -> None:
    submitted = ApplicationFactory(call=call, applicant=applicant, ranked_labs=[call_lab.pk])
    Call.objects.filter(pk=call.pk).update(state="review")
    call.refresh_from_db()
    with pytest.raises(NotScreened, match="1"):
        actions.finish_call(call, by=officer)
    page = client_of(officer).get(reverse("applications:call", args=[call.key])).content.decode()
    assert "1 application is not screened yet." in page
    submitted.state = "eligible"
    submitted.save()
    assert actions.finish_call(call, by=officer).state == "finished"
