"""Labs, their members and partners: public to read, kept by the institute's officers and the lab's head."""

import copy
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation

from common.models import AuditEntry
from innocore.reference import load_reference
from labs import actions
from labs.models import Institute, Lab, LabMember, LabPartner, PartnerOrganisation, Programme, Sector
from labs.states import Duty
from outreach.models import Channel, InformationSession
from people.models import RoleGrant, User
from people.states import Role
from tests.factories.labs import (
    LabFactory,
    LabMemberFactory,
    LabPartnerFactory,
    PartnerOrganisationFactory,
    SectorFactory,
)

DATA = tomllib.loads((Path(django_settings.BASE_DIR) / "labs/data/programme.toml").read_text())


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def page(name: str, row: Any = None, **more: Any) -> str:
    return reverse(f"labs:{name}", kwargs={"key": row.key, **more} if row is not None else None)


def test_the_programme_is_loaded_from_its_file_and_twice_is_once(db: None) -> None:
    call_command("load_reference")
    counts = {model: model._default_manager.count() for model in (Programme, Institute, Lab, Sector, Channel)}
    load_reference()
    assert {model: model._default_manager.count() for model in counts} == counts
    assert (counts[Programme], counts[Institute], counts[Lab]) == (1, 4, len(DATA["lab"]))
    assert InformationSession.objects.filter(city_en="Boston").count() == 1
    assert Programme.objects.get().target_labs == len(DATA["lab"])


def test_a_changed_file_changes_the_rows(db: None) -> None:
    data = copy.deepcopy(DATA)
    actions.load_programme(data, by=None)
    data["lab"][0]["name_ko"] = "새 이름"
    data["programme"]["target_appointments"] = 450
    actions.load_programme(data, by=None)
    assert Lab.objects.get(code=data["lab"][0]["code"]).name_ko == "새 이름"
    assert Programme.objects.get().target_appointments == 450


def test_everybody_reads_labs_and_partners_and_finds_them(client: Any, lab: Any, other_lab: Any) -> None:
    sector = SectorFactory()
    lab.sectors.add(sector)
    joined = LabPartnerFactory(lab=lab, organisation__name_en="Acme Robotics")

    def listed(name: str, **asked: Any) -> set[Any]:
        return set(client.get(page(name), asked).context["page"].rows)

    assert listed("list") == {lab, other_lab}
    assert listed("list", q="llm") == listed("list", sector=sector.pk) == {lab}
    assert listed("list", institute=other_lab.institute.pk, sort="-name") == {other_lab}
    assert listed("partners", q="acme", kind=joined.organisation.kind) == {joined.organisation}
    assert client.get(page("detail", lab)).status_code == 200
    assert client.get(page("partner", joined.organisation)).status_code == 200


@pytest.mark.parametrize(("who", "status"), [("officer", 200), ("lab_head", 200), ("other_officer", 403),
                                             ("other_lab_head", 403), ("stranger", 403)])  # fmt: skip
def test_who_keeps_a_lab(client_of: Any, request: Any, lab: Any, who: str, status: int) -> None:
    signed = client_of(request.getfixturevalue(who))
    for name in ("edit", "people", "joined"):
        assert signed.get(page(name, lab)).status_code == status


def test_a_lab_is_changed_and_keeps_its_code(client_of: Any, officer: Any, lab: Any) -> None:
    signed, sector = client_of(officer), SectorFactory()
    data = {
        "code": "OTHER", "institute": lab.institute.pk, "name_en": "New name", "name_ko": "새 이름",
        "sectors": [sector.pk], "summary_en": "", "summary_ko": "", "website": "", "is_active": "on",
    }  # fmt: skip
    assert signed.post(page("edit", lab), {**data, "name_en": ""}).status_code == 422
    assert signed.post(page("edit", lab), data).status_code == 302
    lab.refresh_from_db()
    assert (lab.code, lab.name_en, list(lab.sectors.all())) == ("LLM", "New name", [sector])
    assert signed.post(page("add"), {**data, "code": "NEW"})["Location"] == page("people", Lab.objects.get(code="NEW"))
    assert Lab.objects.get(code="NEW").place.code == "NEW"


def test_a_member_with_an_account_gets_the_role_and_loses_it(
    client_of: Any, officer: Any, stranger: Any, lab: Any
) -> None:
    signed, today = client_of(officer), timezone.localdate()
    data = {
        "name_en": "Nobody Known", "name_ko": "모르는 이", "duty": Duty.HEAD, "home_institution": "",
        "starts_on": today - timedelta(days=10), "email": "STRANGER@example.org",
    }  # fmt: skip
    assert signed.post(page("people", lab), {**data, "email": "nobody@example.org"}).status_code == 422
    assert signed.post(page("people", lab), data).status_code == 302
    assert signed.post(page("people", lab), data).status_code == 409
    assert User.objects.get(pk=stranger.pk).places(Role.LAB_HEAD) == {lab.place_id}
    member = LabMember.objects.get()
    RoleGrant.objects.update(starts_on=today - timedelta(days=10))
    for _twice in range(2):
        assert signed.post(page("end_member", lab, pk=member.pk)).status_code == 302
    assert not User.objects.get(pk=stranger.pk).holds(Role.LAB_HEAD)
    assert AuditEntry.objects.filter(verb="labs.member.ended").count() == 1


def test_a_member_without_an_account_has_no_role(officer: Any, lab: Any) -> None:
    member = actions.add_member(LabMemberFactory.build(lab=lab, user=None), by=officer)
    actions.end_member(member, by=officer)
    assert not RoleGrant.objects.exclude(user=officer).exists()


def test_partners_join_once_and_leave_once(client_of: Any, lab_head: Any, lab: Any) -> None:
    signed, organisation = client_of(lab_head), PartnerOrganisationFactory()
    for _twice in range(2):
        assert signed.post(page("joined", lab), {"organisation": organisation.pk, "note": "GPUs"}).status_code == 302
    assert signed.post(page("joined", lab), {"organisation": ""}).status_code == 422
    row = LabPartner.objects.get()
    for _twice in range(2):
        assert signed.post(page("end_partner", lab, pk=row.pk)).status_code == 302
    row.refresh_from_db()
    assert row.ends_on == timezone.localdate()
    assert AuditEntry.objects.filter(verb__startswith="labs.partner.").count() == 2


def test_partner_organisations_are_kept_by_officers(client_of: Any, officer: Any, lab_head: Any) -> None:
    data = {"name_en": "Acme", "name_ko": "아크메", "kind": "industry", "country": "KR", "website": ""}
    signed = client_of(officer)
    assert signed.get(page("add_partner")).status_code == 200
    assert signed.post(page("add_partner"), {**data, "country": "XX"}).status_code == 422
    assert signed.post(page("add_partner"), data).status_code == 302
    made = PartnerOrganisation.objects.get()
    assert signed.post(page("edit_partner", made), {**data, "name_en": "Acme Labs"}).status_code == 302
    assert PartnerOrganisation.objects.get().name_en == "Acme Labs"
    assert client_of(lab_head).get(page("add_partner")).status_code == 403


def test_a_list_costs_the_same_for_one_lab_and_three(client: Any, lab: Any, django_assert_num_queries: Any) -> None:
    client.get(page("list"))
    with django_assert_num_queries(4) as counted:
        client.get(page("list"))
    LabFactory.create_batch(2)
    with django_assert_num_queries(len(counted)):
        client.get(page("list"))
