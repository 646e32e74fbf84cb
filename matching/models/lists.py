"""The labs' rank lists."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from common.models import PublicKeyed
from common.triggers import append_only
from matching.models.openings import Opening
from matching.states import (
    CHANGE_COLOURS,
    CHANGE_MOVES,
    RANK_LIST_COLOURS,
    RANK_LIST_MOVES,
    ChangeState,
    RankListState,
    Unfit,
)


class RankList(PublicKeyed):
    """A lab's ranking: primary keys of applications, best first, and the sizes of its tie classes. One person of the
    lab proposes it as certified, a second one confirms.

    `class_sizes` empty means no ties; else it sums to the number ranked. Who is not ranked is not acceptable. `salt` is
    drawn when the list is certified and is part of the text of which `sha256` is the hash.
    """

    MOVES: ClassVar = RANK_LIST_MOVES
    COLOURS: ClassVar = RANK_LIST_COLOURS

    opening = models.OneToOneField(Opening, on_delete=models.PROTECT, related_name="rank_list")
    ranked = ArrayField(models.BigIntegerField(), default=list, blank=True)
    class_sizes = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    version = models.PositiveIntegerField(default=0)
    state = models.CharField(_("state"), max_length=10, choices=RankListState, default=RankListState.DRAFT)
    sha256 = models.CharField(max_length=64, blank=True)
    salt = models.CharField(max_length=64, blank=True, editable=False)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    certified_at = models.DateTimeField(null=True)
    certified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("rank list")
        verbose_name_plural = _("rank lists")
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="certified") | Q(sha256__gt="", certified_by__isnull=False),
                name="certified_list_is_sealed",
            ),
            models.CheckConstraint(
                condition=Q(certified_by=None) | ~Q(certified_by=F("proposed_by")),
                name="certified_list_needs_two_people",
            ),
        )

    def __str__(self) -> str:
        return str(self.opening)


class NotAcceptable(models.Model):
    """A candidate whom the lab turned down, with a reason. Who is neither ranked nor turned down is forgotten."""

    rank_list = models.ForeignKey(RankList, on_delete=models.CASCADE, related_name="turned_down")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=12, choices=Unfit)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("candidate turned down")
        verbose_name_plural = _("candidates turned down")
        constraints = (models.UniqueConstraint(fields=("rank_list", "application"), name="turned_down_once_a_list"),)

    def __str__(self) -> str:
        return f"{self.rank_list} · {self.application}"


class RankDraft(models.Model):
    """One lab person's own order with its ties, to compare and merge with another's. It decides nothing."""

    rank_list = models.ForeignKey(RankList, on_delete=models.CASCADE, related_name="drafts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ranked = ArrayField(models.BigIntegerField(), default=list, blank=True)
    class_sizes = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("draft of a rank list")
        verbose_name_plural = _("drafts of rank lists")
        constraints = (models.UniqueConstraint(fields=("rank_list", "author"), name="one_draft_each"),)

    def __str__(self) -> str:
        return f"{self.rank_list} · {self.author}"


class ListAmendment(PublicKeyed):
    """An exceptional change of a sealed list: one officer asks with a reason, another approves; it shows publicly."""

    MOVES: ClassVar = CHANGE_MOVES
    COLOURS: ClassVar = CHANGE_COLOURS

    rank_list = models.ForeignKey(RankList, on_delete=models.PROTECT, related_name="amendments")
    ranked = ArrayField(models.BigIntegerField(), default=list, blank=True)
    class_sizes = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    state = models.CharField(_("state"), max_length=10, choices=ChangeState, default=ChangeState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    declined_at = models.DateTimeField(null=True)
    declined_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("amendment of a sealed list")
        verbose_name_plural = _("amendments of sealed lists")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")), name="amendment_needs_two_officers"
            ),
            models.UniqueConstraint(
                fields=("rank_list",), condition=Q(state="asked"), name="one_amendment_of_a_list_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.rank_list} · {self.asked_at:%Y-%m-%d}"


class ListSeal(models.Model):
    """The public proof of a list as it stood when the lists were due, and of each change since; only ever added.

    `text` is what the hash was taken of; people of the lab alone can have it.
    """

    rank_list = models.ForeignKey(RankList, on_delete=models.PROTECT, related_name="seals")
    sha256 = models.CharField(max_length=64)
    text = models.TextField(blank=True, editable=False)
    sealed_at = models.DateTimeField(default=timezone.now)
    amendment = models.OneToOneField(ListAmendment, on_delete=models.PROTECT, null=True, related_name="seal")

    class Meta:
        verbose_name = _("seal of a rank list")
        verbose_name_plural = _("seals of rank lists")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("rank_list",), condition=Q(amendment=None), name="one_first_seal_a_list"),
        )
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.rank_list} · {self.sha256[:12]}"
