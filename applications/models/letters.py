"""Reference letters and the links behind which they are written."""

from typing import ClassVar

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
    draft_text = models.TextField(_("letter being written"), blank=True)
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
        )

    def __str__(self) -> str:
        return f"{self.referee_name} · {self.application}"

    @property
    def is_awaited(self) -> bool:
        """The referee may still write: neither declined nor received nor cancelled."""
        return self.state in {LetterState.ASKED, LetterState.OPENED}


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
