"""A browser, the application on a port, and a real worker with a broker of its own: nothing is stood in for."""

import email
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import policy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, Page

from innocore.celery import app
from people.models import User
from tests.broker import use_broker

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "journey-pass-1"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@pytest.fixture(params=["en", "ko"])
def language(request: pytest.FixtureRequest) -> str:
    """A journey that asks for it is walked twice: by people who all chose this language."""
    return str(request.param)


def may_sign_in(user: User, language: str) -> User:
    """`user` has a password, a verified address, and chose `language`."""
    user.password, user.language = make_password(PASSWORD), language
    user.save()
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return user


def said(words: str, language: str, **facts: object) -> str:
    """What a page says in `language` for these English words; without `facts`, the longest part that has none."""
    with translation.override(language):
        text = gettext(words)
    return text % facts if facts else max(PLACEHOLDER.split(text), key=len).strip()


def subject_of(kind: str, language: str) -> str:
    """The longest part of a mail's subject that is the same for everybody."""
    first = (ROOT / "templates" / "notifications" / kind / f"{language}.txt").read_text().partition("\n")[0]
    return max(re.split(r"\{[{%].*?[%}]\}", first.replace("Subject:", "")), key=len).strip()


def broker_url() -> str:
    """A database of the broker for this process alone: 15 and down (the houses of `tests/local` take 1 to 7)."""
    number = 15 - int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    return urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}"))


class Worker:
    """A Celery worker on the test's database, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        database = connection.settings_dict["NAME"]
        url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))
        env = {
            **os.environ, "DATABASE_URL": url, "REDIS_URL": broker_url(), "VAR_DIR": str(self.folder), "DEMO": "1",
            "SITE_URL": "http://testserver", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        words = [sys.executable, "-m", "celery", "-A", "innocore", "worker", "--pool", "solo", "--loglevel", "info"]
        with (self.folder / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(words, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)

    def kill(self) -> None:
        """Kill -9, as when the machine takes its memory back."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


@pytest.fixture
def worker(settings: Any, tmp_path: Any, transactional_db: None) -> Iterator[Worker]:
    """A worker that shares database, broker and files with the web server of the test."""
    settings.STORAGES["default"]["OPTIONS"]["location"] = str(tmp_path / "media")
    use_broker(broker_url())
    with app.connection_for_write() as link:
        link.default_channel.client.flushdb()
    running = Worker(tmp_path)
    running.start()
    yield running
    running.stop()
    use_broker("memory://")


def until(seen: Callable[[], Any], seconds: float = 60) -> Any:
    """What `seen` answers as soon as it answers something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := seen():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s")


class Mailbox:
    """What the worker sent, as files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def text_to(self, address: str, subject: str) -> str:
        """The text of the newest mail to `address` whose subject holds `subject`; waits for it."""
        return str(until(lambda: self._found(address, subject)))

    def link_to(self, address: str, subject: str) -> str:
        """The path of the first link in that mail."""
        return re.search(r"https?://[^/\s]+(/\S+)", self.text_to(address, subject))[1]  # type: ignore[index]

    def _found(self, address: str, subject: str) -> str:
        for path in sorted(self.folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True):
            message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            if address in str(message["To"]) and subject in str(message["Subject"]):
                body = message.get_body(("plain",))
                return str(body.get_content()) if body else ""
        return ""


@pytest.fixture
def mailbox(worker: Worker, tmp_path: Any) -> Mailbox:
    return Mailbox(tmp_path / "mail")


class Person:
    """Somebody before her own browser window. Words are given in English and looked for in the language she chose."""

    def __init__(self, browser: Browser, base: str, complaints: list[str], locale: str) -> None:
        self.language = ""  # nobody's choice yet: the browser's language, and words as they are given
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=locale)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(45_000)
        self.base = base
        self.page.on("console", lambda m: complaints.append(m.text) if "Security Policy" in m.text else None)

    def sign_in(self, address: str, password: str = PASSWORD) -> "Person":
        self.open("/accounts/login/")
        self.page.fill("input[name=login]", address)
        self.page.fill("input[name=password]", password)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "/accounts/login" not in url)
        self.language = User.objects.get(email=address).language
        return self

    def open(self, path: str) -> Page:
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status < 400, (path, answer.status)
        self._is_in_her_language()
        return self.page

    def _is_in_her_language(self) -> None:
        if self.language:
            assert self.page.evaluate("document.documentElement.lang") == self.language, self.path

    def hears(self, words: str, **facts: object) -> str:
        """These words in her language."""
        return said(words, self.language, **facts) if self.language else words

    def status_of(self, path: str) -> int:
        answer = self.page.goto(self.base + path)
        return answer.status if answer else 0

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.fill(f"main [name='{name}']", value)

    def press(self, label: str) -> None:
        """Press the button of that label in the page, and say yes to what it asks."""
        button = self.page.locator("main").get_by_role("button", name=self.hears(label), exact=False).first
        if button.evaluate("button => Boolean(button.form && button.form.dataset.confirm)"):
            button.click()
            button = self.page.locator("dialog[open] button[value=yes]")
        with self.page.expect_navigation():
            button.click()
        self._is_in_her_language()

    def follow(self, label: str) -> None:
        self.page.locator("main").get_by_role("link", name=self.hears(label), exact=False).first.click()
        self.page.wait_for_load_state()

    def reads(self, words: str, **facts: object) -> bool:
        """Whether the page says these words; waits for a moment."""
        self.page.get_by_text(self.hears(words, **facts), exact=False).first.wait_for(state="attached")
        return True

    @property
    def text(self) -> str:
        return self.page.inner_text("body")

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path


@pytest.fixture
def person(request: pytest.FixtureRequest, browser: Browser, live_server: Any) -> Iterator[Callable[..., Person]]:
    """Open a window for one more person; every page kept to its content security policy.

    Where a journey has a language, browsers ask for the other one: what the person chose wins.
    """
    has_english = "language" in request.fixturenames and request.getfixturevalue("language") == "en"
    usual = "ko-KR" if has_english else "en-US"
    people: list[Person] = []
    complaints: list[str] = []

    def opened(locale: str = usual) -> Person:
        people.append(Person(browser, live_server.url, complaints, locale))
        return people[-1]

    yield opened
    for each in people:
        each.context.close()
    assert complaints == []
