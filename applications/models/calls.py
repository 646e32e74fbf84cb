"""Calls, and the labs that they offer."""

from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.states import CALL_COLOURS, CALL_MOVES, CallState
from common.models import PublicKeyed
from labs.models import Lab, Named, Programme

MOST_REMINDERS: Final = 6


def usual_reminders() -> list[int]:
    """Hours before letters are due at which a referee who has not written is reminded, unless a call says otherwise."""
    return [168, 48, 12]


class Call(Named, PublicKeyed):
    """A round of recruiting: when it opens and closes, what it pays, and what it asks. All of it data."""

    MOVES: ClassVar = CALL_MOVES
    COLOURS: ClassVar = CALL_COLOURS

    code = models.SlugField(_("code"), max_length=20, unique=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="calls")
    text_en = models.TextField(_("text in English"), blank=True)
    text_ko = models.TextField(_("text in Korean"), blank=True)
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    timezone = models.CharField(_("time zone of these instants"), max_length=60, default="Asia/Seoul")
    grace_minutes = models.PositiveSmallIntegerField(_("minutes of grace after the deadline"), default=0)
    letters_due_at = models.DateTimeField(_("reference letters due"))
    reviews_due_at = models.DateTimeField(_("reviews due"))
    ranks_due_at = models.DateTimeField(_("rank lists due"))
    decisions_on = models.DateField(_("decisions by"))
    starts_on = models.DateField(_("usual first day of work"))
    term_months = models.PositiveSmallIntegerField(_("months of the first contract"), default=12)
    salary_krw_a_year = models.BigIntegerField(_("salary a year"))
    research_fund_krw_a_year = models.BigIntegerField(_("research funds a year"))
    phd_within_years = models.PositiveSmallIntegerField(_("years since the doctorate, at most"), default=5)
    max_choices = models.PositiveSmallIntegerField(_("labs that one may rank"), default=5)
    letters_needed = models.PositiveSmallIntegerField(_("reference letters asked for"), default=2)
    letters_most = models.PositiveSmallIntegerField(_("reference letters, at most"), default=5)
    letter_reminders = ArrayField(
        models.PositiveSmallIntegerField(),
        default=usual_reminders,
        blank=True,
        size=MOST_REMINDERS,
        verbose_name=_("hours before letters are due at which referees are reminded"),
    )
    allows_images = models.BooleanField(_("pictures (PNG, JPEG) are taken besides PDF"), default=False)
    reads_texts = models.BooleanField(
        _("reviewers read documents as text, without what the law keeps from them"), default=True
    )
    publications_starred = models.PositiveSmallIntegerField(_("publications that one may put first"), default=5)
    needs_letters_first = models.BooleanField(_("submitted only once the letters have arrived"), default=False)
    reviews_needed = models.PositiveSmallIntegerField(_("reviews of each application"), default=2)
    made_good_until = models.DateTimeField(_("lost time is made good until"), null=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=CallState, default=CallState.DRAFT)
    published_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ("-opens_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="call_days_in_order"),
            models.CheckConstraint(
                condition=Q(salary_krw_a_year__gt=0, research_fund_krw_a_year__gte=0, term_months__gt=0),
                name="call_amounts",
            ),
            models.CheckConstraint(condition=Q(letters_most__gte=F("letters_needed")), name="call_letters_in_order"),
        )

    @property
    def text(self) -> str:
        return self.text_ko if (get_language() or "en").startswith("ko") else self.text_en

    @property
    def last_moment(self) -> datetime:
        """The deadline with its grace."""
        return self.closes_at + timedelta(minutes=self.grace_minutes)

    @property
    def is_open(self) -> bool:
        """Published, opened and not past the deadline with its grace."""
        return self.state == CallState.PUBLISHED and self.opens_at <= now() <= self.last_moment


class CallLab(models.Model):
    """A lab on offer in a call, with the number of seats that the call announces."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="call_labs")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="call_labs")
    seats_announced = models.PositiveIntegerField(_("seats announced"))

    class Meta:
        verbose_name = _("lab in a call")
        verbose_name_plural = _("labs in calls")
        ordering = ("call", "lab__code")
        constraints = (models.UniqueConstraint(fields=("call", "lab"), name="lab_once_in_a_call"),)

    def __str__(self) -> str:
        return f"{self.call.code} · {self.lab.code}"
