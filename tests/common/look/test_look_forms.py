"""Forms: labels, help, errors and their links, files, in the pack `innocore`."""

import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import Context, Template
from django.utils import translation

from common.crispy import Actions, FieldRow, Inline, Note, Raw, SaveState, Section, fields_only, file_attrs, form_helper
from common.templatetags import form_fields


class Sample(forms.Form):
    """Every kind of control."""

    name = forms.CharField(label="Name", help_text="As on your passport.", widget=forms.TextInput({"class": "wide"}))
    field = forms.ChoiceField(label="Field", choices=[("ai", "AI")], required=False)
    stay = forms.ChoiceField(label="Stay", choices=[("1", "One"), ("2", "Two")], widget=forms.RadioSelect)
    topics = forms.MultipleChoiceField(
        label="Topics", choices=[("a", "A")], required=False, widget=forms.CheckboxSelectMultiple
    )
    plan = forms.CharField(label="Plan", widget=forms.Textarea)
    cv = forms.FileField(
        label="CV", widget=forms.FileInput(file_attrs(".pdf,.docx", 20 * 2**20)), help_text="One file."
    )
    at = forms.SplitDateTimeField(label="At", required=False)
    agrees = forms.BooleanField(label="I agree")
    token = forms.CharField(widget=forms.HiddenInput)


def drawn(form: forms.Form, helper: Any = None) -> str:
    with translation.override("en"):
        return str(render_crispy_form(form, helper or form_helper(form, "Send")))


def attribute(html: str, control: str, name: str) -> str:
    tag = re.search(rf'<(?:input|select|textarea)[^>]*id="{control}"[^>]*>', html)
    assert tag, control
    found = re.search(rf'{name}="([^"]*)"', tag[0])
    return found[1] if found else ""


def test_every_control_has_a_label_or_a_legend() -> None:
    html = drawn(Sample())
    for control in ("id_name", "id_field", "id_plan", "id_cv", "id_agrees", "id_stay_0", "id_stay_1", "id_topics_0"):
        assert f'for="{control}"' in html
    for legend in ("Stay", "Topics", "At"):
        assert f'<legend class="field-legend">{legend}' in html


def test_required_is_said_in_words_only_where_it_is() -> None:
    html = drawn(Sample())
    assert html.count("(required)") == sum(field.field.required and not field.is_hidden for field in Sample())


def test_controls_name_what_describes_them() -> None:
    html = drawn(Sample({}))
    assert attribute(html, "id_name", "aria-describedby") == "id_name_helptext id_name_error"
    assert attribute(html, "id_name", "aria-invalid") == "true"
    assert attribute(html, "id_name", "class") == "form-control wide is-invalid"
    assert attribute(html, "id_cv", "aria-describedby") == "id_cv_helptext id_cv_error id_cv_filehint"
    for each in set(re.findall(r'aria-describedby="([^"]+)"', html)):
        for target in each.split():
            assert html.count(f'id="{target}"') == 1, target


def test_the_summary_leads_to_the_fields() -> None:
    form = Sample({})
    form.add_error(None, "The call is closed.")
    html = drawn(form)
    links = re.findall(r'<a href="#([^"]+)">(.*?)</a>', html)
    assert [target for target, _words in links] == ["id_name", "id_stay_0", "id_plan", "id_cv", "id_agrees"]
    assert "<li>The call is closed.</li>" in html
    for target, _words in links:
        assert f'id="{target}"' in html


def test_an_error_of_a_hidden_field_is_said_in_the_summary() -> None:
    html = drawn(Sample({}))
    summary = html.split('id="error-summary"')[1].split("</ul>")[0]
    assert summary.count("<li>") == 6
    assert "#id_token" not in summary


def test_a_fresh_form_has_no_summary() -> None:
    assert "error-summary" not in drawn(Sample())


def test_what_was_typed_comes_back_escaped() -> None:
    html = drawn(Sample({"name": '"><script>x</script>', "plan": "<b>뷁</b>"}))
    assert "<script" not in html
    assert "&lt;b&gt;뷁&lt;/b&gt;" in html


def test_a_file_says_kinds_and_limit() -> None:
    html = drawn(Sample())
    with translation.override("en"):
        assert re.search(r'id="id_cv_filehint">PDF, DOCX · at most 20 MB<', html)
    assert attribute(html, "id_cv", "data-max-bytes") == str(20 * 2**20)
    assert attribute(html, "id_cv", "accept") == ".pdf,.docx"
    assert 'enctype="multipart/form-data"' in html


class Kept(forms.Form):
    """A file that is there already and may be taken away."""

    cv = forms.FileField(label="CV", required=False, widget=forms.ClearableFileInput)


class Stored:
    """A stored file, as a model's field gives it."""

    url = "/files/1/"

    def __str__(self) -> str:
        return "applications/2025/이력서.pdf"


def test_a_kept_file_is_named_without_its_folder() -> None:
    html = drawn(Kept(initial={"cv": Stored()}))
    assert ">이력서.pdf<" in html
    assert "applications/2025" not in html
    assert 'name="cv-clear"' in html


def test_the_form_tag_carries_attributes_and_trusts_the_servers_words() -> None:
    form = Sample()
    html = drawn(form, form_helper(form, "Send", data_autosave_url="/save/", action="/send/"))
    opening = re.search(r"<form[^>]*>", html)
    assert opening
    for part in ("novalidate", 'data-autosave-url="/save/"', 'action="/send/"', 'method="post"'):
        assert part in opening[0]
    assert re.search(r'<button type="submit" class="btn btn-primary"[^>]*>Send</button>', html)


def test_layout_words_draw_sections_rows_and_gestures() -> None:
    form = Sample()
    parts = (Section("You", FieldRow("name", "field")), Inline("stay"), Note("<i>note</i>"), SaveState())
    html = drawn(form, form_helper(form, "", *parts, Actions("Go on", cancel_url="/back/", cancel_label="Back")))
    assert '<fieldset class="form-section"><legend>You</legend><div class="field-row">' in html
    assert '<div class="choices-inline">' in html
    assert "&lt;i&gt;note&lt;/i&gt;" in html
    assert "data-save-state" in html
    assert '<a class="btn btn-tertiary" href="/back/">Back</a>' in html
    assert html.count("Go on") == 2


def test_ready_html_is_not_read_as_a_template() -> None:
    form = Sample()
    assert "{% now %}" in drawn(form, form_helper(form, "", Raw("{% now %}")))


def test_fields_only_leaves_tag_and_token_to_the_page() -> None:
    form = Sample()
    html = drawn(form, fields_only(form, "name"))
    assert "<form" not in html
    assert "<button" not in html
    assert 'name="name"' in html


def test_the_filter_draws_fields_too() -> None:
    page = Template("{% load crispy_forms_tags %}{{ form|crispy }}")
    html = page.render(Context({"form": Sample({})}))
    assert "error-summary" in html
    assert 'id="div_id_plan"' in html


@pytest.mark.parametrize("tag", ["{{ formset|crispy }}", "{% crispy formset %}", "{% crispy formset table %}"])
def test_formsets_are_drawn_with_their_management(tag: str) -> None:
    class Line(forms.Form):
        amount = forms.IntegerField(label="Amount")

    lines = forms.formset_factory(Line, extra=2)
    table = form_helper(Line(), "")
    table.template = "innocore/table_inline_formset.html"
    bound = lines({"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-amount": "x"})
    html = Template("{% load crispy_forms_tags %}" + tag).render(Context({"formset": bound, "table": table}))
    assert 'name="form-TOTAL_FORMS"' in html
    assert html.count('type="number"') == 2
    assert "Enter a whole number." in html


@pytest.mark.parametrize(
    "data", [None, {"word": '"><script>', "number": "12", "day": "2025-07-01", "mail": "", "site": "x"}]
)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_inputs_written_without_a_template_are_those_of_the_template(data: Any, language: str) -> None:
    class Inputs(forms.Form):
        word = forms.CharField(max_length=20, initial="a & b", help_text="Say.")
        number = forms.IntegerField(min_value=0, max_value=1_000_000, required=False, initial=5000)
        day = forms.DateField(widget=forms.DateInput({"autocomplete": "off"}), initial=date(2025, 7, 1))
        mail = forms.EmailField(required=False, disabled=True)
        site = forms.URLField(required=False, assume_scheme="https")
        plan = forms.CharField(widget=forms.Textarea({"rows": 4}), initial="\nFirst <b>line</b>\n", max_length=50)

    def tag(html: str) -> tuple[str, list[tuple[str, str | None]]]:
        found: list[tuple[str, list[tuple[str, str | None]]]] = []
        parser = HTMLParser()
        parser.handle_starttag = lambda name, attrs: found.append((name, sorted(attrs)))  # type: ignore[method-assign]
        parser.feed(html)
        return found[0]

    with translation.override(language):
        for bound in Inputs(data):
            mine = tag(form_fields.control(bound))
            attrs = {name: value for name, value in mine[1] if name in {"class", "aria-describedby"}}
            theirs = bound.as_widget(attrs=attrs)
            assert mine == tag(theirs)
            assert str(form_fields.control(bound)).partition(">")[2] == str(theirs).partition(">")[2]
