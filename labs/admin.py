"""The support desk of labs."""

from django.contrib import admin

from common.admin import ReferenceDesk, SupportDesk
from labs.models import Institute, Lab, LabMember, LabPartner, PartnerOrganisation, Programme, Sector


@admin.register(Programme)
class ProgrammeDesk(ReferenceDesk):
    list_display = ("code", "name_en", "target_appointments", "target_labs", "budget_krw")


@admin.register(Institute)
class InstituteDesk(ReferenceDesk):
    list_display = ("code", "name_en", "name_ko", "city_en")
    search_fields = ("code", "name_en", "name_ko")


@admin.register(Sector)
class SectorDesk(ReferenceDesk):
    list_display = ("code", "name_en", "name_ko")


@admin.register(PartnerOrganisation)
class PartnerDesk(ReferenceDesk):
    list_display = ("name_en", "name_ko", "kind", "country")
    list_filter = ("kind",)
    search_fields = ("name_en", "name_ko")


@admin.register(Lab)
class LabDesk(ReferenceDesk):
    list_display = ("code", "name_en", "institute", "is_active")
    list_filter = ("institute", "is_active")
    search_fields = ("code", "name_en", "name_ko")
    list_select_related = ("institute",)


@admin.register(LabPartner)
class LabPartnerDesk(SupportDesk):
    list_display = ("lab", "organisation", "starts_on", "ends_on")
    list_filter = ("lab",)
    list_select_related = ("lab", "organisation")


@admin.register(LabMember)
class LabMemberDesk(SupportDesk):
    list_display = ("name_en", "name_ko", "lab", "duty", "starts_on", "ends_on")
    list_filter = ("lab", "duty")
    search_fields = ("name_en", "name_ko", "user__email")
    list_select_related = ("lab",)
