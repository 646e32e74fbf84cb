"""The demonstration, as each of its people: every page she can reach answers, every button on it does what it says."""

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, Min, Sum, Value
from django.db.models.functions import Concat, StrIndex, Substr
from django.test import Client, TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from lxml import html

from applications.models import Application, Call
from common import paging
from common.access import Access, visible_to
from common.admin import SupportDesk
from common.models import AuditEntry
from fellowships.models import (
    Appointment,
)
from funding.models import (
    Account,
    Entry,
    Line,
    PaymentBatch,
    PayrollRun,
)
from funding.queries.sources import event_of
from innocore.demonstration.cast import CAST, DOMAIN
from innocore.demonstration.first_round import SMALL
from innocore.demonstration.programme import load
from notifications.models import Notification
from outreach.models import InformationSession
from people.models import AccessLog, User
from reports.models import ReportRun
from tests.architecture.test_routes import walk
from tests.factories.reviews import ConflictFactory
from tests.innocore.samples import SAMPLES

KEY = re.compile(r"(?<=/)[2-9a-z]{12}(?=/|$)|(?<=/)\d+(?=/|$)")
LEFT_OUT = ("/accounts/", "/static/", "/admin/", "/language/", "/mailbox/", "/styleguide/")
PAGES = 320
LEAST_BUTTONS, LEAST_KINDS = 145, 220
SAME_PAGES = ("officer.gist", "officer.dgist", "finance4")  # of who has the same roles elsewhere, or the same duties
TABLE = Path(__file__).with_name("who_may.txt")


def routes() -> Iterator[tuple[str, str, Any]]:
    for name, address, view in walk(get_resolver()):
        if hasattr(view, "access") and not address.startswith(("accounts/", "admin/")):
            yield name, address, view


KEYS: dict[str, Any] = {
    "call": lambda: Call.objects.get(state="review"),
    "session": lambda: InformationSession.objects.annotate(n=Count("registrations")).filter(n__gte=3).first(),
    "payroll": lambda: PayrollRun.objects.filter(institute__code="KAIST").first(),
    "batch": lambda: PaymentBatch.objects.filter(institute__code="KAIST", number_of_payments__gte=3).first(),
    "account": lambda: Account.objects.annotate(n=Count("lines")).filter(n__gte=3).first(),
}
LISTS = [
    ("officer", "/screening/", 8),
    ("officer", "/reviews/calls/{call}/", 11),
    ("officer", "/sessions/{session}/registrations/", 6),
    ("officer", "/campaigns/", 6),
    ("officer", "/outbox/", 5),
    ("officer", "/roles/", 5),
    ("officer", "/appointments/", 5),
    ("officer", "/offers/", 8),
    ("officer", "/mentoring/mentors/", 5),
    ("officer", "/mentoring/fellows/", 5),
    ("officer", "/labs/", 8),
    ("officer", "/partners/", 5),
    ("officer", "/conflicts/", 5),
    ("officer", "/messages/", 4),
    ("reviewer", "/reviews/", 5),
    ("finance", "/payroll/", 8),
    ("finance", "/payroll/{payroll}/", 12),
    ("finance", "/payments/", 6),
    ("finance", "/payments/{batch}/", 7),
    ("finance", "/claims/desk/", 7),
    ("finance", "/ledger/", 7),
    ("auditor", "/ledger/{account}/", 9),
    ("fellow", "/payslips/", 12),
    ("ministry", "/reports/", 4),
    ("auditor", "/people/audit/", 4),
    ("auditor", "/people/access/", 4),
]
OURS = {
    app.name
    for app in apps.get_app_configs()
    if "." not in app.name and app.name not in {"pgtrigger", "csp", "allauth"}
}


def stored_in(folder: str) -> dict[str, Any]:
    """Files in `folder`, which outlives each single test."""
    return {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


class Visit:
    """One person's walk: one page of each kind, breadth first, and each form of a page pressed once if asked for.

    Forms in `pressed` were pressed, and `kinds` of pages were opened, by somebody before her.
    """

    def __init__(
        self,
        user: User | None,
        *,
        pressed: set[tuple[str, ...]] | None = None,
        kinds: Counter[str] | None = None,
        language: str = "en",
    ) -> None:
        self.client = Client(headers={"accept-language": language})
        self.client.raise_request_exception = False
        if user is not None:
            User.objects.filter(pk=user.pk).update(language=language)
            self.client.force_login(user)
        self.kinds: Counter[str] = Counter() if kinds is None else kinds
        self.pressed = pressed
        self.problems: list[str] = []
        self.seen: dict[str, None] = {}

    def walk(self, start: str = "/") -> "Visit":
        todo = [start]
        while todo and len(self.seen) < PAGES:
            address = todo.pop(0)
            if self._is_new(address):
                todo += self._page(address)
        return self

    def open(self, addresses: Iterable[str]) -> "Visit":
        """These pages and no others."""
        for address in addresses:
            if self._is_new(address):
                self._page(address)
        return self

    def _is_new(self, address: str) -> bool:
        kind = KEY.sub("K", urlsplit(address).path) + ("?" if "?" in address else "")
        if address in self.seen or self.kinds[kind]:
            return False
        self.kinds[kind] += 1
        self.seen[address] = None
        return True

    def _page(self, address: str) -> list[str]:
        answer = self.client.get(address)
        if answer.status_code in {301, 302}:
            return [urljoin(address, answer["Location"])]
        if answer.status_code != 200:
            self.problems.append(f"GET {address} -> {answer.status_code}")
        if answer.streaming or "html" not in answer["Content-Type"]:
            b"".join(answer.streaming_content) if answer.streaming else answer.content
            return []
        page = html.fromstring(answer.content.decode())
        if not page.xpath("//h1"):
            self.problems.append(f"GET {address}: a page without a heading")
        for form in page.forms if self.pressed is not None else ():
            self._press(address, form, self.pressed)
        links = (link.get("href") for link in page.xpath("//a[@href]"))
        return [urljoin(address, link.split("#")[0]) for link in links if self._is_ours(link)]

    @staticmethod
    def _is_ours(link: str) -> bool:
        return link.startswith(("/", "?")) and not link.startswith(LEFT_OUT)

    def _press(self, address: str, form: Any, pressed: set[tuple[str, ...]]) -> None:
        """Press a form's button as it stands; what it did is undone."""
        target = urljoin(address, form.get("action") or address)
        if form.method != "POST" or target.startswith(LEFT_OUT):
            return
        buttons = list(form.xpath(".//button[@name]")) or [None]
        for button in buttons:
            fields = [pair for pair in form.form_values() if pair[0] != "csrfmiddlewaretoken"]
            if button is not None:
                fields.append((button.get("name"), button.get("value") or ""))
            which = (KEY.sub("K", target), *sorted({name for name, _value in fields}))
            if which in pressed:
                continue
            pressed.add(which)
            self._send(target, fields)

    def _send(self, target: str, fields: list[tuple[str, str]]) -> None:
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        point = transaction.savepoint()
        status = self.client.post(target, data).status_code
        transaction.savepoint_rollback(point)
        if status not in {200, 204, 302, 303, 409, 422}:
            self.problems.append(f"POST {target} {data} -> {status}")


@pytest.mark.slow
class TestDemonstration(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        with override_settings(STORAGES=stored_in(cls.folder)):
            cls.appointments = load(SMALL)

    def setUp(self) -> None:
        self.enterContext(override_settings(STORAGES=stored_in(self.folder)))

    def people(self) -> Iterator[tuple[str, User | None]]:
        yield "visitor", None
        for part in CAST:
            yield part.mailbox, User.objects.get(email=f"{part.mailbox}@{DOMAIN}")

    def test_every_page_of_everyone_every_button_and_both_languages(self) -> None:
        """Each opens all that is hers in English; what several have is pressed, and read in Korean, by the first."""
        pressed: set[tuple[str, ...]] = set()
        in_korean: Counter[str] = Counter()
        for name, user in self.people():
            if name in SAME_PAGES:
                continue
            with self.subTest(name):
                visit = Visit(user, pressed=pressed).walk()
                assert visit.problems == []
                assert len(visit.seen) >= 5
                assert Visit(user, kinds=in_korean, language="ko").open(visit.seen).problems == []
        assert len(pressed) >= LEAST_BUTTONS
        assert len(in_korean) >= LEAST_KINDS

    def test_the_support_desk_lists_and_shows_every_table(self) -> None:
        visitor = Client()
        visitor.force_login(User.objects.get(email=f"admin@{DOMAIN}"))
        assert visitor.get("/admin/").status_code == 200
        self.enterContext(mock.patch.object(admin.site, "get_app_list", return_value=[]))  # the same beside every table
        for model, desk in admin.site._registry.items():
            if not isinstance(desk, SupportDesk):
                continue
            listed = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
            addresses = [listed, f"{listed}?q=a"] if desk.search_fields else [listed]
            row = model._default_manager.order_by("pk").first()
            addresses += [f"{listed}{row.pk}/change/"] if row is not None else []
            for address in addresses:
                with self.subTest(address):
                    assert visitor.get(address).status_code == 200

    def test_every_table_of_ours_has_its_desk(self) -> None:
        ours = {model for model in apps.get_models() if model.__module__.split(".")[0] in OURS}
        assert {model._meta.label for model in ours - admin.site._registry.keys()} == set()

    def test_nobody_else_enters_the_support_desk(self) -> None:
        for name, user in self.people():
            if name != "admin":
                visit = Visit(user)
                with self.subTest(name):
                    assert visit.client.get("/admin/people/user/").status_code in {302, 403}

    def test_each_list_costs_the_same_queries_for_one_row_and_for_three(self) -> None:
        self._fill_what_is_empty()
        for mailbox, address, queries in LISTS:
            visitor = Client()
            visitor.force_login(User.objects.get(email=f"{mailbox}@{DOMAIN}"))
            address = self._address_of(address)
            with self.subTest(address):
                counted = {rows: self._queries_of(visitor, address, rows) for rows in (1, 3)}
                assert counted == {1: queries, 3: queries}
                assert queries <= 12

    def _fill_what_is_empty(self) -> None:
        officer, ministry = (User.objects.get(email=f"{name}@{DOMAIN}") for name in ("officer", "ministry"))
        for number, application in enumerate(Application.objects.filter(state="eligible").order_by("pk")[:3]):
            ConflictFactory(application=application, person=officer)
            AccessLog.objects.create(by=officer, whose=application.applicant, what="a test", address="127.0.0.1")
            Notification.objects.create(kind="match_lab", to=officer, address=officer.email, dedupe=f"test:{number}")
            ReportRun.objects.create(kind="programme", requested_by=ministry)

    def _address_of(self, address: str) -> str:
        """`address` with the key of a row in place of its name in braces."""
        for word in re.findall(r"\{(\w+)\}", address):
            address = address.replace(f"{{{word}}}", KEYS[word]().key)
        return address

    def _queries_of(self, visitor: Client, address: str, rows: int) -> int:
        """Queries of a page whose list shows `rows` rows."""

        def short(queryset: Any, *, order: Any, size: int, **cursors: str) -> Any:
            return whole(queryset, order=order, size=rows, **cursors)

        whole = paging.key_page
        with mock.patch("common.paging.key_page", short), CaptureQueriesContext(connection) as captured:
            answer = visitor.get(address)
        assert answer.status_code == 200
        assert len(answer.context["page"].rows) == rows
        return len(captured)

    def test_who_may_call_each_route_is_as_the_table_says(self) -> None:
        people = {part.mailbox: User.objects.get(email=f"{part.mailbox}@{DOMAIN}") for part in CAST}
        rows = {label: row() for label, row in SAMPLES.items()}
        found = [f"{name}: {self._who_may(view.access, people, rows)}" for name, _address, view in routes()]
        assert found == TABLE.read_text().splitlines()

    def _who_may(self, access: Access, people: dict[str, User], rows: dict[str, Any]) -> str:
        """The cast's members who get past what the view states; of object routes, with the sample row of its model."""
        plain = {"public": "anybody", "signed in": "anybody signed in, her own", "token": "an officer's token"}
        if access.kind in plain:
            return plain[access.kind]
        if access.model is None:
            named = [name for name, user in people.items() if user.has_perm(access.permission)]
        else:
            row = rows[access.model.__name__]
            assert row is not None, access.model
            named = [
                name
                for name, user in people.items()
                if visible_to(user, access.model).filter(pk=row.pk).exists() and user.has_perm(access.permission, row)
            ]
        return " ".join(sorted(named)) or "nobody"

    def test_the_database_agrees_with_all_of_it(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        unbalanced = Line.objects.values("entry").annotate(sum=Sum("amount_krw")).exclude(sum=0)
        assert not unbalanced.exists()
        assert len(self.appointments) == Appointment.objects.count() > 0
        assert not AuditEntry.objects.filter(verb="").exists()
        assert (
            not Application.objects.values("call", "number")
            .exclude(number=None)
            .annotate(n=Count("pk"))
            .filter(n__gt=1)
            .exists()
        )

    def test_every_kind_of_event_in_the_ledger_leads_to_what_caused_it(self) -> None:
        auditor = User.objects.get(email=f"auditor@{DOMAIN}")
        kinds = Entry.objects.annotate(word=Substr("event", 1, StrIndex("event", Value(":")) - 1)).order_by()
        firsts = kinds.values("word", "source_type").annotate(first=Min("pk")).values_list("first", flat=True)
        found = {entry: event_of(entry, auditor) for entry in Entry.objects.filter(pk__in=firsts)}
        assert len({entry.event.partition(":")[0] for entry in found}) > 5
        assert [entry.event for entry, event in found.items() if not event.words or event.row is None] == []

    def test_it_is_loaded_once_and_never_beside_other_people(self) -> None:
        before = {model: model._default_manager.count() for model in apps.get_models()}
        call_command("demo_data", small=True, verbosity=0)
        assert {model: model._default_manager.count() for model in apps.get_models()} == before
        User.objects.filter(email__endswith=f"@{DOMAIN}").update(email=Concat(Value("x"), "email", Value(".example")))
        with pytest.raises(CommandError, match="empty one"):
            call_command("demo_data", small=True)
        with self.settings(DEMO=False), pytest.raises(CommandError, match="DEMO=1"):
            call_command("demo_data", small=True)
