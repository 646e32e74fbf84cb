"""The labs' rank lists."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from matching.models.openings import Opening
from matching.states import RANK_LIST_COLOURS, RANK_LIST_MOVES, RankListState


class RankList(PublicKeyed):
    """A lab's ranking: primary keys of applications, best first, and the sizes of its tie classes.

    `class_sizes` empty means no ties; else it sums to the number ranked. Who is not ranked is not acceptable.
    """

    MOVES: ClassVar = RANK_LIST_MOVES
    COLOURS: ClassVar = RANK_LIST_COLOURS

    opening = models.OneToOneField(Opening, on_delete=models.PROTECT, related_name="rank_list")
    ranked = ArrayField(models.BigIntegerField(), default=list, blank=True)
    class_sizes = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    version = models.PositiveIntegerField(default=0)
    state = models.CharField(_("state"), max_length=10, choices=RankListState, default=RankListState.DRAFT)
    sha256 = models.CharField(max_length=64, blank=True)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
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
        )

    def __str__(self) -> str:
        return str(self.opening)
