"""Applications, what was submitted of them, and their documents."""

from typing import Any, ClassVar, Final

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models import Value as V
from django.db.models.functions import Concat, Upper
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from applications.career import REASONS
from applications.models.calls import Call
from applications.publications import shown
from applications.states import (
    APPLICATION_COLOURS,
    APPLICATION_MOVES,
    ApplicationState,
    CallState,
    DocumentKind,
    ScanState,
)
from common.models import PublicKeyed
from labs.models import Sector
from outreach.models import Campaign, Channel

MEDIA_TYPES: Final = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}


def latin_and_own(given_name: str, family_name: str, native_name: str) -> str:
    """The name in Latin letters, with the one in its own script behind it where that is another."""
    latin = f"{given_name} {family_name}".strip()
    return f"{latin} ({native_name})" if native_name and native_name != latin else latin


class Application(PublicKeyed):
    """One person's application to one call. `ranked_labs` holds primary keys of `CallLab`, best first."""

    MOVES: ClassVar = APPLICATION_MOVES
    COLOURS: ClassVar = APPLICATION_COLOURS

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="applications")
    applicant = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="applications")
    number = models.PositiveIntegerField(_("number"), null=True, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=ApplicationState, default=ApplicationState.DRAFT)
    version = models.PositiveIntegerField(default=0, editable=False)

    given_name = models.CharField(_("given name, as in the passport"), max_length=100, blank=True)
    family_name = models.CharField(_("family name, as in the passport"), max_length=100, blank=True)
    native_name = models.CharField(_("full name in its own script"), max_length=150, blank=True)
    citizenship = CountryField(_("citizenship"), blank=True)
    residence = CountryField(_("country where you live now"), blank=True)
    orcid = models.CharField("ORCID iD", max_length=19, blank=True)
    phd_institution = models.CharField(_("university of the doctorate"), max_length=200, blank=True)
    phd_country = CountryField(_("country of the doctorate"), blank=True)
    phd_field = models.CharField(_("field of the doctorate"), max_length=200, blank=True)
    phd_awarded_on = models.DateField(_("day of the doctorate, or the expected day"), null=True, blank=True)
    is_phd_expected = models.BooleanField(_("the doctorate is still expected"), default=False)
    career_break_months = models.PositiveSmallIntegerField(_("months of career breaks since"), default=0)
    degrees = models.JSONField(_("degrees"), default=list, blank=True)
    employment = models.JSONField(_("positions"), default=list, blank=True)
    career_breaks = models.JSONField(_("career breaks"), default=list, blank=True)
    publications = models.JSONField(_("publications"), default=list, blank=True)
    partner_email = models.EmailField(_("e-mail address of a partner who applies too"), blank=True)
    current_position = models.CharField(_("present position and institution"), max_length=200, blank=True)
    title = models.CharField(_("title of your research"), max_length=200, blank=True)
    summary = models.TextField(_("summary of your research plan"), blank=True)
    motivation = models.TextField(_("why these labs"), blank=True)
    earliest_start_on = models.DateField(_("earliest start"), null=True, blank=True)
    sectors = models.ManyToManyField(Sector, blank=True, related_name="applications", verbose_name=_("sectors"))
    ranked_labs = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("labs, best first"))
    answers = models.JSONField(_("answers to the call's own questions"), default=dict, blank=True)
    form_version = models.PositiveIntegerField(_("version of the form"), null=True, editable=False)
    lab_reasons = models.JSONField(_("why each lab"), default=dict, blank=True)
    has_waived_access = models.BooleanField(_("I give up the right to read my reference letters"), default=False)

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, null=True, blank=True, related_name="applications")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="applications")
    started_at = models.DateTimeField(default=now, editable=False)
    saved_at = models.DateTimeField(default=now, editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False)
    receipt_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    screened_at = models.DateTimeField(null=True, editable=False)
    screened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    screening_note = models.TextField(_("reason of the screening"), blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    late_until = models.DateTimeField(_("may be written until, by late access"), null=True, editable=False)
    submitted_from = models.GenericIPAddressField(null=True, editable=False)
    # what the screening desk searches, in capitals; written by the database
    search_words = models.GeneratedField(
        expression=Upper(
            Concat("given_name", V(" "), "family_name", V(" "), "native_name", V(" "), "orcid", V(" "), "title")
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = (
            models.UniqueConstraint(
                fields=("call", "applicant"), condition=~Q(state="withdrawn"), name="one_application_a_call"
            ),
            models.UniqueConstraint(fields=("call", "number"), name="application_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"])
                | Q(submitted_at__isnull=False, number__isnull=False, receipt_sha256__gt=""),
                name="submitted_application_has_a_receipt",
            ),
        )
        indexes = (
            # the screening desk: one call, one state, newest first
            models.Index(fields=("call", "state", "-submitted_at", "-id"), name="applications_of_call"),
            # the candidates of a lab
            GinIndex(fields=("ranked_labs",), name="applications_by_lab"),
            # the same person once more
            models.Index(fields=("orcid",), condition=~Q(orcid=""), name="applications_by_orcid"),
            models.Index(Upper("family_name"), Upper("given_name"), name="applications_by_name"),
            # a part of a name, an iD or a title
            GinIndex(fields=("search_words",), opclasses=("gin_trgm_ops",), name="applications_by_words"),
        )

    def __str__(self) -> str:
        return f"{self.call.code}-{self.number}" if self.number else f"{self.call.code} ({_('draft')})"

    @property
    def name(self) -> str:
        """Name in Latin letters, with the name in its own script behind it."""
        return latin_and_own(self.given_name, self.family_name, self.native_name)

    @property
    def breaks(self) -> list[dict[str, str]]:
        """The career breaks with their reasons in words."""
        words = {code: str(label) for code, label in REASONS}
        return [{**row, "reason": words.get(row["reason"], row["reason"])} for row in self.career_breaks]

    @property
    def publications_shown(self) -> list[dict[str, Any]]:
        """Those that she put first, then the newest."""
        return shown(self.publications)

    @property
    def is_editable(self) -> bool:
        """A draft may be written while its call is open, or as long as late access lasts."""
        return self.state == ApplicationState.DRAFT and (self.call.is_open or self.is_let_in_late)

    @property
    def is_let_in_late(self) -> bool:
        """Late access lasts, and the call is not finished."""
        in_time = self.late_until is not None and now() <= self.late_until
        return in_time and self.call.state in {CallState.PUBLISHED, CallState.REVIEW}


class Submission(models.Model):
    """What was submitted, version by version: the canonical content behind each receipt."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="submissions")
    version = models.PositiveIntegerField(_("version"))
    content = models.JSONField(_("content"))
    sha256 = models.CharField(max_length=64)
    submitted_at = models.DateTimeField(_("submitted"))

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ("application", "version")
        constraints = (models.UniqueConstraint(fields=("application", "version"), name="submission_once_a_version"),)
        # a receipt is verified by its hash
        indexes = (models.Index(fields=("sha256",), name="submission_by_hash"),)
        # no UPDATE, ever; destroying it after the time of keeping is allowed
        triggers = (pgtrigger.Protect(name="submission_unchanging", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return f"{self.application} · {self.version}"


def document_path(document: "Document", filename: str) -> str:
    """Where a document's file is kept: by the hash of its content, so no name of a person is in a path."""
    suffix = filename.rpartition(".")[2].lower()
    return f"documents/{document.sha256[:2]}/{document.sha256}.{suffix if suffix in MEDIA_TYPES else 'pdf'}"


def preview_path(document: "Document", filename: str) -> str:
    """Where the picture of its first page is kept."""
    return f"previews/{document.sha256[:2]}/{document.sha256}.png"


class Document(PublicKeyed):
    """An uploaded PDF or image. A new one takes the place of the old, which is kept.

    `text` is what a machine could read of it, for readers who get no files; empty until somebody looked closer.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(_("kind"), max_length=10, choices=DocumentKind)
    file = models.FileField(_("file"), upload_to=document_path, max_length=200)
    name = models.CharField(_("name"), max_length=200)
    size = models.PositiveIntegerField(_("bytes"))
    pages = models.PositiveIntegerField(_("pages"))
    sha256 = models.CharField(max_length=64)
    question = models.CharField(_("question that it answers"), max_length=40, blank=True)
    preview = models.FileField(_("picture of the first page"), upload_to=preview_path, max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    looked_at = models.DateTimeField(_("looked into"), null=True)
    scan = models.CharField(_("malware"), max_length=10, choices=ScanState, default=ScanState.NONE)
    is_current = models.BooleanField(default=True)
    uploaded_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = (
            models.UniqueConstraint(
                fields=("application", "kind", "question"),
                condition=Q(is_current=True),
                name="one_current_document_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="answer", question__gt="") | (~Q(kind="answer") & Q(question="")),
                name="file_of_an_answer_names_its_question",
            ),
            models.CheckConstraint(condition=~Q(scan="infected", is_current=True), name="no_infected_file_in_force"),
        )
        indexes = (
            # the same file in another application
            models.Index(fields=("sha256",), name="documents_by_hash"),
            # what nobody looked into yet
            models.Index(
                fields=("id",), condition=Q(looked_at=None) | Q(scan="waiting"), name="documents_to_look_into"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.application}"

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES.get(self.name.rpartition(".")[2].lower(), MEDIA_TYPES["pdf"])

    @property
    def is_waiting(self) -> bool:
        """The scanner has not said yet that it is clean."""
        return self.scan in {ScanState.WAITING, ScanState.INFECTED}
