"""The programme, institutes, labs, members and partners."""

from datetime import date

import factory

from labs.models import Institute, Lab, LabMember, LabPartner, PartnerOrganisation, Programme, Sector
from labs.states import Duty, OrganisationKind
from people.states import PlaceKind
from tests.factories.base import RowFactory
from tests.factories.people import PlaceFactory, UserFactory


class ProgrammeFactory(RowFactory):
    class Meta:
        model = Programme
        django_get_or_create = ("code",)

    code = "innocore"
    name_en = "InnoCORE Research Program"
    name_ko = "이노코어 연구단 사업"
    ministry_en = "Ministry"
    ministry_ko = "부처"
    target_appointments = 400
    target_labs = 8
    budget_krw = 300_000_000_000
    years = 5
    salary_krw_a_year = 90_000_000
    research_fund_krw_a_year = 60_000_000


class InstituteFactory(RowFactory):
    class Meta:
        model = Institute
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"INST{n}")
    name_en = factory.LazyAttribute(lambda made: f"Institute {made.code}")
    name_ko = factory.LazyAttribute(lambda made: f"기관 {made.code}")
    city_en = "Daejeon"
    city_ko = "대전"
    domain = "example.org"
    place = factory.LazyAttribute(lambda made: PlaceFactory(code=made.code, kind=PlaceKind.INSTITUTE))


class SectorFactory(RowFactory):
    class Meta:
        model = Sector

    code = factory.Sequence(lambda n: f"sector{n}")
    name_en = factory.Sequence(lambda n: f"Sector {n}")
    name_ko = factory.Sequence(lambda n: f"분야 {n}")


class LabFactory(RowFactory):
    class Meta:
        model = Lab
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"LAB{n}")
    name_en = factory.LazyAttribute(lambda made: f"Lab {made.code}")
    name_ko = factory.LazyAttribute(lambda made: f"연구단 {made.code}")
    institute = factory.SubFactory(InstituteFactory)
    place = factory.LazyAttribute(
        lambda made: PlaceFactory(code=made.code, kind=PlaceKind.LAB, within=made.institute.place)
    )


class PartnerOrganisationFactory(RowFactory):
    class Meta:
        model = PartnerOrganisation

    name_en = factory.Sequence(lambda n: f"Partner {n}")
    name_ko = factory.Sequence(lambda n: f"협력기관 {n}")
    kind = OrganisationKind.INDUSTRY
    country = "KR"


class LabPartnerFactory(RowFactory):
    class Meta:
        model = LabPartner

    lab = factory.SubFactory(LabFactory)
    organisation = factory.SubFactory(PartnerOrganisationFactory)
    starts_on = date(2025, 7, 1)


class LabMemberFactory(RowFactory):
    class Meta:
        model = LabMember

    lab = factory.SubFactory(LabFactory)
    user = factory.SubFactory(UserFactory)
    name_en = factory.Sequence(lambda n: f"Member {n}")
    name_ko = factory.Sequence(lambda n: f"연구원 {n}")
    duty = Duty.MEMBER
    starts_on = date(2025, 7, 1)
