"""What a call asks of its own: sections and questions that officers compose, the versions in force, blind words."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from applications.blind import is_pattern
from applications.models.calls import Call
from applications.states import Audience, BlindGround, QuestionKind, RuleKind
from common.models import PublicKeyed
from labs.models import Named


def valid_pattern(pattern: str) -> None:
    """Refuse what is no regular expression, or finds everything."""
    if not is_pattern(pattern):
        raise ValidationError(_("This is not a regular expression, or it finds the empty text."))


CODE = RegexValidator(r"^[a-z][a-z0-9_]{0,29}$", _("Small letters, digits and _ only, a letter first."))


class FormSection(Named, PublicKeyed):
    """A heading of a call's own questions."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="form_sections")
    position = models.PositiveSmallIntegerField(_("place"), default=1)

    class Meta:
        verbose_name = _("section of a form")
        verbose_name_plural = _("sections of forms")
        ordering = ("position", "pk")


class Question(PublicKeyed):
    """One question as an officer composes it; applicants meet it once a version with it is put in force."""

    section = models.ForeignKey(
        FormSection, on_delete=models.CASCADE, related_name="questions", verbose_name=_("section")
    )
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="questions")
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    kind = models.CharField(_("kind of answer"), max_length=10, choices=QuestionKind)
    label_en = models.CharField(_("question in English"), max_length=300)
    label_ko = models.CharField(_("question in Korean"), max_length=300)
    help_en = models.CharField(_("help in English"), max_length=500, blank=True)
    help_ko = models.CharField(_("help in Korean"), max_length=500, blank=True)
    options = models.JSONField(_("choices or columns"), default=list, blank=True)
    words = models.PositiveIntegerField(_("words, at most"), null=True, blank=True)
    least = models.DecimalField(_("least number"), max_digits=15, decimal_places=3, null=True, blank=True)
    most = models.DecimalField(_("greatest number"), max_digits=15, decimal_places=3, null=True, blank=True)
    rows = models.PositiveSmallIntegerField(_("rows, at most"), null=True, blank=True)
    is_required = models.BooleanField(_("an answer is required"), default=False)
    if_code = models.CharField(_("asked only if the question with this code"), max_length=30, blank=True)
    if_value = models.CharField(_("was answered with"), max_length=100, blank=True)
    seen_by = ArrayField(
        models.CharField(max_length=10, choices=Audience), default=list, blank=True, verbose_name=_("who reads it")
    )
    is_personal = models.BooleanField(_("personal data"), default=False)
    is_blind = models.BooleanField(_("never before reviewers"), default=False)
    frozen_on = models.DateField(_("cannot be changed from this day on"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("place"), default=1)

    class Meta:
        verbose_name = _("question of a call")
        verbose_name_plural = _("questions of calls")
        ordering = ("section__position", "section", "position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("call", "code"), name="question_code_once_a_call"),
            models.CheckConstraint(
                condition=Q(is_blind=False) | ~Q(seen_by__contains=["reviewer"]),
                name="blind_question_not_for_reviewers",
            ),
            models.CheckConstraint(
                condition=Q(least__isnull=True) | Q(most__isnull=True) | Q(most__gte=models.F("least")),
                name="question_numbers_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.call.code} · {self.code}"


class EligibilityRule(PublicKeyed):
    """A demand of one call as data: what it looks at, what is allowed or not, and its words in both languages."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="eligibility_rules")
    kind = models.CharField(_("what it looks at"), max_length=12, choices=RuleKind)
    label_en = models.CharField(_("demand in English"), max_length=200)
    label_ko = models.CharField(_("demand in Korean"), max_length=200)
    values = ArrayField(models.CharField(max_length=100), default=list, blank=True, verbose_name=_("values"))
    is_allowed = models.BooleanField(_("these are allowed (else: these are not)"), default=True)
    until = models.DateField(_("until this day"), null=True, blank=True)
    question = models.CharField(_("code of the question"), max_length=30, blank=True)
    needs_officer = models.BooleanField(_("an officer decides when it is not met"), default=False)
    position = models.PositiveSmallIntegerField(_("place"), default=1)

    class Meta:
        verbose_name = _("eligibility rule")
        verbose_name_plural = _("eligibility rules")
        ordering = ("position", "pk")
        constraints = (
            models.CheckConstraint(
                condition=(Q(kind="start", until__isnull=False))
                | (Q(kind="answer") & ~Q(question="") & Q(values__len__gt=0))
                | Q(kind__in=["citizenship", "residence"], values__len__gt=0),
                name="eligibility_rule_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.call.code} · {self.label_en}"


class FormVersion(models.Model):
    """A call's questions as they were put in force; never changed, so that an application can be shown as asked."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="form_versions")
    version = models.PositiveIntegerField(_("version"))
    content = models.JSONField(_("content"))
    made_at = models.DateTimeField(_("in force since"), default=now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("version of a form")
        verbose_name_plural = _("versions of forms")
        ordering = ("call", "-version")
        constraints = (models.UniqueConstraint(fields=("call", "version"), name="form_version_once"),)
        triggers = (pgtrigger.Protect(name="form_version_unchanging", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return f"{self.call.code} · {self.version}"


class BlindWord(models.Model):
    """A word or pattern that tells what reviewers must not learn; data, so that the law's list can grow."""

    ground = models.CharField(_("what it tells"), max_length=12, choices=BlindGround)
    pattern = models.CharField(_("regular expression"), max_length=200, unique=True, validators=[valid_pattern])
    is_active = models.BooleanField(_("in force"), default=True)

    class Meta:
        verbose_name = _("blind word")
        verbose_name_plural = _("blind words")
        ordering = ("ground", "pattern")

    def __str__(self) -> str:
        return f"{self.get_ground_display()} · {self.pattern}"
