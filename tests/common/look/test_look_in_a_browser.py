"""What only a browser shows: nothing typed is lost, nothing is sent twice, everything can be reached and read."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.common.look import look_urls

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.common.look.look_urls"),
    pytest.mark.django_db(transaction=True),
]
AXE = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"
RULES = '{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}'
Open = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Open]:
    """Open an address of the live server in a fresh context; the console must stay silent about the policy."""
    look_urls.received.clear()
    look_urls.answers.clear()
    contexts = []

    def opened(address: str, *, width: int = 1280, language: str = "en", **more: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale=language, **more)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda message: complaints.append(message.text) if "Security Policy" in message.text else None
        )
        page.set_default_timeout(5000)
        answer = page.goto(live_server.url + address, timeout=20000)
        assert answer is not None
        assert answer.ok, answer.status
        return page

    complaints: list[str] = []
    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize(("width", "language"), [(375, "ko"), (1280, "en")])
@pytest.mark.parametrize("address", ["", "list/", "form/?errors=1"])
def test_axe_finds_nothing(visit: Open, address: str, width: int, language: str) -> None:
    page = visit(f"/styleguide/{address}", width=width, language=language, bypass_csp=True)
    page.evaluate(AXE.read_text())
    found = page.evaluate(f"axe.run({RULES})")
    assert len(found["passes"]) > 15
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []


@pytest.mark.parametrize("address", ["", "list/", "form/?errors=1", "detail/"])
def test_no_page_scrolls_sideways_at_400_per_cent(visit: Open, address: str) -> None:
    page = visit(f"/styleguide/{address}", width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("address", ["", "list/", "form/"])
def test_targets_on_a_phone_are_large_enough(visit: Open, address: str) -> None:
    page = visit(f"/styleguide/{address}", width=375)
    small = page.evaluate("""() => [...document.querySelectorAll(
        'button, .btn, .bar-link, summary, select, input:not([type=hidden])')]
        .filter((each) => each.checkVisibility() && !each.closest('.form-check'))
        .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect().height])
        .filter(([, height]) => height < 43.5)""")
    assert small == []


def test_the_skip_link_comes_first_and_leads_to_the_content(visit: Open) -> None:
    page = visit("/styleguide/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_language_changes_without_a_script(visit: Open) -> None:
    page = visit("/styleguide/detail/", java_script_enabled=False)
    page.get_by_role("button", name="한국어").click()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    assert page.url.endswith("/styleguide/detail/")


def test_errors_take_the_focus_and_lead_to_the_field(visit: Open) -> None:
    page = visit("/styleguide/form/?errors=1")
    expect(page.locator("#error-summary")).to_be_focused()
    assert page.title().startswith("Error: ")
    page.locator("#error-summary a").nth(2).click()
    expect(page.locator("#id_email")).to_be_focused()


def saved(page: Page) -> Any:
    return expect(page.locator("[data-save-state]"))


def test_autosave_says_when_and_sends_the_version_on(visit: Open) -> None:
    page = visit("/look/draft/")
    page.get_by_label("Name").fill("서하은")
    page.get_by_label("Two").check()
    saved(page).to_contain_text("KST")
    saved(page).to_have_attribute("data-kind", "saved")
    page.get_by_label("Name").fill("서하은 2")
    page.get_by_label("Name").blur()
    while look_urls.received[-1]["name"] != "서하은 2":
        page.wait_for_timeout(100)
    expect(page.locator("#id_version")).to_have_value(str(1 + len(look_urls.received)))
    assert look_urls.received[-1] == {
        "at": "save",
        "name": "서하은 2",
        "stay": "2",
        "version": str(len(look_urls.received)),
    }


def test_autosave_waits_for_a_pause_in_typing(visit: Open) -> None:
    page = visit("/look/draft/")
    page.clock.install()
    page.get_by_label("Name").press_sequentially("abc")
    page.clock.run_for(2900)
    assert look_urls.received == []
    page.clock.run_for(200)
    saved(page).to_have_attribute("data-kind", "saved")
    assert [each["name"] for each in look_urls.received] == ["abc"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((409, {"words": "The call has closed."}), "The call has closed."),
        ((403, {}), "You were signed out"),
        ((302, {}), "You were signed out"),
    ],
)
def test_a_refused_save_says_why_and_keeps_the_typing(visit: Open, answer: Any, words: str) -> None:
    look_urls.answers.append(answer)
    page = visit("/look/draft/")
    page.get_by_label("Name").fill("kept")
    page.get_by_label("Name").blur()
    saved(page).to_contain_text(words)
    saved(page).to_have_attribute("data-kind", "refused")
    look_urls.answers.extend([answer] * 3)
    page.reload()
    expect(page.get_by_label("Name")).to_have_value("kept")


def test_what_was_typed_without_a_connection_is_sent_when_it_is_back(visit: Open) -> None:
    page = visit("/look/draft/")
    page.context.set_offline(True)
    page.get_by_label("Name").fill("on the train")
    page.get_by_label("Name").blur()
    saved(page).to_contain_text("No connection")
    assert look_urls.received == []
    page.context.set_offline(False)
    saved(page).to_have_attribute("data-kind", "saved")
    assert look_urls.received[-1]["name"] == "on the train"
    assert page.evaluate("localStorage.length") == 0


def test_a_page_closed_without_a_connection_brings_the_typing_back(visit: Open, live_server: Any) -> None:
    page = visit("/look/draft/")
    page.route("**/look/save/", lambda route: route.abort())
    page.get_by_label("Name").fill("not lost")
    page.get_by_label("Two").check()
    saved(page).to_contain_text("No connection")
    page.unroute_all()
    page.goto(live_server.url + "/look/draft/")
    expect(page.get_by_label("Name")).to_have_value("not lost")
    expect(page.get_by_label("Two")).to_be_checked()
    saved(page).to_have_attribute("data-kind", "saved", timeout=8000)
    assert look_urls.received[-1]["name"] == "not lost"


def test_a_file_too_large_or_of_another_kind_is_told_before_it_is_sent(visit: Open) -> None:
    page = visit("/look/draft/")
    chooser = page.get_by_label("CV")
    chooser.set_input_files({"name": "cv.pdf", "mimeType": "application/pdf", "buffer": b"x" * 2000})
    expect(page.get_by_role("alert")).to_contain_text("too large")
    chooser.set_input_files({"name": "cv.exe", "mimeType": "application/x-msdownload", "buffer": b"x"})
    expect(page.get_by_role("alert")).to_contain_text("not accepted")
    chooser.set_input_files({"name": "CV.PDF", "mimeType": "application/pdf", "buffer": b"x"})
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_double_click_sends_once(visit: Open) -> None:
    page = visit("/look/gestures/")
    page.evaluate(
        "() => { const b = document.querySelector('#plain button'); b.click(); b.click(); b.form.requestSubmit(b); }"
    )
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    assert [each["plain"] for each in look_urls.received] == [["1"]]


def test_a_gesture_with_consequences_asks_first(visit: Open) -> None:
    page = visit("/look/gestures/")
    page.get_by_role("button", name="Withdraw").click()
    dialog = page.get_by_role("dialog", name="Withdraw")
    expect(dialog).to_contain_text("The labs are told.")
    expect(dialog.get_by_role("button", name="Go back")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert look_urls.received == []
    page.get_by_role("button", name="Withdraw").click()
    dialog.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    assert look_urls.received[0]["go"] == ["1"]


def order(page: Page) -> list[str]:
    return page.locator("[data-rank-item] input").evaluate_all("(all) => all.map((each) => each.value)")


def test_a_rank_list_moves_by_buttons_and_says_so(visit: Open) -> None:
    page = visit("/look/gestures/")
    page.get_by_role("button", name="Move Lab 3 up").press("Enter")
    assert order(page) == ["1", "3", "2"]
    expect(page.locator("[data-rank-status]")).to_contain_text("Lab 3 is now number 2")
    expect(page.get_by_role("button", name="Move Lab 3 up")).to_be_focused()
    page.get_by_role("button", name="Keep the order").click()
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    assert look_urls.received[0]["order"] == ["1", "3", "2"]


def test_a_rank_list_moves_by_dragging(visit: Open) -> None:
    page = visit("/look/gestures/")
    first = page.locator("[data-rank-item]").first
    first.drag_to(page.locator("[data-rank-item]").last, target_position={"x": 60, "y": 60})
    assert order(page) == ["2", "3", "1"]


def test_a_rank_list_works_without_a_script(visit: Open) -> None:
    page = visit("/look/gestures/", java_script_enabled=False)
    page.get_by_role("button", name="Move Lab 3 up").click()
    assert look_urls.received[0]["move"] == ["up:3"]
    assert look_urls.received[0]["order"] == ["1", "2", "3"]
