"""Accounts, roles as facts, consents, the log of looks, languages and second factors."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from common.models import AuditEntry
from common.refusals import SamePersonTwice
from innocore import settings as house
from notifications.models import Notification
from people import actions, queries
from people.models import AccessLog, Consent, RoleGrant, User
from people.states import Role
from tests.factories.people import ConsentFactory, ConsentTextFactory, RoleGrantFactory, UserFactory, holder, verified


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def test_an_address_is_one_account_whatever_its_case(db: None) -> None:
    User.objects.create_user("Mina@Example.org")
    assert User.objects.get_by_natural_key("MINA@example.org").email == "mina@example.org"
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(email="MINA@EXAMPLE.ORG")


def test_the_first_administrator_holds_the_role_as_a_fact(db: None) -> None:
    first = User.objects.create_superuser("root@example.org", "a long password")
    assert first.is_staff
    assert first.role_grants.get().role == Role.ADMIN
    assert not first.is_superuser


def test_names_fall_back_on_what_there_is(db: None) -> None:
    assert str(UserFactory.build(given_name="", family_name="", native_name="서민아")) == "서민아"
    assert str(UserFactory.build(given_name="", family_name="", native_name="", email="a@b.org")) == "a@b.org"
    assert (
        UserFactory.build(given_name="Mina", family_name="Seo", native_name="서민아").full_name == "Mina Seo (서민아)"
    )


def test_a_role_begins_and_ends_by_the_day_and_is_audited(admin_person: Any, stranger: Any) -> None:
    grant = actions.grant_role(stranger, Role.REVIEWER, by=admin_person, note="asked by the office")
    assert actions.grant_role(stranger, Role.REVIEWER, by=admin_person) == grant
    assert User.objects.get(pk=stranger.pk).holds(Role.REVIEWER)
    tomorrow = timezone.localdate() + timedelta(days=1)
    actions.end_role(grant, by=admin_person, on=tomorrow)
    assert User.objects.get(pk=stranger.pk).holds(Role.REVIEWER)
    RoleGrant.objects.update(starts_on=timezone.localdate() - timedelta(days=9))
    actions.end_role(RoleGrant.objects.get(pk=grant.pk), by=admin_person)
    assert not User.objects.get(pk=stranger.pk).holds(Role.REVIEWER)
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "people.role.granted", "people.role.ended", "people.role.ended",
    ]  # fmt: skip


def test_nobody_grants_or_ends_her_own_role_and_officers_make_no_administrators(
    officer: Any, admin_person: Any
) -> None:
    with pytest.raises(SamePersonTwice):
        actions.grant_role(officer, Role.REVIEWER, by=officer)
    with pytest.raises(SamePersonTwice):
        actions.end_role(officer.role_grants.get(), by=officer)
    for role in (Role.ADMIN, Role.AUDITOR, Role.MINISTRY):
        with pytest.raises(actions.RoleRefused):
            actions.grant_role(admin_person, role, by=officer)


def test_an_officer_keeps_the_roles_of_her_institute_and_its_labs(
    officer: Any, stranger: Any, lab: Any, other_lab: Any, other_officer: Any, admin_person: Any
) -> None:
    grant = actions.grant_role(stranger, Role.LAB_HEAD, by=officer, place=lab.place)
    for place, role in ((other_lab.place, Role.LAB_HEAD), (other_lab.institute.place, Role.FINANCE_OFFICER)):
        with pytest.raises(actions.RoleRefused, match="own institute"):
            actions.grant_role(stranger, role, by=officer, place=place)
    with pytest.raises(actions.RoleRefused, match="own institute"):
        actions.end_role(grant, by=other_officer)
    actions.end_role(grant, by=admin_person)


def test_an_officer_grants_and_ends_on_her_page(client_of: Any, officer: Any, stranger: Any, institute: Any) -> None:
    signed, url = client_of(officer), reverse("people:roles")
    data = {"email": "STRANGER@example.org", "role": Role.FINANCE_OFFICER, "place": institute.place.pk, "note": ""}
    assert signed.get(url).status_code == 200
    assert signed.get(reverse("people:grant_role")).status_code == 200
    assert signed.post(reverse("people:grant_role"), data).status_code == 302
    grant = RoleGrant.objects.get(user=stranger)
    assert (grant.place, grant.granted_by) == (institute.place, officer)
    assert stranger.email.encode() in signed.get(url, {"q": "nobody", "role": grant.role}).content
    ending = reverse("people:end_role", args=[grant.pk])
    assert b"stranger@example.org" in signed.get(ending).content
    assert signed.post(ending).status_code == 302
    RoleGrant.objects.filter(pk=grant.pk).update(
        ends_on=timezone.localdate() - timedelta(days=1), starts_on="2020-01-01"
    )
    assert b"stranger@" not in signed.get(url).content
    assert b"stranger@" in signed.get(url, {"all": "on"}).content


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"email": "nobody@example.org"}, "No account has this address"),
        ({"place": ""}, "choose a fitting one"),
        ({"role": Role.REVIEWER}, "leave this empty"),
        ({"email": "officer@example.org"}, "Another person must do this"),
        ({"role": Role.AUDITOR, "place": ""}, "Only an administrator"),
    ],
)
def test_a_grant_that_cannot_be_says_why(
    client_of: Any, officer: Any, stranger: Any, institute: Any, changes: dict[str, Any], says: str
) -> None:
    data = {"email": stranger.email, "role": Role.FINANCE_OFFICER, "place": institute.place.pk, **changes}
    answer = client_of(officer).post(reverse("people:grant_role"), data)
    assert answer.status_code in {409, 422}
    assert says in answer.content.decode()


@pytest.mark.parametrize("who", ["stranger", "lab_head", "reviewer", "ministry", "finance_officer"])
def test_roles_and_trails_are_not_for_everybody(client_of: Any, request: Any, who: str) -> None:
    signed = client_of(request.getfixturevalue(who))
    for name in ("roles", "grant_role", "audit", "access", "access_csv"):
        assert signed.get(reverse(f"people:{name}")).status_code == 403


def test_the_auditor_finds_who_did_and_looked(client_of: Any, auditor: Any, officer: Any, stranger: Any) -> None:
    actions.grant_role(stranger, Role.REVIEWER, by=officer)
    AccessLog.objects.create(by=officer, whose=stranger, what="applications.application 1", address="127.0.0.1")
    signed, today = client_of(auditor), timezone.localdate()
    found = {"q": "role.granted", "since": today, "until": today}
    assert len(signed.get(reverse("people:audit"), found).context["page"].rows) == 1
    assert len(signed.get(reverse("people:audit"), {"until": "2020-01-01"}).context["page"].rows) == 0
    assert len(signed.get(reverse("people:audit"), {"since": "no day"}).context["page"].rows) == 1
    assert officer.name.encode() in signed.get(reverse("people:access")).content
    lines = b"".join(signed.get(reverse("people:access_csv")).streaming_content).decode("utf-8-sig")
    assert stranger.email in lines


def test_a_consent_is_given_once_and_withdrawn_once(client_of: Any, stranger: Any) -> None:
    text = ConsentTextFactory()
    consent = actions.give_consent(text, stranger.email.upper(), by=stranger)
    assert actions.give_consent(text, stranger.email, by=stranger) == consent
    signed = client_of(stranger)
    assert (
        text.text_en.encode() in signed.get(reverse("people:me")).content
        or signed.get(reverse("people:me")).context["consents"].count() == 1
    )
    for _twice in range(2):
        assert signed.post(reverse("people:withdraw", args=[consent.pk])).status_code == 302
    assert AuditEntry.objects.filter(verb="people.consent.withdrawn").count() == 1
    other = ConsentFactory()
    assert signed.post(reverse("people:withdraw", args=[other.pk])).status_code == 404
    assert Consent.objects.get(pk=other.pk).withdrawn_at is None


def test_the_text_in_force_is_the_latest_that_has_begun(db: None) -> None:
    first = ConsentTextFactory(purpose="news", version=1)
    ConsentTextFactory(purpose="news", version=2, from_at=timezone.now() + timedelta(days=1))
    assert queries.consent_text("news") == first


def test_she_keeps_her_own_details(client_of: Any, stranger: Any) -> None:
    signed, url = client_of(stranger), reverse("people:profile")
    assert signed.get(url).status_code == 200
    data = {
        "given_name": "Anna", "family_name": "Known", "native_name": "", "language": "ko", "timezone": "Asia/Tokyo",
        "country": "JP", "orcid": "",
    }  # fmt: skip
    assert signed.post(url, {**data, "timezone": "Mars/Base"}).status_code == 422
    assert signed.post(url, data).status_code == 302
    stranger.refresh_from_db()
    assert (stranger.given_name, stranger.language, str(stranger.timezone)) == ("Anna", "ko", "Asia/Tokyo")


def test_a_person_without_a_name_is_asked_for_it(db: None) -> None:
    nameless = UserFactory(given_name="", family_name="", native_name="")
    assert [item.url for item in queries.desk_items(nameless)] == [reverse("people:profile")]
    assert queries.desk_items(UserFactory()) == []


def test_languages_are_chosen_and_foreign_addresses_not_followed(client: Client, client_of: Any, stranger: Any) -> None:
    url = reverse("people:language")
    chosen = client.post(url, {"language": "ko", "next": "/sessions/"})
    assert (chosen["Location"], chosen.cookies["django_language"].value) == ("/sessions/", "ko")
    assert client.get("/sessions/").headers["Content-Language"] == "ko"
    assert client.post(url, {"language": "xx", "next": "https://elsewhere.example/"})["Location"] == "/"
    client_of(stranger).post(url, {"language": "ko"})
    stranger.refresh_from_db()
    assert stranger.language == "ko"


def test_staff_need_a_second_factor_and_applicants_do_not(
    client_of: Any, officer: Any, stranger: Any, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    signed = client_of(officer)
    assert signed.get(reverse("people:me"))["Location"] == reverse("mfa_index")
    assert client_of(stranger).get(reverse("people:me")).status_code == 200
    secret = get_adapter().encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in secret
    assert get_adapter().decrypt(secret) == "JBSWY3DPEHPK3PXP"
    Authenticator.objects.create(user=officer, type="totp", data={"secret": secret})
    assert signed.get(reverse("people:me")).status_code == 200


def test_signing_up_and_in_by_a_mailed_code(client: Client, db: None) -> None:
    data = {
        "email": "new@example.org",
        "given_name": "New",
        "family_name": "Person",
        "native_name": "새사람",
        "password1": "journey-pass-1",
    }
    assert client.get(reverse("account_signup")).status_code == 200
    assert client.post(reverse("account_signup"), data).status_code == 302
    made = User.objects.get()
    assert (made.email, made.native_name, made.language) == ("new@example.org", "새사람", "en")
    sent = Notification.objects.filter(address="new@example.org")
    assert sent.exists() or mail.outbox


def test_signing_in_with_a_password(client: Client, db: None) -> None:
    user = UserFactory(email="known@example.org", password="a long password")
    verified(user)
    wrong = client.post(reverse("account_login"), {"login": user.email, "password": "wrong"})
    assert wrong.status_code == 200
    right = client.post(reverse("account_login"), {"login": user.email, "password": "a long password"})
    assert right.status_code == 302
    assert int(client.session["_auth_user_id"]) == user.pk


def test_grants_are_seen_by_those_who_grant(officer: Any, stranger: Any) -> None:
    RoleGrantFactory(user=stranger, role=Role.REVIEWER)
    assert queries.grants_visible_to(officer).count() == 2
    assert queries.grants_visible_to(stranger).count() == 1
    assert list(queries.users_visible_to(stranger)) == [stranger]
    assert officer in queries.users_visible_to(officer)
    assert holder(Role.REVIEWER) in queries.holders_of(Role.REVIEWER)


def test_a_password_kept_the_older_way_opens_once_and_is_kept_anew(settings: Any, db: None) -> None:
    settings.PASSWORD_HASHERS = house.PASSWORD_HASHERS
    user = UserFactory()
    user.password = make_password("a-long-password", hasher="scrypt")
    user.save()
    assert not user.check_password("another-password")
    assert user.check_password("a-long-password")
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert user.check_password("a-long-password")
