"""Groups that seats may be reserved for: composed freely before that, changed by two officers after, then sealed."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Call
from common.audit import record
from common.refusals import Refusal
from matching.actions.attempts import watched
from matching.actions.openings import check_no_run, stage
from matching.models import Group, ListSeal, SeatChange
from matching.queries import group_values, is_reserved
from people.models import User


class GroupInUse(Refusal):
    words = _("Seats are reserved for this group, or were to be, so it cannot be removed.")


class GroupReserved(Refusal):
    words = _(
        "Seats are reserved for this group, or shall be. Give a reason: the change stands once another officer "
        "approves it."
    )


class GroupsSealed(Refusal):
    words = _("The lists are sealed. From then on no group of this call is added, changed or removed.")


@dataclass(frozen=True)
class GroupWanted:
    """What a group shall be called, and who shall belong to it. Its code stays."""

    name_en: str
    name_ko: str
    conditions: list[dict[str, Any]]


def check_groups_open(call: Call) -> None:
    """Lock the call; refuse while a run stands on it, and for good once its lists are due or one of them is sealed."""
    check_no_run(call)
    is_sealed = ListSeal.objects.filter(rank_list__opening__call_lab__call=call).exists()
    if is_sealed or call.ranks_due_at <= timezone.now():
        raise GroupsSealed


@watched
def save_group(call: Call, group: Group, *, by: User) -> Group:
    """Write a group of the call, new or changed. Refuses with `GroupReserved` what takes a second person."""
    check_groups_open(call)
    stored = Group.objects.filter(pk=group.pk).first()
    if stored is not None and is_reserved(stored):
        raise GroupReserved(field="reason")
    group.call = call
    group.save()
    _record("saved", group, by=by, before=group_values(stored) if stored else {}, after=group_values(group))
    return group


@watched
def ask_for_group(group: Group, wanted: GroupWanted, *, by: User, reason: str) -> SeatChange:
    """Ask that a group that seats are reserved for becomes `wanted`; it does once another officer approves."""
    check_groups_open(group.call)
    stored = Group.objects.select_related("call").get(pk=group.pk)
    values = asdict(wanted)
    change = SeatChange(call=stored.call, group=stored, values=values, before=group_values(stored))
    return stage(change, by=by, reason=reason)


def write_group(change: SeatChange, group: Group, *, by: User) -> None:
    """Let an approved change of a group stand. Refuses once the lists are sealed."""
    check_groups_open(change.call)
    before = group_values(group)
    for name, value in change.values.items():
        setattr(group, name, value)
    group.save(update_fields=list(change.values))
    _record("saved", group, by=by, before=before, after=group_values(group), note=change.reason)


@watched
def remove_group(group: Group, *, by: User) -> None:
    """Remove a group that no seat is reserved for, or was to be."""
    check_groups_open(group.call)
    if is_reserved(group) or group.changes.exists():
        raise GroupInUse
    _record("removed", group, by=by, before=group_values(group), after={})
    group.delete()


def _record(
    what: str, group: models.Model, *, by: User, before: dict[str, Any], after: dict[str, Any], note: str = ""
) -> None:
    record(f"matching.group.{what}", group, by=by, before=before, after=after, note=note)
