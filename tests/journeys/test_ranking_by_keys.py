"""A lab head ranks without a mouse: moves, ties, takes out and puts back by keys, and hears what she did."""

from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import expect

from applications.states import CallState
from matching import actions
from matching.models import RankList
from people.states import Role
from tests.factories.applications import CallFactory, CallLabFactory, EligibleFactory
from tests.factories.labs import LabFactory
from tests.factories.people import holder
from tests.journeys.test_axe_on_applications import cookie_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_she_ranks_by_keys_alone(person: Any, live_server: Any, transactional_db: None) -> None:
    call = CallFactory(state=CallState.REVIEW)
    row = CallLabFactory(call=call, lab=LabFactory(code="LLM"), seats_announced=1)
    made = [EligibleFactory(call=call, ranked_labs=[row.pk], given_name=name) for name in ("Ada", "Bora", "Chun")]
    head = holder(Role.LAB_HEAD, row.lab.place)
    actions.open_seats(call, by=None)
    first, second, third = (each.pk for each in made)
    rank_list = actions.save_ranking(RankList.objects.get(), [first, second, third], version=0, by=head)
    window = person()
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": cookie_of(head), "url": live_server.url}
    window.context.add_cookies([cookie])
    window.open(f"/ranking/{rank_list.opening.key}/")
    assert window.reads("Alt and an arrow move her")
    rows, said = window.page.locator("[data-rank-item]"), window.page.locator("[data-rank-status]")
    rows.nth(2).focus()
    window.page.keyboard.press("Alt+ArrowUp")
    expect(said).to_contain_text("Chun")
    expect(said).to_contain_text("is now number 2")
    window.page.keyboard.press("t")
    expect(said).to_contain_text("is level with the one above")
    window.page.keyboard.press("ArrowUp")
    window.page.keyboard.press("t")
    window.page.keyboard.press("Delete")
    expect(said).to_contain_text("Ada")
    expect(said).to_contain_text("is taken out once you save")
    window.page.keyboard.press("u")
    expect(said).to_contain_text("is now number 1")
    rows.nth(2).focus()
    window.page.keyboard.press("u")
    window.page.locator("main button[name=save]:not([aria-hidden])").click()
    window.page.wait_for_load_state()
    assert window.reads("Your list is saved.")
    rank_list.refresh_from_db()
    assert (rank_list.ranked, rank_list.class_sizes) == ([first, third], [2])
