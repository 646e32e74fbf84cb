"""Reads of labs: who hosts them, who takes part, in which sectors."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from common.access import scope_of
from labs.models import Institute, Lab, LabMember, LabPartner, PartnerOrganisation, Programme, Sector
from people.models import User
from people.rules import is_admin, is_programme_officer
from people.states import Role


@scope_of(Institute)
def institutes_visible_to(user: Any) -> QuerySet[Institute]:
    """Institutes are public."""
    return Institute.objects.all()


@scope_of(Lab)
def labs_visible_to(user: Any) -> QuerySet[Lab]:
    """Labs that take part are public; those that no longer do, to those who keep them."""
    labs = Lab.objects.select_related("institute", "place")
    if not user.is_authenticated:
        return labs.filter(is_active=True)
    if is_programme_officer(user) or is_admin(user):
        return labs
    return labs.filter(Q(is_active=True) | Q(place__in=user.places(Role.LAB_HEAD, Role.LAB_MEMBER)))


@scope_of(PartnerOrganisation)
def partners_visible_to(user: Any) -> QuerySet[PartnerOrganisation]:
    """Organisations that take part are public."""
    return PartnerOrganisation.objects.all()


def labs_listed(user: Any) -> QuerySet[Lab]:
    """The labs with their sectors and how many partners take part now."""
    return (
        labs_visible_to(user)
        .prefetch_related("sectors")
        .annotate(partners_now=Count("lab_partners", filter=Q(lab_partners__ends_on=None), distinct=True))
    )


def choices() -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Institutes and sectors to choose from, in the reader's language. Two queries."""
    institutes, sectors = Institute.objects.all(), Sector.objects.all()
    return [(row.pk, str(row)) for row in institutes], [(row.pk, str(row)) for row in sectors]


def partners_listed() -> QuerySet[PartnerOrganisation]:
    """Organisations with how many labs they take part in now."""
    return PartnerOrganisation.objects.annotate(
        labs_now=Count("lab_partners", filter=Q(lab_partners__ends_on=None), distinct=True)
    )


def partners_of(lab: Lab) -> QuerySet[LabPartner]:
    """Who takes part in `lab` now."""
    return (
        LabPartner.objects.filter(lab=lab, ends_on=None)
        .select_related("organisation")
        .order_by("organisation__kind", "organisation__name_en")
    )


def members_of(lab: Lab) -> QuerySet[LabMember]:
    """Members of `lab` today, its head first."""
    return LabMember.objects.standing().filter(lab=lab).select_related("user").order_by("duty", "name_en")


def labs_of(organisation: PartnerOrganisation) -> QuerySet[Lab]:
    """Labs in which `organisation` takes part now."""
    return Lab.objects.filter(
        is_active=True, lab_partners__organisation=organisation, lab_partners__ends_on=None
    ).select_related("institute")


def labs_led_by(user: User) -> QuerySet[Lab]:
    """Labs that `user` heads today."""
    return Lab.objects.filter(place__in=user.places(Role.LAB_HEAD)).select_related("institute")


def programme() -> Programme | None:
    """The programme that this installation runs."""
    return Programme.objects.order_by("pk").first()
