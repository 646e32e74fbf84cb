"""The support desk of people."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin

from common.admin import ReferenceDesk, SupportDesk
from people.models import AccessLog, ApiToken, Consent, ConsentText, Place, RoleGrant, User


@admin.register(User)
class UserDesk(SupportDesk):
    list_display = ("email", "name", "native_name", "language", "is_active", "joined_at")
    search_fields = ("email", "given_name", "family_name", "native_name", "orcid")
    list_filter = ("is_active", "language")
    exclude = ("password",)


@admin.register(RoleGrant)
class RoleDesk(SupportDesk):
    list_display = ("user", "role", "place", "starts_on", "ends_on", "granted_by")
    list_select_related = ("user", "place", "granted_by")
    search_fields = ("user__email", "user__native_name", "place__code")
    list_filter = ("role",)


@admin.register(ApiToken)
class ApiTokenDesk(SupportDesk):
    list_display = ("owner", "name", "made_at", "expires_at", "used_at", "revoked_at")
    list_select_related = ("owner",)
    exclude = ("sha256",)


@admin.register(AccessLog)
class AccessLogDesk(SupportDesk):
    list_display = ("at", "by", "whose", "what", "address")
    list_select_related = ("by", "whose")
    search_fields = ("by__email", "whose__email", "what")


@admin.register(Consent)
class ConsentDesk(SupportDesk):
    list_display = ("email", "text", "given_at", "withdrawn_at")
    list_select_related = ("text",)
    search_fields = ("email",)


class EmailAddressDesk(SupportDesk):
    list_display = ("email", "user", "verified", "primary")
    list_select_related = ("user",)
    search_fields = ("email", "user__email")


class AuthenticatorDesk(SupportDesk):
    """Which second step somebody has, never its key."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("data",)


admin.site.unregister([EmailAddress, Authenticator])
admin.site.register(EmailAddress, EmailAddressDesk)
admin.site.register(Authenticator, AuthenticatorDesk)
admin.site.register(Place, SupportDesk)
admin.site.register(ConsentText, ReferenceDesk)
