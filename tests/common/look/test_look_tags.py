"""The tags and components that pages are written with."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

from common.icons import PATHS
from common.job_states import JOB_COLOURS, JobState
from common.paging import KeyPage

ROOT = Path(__file__).resolve().parents[3]
COMPONENTS = sorted((ROOT / "templates" / "components").glob("*.html"))


def render(source: str, **context: Any) -> str:
    with translation.override("en"):
        return Template("{% load components %}" + source).render(Context(context))


class Job:
    """A row with a state of its own name."""

    COLOURS = JOB_COLOURS

    def __init__(self, state: str) -> None:
        self.job_state = state

    def get_job_state_display(self) -> str:
        return str(JobState(self.job_state).label)


class State:
    COLOURS = {"open": "success"}


class Call:
    """A row whose colours stand beside its states."""

    State = State

    def __init__(self, state: str) -> None:
        self.state = state

    def get_state_display(self) -> str:
        return self.state.title()


@pytest.mark.parametrize(
    ("subject", "tag", "tone", "words"),
    [
        (Job("failed"), '{% state_badge it "job_state" %}', "danger", "Failed"),
        (Job("requested"), '{% state_badge it "job_state" %}', "neutral", "Waiting to start"),
        (Call("open"), "{% state_badge it %}", "success", "Open"),
        (Call("unheard"), "{% state_badge it %}", "neutral", "Unheard"),
    ],
)
def test_a_badge_has_the_words_and_colour_of_the_state(subject: Any, tag: str, tone: str, words: str) -> None:
    assert render(tag, it=subject) == f'<span class="badge-state tone-{tone}">{words}</span>'


def test_a_badge_of_an_unknown_tone_is_neutral_and_escaped() -> None:
    assert render('{% badge typed "pink" %}', typed="<b>") == '<span class="badge-state tone-neutral">&lt;b&gt;</span>'


def test_query_with_changes_adds_drops_and_keeps(rf: RequestFactory) -> None:
    request = rf.get("/", {"q": "서 a&b", "state": "open", "after": "x"})
    html = render('{% query_with state="closed" after=None size=50 as url %}{{ url|safe }}', request=request)
    assert html == "?q=%EC%84%9C+a%26b&state=closed&size=50"
    assert render("{% query_with a=None %}", request=rf.get("/?a=1")) == "?"


def test_the_pager_keeps_the_query_and_names_neighbours(rf: RequestFactory) -> None:
    page: KeyPage[Any] = KeyPage([], "next", "back", 25)
    html = render("{% pager page %}", page=page, request=rf.get("/?state=open&after=old"))
    assert 'href="?state=open&amp;before=back"' in html
    assert 'href="?state=open&amp;after=next"' in html
    alone: KeyPage[Any] = KeyPage([], "", "", 25)
    assert render("{% pager page %}", page=alone, request=rf.get("/")).strip() == ""


def test_a_sort_header_turns_round_on_the_second_use(rf: RequestFactory) -> None:
    up = render('{% sort_header "name" "Name" %}', sort="name", request=rf.get("/?sort=name&after=x"))
    assert 'aria-sort="ascending"' in up
    assert 'href="?sort=-name"' in up
    other = render('{% sort_header "name" "Name" %}', sort="-age", request=rf.get("/?sort=-age"))
    assert "aria-sort" not in other
    assert 'href="?sort=name"' in other


def test_the_page_size_in_force_is_marked(rf: RequestFactory) -> None:
    html = render("{% page_sizes page %}", page=KeyPage([], "", "", 50), request=rf.get("/"))
    assert html.count("aria-current") == 1
    assert '<a href="?size=50" aria-current="true">50</a>' in html


def test_a_gesture_says_what_follows_and_carries_the_token() -> None:
    tag = '{% confirm "/do" "Withdraw" says="The labs are told." tone="danger" name="go" value="1" fields=more %}'
    html = render(tag, csrf_token="t0ken", more={"version": 3})
    for part in (
        'value="t0ken"',
        "The labs are told.",
        "btn-danger",
        'name="version" value="3"',
        'name="go" value="1"',
    ):
        assert part in html
    assert 'data-confirm="Withdraw"' in html


def test_a_button_that_is_off_explains_itself_and_posts_nothing() -> None:
    html = render('{% confirm "/do" "Approve" why_not="You asked for it." %}')
    assert "disabled" in html
    assert "You asked for it." in html
    assert "<form" not in html


@pytest.mark.parametrize("name", PATHS)
def test_every_icon_is_drawn_and_silent(name: str) -> None:
    html = render("{% icon name %}", name=name)
    assert 'aria-hidden="true"' in html
    assert html.count('"') % 2 == 0


def test_crumbs_end_where_one_stands() -> None:
    html = render('{% crumb "Labs" "/labs/" %}{% crumb typed %}', typed="<LLM>")
    assert '<a href="/labs/">Labs</a>' in html
    assert 'aria-current="page">&lt;LLM&gt;</li>' in html


@pytest.mark.parametrize(
    ("level", "tone"), [("error", "danger"), ("success", "success"), ("debug", "neutral"), ("", "neutral")]
)
def test_message_levels_have_a_tone(level: str, tone: str) -> None:
    html = render('{% include "components/alert.html" with tone=level body="x" only %}', level=level)
    assert f"tone-{tone}" in html


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.name)
def test_a_component_says_on_top_what_it_accepts(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert first.startswith(("{# ", "{% comment %}"))
    assert "Accepts" in first or "ccepts" in path.read_text()[:400]
    get_template(f"components/{path.name}")


def test_no_template_has_a_comment_over_several_lines() -> None:
    """Django shows a {# comment #} that runs over a line's end to the reader."""
    own = [
        ROOT / "templates" / folder
        for folder in ("components", "layouts", "innocore", "allauth", "account", "mfa", "mail")
    ]
    broken = [
        path.name
        for folder in own
        for path in folder.rglob("*.html")
        for line in path.read_text().splitlines()
        if "{#" in line and "#}" not in line
    ]
    assert not broken


def job(**more: Any) -> SimpleNamespace:
    plain = {"job_state": "running", "done": 412, "total": 1260, "percent": 32, "words": "Writing", "error": ""}
    return SimpleNamespace(**plain | {"is_finished": False, "get_job_state_display": lambda: "Running"} | more)


def test_a_running_job_asks_again_and_says_how_far_it_is() -> None:
    html = render('{% include "components/job.html" with job=job url="/jobs/1/" only %}', job=job())
    assert 'hx-get="/jobs/1/" hx-trigger="every 2s"' in html
    assert "412 of 1260" in html
    assert "<noscript>" in html


def test_a_finished_job_asks_no_more_and_offers_its_result() -> None:
    source = '{% include "components/job.html" with job=job url="/jobs/1/" ready_url="/file/" only %}'
    done = render(source, job=job(is_finished=True, job_state="ready"))
    assert "hx-get" not in done
    assert 'href="/file/"' in done
    failed = render(source, job=job(is_finished=True, job_state="failed", error="The disk is full."))
    assert "The disk is full." in failed
    assert 'href="/file/"' not in failed


def test_a_table_from_data_names_columns_and_aligns_figures() -> None:
    source = '{% include "components/table.html" with caption="Labs" columns=columns rows=rows numeric="2" only %}'
    html = render(source, columns=["Lab", "Seats"], rows=[["LLM", 50], ["<b>", 7, "beyond"]])
    assert '<td data-label="Seats" class="number">50</td>' in html
    assert '<th scope="row">&lt;b&gt;</th>' in html
    assert '<td data-label="">beyond</td>' in html
    assert "There is nothing here yet" in render(source, columns=["Lab"], rows=[])
