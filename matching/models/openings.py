"""Seats: what each lab can fill in a call, for whom some are reserved, under which caps, and how that was decided."""

from typing import Any, ClassVar, Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgtrigger import Before, Delete, Insert, Row, Trigger, Update

from applications.models import Call, CallLab
from common.models import PublicKeyed
from common.money import NOTHING
from labs.models import Institute, Named
from matching.states import (
    CHANGE_COLOURS,
    CHANGE_MOVES,
    REVERSION_COLOURS,
    REVERSION_MOVES,
    ChangeState,
    Fact,
    ReserveOrder,
    ReversionState,
)

# A group stays as it is once its call's lists are due or sealed; one that seats are reserved for becomes only what an
# approved change says.
_KEEP_GROUPS: Final = """
    IF EXISTS (
        SELECT 1 FROM applications_call c WHERE c.id IN (OLD.call_id, NEW.call_id)
        AND c.ranks_due_at <= clock_timestamp()
    ) OR EXISTS (
        SELECT 1 FROM matching_listseal s
        JOIN matching_ranklist r ON r.id = s.rank_list_id
        JOIN matching_opening o ON o.id = r.opening_id
        JOIN applications_calllab l ON l.id = o.call_lab_id
        WHERE l.call_id IN (OLD.call_id, NEW.call_id)
    ) THEN
        RAISE EXCEPTION 'sealed: the lists are due, so groups stay' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (OLD.call_id, OLD.code, OLD.conditions) IS DISTINCT FROM (NEW.call_id, NEW.code, NEW.conditions)
        AND EXISTS (SELECT 1 FROM matching_reserve WHERE group_id = OLD.id)
        AND NOT EXISTS (
            SELECT 1 FROM matching_seatchange
            WHERE group_id = OLD.id AND state = 'approved' AND values->'conditions' = NEW.conditions
        ) THEN
            RAISE EXCEPTION 'reserved: nobody approved this' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
"""


class Group(Named, PublicKeyed):
    """Whom a call may reserve seats for. `conditions` are facts of an application that must all hold, as data:
    `{"fact": "residence", "is_among": false, "values": ["KR"]}`; who belongs is worked out when a run is frozen.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="groups")
    code = models.SlugField(_("code"), max_length=20)
    conditions = models.JSONField(_("conditions"), default=list)

    class Meta:
        verbose_name = _("group with reserves")
        verbose_name_plural = _("groups with reserves")
        ordering = ("code",)
        constraints = (models.UniqueConstraint(fields=("call", "code"), name="group_code_once_a_call"),)
        triggers = (
            Trigger(
                name="groups_stay_once_sealed", level=Row, when=Before, operation=Insert | Update | Delete,
                func=_KEEP_GROUPS,
            ),
        )  # fmt: skip

    @property
    def conditions_in_words(self) -> str:
        return said_conditions(self.conditions)


class Opening(PublicKeyed):
    """The seats that a lab can fill in a call.

    Under its institute's cap a lab has a `target`, up to which it chooses first. `minimum` is a wish: it is reported,
    not enforced. `seats_funded` is what the money carries for the full term, as `funded_source` says.
    """

    call_lab = models.OneToOneField(CallLab, on_delete=models.PROTECT, related_name="opening")
    seats = models.PositiveIntegerField(_("seats"))
    target = models.PositiveIntegerField(_("target under the institute's cap"), null=True)
    minimum = models.PositiveIntegerField(_("seats wished to be filled, at least"), null=True)
    reserve_order = models.CharField(max_length=14, choices=ReserveOrder, default=ReserveOrder.OPEN_FIRST)
    seats_funded = models.PositiveIntegerField(_("seats that the money carries"), null=True)
    funded_source = models.CharField(_("where that figure comes from"), max_length=300, blank=True)
    funded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        constraints = (
            models.CheckConstraint(condition=Q(target=None) | Q(target__lte=F("seats")), name="target_within_seats"),
            models.CheckConstraint(condition=Q(minimum=None) | Q(minimum__lte=F("seats")), name="minimum_within_seats"),
            models.CheckConstraint(
                condition=Q(seats_funded=None) | Q(funded_source__gt=""), name="funded_seats_have_a_source"
            ),
        )

    def __str__(self) -> str:
        return str(self.call_lab)


class Reserve(models.Model):
    """Seats of an opening for the members of one group; those of lower `position` are filled first."""

    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="reserves")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="reserves")
    seats = models.PositiveIntegerField(_("seats"))
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = _("reserve")
        verbose_name_plural = _("reserves")
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("opening", "group"), name="reserve_once_a_group"),
            models.CheckConstraint(condition=Q(seats__gte=1), name="reserve_has_seats"),
        )

    def __str__(self) -> str:
        return f"{self.group} · {self.seats}"


class InstituteCap(PublicKeyed):
    """How many an institute takes in a call at most, and in which order its labs go beyond their targets.

    `order` holds primary keys of `CallLab`.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="institute_caps")
    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="caps")
    cap = models.PositiveIntegerField(_("places at most"))
    order = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        verbose_name = _("cap of an institute")
        verbose_name_plural = _("caps of institutes")
        constraints = (models.UniqueConstraint(fields=("call", "institute"), name="cap_once_a_call"),)

    def __str__(self) -> str:
        return f"{self.institute.code} ≤ {self.cap}"


class SeatChange(PublicKeyed):
    """A change of an opening, of an institute's cap or of a group that seats are reserved for, asked for by one person
    and approved by another. What money carries of an opening is changed so where it is not what the books say.

    `values` is what will stand then, `before` what stood when it was asked for; both as data.
    """

    MOVES: ClassVar = CHANGE_MOVES
    COLOURS: ClassVar = CHANGE_COLOURS

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="seat_changes")
    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, null=True, related_name="changes")
    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, null=True, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, related_name="changes")
    values = models.JSONField()
    before = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(_("state"), max_length=10, choices=ChangeState, default=ChangeState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    declined_at = models.DateTimeField(null=True)
    declined_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("change of seats")
        verbose_name_plural = _("changes of seats")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")), name="seats_need_two_people"
            ),
            models.CheckConstraint(
                condition=Q(opening__isnull=False, institute=None, group=None)
                | Q(opening=None, institute__isnull=False, group=None)
                | Q(opening=None, institute=None, group__isnull=False),
                name="change_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=("opening",), condition=Q(state="asked"), name="one_change_of_an_opening_at_a_time"
            ),
            models.UniqueConstraint(
                fields=("call", "institute"), condition=Q(state="asked"), name="one_change_of_a_cap_at_a_time"
            ),
            models.UniqueConstraint(
                fields=("group",), condition=Q(state="asked"), name="one_change_of_a_group_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} · {self.asked_at:%Y-%m-%d}"

    @property
    def subject(self) -> models.Model | None:
        """What it changes."""
        return self.opening or self.institute or self.group

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """What will be another: its name, as it was, as it will be."""
        names = [name for name in NAMES if name in self.values and self.values[name] != self.before.get(name)]
        return [(str(NAMES[name]), _said(self.before.get(name)), _said(self.values[name])) for name in names]


NAMES: Final = {
    "seats": _("seats"),
    "minimum": _("minimum"),
    "reserve_order": _("order of filling"),
    "reserves": _("reserves"),
    "cap": _("places at most"),
    "order": _("order of the labs"),
    "targets": _("targets"),
    "name_en": _("name in English"),
    "name_ko": _("name in Korean"),
    "conditions": _("conditions"),
    "seats_funded": _("seats that the money carries"),
}


def said_conditions(conditions: list[dict[str, Any]]) -> str:
    """A group's conditions in words; all must hold."""
    words = []
    for each in conditions:
        fact = Fact(each["fact"]).label
        named = f"{fact} ({each['question']})" if each.get("question") else f"{fact}"
        said = _("%(fact)s: one of %(values)s") if each["is_among"] else _("%(fact)s: none of %(values)s")
        words.append(str(said) % {"fact": named, "values": ", ".join(each["values"])})
    return "; ".join(words) or NOTHING


def _said(value: object) -> str:
    """A value of a change in words."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items()) or NOTHING
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            return said_conditions(value)
        return ", ".join(" ".join(map(str, each)) if isinstance(each, list) else str(each) for each in value) or NOTHING
    if value in ReserveOrder.values:
        return str(ReserveOrder(value).label)
    return NOTHING if value is None else str(value)


class Reversion(PublicKeyed):
    """Seats of one lab that go to another if nobody fills them: one side offers, the other agrees.

    A lab has one agreement at most, as giver or as taker: of three labs one could take what it was never promised.
    The migration's trigger refuses a lab that would give by one agreement and take by another.
    """

    MOVES: ClassVar = REVERSION_MOVES
    COLOURS: ClassVar = REVERSION_COLOURS

    giver = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="given")
    taker = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="taken")
    seats = models.PositiveIntegerField(_("seats"))
    state = models.CharField(_("state"), max_length=10, choices=ReversionState, default=ReversionState.OFFERED)
    offered_at = models.DateTimeField(default=timezone.now)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("reversion of seats")
        verbose_name_plural = _("reversions of seats")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(seats__gte=1) & ~Q(giver=F("taker")), name="reversion_between_two_labs"),
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("offered_by")), name="reversion_needs_both_sides"
            ),
            models.UniqueConstraint(
                fields=("giver", "taker"),
                condition=Q(state__in=["offered", "agreed"]),
                name="one_reversion_between_two_labs",
            ),
            models.UniqueConstraint(fields=("giver",), condition=Q(state="agreed"), name="one_agreement_of_a_giver"),
            models.UniqueConstraint(fields=("taker",), condition=Q(state="agreed"), name="one_agreement_of_a_taker"),
        )

    def __str__(self) -> str:
        return f"{self.giver} → {self.taker} · {self.seats}"

    @property
    def is_between_institutes(self) -> bool:
        return bool(self.giver.call_lab.lab.institute_id != self.taker.call_lab.lab.institute_id)
