"""Pages by key: every row once, both ways, whatever the order, at one query a page."""

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from common.paging import LAST, key_page, key_page_for, order_from
from people.models import User
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
ORDERS = [
    ("pk",),
    ("-pk",),
    ("family_name", "pk"),
    ("-family_name", "pk"),
    ("family_name", "-native_name", "pk"),
    ("last_login", "pk"),
    ("-last_login", "-pk"),
    ("last_login", "-family_name", "pk"),
    ("-joined_at", "pk"),
]


def people(count: int = 11) -> None:
    now = timezone.now()
    for number in range(count):
        seen = None if number % 3 == 0 else now - timezone.timedelta(days=number % 4)
        UserFactory(family_name="ABC"[number % 3], native_name="가나"[number % 2], last_login=seen)


def pages(order: tuple[str, ...], size: int) -> list[list[Any]]:
    page = key_page(User.objects.all(), order=order, size=size)
    found = [[row.pk for row in page.rows]]
    while page.next_cursor:
        page = key_page(User.objects.all(), order=order, after=page.next_cursor, size=size)
        found.append([row.pk for row in page.rows])
    while page.previous_cursor:
        page = key_page(User.objects.all(), order=order, before=page.previous_cursor, size=size)
        found.append([row.pk for row in page.rows])
    return found


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 3, 11, 12])
def test_walking_forth_and_back_shows_every_row_once(order: tuple[str, ...], size: int) -> None:
    people()
    expected = list(User.objects.order_by(*order).values_list("pk", flat=True))
    forth = [expected[start : start + size] for start in range(0, len(expected), size)]
    assert pages(order, size) == [*forth, *reversed(forth[:-1])]


def test_a_row_that_comes_in_before_does_not_shift_the_next_page() -> None:
    people(4)
    first = key_page(User.objects.all(), order=("pk",), size=2)
    key_page(User.objects.all(), order=("pk",), size=2).rows[0].delete()
    second = key_page(User.objects.all(), order=("pk",), after=first.next_cursor, size=2)
    assert [row.pk for row in second.rows] == list(User.objects.order_by("pk").values_list("pk", flat=True))[1:]


@pytest.mark.parametrize("cursor", ["", "rubbish", "WzFd:1abc:def", "🙂", "a" * 5000])
def test_a_bad_cursor_shows_the_first_page(cursor: str) -> None:
    people(3)
    page = key_page(User.objects.all(), order=("pk",), after=cursor, size=2)
    assert [row.pk for row in page.rows] == list(User.objects.order_by("pk").values_list("pk", flat=True))[:2]
    assert page.previous_cursor == ""


def test_a_cursor_of_another_order_shows_the_first_page() -> None:
    people(4)
    cursor = key_page(User.objects.all(), order=("pk",), size=2).next_cursor
    page = key_page(User.objects.all(), order=("-pk",), after=cursor, size=2)
    assert page.rows[0].pk == User.objects.latest("pk").pk


def test_a_page_whose_rows_are_gone_shows_the_first_one() -> None:
    people(3)
    cursor = key_page(User.objects.all(), order=("pk",), size=2).next_cursor
    User.objects.order_by("-pk")[0].delete()
    assert len(key_page(User.objects.all(), order=("pk",), after=cursor, size=2).rows) == 2


def test_no_rows_is_an_empty_page() -> None:
    page = key_page(User.objects.none(), order=("pk",))
    assert not page
    assert (page.rows, page.next_cursor, page.previous_cursor) == ([], "", "")


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_is_one_query(count: int, django_assert_num_queries: Any) -> None:
    people(count)
    with django_assert_num_queries(1):
        key_page(User.objects.all(), order=("family_name", "pk"), size=2)


@pytest.mark.parametrize(("asked", "size"), [("", 20), ("50", 50), ("7", 20), ("-1", 20), ("x", 20), ("²", 20)])
def test_a_request_may_ask_for_listed_sizes_only(rf: RequestFactory, asked: str, size: int) -> None:
    request: HttpRequest = rf.get("/", {"size": asked})
    page = key_page_for(request, User.objects.all(), order=("pk",))
    assert (page.size, page.sizes) == (size, (20, 50, 100))


@pytest.mark.parametrize(
    ("asked", "sort", "order"),
    [
        ({}, "-name", ("-family_name", "-pk")),
        ({"sort": "name"}, "name", ("family_name", "pk")),
        ({"sort": "-seen"}, "-seen", ("last_login", "pk")),
        ({"sort": "password"}, "-name", ("-family_name", "-pk")),
        ({"sort": "--name"}, "-name", ("-family_name", "-pk")),
    ],
)
def test_a_request_may_sort_by_listed_words_only(
    rf: RequestFactory, asked: dict[str, str], sort: str, order: tuple[str, ...]
) -> None:
    orders = {"name": ("family_name", "pk"), "seen": ("-last_login", "-pk")}
    assert order_from(rf.get("/", asked), orders, default="-name") == (sort, order)


@pytest.mark.parametrize("order", ORDERS)
def test_the_last_page_is_one_step_away(order: tuple[str, ...]) -> None:
    people()
    expected = list(User.objects.order_by(*order).values_list("pk", flat=True))
    last = key_page(User.objects.all(), order=order, before=LAST, size=4)
    assert ([row.pk for row in last.rows], last.next_cursor) == (expected[-4:], "")
    before = key_page(User.objects.all(), order=order, before=last.previous_cursor, size=4)
    assert [row.pk for row in before.rows] == expected[-8:-4]
    assert key_page(User.objects.none(), order=order, before=LAST).rows == []
