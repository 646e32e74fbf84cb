"""The frame of a page, the error pages that stand without any context, the mail frame."""

import re

import pytest
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

from common.refusals import SamePersonTwice

ERRORS = ["400", "403", "403_csrf", "404", "413", "500", "503"]


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_an_error_page_needs_nothing_but_itself(name: str, language: str) -> None:
    with translation.override(language):
        html = get_template(f"{name}.html").template.render(Context())
    assert f'<html lang="{language}"' in html
    title = re.search(r"<title>(.+?) · ", html)
    heading = re.search(r"<h1>(.+?)</h1>", html)
    assert title
    assert heading
    assert title[1] == heading[1]
    assert len(re.findall(r"<p[^>]*>\s*\S", html.split("<main")[1].split("</main>")[0])) >= 4


def test_a_refusal_says_its_words(rf: RequestFactory) -> None:
    with translation.override("en"):
        html = render_to_string("refusal.html", {"refusal": SamePersonTwice()})
    assert "Another person must do this" in html


def test_the_title_is_said_once_and_stands_in_tab_and_heading() -> None:
    source = '{% extends "layouts/page.html" %}{% block title %}A <em>&lt;b&gt;</em>{% endblock %}'
    html = Template(source).render(Context())
    assert "<title>A &lt;b&gt; · " in html
    assert "<h1>A <em>&lt;b&gt;</em></h1>" in html


@pytest.mark.parametrize("layout", ["page", "form", "list", "desk", "detail"])
def test_blocks_that_a_page_does_not_fill_leave_no_trace(layout: str) -> None:
    source = (
        '{% extends "layouts/' + layout + '.html" %}{% block title %}T{% endblock %}{% block content %}{% endblock %}'
    )
    html = Template(source).render(Context({"page": None}))
    for part in ("<aside", "breadcrumb", "page-lead", "button-row"):
        assert part not in html


def test_a_page_fills_what_it_needs() -> None:
    source = """{% extends "layouts/detail.html" %}{% load components %}{% block title %}T{% endblock %}
    {% block breadcrumbs %}{% crumb "Labs" "/labs/" %}{% endblock %}{% block lead %}<p>Lead</p>{% endblock %}
    {% block aside %}<p>Beside</p>{% endblock %}{% block actions %}<a class="btn">Act</a>{% endblock %}"""
    html = Template(source).render(Context())
    for part in (
        '<ol class="breadcrumb"><li',
        '<div class="page-lead"><p>Lead</p></div>',
        "<p>Beside</p></aside>",
        ">Act</a>",
    ):
        assert html.count(part) == 1


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_mail_frame_stands_in_both_forms(language: str) -> None:
    context = {
        "body": "하나 <b>\n\n둘",
        "action_url": "https://x.example/a?b=1&c=2",
        "action_label": "Open",
        "subject": "S",
    }
    with translation.override(language):
        html, text = render_to_string("mail/base.html", context), render_to_string("mail/base.txt", context)
    assert "&lt;b&gt;" in html
    assert 'href="https://x.example/a?b=1&amp;c=2"' in html
    assert "Open: https://x.example/a?b=1&c=2" in text
    assert "하나 <b>" in text
