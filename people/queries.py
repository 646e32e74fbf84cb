"""Reads about people: by role, their consents, who looked at their data."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from common.access import scope_of
from people.models import AccessLog, ConsentText, Place, RoleGrant, User
from people.rules import is_admin, is_programme_officer


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
