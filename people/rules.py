"""Roles as predicates. No other module asks for a role by name."""

from typing import Any

import rules

from people.models import User
from people.states import STAFF_ROLES, Role


@rules.predicate
def is_admin(user: User) -> bool:
    return user.is_authenticated and user.holds(Role.ADMIN)


@rules.predicate
def is_ministry(user: User) -> bool:
    return user.is_authenticated and user.holds(Role.MINISTRY)


@rules.predicate
def is_auditor(user: User) -> bool:
    return user.is_authenticated and user.holds(Role.AUDITOR)


@rules.predicate
def is_programme_officer(user: User) -> bool:
    return user.is_authenticated and user.holds(Role.PROGRAMME_OFFICER)


@rules.predicate
def is_finance_officer(user: User) -> bool:
    return user.is_authenticated and user.holds(Role.FINANCE_OFFICER)


@rules.predicate
def is_reviewer(user: User) -> bool:
    return user.is_authenticated and user.holds(Role.REVIEWER)


@rules.predicate
def is_mentor(user: User) -> bool:
    return user.is_authenticated and user.holds(Role.MENTOR)


@rules.predicate
def is_lab_head(user: User) -> bool:
    return user.is_authenticated and user.holds(Role.LAB_HEAD)


@rules.predicate
def is_lab_person(user: User) -> bool:
    return user.is_authenticated and user.holds(Role.LAB_HEAD, Role.LAB_MEMBER)


@rules.predicate
def is_staff_person(user: User) -> bool:
    """Holds any role at all: a second factor is demanded."""
    return user.is_authenticated and user.holds(*STAFF_ROLES)


@rules.predicate
def owns_token(user: User, token: Any) -> bool:
    return token is not None and token.owner_id == user.pk


rules.add_perm("people.keep_tokens", is_programme_officer)
rules.add_perm("people.revoke_token", owns_token)
rules.add_perm("people.grant_role", is_programme_officer | is_admin)
rules.add_perm("people.view_audit", is_auditor | is_admin)
