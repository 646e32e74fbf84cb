"""Reads about people: by role, their consents, who looked at their data."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.access import scope_of
from common.desk import DeskItem
from common.models import AuditEntry
from people.models import AccessLog, ApiToken, Consent, ConsentText, Place, RoleGrant, User
from people.rules import is_admin, is_programme_officer

NAMES = ("given_name", "family_name", "native_name")


@scope_of(User)
def users_visible_to(user: Any) -> QuerySet[User]:
    """Officers and administrators find people; everybody else knows herself only."""
    if is_programme_officer(user) or is_admin(user):
        return User.objects.all()
    return User.objects.filter(pk=user.pk)


@scope_of(RoleGrant)
def grants_visible_to(user: Any) -> QuerySet[RoleGrant]:
    """Administrators see every grant; officers those at places (institutes, their labs) and without a place."""
    if is_programme_officer(user) or is_admin(user):
        return RoleGrant.objects.select_related("user", "place", "granted_by")
    return RoleGrant.objects.filter(user_id=user.pk)


@scope_of(ApiToken)
def tokens_visible_to(user: Any) -> QuerySet[ApiToken]:
    """Everybody's own."""
    return ApiToken.objects.filter(owner=user.pk).order_by("-pk")


def token_behind(secret: str) -> ApiToken | None:
    """The token with this secret, with its owner; whether it is good is for the caller to ask."""
    found = ApiToken.objects.filter(sha256=token_hash(secret)).select_related("owner").first()
    return found if found is not None and found.owner.is_active else None


def token_hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def holders_of(role: str, place: Place | None = None) -> QuerySet[User]:
    """Active people who hold `role` today (at `place`, where one is given)."""
    standing = RoleGrant.objects.standing().filter(role=role)
    if place is not None:
        standing = standing.filter(place=place)
    return User.objects.filter(is_active=True, pk__in=standing.values("user_id")).order_by("family_name", "pk")


def consent_text(purpose: str) -> ConsentText:
    """The version of `purpose`'s text in force now. Raises ConsentText.DoesNotExist when none is loaded."""
    return ConsentText.objects.filter(purpose=purpose, from_at__lte=timezone.now()).latest("version")


def looks_at(user: User) -> QuerySet[AccessLog]:
    """Who looked at `user`'s personal data, newest first."""
    return AccessLog.objects.filter(whose=user).select_related("by").order_by("-pk")


def consents_of(user: User) -> QuerySet[Consent]:
    """What `user` said yes to, newest first."""
    return Consent.objects.filter(email__iexact=user.email).select_related("text").order_by("-pk")


def grants_found(user: Any, asked: Mapping[str, Any]) -> QuerySet[RoleGrant]:
    """The grants that `user` may see, narrowed by words, role and whether they stand."""
    named = [f"{who}__{name}" for who in ("user", "granted_by") for name in ("email", *NAMES)]
    rows = grants_visible_to(user).only("role", "starts_on", "ends_on", "place__code", *named)
    if word := asked.get("q"):
        names = Q(user__family_name__icontains=word) | Q(user__given_name__icontains=word)
        rows = rows.filter(names | Q(user__native_name__icontains=word) | Q(user__email__icontains=word))
    if asked.get("role"):
        rows = rows.filter(role=asked["role"])
    return rows if asked.get("all") else rows.filter(pk__in=RoleGrant.objects.standing().values("pk"))


def audit_found(asked: Mapping[str, Any]) -> QuerySet[AuditEntry]:
    """Audit entries narrowed by person, verb, subject and days."""
    rows = AuditEntry.objects.all()
    if word := asked.get("q"):
        rows = rows.filter(Q(by_label__icontains=word) | Q(verb__icontains=word) | Q(subject_label__icontains=word))
    if asked.get("since"):
        rows = rows.filter(at__date__gte=asked["since"])
    if asked.get("until"):
        rows = rows.filter(at__date__lte=asked["until"])
    return rows


def all_looks() -> QuerySet[AccessLog]:
    """Every look at personal data."""
    return AccessLog.objects.select_related("by", "whose")


def desk_items(user: Any) -> list[DeskItem]:
    """A person without a name is asked for it; no query."""
    if user.name:
        return []
    return [DeskItem(_("Tell us your name"), reverse("people:profile"))]
