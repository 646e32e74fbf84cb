"""What an officer's own tools read: by which token, which rows, at which cost, as which document."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.models import AuditEntry
from innocore import api
from people import actions
from people.models import AccessLog, ApiToken, RoleGrant
from tests.factories.applications import ApplicationFactory, DocumentFactory, ReferenceLetterFactory

ALL = ["applications:read", "calls:read", "statistics:read"]


def bearer(owner: Any, scopes: list[str] = ALL, name: str = "tool") -> dict[str, str]:
    return {"authorization": f"Bearer {actions.make_token(owner, name, scopes, 30, by=owner)[1]}"}


def places(call: Any, row: Any) -> dict[str, str]:
    return {
        "calls:read": "/api/v1/calls",
        "applications:read": f"/api/v1/calls/{call.key}/applications",
        "applications:read one": f"/api/v1/applications/{row.key}",
        "statistics:read": f"/api/v1/calls/{call.key}/statistics",
    }


@pytest.mark.parametrize("scope", ALL)
def test_a_scope_opens_its_own_and_nothing_else(client: Client, officer: Any, application: Any, scope: str) -> None:
    headers = bearer(officer, [scope])
    for name, address in places(application.call, application).items():
        expected = 200 if name.split()[0] == scope else 403
        assert client.get(address, headers=headers).status_code == expected, name


def bad_tokens(officer: Any) -> dict[str, str]:
    token, ended = actions.make_token(officer, "ended", ALL, 30, by=officer)
    ApiToken.objects.filter(pk=token.pk).update(
        made_at=timezone.now() - timedelta(days=9), expires_at=timezone.now() - timedelta(days=1)
    )
    token, revoked = actions.make_token(officer, "revoked", ALL, 30, by=officer)
    actions.revoke_token(actions.revoke_token(token, by=officer), by=officer)
    return {"none": "", "wrong": "Bearer innocore_x", "basic": "Basic eDp5", "ended": f"Bearer {ended}",
            "revoked": f"Bearer {revoked}", "odd": "Bearer ", "unicode": "Bearer é"}  # fmt: skip


def test_without_a_good_token_there_is_nothing(client_of: Any, officer: Any, application: Any) -> None:
    signed_in = client_of(officer)
    for name, header in bad_tokens(officer).items():
        answer = signed_in.get("/api/v1/calls", headers={"authorization": header})
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="InnoCore"'), name
        assert "detail" in answer.json()


def test_a_token_is_worth_what_its_owner_is_now(client: Client, officer: Any, application: Any) -> None:
    headers = bearer(officer)
    assert client.get("/api/v1/calls", headers=headers).status_code == 200
    RoleGrant.objects.filter(user=officer).update(
        ends_on=timezone.localdate() - timedelta(days=1), starts_on="2020-01-01"
    )
    assert client.get("/api/v1/calls", headers=headers).status_code == 403
    type(officer).objects.filter(pk=officer.pk).update(is_active=False)
    assert client.get("/api/v1/calls", headers=headers).status_code == 401


def test_an_officer_of_another_institute_reads_what_her_page_shows(
    client: Client, officer: Any, other_officer: Any, application: Any
) -> None:
    for who, number, status in ((officer, 1, 200), (other_officer, 0, 404)):
        headers = bearer(who)
        found = places(application.call, application)
        assert len(client.get(found["applications:read"], headers=headers).json()["rows"]) == number
        assert client.get(found["applications:read one"], headers=headers).status_code == status
        states = client.get(found["statistics:read"], headers=headers).json()["states"]
        assert sum(each["number"] for each in states) == number


def test_one_application_is_whole_without_what_letters_say_and_the_look_is_logged(
    client: Client, officer: Any, application: Any, lab: Any
) -> None:
    DocumentFactory(application=application)
    ReferenceLetterFactory(application=application, state="received", text="Most secret words")
    answer = client.get(f"/api/v1/applications/{application.key}", headers=bearer(officer))
    told = answer.json()
    assert [each["lab"] for each in told["labs"]] == [lab.code]
    assert [each["state"] for each in told["letters"]] == ["received"]
    assert told["documents"][0]["sha256"]
    assert told["findings"][0]["verdict"]
    assert "Most secret words" not in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    assert AccessLog.objects.filter(by=officer, whose=application.applicant).count() == 1


def test_pages_hold_every_row_once_at_the_same_cost(
    client: Client, officer: Any, call: Any, call_lab: Any, django_assert_num_queries: Any
) -> None:
    for number in range(7):
        ApplicationFactory(call=call, ranked_labs=[call_lab.pk], number=number + 1)
    headers, address = bearer(officer), f"/api/v1/calls/{call.key}/applications"
    client.get(address, headers=headers)
    seen, after = [], ""
    while True:
        with django_assert_num_queries(5):
            told = client.get(address, {"limit": 3, "after": after}, headers=headers).json()
        seen += [row["number"] for row in told["rows"]]
        after = told["next"]
        if not after:
            break
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    with django_assert_num_queries(5):
        client.get(address, {"limit": 1}, headers=headers)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422), ("limit=201", 422), ("limit=x", 422), ("state=happy", 422), ("submitted_after=then", 422),
        ("state=submitted", 200), ("lab=LLM", 200), ("lab=NONE", 200), ("after=forged", 400),
        ("submitted_after=2020-01-01T00:00:00Z", 200),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_named(
    client: Client, officer: Any, application: Any, query: str, status: int
) -> None:
    answer = client.get(f"/api/v1/calls/{application.call.key}/applications?{query}", headers=bearer(officer))
    assert answer.status_code == status
    if query == "lab=NONE":
        assert answer.json()["rows"] == []


def test_too_many_requests_in_a_minute_are_refused(
    client: Client, officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "A_MINUTE", 2)
    headers = bearer(officer)
    assert [client.get("/api/v1/calls", headers=headers).status_code for _n in range(3)] == [200, 200, 429]


def test_nothing_is_written_by_any_verb(client: Client, officer: Any, application: Any) -> None:
    headers = bearer(officer)
    for address in places(application.call, application).values():
        for method in (client.post, client.put, client.patch, client.delete):
            assert method(address, headers=headers).status_code == 405


def test_the_document_names_every_endpoint_and_its_token(client: Client) -> None:
    told = client.get(reverse("api-1:openapi-json")).json()
    assert told["openapi"].startswith("3.1")
    assert sorted(told["paths"]) == [
        "/api/v1/applications/{key}", "/api/v1/calls", "/api/v1/calls/{key}/applications",
        "/api/v1/calls/{key}/statistics",
    ]  # fmt: skip
    for path in told["paths"].values():
        assert set(path) == {"get"}
        assert path["get"]["security"]
        assert {"200", "401", "403", "404"} <= set(path["get"]["responses"])


def test_an_officer_makes_a_token_and_sees_its_secret_once(client_of: Any, officer: Any, client: Client) -> None:
    signed, page = client_of(officer), reverse("people:tokens")
    data = {"name": "Weekly", "scopes": ["calls:read"], "days": "30"}
    made = signed.post(page, data).content.decode()
    secret = made.split('<code class="text-break">')[1].split("<")[0]
    assert client.get("/api/v1/calls", headers={"authorization": f"Bearer {secret}"}).status_code == 200
    assert secret not in signed.get(page).content.decode()
    assert "You have a token of this name already" in signed.post(page, data).content.decode()
    assert signed.post(page, {**data, "name": "x", "scopes": ["admin"]}).status_code == 422
    token = ApiToken.objects.get()
    assert secret not in repr(ApiToken.objects.values().get()) + repr(list(AuditEntry.objects.values()))
    assert signed.post(reverse("people:revoke_token", args=[token.pk])).status_code == 302
    assert client.get("/api/v1/calls", headers={"authorization": f"Bearer {secret}"}).status_code == 401


def test_nobody_else_makes_or_revokes_tokens(client_of: Any, officer: Any, second_officer: Any, stranger: Any) -> None:
    token, _secret = actions.make_token(officer, "mine", ALL, 30, by=officer)
    assert client_of(stranger).get(reverse("people:tokens")).status_code == 403
    for user in (stranger, second_officer):
        assert client_of(user).post(reverse("people:revoke_token", args=[token.pk])).status_code == 404
    with pytest.raises(actions.RoleRefused):
        actions.make_token(officer, "hers", ALL, 30, by=second_officer)
