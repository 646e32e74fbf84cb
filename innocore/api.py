"""What an officer's own tools read: JSON, by a token with scopes and an end, never more than her pages show.

Every answer is made of the rows that `visible_to` gives to the token's owner as she is now. What there is to read is
told at /api/v1/openapi.json.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern
from django.utils import translation
from ninja import Field, NinjaAPI, Query, Schema
from ninja.errors import HttpError
from ninja.security import HttpBearer
from redis.exceptions import RedisError

from applications import queries
from applications.models import Application, Call
from applications.states import ApplicationState, Audience
from common.access import Access, looked_at, visible_to
from common.paging import is_cursor, key_page
from people.actions import note_use
from people.models import ApiToken
from people.queries import token_behind
from people.states import ApiScope

A_MINUTE: Final = 120
ORDER: Final = ("number", "pk")


class Token(HttpBearer):
    """`Authorization: Bearer innocore_...`; sessions and addresses carry nothing here."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = token_behind(token)
        if found is None or not found.is_good:
            return None
        if not found.owner.has_perm("people.keep_tokens"):
            raise HttpError(403, "The owner of this token is no officer any more.")
        if self.scope not in found.scopes:
            raise HttpError(403, f"This token does not have the scope {self.scope}.")
        _limit(found)
        note_use(found)
        request.user = found.owner
        translation.activate("en")
        return found


def _limit(token: ApiToken) -> None:
    """Refuse more requests in a minute than an honest tool makes; without a cache nobody is refused."""
    key = f"api:{token.pk}"
    try:
        cache.add(key, 0, 60)
        if cache.incr(key) > A_MINUTE:
            raise HttpError(429, f"More than {A_MINUTE} requests in a minute. Wait a little.")
    except (OSError, RedisError, ValueError):
        return


class Problem(Schema):
    """Why there is no answer."""

    detail: str


class CallOut(Schema):
    """A call that the officer sees."""

    key: str = Field(examples=["k7m2p9qrst4x"])
    code: str
    name_en: str
    name_ko: str
    state: str
    opens_at: datetime
    closes_at: datetime


class ApplicationOut(Schema):
    """A row of the screening desk."""

    key: str
    number: int | None
    name: str
    state: str
    phd_institution: str
    submitted_at: datetime | None


class Applications(Schema):
    """A page of applications; `next` is the `after` of the following page, empty on the last."""

    rows: list[ApplicationOut]
    next: str


class LabChoice(Schema):
    """A lab that she ranks, the first one first, and why."""

    lab: str
    institute: str
    reason: str


class LetterOut(Schema):
    """That a letter was asked for, and where it stands. What it says is not given here."""

    referee: str
    state: str
    received_at: datetime | None


class DocumentOut(Schema):
    """A document in force, without its content."""

    kind: str
    pages: int
    bytes: int
    sha256: str


class FindingOut(Schema):
    """A demand of the call against what the application says: pass, fail or officer."""

    demand: str
    verdict: str
    why: str


class ApplicationWhole(ApplicationOut):
    """What the officer's dossier shows."""

    call: str
    citizenship: str
    residence: str
    orcid: str
    phd_field: str
    phd_awarded_on: str
    career_break_months: int
    title: str
    summary: str
    earliest_start_on: str
    degrees: list[dict[str, str]]
    employment: list[dict[str, str]]
    publications: list[dict[str, Any]]
    labs: list[LabChoice]
    letters: list[LetterOut]
    documents: list[DocumentOut]
    findings: list[FindingOut]


class Figure(Schema):
    """How many applications."""

    name: str
    number: int


class Statistics(Schema):
    """Applications to a call that the officer sees: by state, lab, country of residence and channel."""

    states: list[Figure]
    labs: list[Figure]
    countries: list[Figure]
    channels: list[Figure]


class Asked(Schema):
    """Which applications; lists go on at `after`."""

    state: ApplicationState | None = Field(None, description="Only those in this state.")
    lab: str = Field("", description="Only those that rank the lab of this code.", max_length=20)
    submitted_after: datetime | None = Field(None, description="Only those submitted after this instant.")
    after: str = Field("", description="`next` of the page before.", max_length=2000)
    limit: int = Field(50, ge=1, le=200)


api = NinjaAPI(
    title="InnoCore",
    version="1",
    description="Read-only. A token is made under 'Access for your own tools'; it reads what its owner may read.",
    docs_url=None,
    urls_namespace="api-1",
)
REFUSED: Final[dict[int, Any]] = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Any, 429: Problem}


@api.get("/calls", auth=Token(ApiScope.CALLS), response={200: list[CallOut], **REFUSED}, summary="The calls")
def calls(request: HttpRequest) -> list[Call]:
    """The latest 200 calls that the officer sees, the newest first."""
    return list(visible_to(request.user, Call).order_by("-opens_at")[:200])


def _call(request: HttpRequest, key: str) -> Call:
    if not request.user.has_perm("applications.screen_any"):
        raise HttpError(403, "Applications are read by officers.")
    found: Call = get_object_or_404(visible_to(request.user, Call), key=key)
    return found


@api.get(
    "/calls/{key}/applications",
    auth=Token(ApiScope.APPLICATIONS),
    response={200: Applications, **REFUSED},
    summary="Applications to a call, page by page",
)
def applications(request: HttpRequest, key: str, asked: Query[Asked]) -> dict[str, Any]:
    """As the screening desk lists them, by number."""
    call = _call(request, key)
    rows = queries.to_screen(request.user, call)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.lab:
        offered = call.call_labs.filter(lab__code=asked.lab).values_list("pk", flat=True)
        rows = rows.filter(ranked_labs__overlap=list(offered))
    if asked.submitted_after:
        rows = rows.filter(submitted_at__gt=asked.submitted_after)
    if asked.after and not is_cursor(asked.after, ORDER):
        raise HttpError(400, "`after` is no cursor of this list: give the `next` of the page before.")
    page = key_page(rows.only(*queries.LISTED), order=ORDER, after=asked.after, size=asked.limit)
    return {"rows": page.rows, "next": page.next_cursor}


@api.get(
    "/applications/{key}",
    auth=Token(ApiScope.APPLICATIONS),
    response={200: ApplicationWhole, **REFUSED},
    summary="One application whole",
)
def application(request: HttpRequest, key: str) -> dict[str, Any]:
    """As the dossier shows it, without what letters say. Reading it is written to the access log."""
    row: Application = get_object_or_404(visible_to(request.user, Application), key=key)
    if not request.user.has_perm("applications.screen", row):
        raise HttpError(403, "You may not screen this application.")
    looked_at(request, row, "applicant")
    return _whole(row)


PLAIN: Final = (
    *("key", "number", "name", "state", "phd_institution", "submitted_at", "orcid", "phd_field", "career_break_months"),
    *("title", "summary", "degrees", "employment", "publications"),
)


def _whole(row: Application) -> dict[str, Any]:
    read = queries.dossier(row, Audience.OFFICER)
    letters = [*read.letters, *read.awaited]
    return {
        **{name: getattr(row, name) for name in PLAIN},
        "call": row.call.code,
        "citizenship": str(row.citizenship.code or ""),
        "residence": str(row.residence.code or ""),
        "phd_awarded_on": str(row.phd_awarded_on or ""),
        "earliest_start_on": str(row.earliest_start_on or ""),
        "labs": [
            {"lab": lab.lab.code, "institute": lab.lab.institute.code, "reason": why} for lab, why in read.reasons
        ],
        "letters": [
            {"referee": each.referee_name, "state": each.state, "received_at": each.received_at} for each in letters
        ],
        "documents": [
            {"kind": each.kind, "pages": each.pages, "bytes": each.size, "sha256": each.sha256}
            for each in read.documents
        ],
        "findings": [
            {"demand": str(each.label), "verdict": each.verdict, "why": str(each.words)}
            for each in queries.eligibility_of(read)
        ],
    }


@api.get(
    "/calls/{key}/statistics",
    auth=Token(ApiScope.STATISTICS),
    response={200: Statistics, **REFUSED},
    summary="How many, by state, lab, country and channel",
)
def statistics(request: HttpRequest, key: str) -> dict[str, Any]:
    """Of the applications that the officer may screen."""
    call = _call(request, key)
    rows = queries.to_screen(request.user, call)
    found = {"states": list(queries.counts_by_state(rows).items()), **queries.statistics(rows, call)}
    return {name: [{"name": each, "number": number} for each, number in pairs] for name, pairs in found.items()}


def _private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Nobody keeps an answer; one without a token says how to bring one."""

    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer["Cache-Control"] = "private, no-store"
        if answer.status_code == 401:
            answer["WWW-Authenticate"] = 'Bearer realm="InnoCore"'
        return answer

    answering.csrf_exempt = True  # type: ignore[attr-defined]
    return answering


def routes() -> tuple[list[Any], str, str]:
    """The addresses, each stating who may: whoever brings a token in the header, and no session."""
    patterns, app, space = api.urls
    for pattern in patterns:
        assert isinstance(pattern, URLPattern)
        is_open = pattern.name in {"openapi-json", "api-root"}
        reason = "what the interface is, not what it gives" if is_open else "an officer's token in the header"
        view: Any = login_not_required(_private(pattern.callback))
        view.access = Access("public" if is_open else "token", reason=reason)
        pattern.callback = view
    return patterns, app, space
