"""The screening desk: what an officer finds, counts by state, and drafts that want a reminder."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import BooleanField, Count, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Upper
from django.utils.translation import get_language
from django_countries import countries as country_names

from applications.models import Application, Call
from applications.queries.scope import seen_by
from applications.states import ApplicationState, CallState
from common.settled import unchanged

LENGTH_OF_ORCID = 19
FEW = 5_000
LONG = ("summary", "motivation", "search_words")


def to_screen(user: Any, call: Call) -> QuerySet[Application]:
    """The applications to `call` that `user` may screen, without their long texts; never her own.

    By number along index application_number_once, by state along applications_of_call.
    """
    rows: QuerySet[Application] = call.applications.filter(seen_by(user)).exclude(applicant=user.pk)
    return rows.defer(*LONG)


def found(rows: QuerySet[Application], asked: Mapping[str, Any]) -> QuerySet[Application]:
    """`rows` narrowed by state, lab (primary key of a CallLab) and words; every word must occur somewhere."""
    if asked.get("state"):
        rows = rows.filter(state=asked["state"])
    if asked.get("lab"):
        rows = rows.filter(ranked_labs__contains=[int(asked["lab"])])
    for word in str(asked.get("q") or "").split()[:6]:
        rows = rows.filter(_anywhere(word))
    return rows


def _anywhere(word: str) -> Q:
    """In the searched words (index applications_by_words), the address (index people_by_email), or as the number.

    One query before the list's own, kept while nothing is written: a word that few have becomes primary keys, so that
    no plan can go wrong; one that many have is found by walking along the list.
    """
    worded = Q(search_words__contains=Upper(Value(word)))
    addressed = Q(applicant__email__icontains=word)
    some = [Application.objects.filter(each).order_by().values("pk")[: FEW + 1] for each in (worded, addressed)]
    either = some[0].union(some[1]).values_list("pk", flat=True)
    many, keys = unchanged(f"word:{sha256(word.encode()).hexdigest()}", lambda: _listed(list(either)))
    number = word.rpartition("-")[2] if len(word) != LENGTH_OF_ORCID else ""
    by_number = Q(number=int(number)) if number.isdecimal() and len(number) < 9 else Q()
    return by_number | (Q(_is_any_of(keys)) if many <= FEW else worded | addressed)


def _listed(keys: list[int]) -> tuple[int, str]:
    """How many there are, and, if they are few, all of them as Postgres writes an array."""
    return len(keys), f"{{{','.join(map(str, keys))}}}" if len(keys) <= FEW else ""


def _is_any_of(keys: str) -> Func:
    """Whether the primary key is one of `keys`; one parameter, however many."""
    listed = Value(keys, output_field=TextField())
    template = "(%(expressions)s::bigint[]))"
    return Func(F("pk"), listed, template=template, arg_joiner=" = ANY(", output_field=BooleanField())


def statistics(rows: QuerySet[Application], call: Call) -> dict[str, list[tuple[str, int]]]:
    """How many of `rows` rank each lab of `call`, live in each country, came by each channel; four queries."""
    chosen = rows.order_by().annotate(chosen=Func(F("ranked_labs"), function="unnest")).values("chosen")
    by_lab = dict(chosen.annotate(number=Count("pk")).values_list("chosen", "number"))
    labs = call.call_labs.select_related("lab").order_by("lab__code")
    countries = rows.order_by().values_list("residence").annotate(number=Count("pk")).order_by("-number")[:15]
    name = "channel__name_ko" if (get_language() or "en").startswith("ko") else "channel__name_en"
    channels = rows.order_by().values_list(name).annotate(number=Count("pk")).order_by("-number")[:15]
    return {
        "labs": [(row.lab.code, by_lab.get(row.pk, 0)) for row in labs],
        "countries": [(str(country_names.name(code) or "–"), number) for code, number in countries],
        "channels": [(name or "–", number) for name, number in channels],
    }


def counts_by_state(rows: QuerySet[Application]) -> dict[str, int]:
    """How many of `rows` are in each state; one query."""
    counted = rows.order_by().values_list("state").annotate(number=Count("pk"))
    known = {str(state): number for state, number in counted}
    return {state: known.get(state, 0) for state in ApplicationState.values if state != ApplicationState.DRAFT}


def drafts_to_remind(close_by: datetime, started_before: datetime, now: datetime) -> QuerySet[Application]:
    """Drafts begun before `started_before` whose call closes between `now` and `close_by`."""
    return Application.objects.filter(
        state=ApplicationState.DRAFT,
        started_at__lt=started_before,
        call__state=CallState.PUBLISHED,
        call__opens_at__lte=now,
        call__closes_at__gt=now,
        call__closes_at__lte=close_by,
    ).select_related("call", "applicant")
