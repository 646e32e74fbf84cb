"""Verbs about people: grant and end roles, consent and withdraw, log a look at personal data."""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from django.db import IntegrityError, models, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.address import address_of
from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock
from people.models import AccessLog, ApiToken, Consent, ConsentText, Place, RoleGrant, User
from people.queries import token_hash
from people.rules import is_admin
from people.states import Role

OF_ADMINISTRATORS = frozenset({Role.ADMIN, Role.AUDITOR, Role.MINISTRY})


class TokenRefused(Refusal):
    words = _("You have a token of this name already. Take it back, or choose another name.")


class RoleRefused(Refusal):
    words = _("This role cannot be granted so.")


def _refuse_elsewhere(role: str, place: Place | None, by: User | None) -> None:
    """Administrators keep every role; officers those of their institute and its labs; heads those of their lab."""
    if by is None or is_admin(by):
        return
    if role in OF_ADMINISTRATORS:
        raise RoleRefused(_("Only an administrator grants this role."), field="role")
    if place is None:
        return
    at_home = by.places(Role.PROGRAMME_OFFICER)
    if place.pk not in at_home | by.places(Role.LAB_HEAD) and place.within_id not in at_home:
        raise RoleRefused(_("You keep the roles of your own institute and its labs only."), field="place")


@action
def grant_role(user: User, role: str, *, by: User | None, place: Place | None = None, note: str = "") -> RoleGrant:
    """Give `user` the role from today on. Nobody grants herself, nor a role of another institute.

    Granting what stands already returns the standing grant.
    """
    if by is not None and by.pk == user.pk:
        raise SamePersonTwice
    _refuse_elsewhere(role, place, by)
    grant, is_new = RoleGrant.objects.get_or_create(
        user=user,
        role=role,
        place=place,
        ends_on=None,
        defaults={"starts_on": timezone.localdate(), "granted_by": by, "note": note},
    )
    if is_new:
        record("people.role.granted", grant, by=by, after={"role": role, "place": place and place.code}, note=note)
    return grant


@action
def end_role(grant: RoleGrant, *, by: User | None, on: date | None = None, note: str = "") -> RoleGrant:
    """End `grant` on a day (yesterday unless said, so that it no longer stands)."""
    lock(grant)
    if by is not None and by.pk == grant.user_id:
        raise SamePersonTwice
    _refuse_elsewhere(grant.role, grant.place, by)
    day = on or timezone.localdate() - timedelta(days=1)
    before = {"ends_on": grant.ends_on}
    grant.ends_on = max(day, grant.starts_on)
    grant.save(update_fields=["ends_on"])
    record("people.role.ended", grant, by=by, before=before, after={"ends_on": grant.ends_on}, note=note)
    return grant


@action
def give_consent(text: ConsentText, email: str, *, by: User | None) -> Consent:
    """Record a yes to `text`; one that stands already is returned."""
    consent, is_new = Consent.objects.get_or_create(
        text=text, email=email.lower(), withdrawn_at=None, defaults={"user": by}
    )
    if is_new:
        record("people.consent.given", consent, by=by, after={"purpose": text.purpose, "version": text.version})
    return consent


@action
def withdraw_consent(consent: Consent, *, by: User | None) -> Consent:
    """Record that a consent no longer stands; what it allowed stops."""
    lock(consent)
    if consent.withdrawn_at is None:
        consent.withdrawn_at = timezone.now()
        consent.save(update_fields=["withdrawn_at"])
        record("people.consent.withdrawn", consent, by=by)
    return consent


@action
def choose_language(user: User, language: str, *, by: User) -> User:
    """Remember the language that mail and pages use for `user`."""
    user.language = language
    user.save(update_fields=["language"])
    return user


@action
def keep_profile(user: User, changed: list[str], *, by: User) -> User:
    """Save what a person changed about herself."""
    user.save()
    if changed:
        record("people.profile.changed", user, by=by, after={"fields": changed})
    return user


@action
def make_token(owner: User, name: str, scopes: Sequence[str], days: int, *, by: User) -> tuple[ApiToken, str]:
    """A token for the owner's own tools, good for `days`, and its secret, which nobody can read again."""
    if by.pk != owner.pk:
        raise RoleRefused(_("Everybody makes her own."))
    secret = f"innocore_{secrets.token_urlsafe(32)}"
    made = timezone.now()
    fields = {"name": name.strip(), "scopes": sorted(scopes), "made_at": made}
    try:
        with transaction.atomic():
            token = ApiToken.objects.create(
                owner=owner, sha256=token_hash(secret), expires_at=made + timedelta(days=days), **fields
            )
    except IntegrityError:
        raise TokenRefused(field="name") from None
    after = {"name": token.name, "scopes": token.scopes, "expires_at": token.expires_at}
    record("people.token.made", token, by=by, after=after)
    return token, secret


@action
def revoke_token(token: ApiToken, *, by: User) -> ApiToken:
    """Take a token back: it reads nothing from now on. Doing it twice changes nothing."""
    lock(token)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record("people.token.revoked", token, by=by)
    return token


def note_use(token: ApiToken) -> None:
    """Remember that `token` was used, once a minute."""
    now = timezone.now()
    if token.used_at is None or now - token.used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)


def observe_access(request: HttpRequest, row: models.Model, path: str) -> None:
    """Log that the request's person opens a page with the personal data of the person at `path` of `row`."""
    whose = attrgetter(path)(row)
    if not isinstance(whose, User) or not isinstance(request.user, User) or whose.pk == request.user.pk:
        return
    AccessLog.objects.create(
        by=request.user,
        whose=whose,
        what=f"{row._meta.label_lower} {row.pk}"[:200],
        address=address_of(request),
    )


@action
def load_consent_texts(rows: list[dict[str, Any]], *, by: User | None) -> int:
    """Load the texts that people are asked about; a version that is there stays as it is. How many are new."""
    new = 0
    for row in rows:
        texts = {name: row[name].strip() for name in ("text_en", "text_ko")}
        text, is_new = ConsentText.objects.get_or_create(
            purpose=row["purpose"], version=row["version"], defaults={**texts, "is_required": row["is_required"]}
        )
        if is_new:
            new += 1
            record("people.consent.text", text, by=by, after={"purpose": text.purpose, "version": text.version})
    return new
