"""axe finds nothing on the pages of calls, applications and letters: every other one wide, the others on a phone."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser

from applications import actions
from applications.queries.letters import hash_of
from applications.states import ApplicationState, Section
from people.models import User
from people.states import ConsentPurpose
from tests.common.look.test_look_in_a_browser import AXE, RULES
from tests.factories.applications import (
    ApplicationFactory,
    DocumentFactory,
    DraftFactory,
    FormSectionFactory,
    QuestionFactory,
    ReferenceLetterFactory,
)
from tests.factories.people import ConsentTextFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOKEN = "a-personal-token"
KINDS = ("short", "long", "choice", "choices", "yes_no", "number", "date", "country", "table")
OPTIONS = [{"value": "a", "en": "Apple", "ko": "사과"}, {"value": "b", "en": "Pear", "ko": "배"}]


def cookie_of(user: User) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


@pytest.fixture
def addresses(officer: Any, applicant: Any, lab_head: Any, call: Any, call_lab: Any) -> list[tuple[Any, str]]:
    for purpose in (ConsentPurpose.APPLICATION, ConsentPurpose.THIRD_PARTY, ConsentPurpose.ABROAD):
        ConsentTextFactory(purpose=purpose)
    section = FormSectionFactory(call=call)
    for kind in KINDS:
        QuestionFactory(section=section, code=kind, kind=kind, options=OPTIONS, label_ko=f"질문 {kind}")
    actions.put_form_in_force(call, by=officer)
    draft = DraftFactory(applicant=applicant, call=call, ranked_labs=[call_lab.pk])
    DocumentFactory(application=draft)
    ReferenceLetterFactory(application=draft, link_sha256=hash_of(TOKEN))
    sent = ApplicationFactory(call=call, ranked_labs=[call_lab.pk])
    waiting = ReferenceLetterFactory(application=sent)
    eligible = ApplicationFactory(call=call, ranked_labs=[call_lab.pk], state=ApplicationState.ELIGIBLE)
    type(call).objects.filter(pk=call.pk).update(
        opens_at=timezone.now() - timedelta(days=9), closes_at=timezone.now() - timedelta(hours=1)
    )
    type(draft).objects.filter(pk=draft.pk).update(late_until=timezone.now() + timedelta(days=1))
    asked = actions.ask_correction(
        sent, ["title", "document_cv"], by=officer, note="The title is cut.", until=timezone.now() + timedelta(days=1)
    )
    question = call.questions.first()
    of_call = {"key": call.key}
    officers = [
        ("compose", of_call), ("form_preview", of_call), ("form_section", of_call), ("form_question", of_call),
        ("form_question_edit", {**of_call, "question": question.key}), ("copy_call", of_call), ("call", of_call),
        ("late_accesses", of_call), ("screening", {}), ("statistics", {}), ("dossier", {"key": sent.key}),
        ("ask_correction", {"key": sent.key}), ("by_hand", {"key": waiting.key}),
    ]  # fmt: skip
    hers = [("application", {"key": draft.key}), ("mine", {}), ("late", of_call), ("start", of_call)]
    hers += [("section", {"key": draft.key, "section": name}) for name in Section.values]
    hers += [("withdraw", {"key": draft.key}), ("referees", {"key": draft.key})]
    found = [(officer, reverse(f"applications:{name}", kwargs=keys)) for name, keys in officers]
    found += [(officer, f"{reverse('applications:together')}?chosen={sent.key}"), (officer, reverse("people:tokens"))]
    found += [(None, reverse(f"applications:{name}")) for name in ("calls", "verify", "find_link")]
    found += [(applicant, reverse(f"applications:{name}", kwargs=keys)) for name, keys in hers]
    found += [(sent.applicant, reverse("applications:correction", args=[asked.key]))]
    found += [(sent.applicant, reverse("applications:receipt", args=[sent.key]))]
    found += [(lab_head, reverse("applications:candidate", args=[eligible.key]))]
    found += [(None, reverse("applications:letter", args=[TOKEN]))]
    return [*found, (None, reverse("applications:hand_in", args=[actions.link_for_assistant(waiting, by=None)]))]


@pytest.fixture
def windows(browser: Browser) -> Iterator[list[Any]]:
    opened: list[Any] = []
    yield opened
    for context in opened:
        context.close()


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ko", 375)])
def test_axe_finds_nothing(
    browser: Browser, live_server: Any, addresses: Any, windows: list[Any], language: str, width: int
) -> None:
    found, pages = [], {}
    for who, address in addresses[language == "ko" :: 2]:
        if who not in pages:
            context = browser.new_context(viewport={"width": width, "height": 900}, locale=language, bypass_csp=True)
            windows.append(context)
            cookies = [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}]
            if who is not None:
                User.objects.filter(pk=who.pk).update(language=language)
                cookies.append({"name": settings.SESSION_COOKIE_NAME, "value": cookie_of(who), "url": live_server.url})
            context.add_cookies(cookies)
            pages[who] = context.new_page()
        page = pages[who]
        answer = page.goto(live_server.url + address, timeout=20000)
        assert answer is not None
        assert answer.status == 200, address
        assert page.evaluate("document.documentElement.lang") == language
        page.evaluate(AXE.read_text())
        result = page.evaluate(f"axe.run({RULES})")
        found += [(address, each["id"], each["nodes"][0]["html"][:200]) for each in result["violations"]]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append((address, "scrolls sideways", ""))
    assert found == []
