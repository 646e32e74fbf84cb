"""The user, the roles she holds and where, her consents, and the log of who looked at personal data."""

from datetime import date, timedelta
from typing import Any, ClassVar

import rules
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now, Upper
from django.utils.functional import cached_property
from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries.fields import CountryField

from common.models import PublicKeyed
from common.triggers import append_only
from people.states import PLACE_OF_ROLE, ApiScope, ConsentPurpose, PlaceKind, Role

LANGUAGES = (("en", "English"), ("ko", "한국어"))


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person with `email` as her name; without a password she signs in by a mailed code."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """The first administrator of a fresh installation; every later one is granted the role by another."""
        user = self.create_user(email, password, **fields)
        RoleGrant.objects.create(user=user, role=Role.ADMIN, starts_on=localdate(), note="first administrator")
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(PublicKeyed, AbstractBaseUser):
    """A person. Her e-mail address is her name for signing in; rights come from her roles alone."""

    email = models.EmailField(_("e-mail address"), max_length=254)
    given_name = models.CharField(_("given name, in Latin letters"), max_length=100, blank=True)
    family_name = models.CharField(_("family name, in Latin letters"), max_length=100, blank=True)
    native_name = models.CharField(_("full name in its own script"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, blank=True)
    timezone = models.CharField(_("time zone"), max_length=60, default="Asia/Seoul")
    country = CountryField(_("country of residence"), blank=True)
    orcid = models.CharField("ORCID iD", max_length=19, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(default=now, editable=False)

    objects = UserManager()
    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    is_superuser: ClassVar[bool] = False

    class Meta:
        verbose_name = pgettext_lazy("somebody with an account", "person")
        verbose_name_plural = _("people")
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_once"),)
        # a part of an address, as `icontains` asks for it
        indexes = (GinIndex(OpClass(Upper("email"), name="gin_trgm_ops"), name="people_by_email"),)

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def name(self) -> str:
        """Given and family name in Latin letters; the own script where there are none."""
        return f"{self.given_name} {self.family_name}".strip() or self.native_name

    @property
    def full_name(self) -> str:
        """Latin name with the name in its own script behind it."""
        return f"{self.name} ({self.native_name})" if self.native_name and self.native_name != self.name else self.name

    def get_full_name(self) -> str:
        return self.name

    @cached_property
    def grants(self) -> "list[RoleGrant]":
        """The roles that stand today; one query a request."""
        return list(self.role_grants.standing())

    def holds(self, *roles: str) -> bool:
        """Whether one of `roles` stands today, at whatever place."""
        return any(grant.role in roles for grant in self.grants)

    def places(self, *roles: str) -> set[int]:
        """Primary keys of the places at which one of `roles` stands today."""
        return {grant.place_id for grant in self.grants if grant.role in roles and grant.place_id is not None}

    @property
    def is_staff(self) -> bool:
        """May open Django admin: holds the administrator's role."""
        return self.is_active and self.holds(Role.ADMIN)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """By the rules alone: no superuser stands above them."""
        return bool(self.is_active and rules.has_perm(perm, self, obj))

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class Place(models.Model):
    """Somewhere a role can be held: an institute, or a lab within one (which the room of labs describes)."""

    code = models.SlugField(max_length=20, unique=True)
    kind = models.CharField(max_length=12, choices=PlaceKind)
    name_en = models.CharField(max_length=200)
    name_ko = models.CharField(max_length=200)
    within = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return self.code


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def standing(self, on: date | None = None) -> "RoleGrantQuerySet":
        """Grants in force on `on` (today)."""
        day = on or localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)


class RoleGrant(models.Model):
    """A fact: this person holds this role, at this place, from one day to another, granted by somebody else."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="grants")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "role", "place"),
                condition=Q(ends_on=None),
                nulls_distinct=False,
                name="role_stands_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="role_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(granted_by=None) | ~Q(granted_by=F("user")), name="role_not_granted_to_oneself"
            ),
            models.CheckConstraint(
                condition=Q(role__in=list(PLACE_OF_ROLE), place__isnull=False)
                | (~Q(role__in=list(PLACE_OF_ROLE)) & Q(place__isnull=True)),
                name="role_has_its_place",
            ),
        )
        # who holds a role at a place
        indexes = (models.Index(fields=("role", "place"), name="role_at_place"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}" + (f" ({self.place})" if self.place else "")


class ApiToken(models.Model):
    """A key for the owner's own tools: it reads what she may read, within its scopes, until it ends. Only its hash is
    kept.
    """

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(_("what it is for"), max_length=100)
    scopes = ArrayField(models.CharField(max_length=30, choices=ApiScope), verbose_name=_("what it reads"))
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made"), default=now)
    expires_at = models.DateTimeField(_("ends"))
    used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("taken back"), null=True)

    class Meta:
        verbose_name = _("token for own tools")
        verbose_name_plural = _("tokens for own tools")
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at"), expires_at__lte=F("made_at") + timedelta(days=366)),
                name="api_token_ends_within_a_year",
            ),
            models.CheckConstraint(
                condition=Q(scopes__contained_by=ApiScope.values, scopes__len__gt=0), name="api_token_reads_something"
            ),
            models.UniqueConstraint(
                fields=("owner", "name"), condition=Q(revoked_at=None), name="api_token_once_by_its_name"
            ),
        )

    def __str__(self) -> str:
        return f"{self.owner}: {self.name}"

    @property
    def is_good(self) -> bool:
        """Neither ended nor taken back."""
        return self.revoked_at is None and now() < self.expires_at


class ConsentText(models.Model):
    """One version of what people are asked to consent to. A minor change is a new version."""

    purpose = models.CharField(_("purpose"), max_length=20, choices=ConsentPurpose)
    version = models.PositiveSmallIntegerField(_("version"))
    text_en = models.TextField(_("English"))
    text_ko = models.TextField(_("Korean"))
    is_required = models.BooleanField(_("necessary"), default=True)
    from_at = models.DateTimeField(_("in force from"), default=now)

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        constraints = (models.UniqueConstraint(fields=("purpose", "version"), name="consent_version_once"),)

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class Consent(models.Model):
    """Somebody's yes to one version of a text, and its withdrawal."""

    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="consents")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="consents")
    email = models.EmailField()
    given_at = models.DateTimeField(default=now)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = (
            models.UniqueConstraint(
                fields=("text", "email"), condition=Q(withdrawn_at=None), name="consent_stands_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.email}: {self.text_id}"


class AccessLog(models.Model):
    """Who looked at whose personal data, when, from where, and what (safeguard standard of the privacy act)."""

    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    whose = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    what = models.CharField(max_length=200)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("look at personal data")
        verbose_name_plural = _("looks at personal data")
        # who looked at me, newest first
        indexes = (models.Index(fields=("whose", "-id"), name="access_of_person"),)
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.by_id} {self.what} {self.whose_id}"
