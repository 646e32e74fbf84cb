"""Matched money: schemes, a partner's pledge, what came in with its evidence, what it paid. Nothing counts twice."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed, new_key
from common.triggers import stands_once_confirmed
from fellowships.models import Appointment
from funding.models.books import Entry
from funding.models.statements import BankLine
from funding.states import PLEDGE_COLOURS, PLEDGE_MOVES, MatchedPays, PledgeKind, PledgeState
from labs.models import Lab, Named, PartnerOrganisation


class MatchScheme(Named):
    """A scheme by which public money follows a partner's. Its numbers are terms, dated and confirmed by two."""

    code = models.SlugField(_("code"), max_length=30, unique=True)

    class Meta:
        verbose_name = _("scheme of matched money")
        verbose_name_plural = _("schemes of matched money")
        ordering = ("code",)


class SchemeTerms(models.Model):
    """From a day on: by what share a scheme matches, up to what, and what both may pay.

    Entered by one person, they count once another confirmed them, and then they stand. A pledge keeps those of its
    first day.
    """

    scheme = models.ForeignKey(MatchScheme, on_delete=models.PROTECT, related_name="terms")
    from_on = models.DateField(_("from"))
    ratio_percent = models.PositiveSmallIntegerField(_("public won for 100 won of a partner"))
    ceiling_krw = models.BigIntegerField(_("public match at most, a pledge"))
    in_kind_counts_percent = models.PositiveSmallIntegerField(_("share of in-kind value that is matched"))
    pays = ArrayField(models.CharField(max_length=12, choices=MatchedPays), verbose_name=_("what it may pay"))
    source = models.CharField(_("source"), max_length=300)
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("terms of a scheme")
        verbose_name_plural = _("terms of schemes")
        ordering = ("scheme", "-from_on")
        constraints = (
            models.UniqueConstraint(fields=("scheme", "from_on"), name="scheme_terms_once_a_day"),
            models.CheckConstraint(
                condition=Q(ceiling_krw__gte=0, in_kind_counts_percent__lte=100), name="scheme_terms_are_sane"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(entered_by=None) | ~Q(confirmed_by=F("entered_by")),
                name="scheme_terms_need_another",
            ),
        )
        triggers = (stands_once_confirmed(),)

    def __str__(self) -> str:
        return f"{self.scheme} {self.from_on}"

    @property
    def pays_words(self) -> str:
        """What it may pay, for people."""
        return ", ".join(str(MatchedPays(each).label) for each in self.pays)


def new_token() -> str:
    """A long name that only the partner's contact is given."""
    return new_key() + new_key()


class Pledge(PublicKeyed):
    """What a partner promises a lab, in cash or in kind; it counts once another person agreed it against the paper."""

    MOVES: ClassVar = PLEDGE_MOVES
    COLOURS: ClassVar = PLEDGE_COLOURS

    partner = models.ForeignKey(PartnerOrganisation, on_delete=models.PROTECT, related_name="pledges")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="pledges")
    scheme = models.ForeignKey(MatchScheme, on_delete=models.PROTECT, related_name="pledges")
    kind = models.CharField(_("kind"), max_length=8, choices=PledgeKind)
    amount_krw = models.BigIntegerField(_("amount"))
    what_for = models.CharField(_("what for"), max_length=300)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    paper = models.CharField(_("agreement"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=PledgeState, default=PledgeState.PLEDGED)
    token = models.CharField(max_length=24, unique=True, default=new_token, editable=False)
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(amount_krw__gt=0, ends_on__gte=F("starts_on")), name="pledge_is_sane"),
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("entered_by")), name="pledge_needs_another"
            ),
            models.CheckConstraint(condition=~Q(state="agreed") | Q(paper__gt=""), name="agreed_pledge_has_its_paper"),
        )

    def __str__(self) -> str:
        return f"{self.partner} → {self.lab.code}"


class PledgeReceipt(PublicKeyed):
    """What came in of a pledge, with its evidence. One paper and one bank movement count once, whatever the pledge."""

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="receipts")
    received_on = models.DateField(_("day"))
    amount_krw = models.BigIntegerField(_("amount"))
    basis = models.CharField(_("how it was valued"), max_length=300, blank=True)
    name = models.CharField(_("evidence"), max_length=200)
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="matched/", max_length=200)
    bank_line = models.OneToOneField(BankLine, on_delete=models.PROTECT, null=True, related_name="pledge_receipt")
    match_krw = models.BigIntegerField(_("public match"), default=0)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="pledge_receipt")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    refusal = models.CharField(_("why refused"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("receipt of a pledge")
        verbose_name_plural = _("receipts of pledges")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(amount_krw__gt=0, match_krw__gte=0), name="pledge_receipt_counts"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("entered_by")), name="pledge_receipt_needs_another"
            ),
            models.UniqueConstraint(fields=("sha256",), condition=Q(refused_at=None), name="pledge_paper_counts_once"),
            models.CheckConstraint(
                condition=Q(refused_at=None) | Q(confirmed_at=None, bank_line=None, refusal__gt=""),
                name="refused_pledge_receipt_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pledge} {self.received_on}"


class MatchedUse(PublicKeyed):
    """What matched money pays: for a purpose of its scheme, asked by one person and approved by another."""

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="uses")
    pays = models.CharField(_("what it pays"), max_length=12, choices=MatchedPays)
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, null=True, related_name="matched_uses")
    used_on = models.DateField(_("day"))
    amount_krw = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("what for"), max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="matched_use")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    refusal = models.CharField(_("why refused"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("use of matched money")
        verbose_name_plural = _("uses of matched money")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(amount_krw__gt=0), name="matched_use_counts"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")), name="matched_use_needs_another"
            ),
            models.CheckConstraint(
                condition=Q(refused_at=None) | Q(approved_at=None, refusal__gt=""), name="refused_matched_use_says_why"
            ),
        )

    def __str__(self) -> str:
        return f"{self.pledge} {self.amount_krw:,}"
