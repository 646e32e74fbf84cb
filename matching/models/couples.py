"""Two applicants of one call who rank pairs of labs together (rule 5: Roth and Peranson 1999)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgtrigger import Before, Condition, Insert, Row, Trigger, Update

from applications.models import Application
from common.models import PublicKeyed
from matching.states import COUPLE_COLOURS, COUPLE_MOVES, CoupleState

Pair = tuple[int | None, int | None]

ONE_COUPLE_A_PERSON = """
IF EXISTS (
    SELECT FROM matching_couple c WHERE c.id <> NEW.id AND c.state = 'joined'
    AND (c.first_id IN (NEW.first_id, NEW.second_id) OR c.second_id IN (NEW.first_id, NEW.second_id))
) THEN
    RAISE EXCEPTION 'one of the two is in another couple' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class Couple(PublicKeyed):
    """`first` asks whoever applied with `email` (`second`, if anybody did); joined, both agree on one list of pairs.

    `ranked` holds pairs of primary keys of CallLab, best first: hers who is first, then hers who is second; null is no
    place for that one. It is in the match when both agreed to this very list by the applicants' deadline.
    """

    MOVES: ClassVar = COUPLE_MOVES
    COLOURS: ClassVar = COUPLE_COLOURS

    first = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="couples_asked")
    email = models.EmailField(_("e-mail address of the other"))
    second = models.ForeignKey(Application, on_delete=models.PROTECT, null=True, related_name="couples_asked_of")
    state = models.CharField(_("state"), max_length=10, choices=CoupleState, default=CoupleState.ASKED)
    ranked = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=0)
    first_agrees = models.BooleanField(default=False)
    second_agrees = models.BooleanField(default=False)
    asked_at = models.DateTimeField(default=timezone.now)
    joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("couple")
        verbose_name_plural = _("couples")
        constraints = (
            models.CheckConstraint(condition=~Q(first=F("second")), name="couple_of_two"),
            models.CheckConstraint(
                condition=~Q(state="joined") | Q(second__isnull=False), name="joined_couple_has_two"
            ),
            models.UniqueConstraint(
                fields=("first",), condition=Q(state__in=["asked", "joined"]), name="one_couple_asked_for"
            ),
        )
        triggers = (
            Trigger(
                name="one_couple_a_person",
                operation=Insert | Update,
                when=Before,
                level=Row,
                condition=Condition("NEW.state = 'joined'"),
                func=ONE_COUPLE_A_PERSON,
            ),
        )

    def __str__(self) -> str:
        return f"{self.first} + {self.second or '?'}"

    @property
    def pairs(self) -> list[Pair]:
        return [(mine, other) for mine, other in self.ranked]

    @property
    def is_agreed(self) -> bool:
        return self.state == CoupleState.JOINED and self.first_agrees and self.second_agrees and bool(self.ranked)
