"""An offer to a candidate, its letter, and what is asked about it before it is answered."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from applications.models import Application, CallLab
from common.models import PublicKeyed
from fellowships.states import (
    OFFER_COLOURS,
    OFFER_MOVES,
    QUESTION_COLOURS,
    QUESTION_MOVES,
    DeclineReason,
    OfferState,
    OtherPlace,
    QuestionState,
)
from labs.models import Institute


class LetterTemplate(models.Model):
    """What an institute's offer letters say, in both languages; a change is a new version, the newest is in force.

    Paragraphs are parted by an empty line; words in braces (`fellowships.letters.PLACES`) are filled in.
    """

    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="letter_templates")
    version = models.PositiveIntegerField(_("version"))
    text_en = models.TextField(_("letter in English"))
    text_ko = models.TextField(_("letter in Korean"))
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("letter template")
        verbose_name_plural = _("letter templates")
        constraints = (models.UniqueConstraint(fields=("institute", "version"), name="letter_template_once"),)

    def __str__(self) -> str:
        return f"{self.institute.code} · {self.version}"


class Offer(PublicKeyed):
    """The terms offered to one candidate, until a deadline. Amounts in won a year.

    `letter` is the text of the letter in both languages as it was sent, and `terms_sha256` its hash: what she accepts
    is what was offered. The first day may be talked about between `earliest_start_on` and `latest_start_on`.
    """

    MOVES: ClassVar = OFFER_MOVES
    COLOURS: ClassVar = OFFER_COLOURS

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="offers")
    call_lab = models.ForeignKey(CallLab, on_delete=models.PROTECT, related_name="offers")
    salary_krw_a_year = models.BigIntegerField(_("salary a year"))
    research_fund_krw_a_year = models.BigIntegerField(_("research funds a year"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    earliest_start_on = models.DateField(_("first day, at the earliest"), null=True)
    latest_start_on = models.DateField(_("first day, at the latest"), null=True)
    deadline_at = models.DateTimeField(_("answer by"))
    deadline_zone = models.CharField(_("time zone of the deadline"), max_length=60, default="Asia/Seoul")
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by", verbose_name=_("in place of")
    )
    letter = models.JSONField(_("letter"), default=dict, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=OfferState, default=OfferState.SENT)
    terms_sha256 = models.CharField(max_length=64, editable=False)
    sent_at = models.DateTimeField(default=timezone.now)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    lapsed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawal_asked_at = models.DateTimeField(null=True)
    withdrawal_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    withdrawal_note = models.CharField(_("why it is withdrawn"), max_length=500, blank=True)
    code_hash = models.CharField(max_length=64, blank=True, editable=False)
    code_sent_at = models.DateTimeField(null=True, editable=False)
    code_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    reminded_for = models.PositiveSmallIntegerField(_("hours of the last reminder"), null=True, editable=False)
    accepted_sha256 = models.CharField(_("hash of the accepted text"), max_length=64, blank=True, editable=False)
    signed_name = models.CharField(_("name typed on acceptance"), max_length=200, blank=True)
    decline_reason = models.CharField(_("reason"), max_length=12, choices=DeclineReason, blank=True)
    decline_note = models.TextField(_("in her words"), blank=True)
    declined_for = models.CharField(_("where she goes instead"), max_length=12, choices=OtherPlace, blank=True)
    declined_for_country = CountryField(_("country of the other place"), blank=True)
    declined_for_krw_a_year = models.BigIntegerField(_("what the other place pays a year"), null=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = (
            models.UniqueConstraint(
                fields=("application",), condition=Q(state__in=["sent", "accepted"]), name="one_live_offer"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on"), salary_krw_a_year__gt=0, research_fund_krw_a_year__gte=0),
                name="offer_terms_sane",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(signed_name__gt=""), name="accepted_offer_is_signed"
            ),
            models.CheckConstraint(
                condition=Q(accepted_sha256="") | Q(accepted_sha256=F("terms_sha256")), name="accepted_what_was_offered"
            ),
            models.CheckConstraint(
                condition=Q(earliest_start_on=None, latest_start_on=None)
                | Q(earliest_start_on__lte=F("starts_on"), latest_start_on__gte=F("starts_on")),
                name="offer_starts_within_its_bounds",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None)
                | (Q(withdrawal_asked_by__isnull=False) & ~Q(withdrawn_by=F("withdrawal_asked_by"))),
                name="withdrawing_takes_two_officers",
            ),
        )
        # offers that may lapse
        indexes = (models.Index(fields=("deadline_at",), condition=Q(state="sent"), name="offers_waiting"),)

    def __str__(self) -> str:
        return f"{self.application} · {self.call_lab.lab.code}"

    @property
    def is_open(self) -> bool:
        """Waits for her answer, and may still get it."""
        return self.state == OfferState.SENT and timezone.now() <= self.deadline_at

    @property
    def is_negotiable(self) -> bool:
        """The first day may still be talked about."""
        return self.is_open and self.earliest_start_on != self.latest_start_on


class OfferQuestion(PublicKeyed):
    """What the candidate asks before she answers, perhaps another first day; and what the officer says to it."""

    MOVES: ClassVar = QUESTION_MOVES
    COLOURS: ClassVar = QUESTION_COLOURS

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="questions")
    text = models.TextField(_("question"), blank=True)
    wanted_start_on = models.DateField(_("first day that she wishes"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=QuestionState, default=QuestionState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("question about an offer")
        verbose_name_plural = _("questions about offers")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(text__gt="") | Q(wanted_start_on__isnull=False), name="question_asks"),
            models.UniqueConstraint(
                fields=("offer",),
                condition=Q(state="asked", wanted_start_on__isnull=False),
                name="one_wish_for_a_first_day_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.offer} · {self.asked_at:%Y-%m-%d}"
