"""Short words for form layouts; the pack `innocore` draws them.

self.helper = form_helper(self, _("Send"), Section(_("You"), FieldRow("given_name", "family_name")), "message")
"""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, ButtonHolder, Div, Field, Fieldset, Layout, Row, Submit
from django.forms import BaseForm
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

Words = str | Promise
Part = Any  # a field's name or a layout object; the library states no types


class Raw(HTML):  # type: ignore[misc]
    """Ready HTML; unlike `HTML` it is not read as a template, so what people typed stays what they typed."""

    def render(self, form: Any, context: Any, template_pack: Any = None, **kwargs: Any) -> SafeString:
        return conditional_escape(self.html)


def form_helper(form: BaseForm, submit_label: Words, *layout: Part, **attrs: Any) -> FormHelper:
    """A whole form: tag, token, errors on top, `layout` (all fields when empty), one button.

    `attrs` go on the form tag (`data_autosave_url=...`, `action=...`, `id=...`). The browser's own bubbles are off:
    the server's words stand beside the field in the reader's language.
    """
    helper = FormHelper(form)
    helper.form_method = "post"
    helper.attrs = {"novalidate": True, **{name.replace("_", "-"): value for name, value in attrs.items()}}
    if layout:
        helper.layout = Layout(*layout)
    if submit_label:
        helper.layout.append(Actions(submit_label))
    return helper


def fields_only(form: BaseForm, *layout: Part) -> FormHelper:
    """A form's fields without a form tag, for a page that writes the tag and the buttons itself."""
    helper = form_helper(form, "", *layout)
    helper.form_tag = False
    helper.disable_csrf = True
    return helper


def Section(legend: Words, *fields: Part) -> Fieldset:
    """Fields under one heading."""
    return Fieldset(legend, *fields, css_class="form-section")


def FieldRow(*fields: Part) -> Row:
    """Fields side by side where there is room."""
    return Row(*fields)


def Actions(label: Words, *, name: str = "submit", cancel_url: str = "", cancel_label: Words = "") -> ButtonHolder:
    """The button that sends the form, and perhaps a link that leaves it."""
    link = format_html('<a class="btn btn-tertiary" href="{}">{}</a>', cancel_url, cancel_label)
    return ButtonHolder(Submit(name, label), *([Raw(link)] if cancel_url else []))


def Note(words: Words) -> Raw:
    """A sentence between fields."""
    return Raw(format_html('<p class="form-text">{}</p>', words))


def Inline(field: str) -> Field:
    """Radio buttons or check boxes beside each other."""
    return Field(field, template="innocore/layout/radioselect_inline.html")


class SaveState(Raw):
    """Where an autosaved form says that it was saved."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, form: Any, context: Any, template_pack: Any = None, **kwargs: Any) -> SafeString:
        return render_to_string("components/save_state.html")


def Group(*fields: Part, css_class: str = "") -> Div:
    """Fields that a page wants to move or hide together."""
    return Div(*fields, css_class=css_class)


def file_attrs(accept: str, max_bytes: int) -> dict[str, str | int]:
    """Attributes of a file input, said to people and checked before the upload: `file_attrs(".pdf", 20 * 2**20)`."""
    return {"accept": accept, "data-max-bytes": max_bytes}
