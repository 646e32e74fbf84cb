"""The tags that pages write with: money, days and instants, badges, icons, addresses that keep the query."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

from django import template
from django.conf import settings
from django.db.models import Model
from django.template.context import Context
from django.urls import get_urlconf, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from common import money, when
from common.icons import PATHS
from common.paging import LAST, KeyPage

register = template.Library()
TONES: Final = frozenset({"neutral", "info", "success", "warning", "danger"})
ANY_KEY: Final = "2" * 11
PLACE_IN_LIST: Final = ("after", "before")


@cache
def _address_without_keys(route: str, keys: int, urlconf: str) -> str:
    """The address of `route` with {0}, {1} ... where its keys go; twelve digits pass for a key and for a number."""
    placeholders = [f"{ANY_KEY}{place}" for place in range(keys)]
    address = reverse(route, urlconf, placeholders)
    for place, placeholder in enumerate(placeholders):
        address = address.replace(placeholder, f"{{{place}}}")
    return address


@register.simple_tag
def url_of(route: str, *rows: Any) -> str:
    """`{% url_of 'funding:hold' run line %}`: what `{% url %}` says of the rows' keys; the route is read once.

    A row without a key is known by its primary key.
    """
    address = _address_without_keys(route, len(rows), get_urlconf() or settings.ROOT_URLCONF)
    return address.format(*(row.key if hasattr(row, "key") else row.pk for row in rows))


@register.simple_tag
def won(amount: int | Decimal | None) -> SafeString:
    """`{% won line.amount_krw %}` -> ₩90,000,000."""
    return SafeString(f'<span class="number">{money.won(amount)}</span>')


@register.simple_tag
def won_short(amount: int | Decimal | None) -> SafeString:
    """`{% won_short total_krw %}` -> ₩90M, 9,000만 원; the whole amount on hover."""
    return format_html('<span class="number" title="{}">{}</span>', money.won(amount), money.won_short(amount))


@register.simple_tag
def money_pair(part: int, whole: int) -> SafeString:
    """`{% money_pair spent_krw budget_krw %}` -> ₩12.5bn / ₩30bn."""
    return format_html(
        '<span class="number" title="{} / {}">{} / {}</span>',
        money.won(part),
        money.won(whole),
        money.won_short(part),
        money.won_short(whole),
    )


@register.simple_tag
def day(value: date | None) -> SafeString:
    """`{% day fellow.starts_on %}` -> 1 July 2025; a dash when there is none."""
    if value is None:
        return SafeString(money.NOTHING)
    return SafeString(f'<time datetime="{value:%Y-%m-%d}">{when.day_words(value)}</time>')


@register.simple_tag
def instant(value: datetime | None, zone: str = "") -> SafeString:
    """`{% instant call.closes_at %}` -> 18:00 KST, 30 June 2025; `zone` names another zone."""
    if value is None:
        return SafeString(money.NOTHING)
    return SafeString(f'<time datetime="{value.isoformat()}">{when.instant_words(value, zone)}</time>')


@register.inclusion_tag("components/deadline.html", takes_context=True)
def deadline(context: Context, at: datetime) -> dict[str, Any]:
    """`{% deadline call.closes_at %}`: in Korea's time, in the reader's own, and how long is left."""
    return {"deadline": when.deadline(at, getattr(context.get("user"), "timezone", ""))}


@register.simple_tag
def state_badge(subject: Model, field: str = "state") -> SafeString:
    """`{% state_badge application %}`: words and colour of its state, as the room's `states.py` has them."""
    value = getattr(subject, field)
    labels, colours = _words_and_colours(type(subject), field)
    label = labels[value] if value in labels else getattr(subject, f"get_{field}_display")()
    return badge(str(label), colours.get(value, "neutral"))


@cache
def _words_and_colours(model: type[Any], field: str) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """The labels (lazy, so each reader's language) and the colours of a field's choices."""
    choices = getattr(model, "State" if field.endswith("state") else field.title(), None)
    colours: Mapping[str, str] = getattr(model, "COLOURS", None) or getattr(choices, "COLOURS", {})
    fields = model._meta.get_field(field) if issubclass(model, Model) else None
    return dict(getattr(fields, "flatchoices", ())), colours


@register.simple_tag
def choice(subject: Model, field: str) -> str:
    """`{% choice account "kind" %}`: the words of a field's choice; many times quicker than Django's own display."""
    value = getattr(subject, field)
    return str(_words_and_colours(type(subject), field)[0].get(value, value))


@register.simple_tag
def badge(label: str, tone: str = "neutral") -> SafeString:
    """`{% badge _("New") "info" %}`: a tone is neutral, info, success, warning or danger."""
    return format_html('<span class="badge-state tone-{}">{}</span>', tone if tone in TONES else "neutral", label)


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """`{% icon "download" %}`: a drawing of `common/icons.py`, hidden from screen readers."""
    drawing = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>'
    return format_html(drawing, mark_safe(PATHS[name]))


@register.simple_tag
def crumb(label: str, url: str = "") -> SafeString:
    """`{% crumb lab.name lab.get_absolute_url %}` inside block `breadcrumbs`; the last one has no address."""
    if url:
        return format_html('<li class="breadcrumb-item"><a href="{}">{}</a></li>', url, label)
    return format_html('<li class="breadcrumb-item active" aria-current="page">{}</li>', label)


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: object) -> str:
    """This page's query with `changes`; None drops a name: `<a href="{% query_with state='open' after=None %}">`."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page: KeyPage[Any]) -> dict[str, Any]:
    """`{% pager page %}`: newer and older, first and last, the query kept."""
    return {
        "previous": page.previous_cursor and query_with(context, after=None, before=page.previous_cursor),
        "next": page.next_cursor and query_with(context, before=None, after=page.next_cursor),
        "first": page.previous_cursor and query_with(context, before=None, after=None),
        "last": page.next_cursor and query_with(context, before=LAST, after=None),
    }


@register.inclusion_tag("components/page_sizes.html", takes_context=True)
def page_sizes(context: Context, page: KeyPage[Any]) -> dict[str, Any]:
    """`{% page_sizes page %}`: how many rows at a time, as links; going back to the first page."""
    sizes = [(size, query_with(context, size=size, after=None, before=None)) for size in page.sizes]
    return {"sizes": sizes, "size": page.size}


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(context: Context, name: str, label: str, css_class: str = "") -> dict[str, Any]:
    """`{% sort_header "name" _("Name") %}`: a `<th>` that sorts by `?sort=name`, then by `?sort=-name`.

    The view passes `sort` (from `common.paging.order_from`) in its context.
    """
    now = context.get("sort", "")
    order = {name: "ascending", f"-{name}": "descending"}.get(str(now), "")
    wanted = f"-{name}" if now == name else name
    url = query_with(context, sort=wanted, after=None, before=None)
    return {"label": label, "url": url, "order": order, "css_class": css_class}


@register.inclusion_tag("components/confirm.html")
def confirm(action: str, label: str, **more: Any) -> dict[str, Any]:
    """A gesture with consequences: `{% confirm url _("Withdraw") says=_("The labs are told.") tone="danger" %}`.

    `says` tells what follows; `title` heads the question (default: `label`); `name`/`value` go on the button;
    `tone` is primary, secondary, tertiary or danger; `why_not` disables the button and explains it.
    """
    return {"tone": "primary", "title": label, **more, "action": action, "label": label}


@register.simple_tag
def tone_of(kind: str = "") -> str:
    """The tone of a message level ("error" is danger, "debug" neutral), or the tone itself."""
    return kind if kind in TONES else "danger" if kind == "error" else "neutral"


@register.filter
def among(number: int, listed: str | None) -> bool:
    """Whether `number` stands in a list such as "2,3"."""
    return str(number) in [part.strip() for part in str(listed or "").split(",")]


@register.filter
def at(listed: Sequence[str], place: int) -> str:
    """The item of `listed` at `place`, from 0; empty past its end."""
    return listed[place] if place < len(listed) else ""
