"""Applicants' orders of labs: changing one until the deadline, certifying all of them after it."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Call, CallLab
from applications.states import ApplicationState
from common.audit import record
from common.gestures import action
from common.later import later, name_later
from common.refusals import OutOfDate, Refusal
from common.states import lock
from common.when import instant_words
from labs.models import Lab
from matching.actions.attempts import watched
from matching.actions.openings import check_no_run
from matching.actions.pseudonyms import draw_pseudonyms
from matching.actions.sealing import SALT_BYTES
from matching.models import ChoiceList, MatchPlan
from matching.models.couples import Pair
from matching.queries.choices import Naming, canonical_choices, choices_due, uncertified
from matching.queries.couples import agreed_couples, certified_pairs, seen_from
from matching.queries.texts import hash_of_text
from notifications.actions import draft, language_of, notify_many
from notifications.models import Notification
from people.models import User


class ChoicesClosed(Refusal):
    words = _("The deadline for changing your order is over; the order that stood then is in the match.")


class NotHerLabs(Refusal):
    words = _("Only the labs of your application can be put in order, each once.")


class NotInTheMatch(Refusal):
    words = _("Only eligible applications are in the match.")


@watched
def reorder_choices(application: Application, ranked: list[int], *, version: int, by: User) -> ChoiceList:
    """Put the labs of the application in another order. Refuses after the deadline, and any other set of labs."""
    lock(application)
    call = application.call
    if application.applicant_id != by.pk or application.state != ApplicationState.ELIGIBLE:
        raise NotInTheMatch
    if choices_due(call) <= timezone.now():
        raise ChoicesClosed
    check_no_run(call)
    if sorted(ranked) != sorted(application.ranked_labs):
        raise NotHerLabs
    row, _made = ChoiceList.objects.get_or_create(application=application, defaults={"ranked": application.ranked_labs})
    lock(row)
    if row.version != version:
        raise OutOfDate
    if row.ranked != ranked:
        before, row.ranked = {"ranked": row.ranked}, ranked
        row.version, row.saved_at = row.version + 1, timezone.now()
        row.save(update_fields=["ranked", "version", "saved_at"])
        record("matching.choices.saved", application, by=by, before=before, after={"ranked": ranked})
    return row


@watched
def set_choices_deadline(call: Call, at: datetime, *, by: User) -> MatchPlan:
    """Until when applicants may change their order. Refuses an instant that is past, and once it was over."""
    check_no_run(call)
    if at <= timezone.now():
        raise Refusal(_("Choose an instant that is still to come."), field="at")
    if ChoiceList.objects.filter(application__call=call, certified_at__isnull=False).exists():
        raise ChoicesClosed(_("The applicants' orders are certified already."))
    plan, _made = MatchPlan.objects.get_or_create(call=call)
    before, plan.choices_due_at = {"choices_due_at": plan.choices_due_at}, at
    plan.save(update_fields=["choices_due_at"])
    record("matching.choices.deadline", plan, by=by, before=before, after={"choices_due_at": at})
    return plan


@action
def certify_choices(call: Call) -> int:
    """Certify the order of every eligible applicant once their deadline is over, and mail each her copy with its hash
    and with her pseudonym, which is drawn now at the latest.

    Certified orders stay as they are; who became eligible later is certified later. Returns how many were.
    """
    lock(call)
    if choices_due(call) > timezone.now():
        return 0
    people = list(uncertified(call))
    names = draw_pseudonyms(call) if people else {}
    codes = dict(CallLab.objects.filter(call=call).values_list("pk", "lab__code"))
    couples = certified_pairs(call, codes)
    known = ChoiceList.objects.filter(application__in=[row.pk for row in people]).in_bulk(field_name="application_id")
    rows, at = [], timezone.now()
    for application in people:
        row = known.get(application.pk) or ChoiceList(application=application, ranked=application.ranked_labs)
        row.salt = secrets.token_hex(SALT_BYTES)
        row.text = canonical_choices(
            application, row, Naming(codes, names[application.pk], couples.get(application.pk))
        )
        row.certified_at, row.sha256 = at, hash_of_text(row.text)
        rows.append(row)
    ChoiceList.objects.bulk_create([row for row in rows if row.pk is None], batch_size=1000)
    kept = ["certified_at", "sha256", "salt", "text"]
    ChoiceList.objects.bulk_update([row for row in rows if row.pk], kept, batch_size=1000)
    if rows:
        record("matching.choices.certified", call, by=None, after={"applicants": len(rows)})
        notify_many(_copies(call, rows, names))
    return len(rows)


def _copies(call: Call, rows: Iterable[ChoiceList], names: Mapping[int, str]) -> list[Notification]:
    labs: dict[int | None, Lab] = {row.pk: row.lab for row in CallLab.objects.filter(call=call).select_related("lab")}
    made: list[Notification] = []
    pairs: dict[int | None, list[Pair]] = {}
    for couple in agreed_couples(call):
        pairs |= {pk: seen_from(couple, pk) for pk in (couple.first_id, couple.second_id)}
    for row in rows:
        person = row.application.applicant
        with translation.override(language_of(person)):
            order = _in_words(row, labs, pairs.get(row.application_id))
            made.append(
                draft(
                    "choices_certified",
                    to=person,
                    about=row.application,
                    dedupe=str(row.application_id),
                    call=name_later(call),
                    order="\n".join(order),
                    at=later(instant_words, row.certified_at or timezone.now()),
                    sha256=row.sha256,
                    pseudonym=names[row.application_id],
                    path=reverse("matching:choices", args=[row.application.key]),
                )
            )
    return made


def _in_words(row: ChoiceList, labs: Mapping[int | None, Lab], pairs: list[Pair] | None) -> list[str]:
    """Her labs in order, a line each; of a couple its pairs, her own lab first."""
    if pairs is None:
        return [f"{place}. {labs[pk].name}" for place, pk in enumerate(row.ranked, start=1) if pk in labs]
    named = [[str(labs[pk].name) if pk in labs else str(_("no place")) for pk in pair] for pair in pairs]
    return [f"{place}. {own} + {other}" for place, (own, other) in enumerate(named, start=1)]


def certify_choices_due() -> int:
    """Certify whatever is due in calls whose lists are awaited; returns how many orders were."""
    calls = Call.objects.filter(state="review", match_runs=None) | Call.objects.filter(
        state="review", match_runs__is_draft=True
    )
    return sum(certify_choices(call) for call in calls.distinct().order_by("pk"))
