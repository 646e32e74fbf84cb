"""What the crispy pack `innocore` needs: a control with what describes it, error lines that lead to fields."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django import forms, template
from django.forms import BaseForm, BoundField
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django_countries.widgets import LazySelect

register = template.Library()
PLAIN_CHOICES: Final = (forms.Select, LazySelect)
INPUTS: Final = frozenset(f"django/forms/widgets/{kind}.html" for kind in ("text", "number", "email", "url", "date"))
TEXTAREA: Final = "django/forms/widgets/textarea.html"
PLAIN: Final = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect)


@dataclass(frozen=True)
class ErrorLine:
    """One thing to put right: the field's label and the id to go to, both empty when it concerns the whole form."""

    label: str
    words: str
    target: str


def _control_class(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, PLAIN):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


@register.simple_tag
def control(field: BoundField, **attrs: Any) -> SafeString:
    """The field's own control, with Bootstrap's class, and with whatever describes it named for screen readers."""
    own = field.field.widget.attrs
    classes = [_control_class(field), str(own.get("class", "")), "is-invalid" if field.errors else ""]
    attrs = {name.replace("_", "-"): value for name, value in attrs.items() if value}
    attrs["class"] = " ".join(filter(None, [*classes, attrs.get("class", "")]))
    described = [field.aria_describedby or "", f"{field.auto_id}_filehint" if file_hint(field) else ""]
    if any(described) and not field.use_fieldset:
        attrs["aria-describedby"] = " ".join(filter(None, described))
    if type(field.field.widget) in PLAIN_CHOICES:
        return _select(field, field.build_widget_attrs(attrs))
    if field.field.widget.template_name in INPUTS:
        return _input(field, field.build_widget_attrs(attrs))
    if field.field.widget.template_name == TEXTAREA:
        return _textarea(field, field.build_widget_attrs(attrs))
    return field.as_widget(widget=_bare_file_input(field), attrs=attrs)


def _input(field: BoundField, attrs: dict[str, Any]) -> SafeString:
    """An input of one line as Django's template writes it, without that template."""
    attrs = {"id": field.auto_id, **attrs} if field.auto_id else attrs
    drawn = field.field.widget.get_context(field.html_name, field.value(), attrs)["widget"]
    value = format_html(' value="{}"', drawn["value"]) if drawn["value"] is not None else ""
    return format_html('<input type="{}" name="{}"{}{}>', drawn["type"], drawn["name"], value, flatatt(drawn["attrs"]))


def _textarea(field: BoundField, attrs: dict[str, Any]) -> SafeString:
    """The same for several lines; what stands first in it is a line feed, which browsers drop."""
    attrs = {"id": field.auto_id, **attrs} if field.auto_id else attrs
    drawn = field.field.widget.get_context(field.html_name, field.value(), attrs)["widget"]
    return format_html(
        '<textarea name="{}"{}>\n{}</textarea>', drawn["name"], flatatt(drawn["attrs"]), drawn["value"] or ""
    )


def _select(field: BoundField, attrs: dict[str, Any]) -> SafeString:
    """A plain choice written without a template or a dictionary an option: it costs a twentieth of the time."""
    chosen = field.value()
    choices = field.field.widget.choices
    if isinstance(field.field.widget, LazySelect):  # countries in the alphabet of the reader; "nothing chosen" first
        choices = sorted(choices, key=lambda choice: (bool(choice[0]), str(choice[1])))
    options = _options(choices, "" if chosen is None else str(chosen))
    all_attrs = {"id": field.auto_id, **field.field.widget.attrs, **attrs}
    return format_html('<select name="{}"{}>{}</select>', field.html_name, flatatt(all_attrs), SafeString(options))


def _options(choices: Iterable[tuple[Any, Any]], chosen: str) -> str:
    """The options, with the groups among them."""
    drawn = []
    for value, label in choices:
        if isinstance(label, list | tuple):
            drawn.append(f'<optgroup label="{escape(str(value))}">{_options(label, chosen)}</optgroup>')
            continue
        word = "" if value is None else str(value)
        mark = " selected" if word == chosen else ""
        drawn.append(f'<option value="{escape(word)}"{mark}>{conditional_escape(label)}</option>')
    return "".join(drawn)


def _bare_file_input(field: BoundField) -> forms.Widget | None:
    """A clearable file input draws its present file itself; the pack draws that in its own way."""
    widget = field.field.widget
    if not isinstance(widget, forms.ClearableFileInput):
        return None
    bare = forms.FileInput(widget.attrs)
    bare.is_required = widget.is_required and not field.initial
    return bare


@register.filter
def file_hint(field: BoundField) -> str:
    """`PDF · at most 20 MB`, from the control's `accept` and `data-max-bytes`."""
    attrs = field.field.widget.attrs
    if not isinstance(field.field.widget, forms.FileInput):
        return ""
    endings = [kind.strip() for kind in attrs.get("accept", "").split(",") if kind and "/" not in kind]
    kinds = ", ".join(kind.removeprefix(".").upper() for kind in endings)
    limit = attrs.get("data-max-bytes")
    size = _("at most %(size)s") % {"size": _whole_size(int(limit))} if limit else ""
    return " · ".join(filter(None, [kinds, size]))


def _whole_size(limit: int) -> str:
    """A limit as people say it: 20 MB, 1 MB, 300 KB."""
    return f"{round(limit / 2**20)} MB" if limit > 950_000 else f"{round(limit / 1000)} KB"


@register.filter
def is_group(field: BoundField) -> bool:
    """Radio buttons and check boxes: several controls under one legend."""
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)


@register.filter
def error_target(field: BoundField) -> str:
    """The id of the first control of `field`."""
    parts = f"{field.auto_id}_0"
    return parts if is_group(field) or isinstance(field.field.widget, forms.MultiWidget) else field.id_for_label


def _label(field: BoundField) -> str:
    return str(field.label or "")


def _lines(form: BaseForm) -> Iterator[ErrorLine]:
    for words in form.non_field_errors():
        yield ErrorLine("", str(words), "")
    for field in form:
        for words in field.errors:
            yield ErrorLine(_label(field), str(words), "" if field.is_hidden else error_target(field))


@register.filter
def error_lines(form: BaseForm) -> list[ErrorLine]:
    """Everything wrong with `form`, in the order of its fields."""
    return list(_lines(form))


@register.filter
def file_name(value: object) -> str:
    """The last part of a stored file's name."""
    return str(value).rsplit("/", 1)[-1]
