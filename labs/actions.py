"""Verbs about labs: load the programme's reference data, add members and partners, end them."""

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import Actor, record
from common.gestures import action
from common.refusals import Refusal
from common.states import lock
from labs.models import Institute, Lab, LabMember, LabPartner, PartnerOrganisation, Programme, Sector
from labs.states import Duty
from people.actions import end_role, grant_role
from people.models import Place, RoleGrant, User
from people.states import PlaceKind, Role

ROLE_OF_DUTY = {Duty.HEAD: Role.LAB_HEAD, Duty.MEMBER: Role.LAB_MEMBER}
NAMES = ("name_en", "name_ko")


class AlreadyThere(Refusal):
    words = _("This is already so.")


def _place(code: str, kind: str, names: dict[str, Any], within: Place | None = None) -> Place:
    return Place.objects.update_or_create(code=code, defaults={"kind": kind, "within": within, **names})[0]


def _load_programme_row(row: dict[str, Any], labs: int) -> None:
    Programme.objects.update_or_create(
        code="innocore",
        defaults={
            **{name: row[name] for name in (*NAMES, "ministry_en", "ministry_ko", "target_appointments", "budget_krw")},
            **{name: row[name] for name in ("years", "salary_krw_a_year", "research_fund_krw_a_year")},
            "target_labs": labs,
        },
    )


@action
def load_programme(data: dict[str, Any], *, by: User | None) -> Programme:
    """Load programme, institutes, sectors and labs from `data` (tables as in `labs/data/programme.toml`).

    Rows are found by their code and brought up to date; nothing is removed. Loading twice is loading once.
    """
    _load_programme_row(data["programme"], len(data["lab"]))
    for row in data["sector"]:
        Sector.objects.update_or_create(code=row["code"], defaults={name: row[name] for name in NAMES})
    for row in data["institute"]:
        names = {name: row[name] for name in NAMES}
        more = {name: row[name] for name in ("city_en", "city_ko", "domain")}
        place = _place(row["code"], PlaceKind.INSTITUTE, names)
        Institute.objects.update_or_create(code=row["code"], defaults={**names, **more, "place": place})
    for row in data["lab"]:
        _load_lab(row)
    loaded = Programme.objects.get(code="innocore")
    record("labs.programme.loaded", loaded, by=by, after={"labs": len(data["lab"])})
    return loaded


def _load_lab(row: dict[str, Any]) -> None:
    names = {name: row[name] for name in NAMES}
    texts: dict[str, Any] = {name: row[name] for name in ("summary_en", "summary_ko") if name in row}
    institute = Institute.objects.select_related("place").get(code=row["institute"])
    place = _place(row["code"], PlaceKind.LAB, names, institute.place)
    lab, _is_new = Lab.objects.update_or_create(
        code=row["code"], defaults={**names, **texts, "institute": institute, "place": place}
    )
    lab.sectors.set(Sector.objects.filter(code__in=row["sectors"]))


@action
def keep_lab(lab: Lab, sectors: models.QuerySet[Sector] | None = None, *, by: User) -> Lab:
    """Save a new or changed lab; a new one gets the place at which its roles are held."""
    is_new = lab.pk is None
    if is_new:
        names = {name: getattr(lab, name) for name in NAMES}
        lab.place = Place.objects.create(code=lab.code, kind=PlaceKind.LAB, within=lab.institute.place, **names)
    lab.save()
    if sectors is not None:
        lab.sectors.set(sectors)
    record(f"labs.lab.{'added' if is_new else 'changed'}", lab, by=by, after={"name_en": lab.name_en})
    return lab


@action
def keep_partner(organisation: PartnerOrganisation, *, by: User) -> PartnerOrganisation:
    """Save a new or changed partner organisation."""
    verb = "added" if organisation.pk is None else "changed"
    organisation.save()
    record(f"labs.partner.{verb}", organisation, by=by, after={"name_en": organisation.name_en})
    return organisation


@action
def add_member(member: LabMember, *, by: User | None) -> LabMember:
    """Somebody joins a lab; with an account, the role that goes with her duty is hers from then on."""
    if (
        member.user_id
        and LabMember.objects.filter(lab=member.lab, user=member.user_id, duty=member.duty, ends_on=None).exists()
    ):
        raise AlreadyThere(_("She is listed with this duty already."), field="email")
    member.save()
    role = ROLE_OF_DUTY.get(Duty(member.duty))
    if member.user is not None and role:
        grant_role(member.user, role, by=by, place=member.lab.place, note="lab member")
    record("labs.member.added", member, by=by, after={"duty": member.duty, "lab": member.lab.code})
    return member


@action
def end_member(member: LabMember, *, by: User, on: date | None = None) -> LabMember:
    """Somebody leaves a lab; her role there ends on the same day (yesterday unless said). Twice is once."""
    lock(member)
    if member.ends_on is not None:
        return member
    member.ends_on = max(on or timezone.localdate() - timedelta(days=1), member.starts_on)
    member.save(update_fields=["ends_on"])
    role = ROLE_OF_DUTY.get(Duty(member.duty))
    grants = RoleGrant.objects.filter(user=member.user_id, role=role, place=member.lab.place_id, ends_on=None)
    for grant in grants if member.user_id and role else ():
        end_role(grant, by=by, on=member.ends_on, note="left the lab")
    record("labs.member.ended", member, by=by, after={"ends_on": member.ends_on})
    return member


@action
def add_partner(lab: Lab, organisation: PartnerOrganisation, *, by: Actor | None, note: str = "") -> LabPartner:
    """An organisation takes part in `lab` from today; one that does already is returned."""
    partner, is_new = LabPartner.objects.get_or_create(
        lab=lab, organisation=organisation, ends_on=None, defaults={"note": note}
    )
    if is_new:
        record("labs.partner.joined", partner, by=by, after={"lab": lab.code}, note=note)
    return partner


@action
def end_partner(partner: LabPartner, *, by: Actor) -> LabPartner:
    """An organisation no longer takes part in a lab, from today on."""
    lock(partner)
    if partner.ends_on is None:
        partner.ends_on = max(timezone.localdate(), partner.starts_on)
        partner.save(update_fields=["ends_on"])
        record("labs.partner.left", partner, by=by, after={"ends_on": partner.ends_on})
    return partner
