"""What a public ORCID record says of degrees, positions and works, and who somebody is who signs in there.

ORCID's public API, version 3.0, and its OAuth 2.0 (https://info.orcid.org/documentation/). Everything in an answer may
be missing or null.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import requests
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from applications.publications import Row, publication
from common.refusals import Refusal

SECONDS: Final = 5
MOST_BYTES: Final = 5_000_000
KIND_OF_WORK: Final = {
    "journal-article": "article",
    "conference-paper": "conference",
    "book-chapter": "chapter",
    "book": "book",
    "preprint": "preprint",
}
Json = dict[str, Any]


class OrcidAway(Refusal):
    words = _("ORCID does not answer now. Try again later, or type it in.")


@dataclass(frozen=True)
class Record:
    """Rows as `applications.career` and `applications.publications` keep them."""

    degrees: list[dict[str, str]]
    employment: list[dict[str, str]]
    publications: list[Row]


@dataclass(frozen=True)
class Person:
    """Who signed in at ORCID."""

    orcid: str
    name: str


def is_configured() -> bool:
    return bool(settings.ORCID_CLIENT_ID and settings.ORCID_SECRET)


def _asked(method: str, url: str, **more: Any) -> Json:
    headers = {"Accept": "application/json", **more.pop("headers", {})}
    try:
        with requests.request(method, url, timeout=SECONDS, headers=headers, stream=True, **more) as answer:
            raw = answer.raw.read(MOST_BYTES + 1, decode_content=True)
            if answer.status_code != 200 or len(raw) > MOST_BYTES:
                raise OrcidAway
            found = json.loads(raw)
    except (requests.RequestException, ValueError, OSError):
        raise OrcidAway from None
    if not isinstance(found, dict):
        raise OrcidAway
    return found


def _token(**grant: str) -> Json:
    keys = {"client_id": settings.ORCID_CLIENT_ID, "client_secret": settings.ORCID_SECRET}
    return _asked("POST", f"{settings.ORCID_BASE}/oauth/token", data={**keys, **grant})


def _reading_token() -> str:
    """A token that reads public records, kept for a day where there is a cache."""
    with suppress(OSError, RedisError):
        if kept := cache.get("orcid:reading"):
            return str(kept)
    token = str(_token(grant_type="client_credentials", scope="/read-public").get("access_token", ""))
    with suppress(OSError, RedisError):
        cache.set("orcid:reading", token, 24 * 60 * 60)
    return token


def fetch_record(orcid: str) -> Record:
    """The public record of `orcid`. Refuses with `OrcidAway` when ORCID does not answer as it should."""
    headers = {"Authorization": f"Bearer {_reading_token()}"}
    found = _asked("GET", f"{settings.ORCID_PUBLIC_API}/{orcid}/record", headers=headers)
    activities = _part(found, "activities-summary")
    degrees = [_degree(row) for row in _summaries(activities, "educations", "education-summary")]
    positions = [_position(row) for row in _summaries(activities, "employments", "employment-summary")]
    works = [_work(group) for group in _list(_part(activities, "works"), "group")]
    return Record(degrees, positions, [row for row in works if row])


def _part(row: Any, *names: str) -> Json:
    for name in names:
        row = row.get(name) if isinstance(row, dict) else None
    return row if isinstance(row, dict) else {}


def _list(row: Json, name: str) -> list[Json]:
    found = row.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(row: Json, *names: str) -> str:
    *way, last = names
    found = _part(row, *way).get(last) if way else row.get(last)
    return str(found).strip() if isinstance(found, str | int) else ""


def _summaries(activities: Json, kind: str, name: str) -> Iterator[Json]:
    for group in _list(_part(activities, kind), "affiliation-group"):
        for summary in _list(group, "summaries"):
            yield _part(summary, name)


def _month(row: Json, name: str) -> str:
    year, month = _text(row, name, "year", "value"), _text(row, name, "month", "value")
    if not (year.isdecimal() and len(year) == 4):
        return ""
    return f"{year}-{int(month):02}" if month.isdecimal() and 1 <= int(month) <= 12 else year


def _place(row: Json) -> dict[str, str]:
    country = _text(row, "organization", "address", "country").upper()
    return {
        "institution": _text(row, "organization", "name"),
        "country": country if len(country) == 2 and country.isalpha() else "",
        "from": _month(row, "start-date"),
        "until": _month(row, "end-date"),
    }


def _degree(row: Json) -> dict[str, str]:
    return {"degree": _text(row, "role-title"), "field": _text(row, "department-name"), **_place(row)}


def _position(row: Json) -> dict[str, str]:
    return {"role": _text(row, "role-title"), **_place(row)}


def _work(group: Json) -> Row | None:
    summary = next(iter(_list(group, "work-summary")), {})
    ids = _list(_part(summary, "external-ids"), "external-id") or _list(_part(group, "external-ids"), "external-id")
    doi = next((_text(each, "external-id-value") for each in ids if _text(each, "external-id-type") == "doi"), "")
    return publication(
        kind=KIND_OF_WORK.get(_text(summary, "type"), "other"),
        title=_text(summary, "title", "title", "value"),
        venue=_text(summary, "journal-title", "value"),
        year=_text(summary, "publication-date", "year", "value"),
        doi=doi,
        url=_text(summary, "url", "value"),
    )


def sign_in_address(state: str, back: str) -> str:
    """Where somebody says at ORCID who she is; she comes back to `back` with `state`."""
    asked = {"client_id": settings.ORCID_CLIENT_ID, "response_type": "code", "scope": "/authenticate"}
    return f"{settings.ORCID_BASE}/oauth/authorize?{urlencode({**asked, 'redirect_uri': back, 'state': state})}"


def person_behind(code: str, back: str) -> Person:
    """Who came back with `code`. Refuses with `OrcidAway`."""
    found = _token(grant_type="authorization_code", code=code, redirect_uri=back)
    orcid = str(found.get("orcid") or "")
    if not orcid:
        raise OrcidAway
    return Person(orcid, str(found.get("name") or "")[:200])
