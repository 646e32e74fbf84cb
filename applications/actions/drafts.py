"""Starting an application and writing it, section by section, as long as its call is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.merging import Merged, fingerprint, merge, normal, shown_in
from applications.models import Application, Call, Waiver
from applications.queries.questions import form_in_force
from applications.states import ApplicationState, CallState
from common.audit import record
from common.gestures import action
from common.refusals import Refusal
from common.states import lock
from common.when import instant_words
from outreach.models import Campaign, Channel
from people.actions import give_consent
from people.models import ConsentText, User

WAIVER_WORDS = _("Referees see your choice. Letters are never shown to you on this site, either way.")
SECTORS = "sectors"
ANSWER = "answer_"  # before the code of a call's own question


class NotOpenYet(Refusal):
    words = _("This call opens at %(at)s. You can start your application then.")


class DeadlinePassed(Refusal):
    words = _("The call closed at %(at)s. What you submitted before then stands; nothing can be changed any more.")


class AlreadySubmitted(Refusal):
    words = _("This application is submitted, so it cannot be changed as it is. Reopen it first.")


@dataclass(frozen=True)
class Saved:
    """What came of saving: the application, when, and how fields that were changed elsewhere were merged."""

    application: Application
    at: datetime
    merged: Merged


def refuse_unless_open(call: Call, at: datetime) -> None:
    """Refuse with words that name the instant, unless `call` takes applications at `at`, grace included."""
    if call.state == CallState.DRAFT or at < call.opens_at:
        raise NotOpenYet(at=instant_words(call.opens_at))
    if call.state != CallState.PUBLISHED or at > call.last_moment:
        raise DeadlinePassed(at=instant_words(call.closes_at))


def refuse_unless_editable(application: Application, at: datetime) -> None:
    """Refuse unless `application` is a draft of a call that is open at `at`, or open for her by late access."""
    if not application.is_let_in_late:
        refuse_unless_open(application.call, at)
    if application.state != ApplicationState.DRAFT:
        raise AlreadySubmitted


@action
def start(
    call: Call, *, by: User, channel: str = "", campaign: str = "", texts: Sequence[ConsentText] = ()
) -> Application:
    """Begin `by`'s application to `call`; the one that stands already is returned, whatever its state but withdrawn.

    `channel` and `campaign` are the codes of the link that brought her; unknown ones are left out. `texts` are what
    she consents to.
    """
    standing = Application.objects.filter(call=call, applicant=by).exclude(state=ApplicationState.WITHDRAWN)
    if (existing := standing.first()) is not None:
        return existing
    late = _late_access(call, by)
    if late is None:
        refuse_unless_open(call, timezone.now())
    arrived = _arrival(channel, campaign)
    try:
        with transaction.atomic():
            application = Application.objects.create(
                call=call, applicant=by, late_until=late, **arrived, **_profile(by)
            )
    except IntegrityError:
        return standing.get()
    for text in texts:
        give_consent(text, by.email, by=by)
    record("applications.started", application, by=by, after={"channel": channel, "campaign": campaign})
    return application


def _late_access(call: Call, by: User) -> datetime | None:
    """Until when a code that she used lets her in, if the call is over and the code still good."""
    now = timezone.now()
    if call.state not in {CallState.PUBLISHED, CallState.REVIEW} or now <= call.last_moment:
        return None
    used = call.late_accesses.filter(used_by=by, until__gt=now).order_by("-until").first()
    return used.until if used else None


def _arrival(channel: str, campaign: str) -> dict[str, Any]:
    ran = Campaign.objects.select_related("channel").filter(code=campaign).first() if campaign else None
    came = Channel.objects.filter(code=channel, is_active=True).first() if channel else None
    return {"campaign": ran, "channel": came or (ran.channel if ran else None)}


def _profile(user: User) -> dict[str, Any]:
    """What her account knows already."""
    names = {name: getattr(user, name) for name in ("given_name", "family_name", "native_name", "orcid")}
    return {**names, "residence": user.country}


def current_values(application: Application, names: Mapping[str, Any]) -> dict[str, Any]:
    """The stored values of `names`; sectors as their keys."""
    return {name: _current(application, name) for name in names}


def _current(application: Application, name: str) -> Any:
    if name == SECTORS:
        return sorted(application.sectors.values_list("pk", flat=True))
    if name.startswith(ANSWER):
        return application.answers.get(name.removeprefix(ANSWER))
    return getattr(application, name)


@action
def save_section(application: Application, values: Mapping[str, Any], version: str, *, by: User) -> Saved:
    """Write the clean `values` of one section's form into the draft; nothing is demanded, nothing is announced.

    `version` is what the form carried (`merging.version_of`). A field that was changed elsewhere since and not touched
    here stays; one that was changed in both places is not written and is named in `merged.conflicts`.
    Refuses with `DeadlinePassed`, `NotOpenYet` or `AlreadySubmitted`.
    """
    at = timezone.now()
    lock(application)
    refuse_unless_editable(application, at)
    theirs = current_values(application, values)
    merged = merge(values, theirs, shown_in(version))
    if merged.write:
        write_values(application, merged.write, at)
        if "has_waived_access" in merged.write:
            _record_waiver(application)
        record("applications.saved", application, by=by, after={"fields": sorted(merged.write)})
    return Saved(application, at, merged)


def _record_waiver(application: Application) -> None:
    """Keep what she said about reading her letters, with the words that she was shown."""
    text = f"{application._meta.get_field('has_waived_access').verbose_name}\n{WAIVER_WORDS}"
    Waiver.objects.create(
        application=application,
        has_waived=application.has_waived_access,
        text=text,
        version=fingerprint(text),
        language=get_language() or "en",
    )


def write_values(application: Application, values: Mapping[str, Any], at: datetime) -> None:
    """Write clean values into the locked `application`: columns, sectors, and answers to the call's own questions."""
    columns = {name: value for name, value in values.items() if name != SECTORS and not name.startswith(ANSWER)}
    answers = {name.removeprefix(ANSWER): value for name, value in values.items() if name.startswith(ANSWER)}
    if answers:
        version = form_in_force(application.call)
        columns["answers"] = {**application.answers, **answers}
        columns["form_version"] = version.version if version else None
    for name, value in columns.items():
        setattr(application, name, value)
    application.saved_at = at
    application.save(update_fields=[*columns, "saved_at"])
    if SECTORS in values:
        application.sectors.set(normal(values[SECTORS]))
