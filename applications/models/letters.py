"""Reference letters and the links behind which they are written."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from applications.models.applications import Application
from applications.states import LETTER_COLOURS, LETTER_MOVES, LetterState
from common.models import PublicKeyed


class ReferenceLetter(PublicKeyed):
    """A letter asked of a referee. She writes it behind a personal link, of which only the hash is kept."""

    MOVES: ClassVar = LETTER_MOVES
    COLOURS: ClassVar = LETTER_COLOURS

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="letters")
    referee_name = models.CharField(_("referee's name"), max_length=150)
    email = models.EmailField(_("referee's e-mail address"))
    relation = models.CharField(_("how she knows you"), max_length=200, blank=True)
    institution = models.CharField(_("referee's institution"), max_length=200, blank=True)
    language = models.CharField(
        _("language to write to her in"), max_length=2, choices=(("en", "English"), ("ko", "한국어")), default="en"
    )
    link_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=LetterState, default=LetterState.ASKED)
    text = models.TextField(_("letter"), blank=True)
    file = models.FileField(_("letter as a PDF"), upload_to="letters/", max_length=200, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    best_percent = models.PositiveSmallIntegerField(_("among the best … percent"), null=True, blank=True)
    of_people = models.PositiveIntegerField(_("of so many people"), null=True, blank=True)
    in_years = models.PositiveSmallIntegerField(_("whom she has known in so many years"), null=True, blank=True)
    suggestion = models.CharField(_("who could write instead"), max_length=300, blank=True)
    text_marks = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    orcid = models.CharField(_("iD confirmed at ORCID"), max_length=19, blank=True, editable=False)
    orcid_name = models.CharField(_("name at ORCID"), max_length=200, blank=True, editable=False)
    orcid_at = models.DateTimeField(_("confirmed at ORCID"), null=True, editable=False)
    address = models.GenericIPAddressField(_("sent from"), null=True, editable=False)
    by_hand_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    draft_text = models.TextField(_("letter being written"), blank=True)
    # the three figures of the comparison as she typed them so far
    draft_figures = models.JSONField(default=dict, blank=True, editable=False)
    drafted_at = models.DateTimeField(null=True)
    link_sent_at = models.DateTimeField(default=now)
    asked_at = models.DateTimeField(default=now)
    opened_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reference letter")
        verbose_name_plural = _("reference letters")
        constraints = (
            models.UniqueConstraint(
                fields=("application", "email"), condition=~Q(state="cancelled"), name="referee_once_an_application"
            ),
            models.CheckConstraint(
                condition=~Q(state="received") | Q(text__gt="") | Q(file__gt=""), name="received_letter_has_content"
            ),
            models.CheckConstraint(
                condition=Q(best_percent=None, of_people=None, in_years=None)
                | Q(
                    best_percent__isnull=False,
                    best_percent__range=(1, 100),
                    of_people__isnull=False,
                    of_people__gte=1,
                    in_years__isnull=False,
                    in_years__range=(1, 80),
                ),
                name="letter_comparison_whole_or_none",
            ),
            models.CheckConstraint(
                condition=Q(orcid="", orcid_name="", orcid_at=None) | Q(orcid__gt="", orcid_at__isnull=False),
                name="letter_orcid_whole_or_none",
            ),
        )
        # sentences that another letter has too
        indexes = (GinIndex(fields=("text_marks",), name="letters_by_marks"),)

    def __str__(self) -> str:
        return f"{self.referee_name} · {self.application}"

    @property
    def is_open_to_referee(self) -> bool:
        """Still asked for, and not overdue."""
        return self.state != LetterState.CANCELLED and now() <= self.application.call.letters_due_at

    @property
    def is_awaited(self) -> bool:
        """The referee may still write: neither declined nor received nor cancelled."""
        return self.state in {LetterState.ASKED, LetterState.OPENED}


class AssistantLink(models.Model):
    """A link that a referee makes for her assistant: behind it one can hand in the PDF, and read nothing."""

    letter = models.ForeignKey(ReferenceLetter, on_delete=models.CASCADE, related_name="assistant_links")
    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("assistant's link")
        verbose_name_plural = _("assistants' links")

    def __str__(self) -> str:
        return f"{self.letter} · {self.made_at:%Y-%m-%d}"


class Waiver(models.Model):
    """What an applicant said about reading her letters: the words that she was shown, in which language, and when."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="waivers")
    has_waived = models.BooleanField(_("gave up the right"))
    text = models.TextField(_("words"))
    version = models.CharField(_("version of the words"), max_length=12)
    language = models.CharField(_("language"), max_length=5)
    said_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        ordering = ("-pk",)
        triggers = (pgtrigger.Protect(name="waiver_unchanging", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return f"{self.application} · {self.said_at:%Y-%m-%d}"


class FreeMailDomain(models.Model):
    """A domain where anybody gets an address; a sign for an officer to look, never a judgement."""

    domain = models.CharField(_("domain"), max_length=100, unique=True)

    class Meta:
        verbose_name = _("free mail domain")
        verbose_name_plural = _("free mail domains")
        ordering = ("domain",)

    def __str__(self) -> str:
        return self.domain


class PastLink(models.Model):
    """An earlier link of a letter. After a reminder it still opens; after a new link was asked for it only says so."""

    letter = models.ForeignKey(ReferenceLetter, on_delete=models.CASCADE, related_name="past_links")
    sha256 = models.CharField(max_length=64, unique=True)
    is_valid = models.BooleanField(_("still opens the letter"))
    replaced_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("earlier link of a letter")
        verbose_name_plural = _("earlier links of letters")

    def __str__(self) -> str:
        return f"{self.letter} · {self.replaced_at:%Y-%m-%d}"
