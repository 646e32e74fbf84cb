"""The programme, its institutes and labs, their members and the organisations that take part."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from common.models import PublicKeyed
from labs.states import Duty, OrganisationKind
from people.models import Place


class Named(models.Model):
    """A row with a name in both languages."""

    name_en = models.CharField(_("name in English"), max_length=200)
    name_ko = models.CharField(_("name in Korean"), max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language in use."""
        return self.name_ko if (get_language() or "en").startswith("ko") else self.name_en


class Programme(Named):
    """The plan that the ministry is held to. One row a programme; amounts in won."""

    code = models.SlugField(max_length=20, unique=True)
    ministry_en = models.CharField(max_length=200)
    ministry_ko = models.CharField(max_length=200)
    target_appointments = models.PositiveIntegerField(_("appointments planned"))
    target_labs = models.PositiveIntegerField(_("labs planned"))
    budget_krw = models.BigIntegerField(_("budget"))
    years = models.PositiveSmallIntegerField(_("years"))
    salary_krw_a_year = models.BigIntegerField(_("salary a year, at least"))
    research_fund_krw_a_year = models.BigIntegerField(_("research funds a year"))

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = (
            models.CheckConstraint(condition=Q(budget_krw__gt=0, salary_krw_a_year__gt=0), name="programme_amounts"),
        )


class Institute(Named):
    """A science and technology institute: it employs the fellows and keeps their money."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    city_en = models.CharField(max_length=80)
    city_ko = models.CharField(max_length=80)
    domain = models.CharField(_("internet domain"), max_length=80, blank=True)
    place = models.OneToOneField(Place, on_delete=models.PROTECT, related_name="institute")

    class Meta:
        verbose_name = _("institute")
        verbose_name_plural = _("institutes")
        ordering = ("code",)

    @property
    def city(self) -> str:
        return self.city_ko if (get_language() or "en").startswith("ko") else self.city_en


class Sector(Named):
    """A field of industry that a lab works for."""

    code = models.SlugField(max_length=20, unique=True)

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        ordering = ("code",)


class PartnerOrganisation(Named, PublicKeyed):
    """A university, company or public research institute, in Korea or abroad, that takes part in labs."""

    kind = models.CharField(_("kind"), max_length=10, choices=OrganisationKind)
    country = CountryField(_("country"))
    website = models.URLField(blank=True)

    class Meta:
        verbose_name = _("partner organisation")
        verbose_name_plural = _("partner organisations")
        ordering = ("name_en",)

    @property
    def is_domestic(self) -> bool:
        return bool(self.country.code == "KR")


class Lab(Named, PublicKeyed):
    """A research group of the programme at a host institute."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="labs")
    place = models.OneToOneField(Place, on_delete=models.PROTECT, related_name="lab")
    sectors = models.ManyToManyField(Sector, related_name="labs")
    partners = models.ManyToManyField(PartnerOrganisation, through="LabPartner", related_name="labs")
    summary_en = models.TextField(_("what it does, in English"), blank=True)
    summary_ko = models.TextField(_("what it does, in Korean"), blank=True)
    website = models.URLField(_("website"), blank=True)
    is_active = models.BooleanField(_("takes part"), default=True)

    class Meta:
        verbose_name = _("lab")
        verbose_name_plural = _("labs")
        ordering = ("code",)

    @property
    def summary(self) -> str:
        return self.summary_ko if (get_language() or "en").startswith("ko") else self.summary_en


class LabPartner(models.Model):
    """An organisation takes part in a lab, from one day to another."""

    lab = models.ForeignKey(Lab, on_delete=models.CASCADE, related_name="lab_partners")
    organisation = models.ForeignKey(PartnerOrganisation, on_delete=models.PROTECT, related_name="lab_partners")
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("what it brings"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("partner of a lab")
        verbose_name_plural = _("partners of labs")
        constraints = (
            models.UniqueConstraint(fields=("lab", "organisation"), condition=Q(ends_on=None), name="partner_once"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="partner_days"),
        )

    def __str__(self) -> str:
        return f"{self.lab.code} · {self.organisation}"


class LabMemberQuerySet(models.QuerySet["LabMember"]):
    def standing(self) -> "LabMemberQuerySet":
        """Members today."""
        day = timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)


class LabMember(Named):
    """Somebody belongs to a lab, from one day to another. Her rights come from the role that goes with it."""

    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="lab_memberships"
    )
    duty = models.CharField(_("duty"), max_length=14, choices=Duty)
    home_institution = models.CharField(_("employed at"), max_length=200, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = LabMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("lab member")
        verbose_name_plural = _("lab members")
        ordering = ("lab", "duty", "name_en")
        constraints = (
            models.UniqueConstraint(fields=("lab", "user", "duty"), condition=Q(ends_on=None), name="lab_member_once"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="lab_member_days"),
        )
