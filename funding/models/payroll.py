"""Rate tables, the monthly run of an institute, and one pay line for each appointment and month."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from fellowships.models import Appointment
from funding.states import PAYROLL_COLOURS, PAYROLL_MOVES, PayItemKind, PayrollState, TaxWay
from labs.models import Institute


class RateTable(models.Model):
    """Dated rates of insurance and tax: data with a source, confirmed by a person before a run may use it."""

    version = models.CharField(max_length=64, unique=True)
    data = models.JSONField()
    source = models.CharField(_("source"), max_length=300)
    loaded_at = models.DateTimeField(default=timezone.now)
    # nobody for those that come with the application
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    document = models.CharField(_("document that confirms it"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("rate table")
        verbose_name_plural = _("rate tables")
        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, document__gt=""),
                name="confirmed_table_names_its_document",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(loaded_by=None) | ~Q(confirmed_by=F("loaded_by")),
                name="uploaded_rates_need_another",
            ),
        )

    def __str__(self) -> str:
        return self.version[:12]


class TaxProfile(models.Model):
    """How a fellow's pay is taxed and insured; what she chose is recorded, never chosen silently."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tax_profile")
    way = models.CharField(_("tax"), max_length=10, choices=TaxWay, default=TaxWay.ORDINARY)
    family_size = models.PositiveSmallIntegerField(_("people in the family, herself included"), default=1)
    chosen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("tax profile")
        verbose_name_plural = _("tax profiles")
        constraints = (models.CheckConstraint(condition=Q(family_size__gte=1), name="family_counts_herself"),)

    def __str__(self) -> str:
        return str(self.user)


class PayrollRun(PublicKeyed):
    """The pay of one institute's fellows for one month: prepared, approved and released by three people."""

    MOVES: ClassVar = PAYROLL_MOVES
    COLOURS: ClassVar = PAYROLL_COLOURS

    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="payroll_runs")
    month = models.DateField(_("month"))
    pay_on = models.DateField(_("pay day"))
    rate_table = models.ForeignKey(RateTable, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(_("state"), max_length=10, choices=PayrollState, default=PayrollState.PREVIEW)
    prepared_at = models.DateTimeField(default=timezone.now)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    paid_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("payroll run")
        verbose_name_plural = _("payroll runs")
        ordering = ("-month", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("institute", "month"), condition=~Q(state="discarded"), name="one_payroll_a_month"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="payroll_month_is_its_first_day"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("prepared_by")), name="payroll_approver_is_another"
            ),
            models.CheckConstraint(
                condition=Q(released_by=None) | ~Q(released_by=F("prepared_by")) & ~Q(released_by=F("approved_by")),
                name="payroll_releaser_is_a_third",
            ),
        )

    def __str__(self) -> str:
        return f"{self.institute.code} {self.month:%Y-%m}"


class PayLine(PublicKeyed):
    """What one appointment is paid for one month. The constraint makes paying twice impossible."""

    run = models.ForeignKey(PayrollRun, on_delete=models.CASCADE, related_name="lines")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="pay_lines")
    month = models.DateField()
    gross_krw = models.BigIntegerField(_("gross"))
    deductions_krw = models.BigIntegerField(_("deductions"))
    net_krw = models.BigIntegerField(_("net"))
    employer_krw = models.BigIntegerField(_("employer's charges"))
    severance_krw = models.BigIntegerField(_("severance that accrues"), default=0)
    is_held = models.BooleanField(_("held"), default=False)
    held_note = models.CharField(_("why held"), max_length=200, blank=True)
    notes = models.JSONField(_("what to know beside it"), default=list)
    # where held pay went over a year's end: the year of the commitment that pays it
    books_year = models.PositiveSmallIntegerField(_("carried into"), null=True)

    class Meta:
        verbose_name = _("pay line")
        verbose_name_plural = _("pay lines")
        constraints = (
            models.UniqueConstraint(fields=("appointment", "month"), name="one_pay_line_a_month"),
            models.CheckConstraint(
                condition=Q(gross_krw=F("deductions_krw") + F("net_krw"), net_krw__gte=0), name="pay_line_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(books_year=None) | Q(books_year__gt=F("month__year")), name="pay_is_carried_forward_only"
            ),
        )
        indexes = (models.Index(fields=("run", "id"), name="pay_lines_of_run"),)

    def __str__(self) -> str:
        return f"{self.appointment} {self.month:%Y-%m}"

    @property
    def fiscal_year(self) -> int:
        """The year in whose books it stands: that of its month, or the one into which it was carried."""
        return self.books_year or self.month.year

    @property
    def is_booked(self) -> bool:
        """Whether it amounts to anything in the books."""
        return any((self.gross_krw, self.employer_krw, self.severance_krw))


class PayItem(models.Model):
    """One item of a slip with base, rate and rounding, so that a person can compute it again."""

    line = models.ForeignKey(PayLine, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=PayItemKind)
    code = models.CharField(max_length=40)
    amount_krw = models.BigIntegerField()
    base_krw = models.BigIntegerField(null=True)
    rate = models.CharField(max_length=60, blank=True)
    rule = models.CharField(max_length=200, blank=True)
    table_from = models.DateField(_("rates from"), null=True)
    steps = models.JSONField(_("steps"), default=list)

    class Meta:
        verbose_name = _("item of a pay slip")
        verbose_name_plural = _("items of pay slips")
        ordering = ("line", "position")
        constraints = (models.UniqueConstraint(fields=("line", "position"), name="pay_item_once"),)

    def __str__(self) -> str:
        return f"{self.code} {self.amount_krw:,}"
