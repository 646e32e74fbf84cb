"""The named cast, a database that may be flushed in tests, and one browser for the whole run."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase, override_settings
from django.utils import translation
from playwright.sync_api import Browser, sync_playwright

from people.models import User
from people.states import Role
from tests.broker import use_broker
from tests.database import empty, template_of
from tests.factories import applications, fellowships, labs, people

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Files whose tests take longest, longest first: whoever runs several at once begins with them.
LONGEST = (
    "test_demonstration.py",
    "test_one_whole_way.py",
    "test_broken_on_purpose.py",
    "test_look_in_a_browser.py",
    "test_axe_on_applications.py",
    "test_processes.py",
    "test_a_call_and_its_letters.py",
    "test_offer_to_appointment.py",
    "test_money.py",
    "test_bad_input.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Random within and among all other files; a long one at the end would leave the other processes idle."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole run. The machine of the checks has one; another may lack it, and says so."""
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if found is None and not os.environ.get("CI"):
        pytest.skip("NO CHROMIUM ON THE PATH: nothing was tried in a browser")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    Path(django_settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # whitenoise warns when it is not there
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield running
        running.close()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The tables are made once for all that test side by side: each copies the same database."""
    connection.settings_dict["TEST"]["TEMPLATE"] = template_of(os.environ["DATABASE_URL"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Before the database goes, whoever is still connected leaves: a thread of a server or worker that has ended."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True, scope="session")
def _settings_of_all_tests() -> Iterator[None]:
    with override_settings(
        WHITENOISE_AUTOREFRESH=True,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        REQUIRE_SECOND_FACTOR=False,
        SETTLE_COUNTS_SLOWER_THAN=float("inf"),
        KEEP_UNCHANGED=False,
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        SESSION_ENGINE="django.contrib.sessions.backends.db",
    ):
        yield


@pytest.fixture(autouse=True)
def _files_of_one_test(settings: Any, tmp_path: Any) -> None:
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.MEDIA_ROOT = str(tmp_path)
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    cache.clear()


@pytest.fixture(autouse=True)
def _english_first() -> Iterator[None]:
    """Whatever language the test before left behind."""
    with translation.override("en", deactivate=True):
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_broker() -> None:
    """Hints go nowhere unless a test asks for the real worker: the rows are what is tested."""
    use_broker("memory://")


def _empty(_self: TransactionTestCase) -> None:
    with connection.cursor() as cursor:
        empty(cursor)


@pytest.fixture(autouse=True, scope="session")
def _empty_after_transactional_tests() -> Iterator[None]:
    """Tables that refuse DELETE and TRUNCATE are emptied too, and what most tests leave empty costs nothing."""
    with mock.patch.object(TransactionTestCase, "_fixture_teardown", _empty):
        yield


@pytest.fixture
def client_of(client: Client) -> Callable[[User], Client]:
    """A fresh signed-in client for anybody: `client_of(officer).get(...)`."""

    def signed_in(user: User) -> Client:
        fresh = Client()
        fresh.force_login(user)
        return fresh

    return signed_in


@pytest.fixture
def institute(db: None) -> Any:
    return labs.InstituteFactory(code="KAIST")


@pytest.fixture
def other_institute(db: None) -> Any:
    return labs.InstituteFactory(code="UNIST")


@pytest.fixture
def lab(institute: Any) -> Any:
    return labs.LabFactory(code="LLM", institute=institute)


@pytest.fixture
def other_lab(other_institute: Any) -> Any:
    return labs.LabFactory(code="SOLAR", institute=other_institute)


@pytest.fixture
def call(db: None) -> Any:
    """A published call that is open now."""
    return applications.CallFactory()


@pytest.fixture
def call_lab(call: Any, lab: Any) -> Any:
    return applications.CallLabFactory(call=call, lab=lab, seats_announced=3)


@pytest.fixture
def other_call_lab(call: Any, other_lab: Any) -> Any:
    return applications.CallLabFactory(call=call, lab=other_lab, seats_announced=2)


@pytest.fixture
def applicant(db: None) -> User:
    return people.UserFactory(email="applicant@example.org", given_name="Mina", family_name="Seo", native_name="서민아")


@pytest.fixture
def stranger(db: None) -> User:
    """Signed in, and nobody to the matter. In every permission test."""
    return people.UserFactory(email="stranger@example.org", given_name="Nobody", family_name="Known")


@pytest.fixture
def officer(institute: Any) -> User:
    return people.holder(Role.PROGRAMME_OFFICER, institute.place, email="officer@example.org")


@pytest.fixture
def second_officer(institute: Any) -> User:
    return people.holder(Role.PROGRAMME_OFFICER, institute.place, email="officer2@example.org")


@pytest.fixture
def other_officer(other_institute: Any) -> User:
    """A programme officer of another institute."""
    return people.holder(Role.PROGRAMME_OFFICER, other_institute.place, email="officer3@example.org")


@pytest.fixture
def finance_officer(institute: Any) -> User:
    return people.holder(Role.FINANCE_OFFICER, institute.place, email="finance1@example.org")


@pytest.fixture
def second_finance_officer(institute: Any) -> User:
    return people.holder(Role.FINANCE_OFFICER, institute.place, email="finance2@example.org")


@pytest.fixture
def third_finance_officer(institute: Any) -> User:
    return people.holder(Role.FINANCE_OFFICER, institute.place, email="finance3@example.org")


@pytest.fixture
def other_finance_officer(other_institute: Any) -> User:
    return people.holder(Role.FINANCE_OFFICER, other_institute.place, email="finance4@example.org")


@pytest.fixture
def lab_head(lab: Any) -> User:
    return people.holder(Role.LAB_HEAD, lab.place, email="head@example.org")


@pytest.fixture
def other_lab_head(other_lab: Any) -> User:
    return people.holder(Role.LAB_HEAD, other_lab.place, email="head2@example.org")


@pytest.fixture
def reviewer(db: None) -> User:
    return people.holder(Role.REVIEWER, email="reviewer@example.org")


@pytest.fixture
def second_reviewer(db: None) -> User:
    return people.holder(Role.REVIEWER, email="reviewer2@example.org")


@pytest.fixture
def mentor_person(db: None) -> User:
    return people.holder(Role.MENTOR, email="mentor@example.org")


@pytest.fixture
def ministry(db: None) -> User:
    return people.holder(Role.MINISTRY, email="ministry@example.org")


@pytest.fixture
def auditor(db: None) -> User:
    return people.holder(Role.AUDITOR, email="auditor@example.org")


@pytest.fixture
def admin_person(db: None) -> User:
    return people.holder(Role.ADMIN, email="admin@example.org")


@pytest.fixture
def application(applicant: User, call: Any, call_lab: Any) -> Any:
    """The applicant's submitted application, which ranks the lab first."""
    return applications.ApplicationFactory(applicant=applicant, call=call, ranked_labs=[call_lab.pk])


@pytest.fixture
def appointment(application: Any, call_lab: Any) -> Any:
    """The applicant appointed as a fellow in the lab."""
    return fellowships.AppointmentFactory(offer__application=application, offer__call_lab=call_lab)


@pytest.fixture
def fellow(appointment: Any) -> User:
    return appointment.fellow
