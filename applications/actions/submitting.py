"""Submitting with a receipt, reopening until the deadline, withdrawing."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions.drafts import current_values, refuse_unless_editable, refuse_unless_open
from applications.actions.letters import drop_awaited_letters
from applications.merging import normal
from applications.models import Application, Call, CallLab, Document, ReferenceLetter, Submission
from applications.queries import gaps, labs_ranked
from applications.queries.questions import form_in_force
from applications.states import ApplicationState, CorrectionState, LetterState, ScanState
from common.audit import record
from common.gestures import action
from common.later import later
from common.refusals import Refusal
from common.states import lock, move
from common.when import instant_words
from labs.models import Sector
from notifications.actions import language_of, notify
from people.models import User

ANSWERS = (
    "given_name",
    "family_name",
    "native_name",
    "citizenship",
    "residence",
    "orcid",
    "current_position",
    "phd_institution",
    "phd_country",
    "phd_field",
    "phd_awarded_on",
    "is_phd_expected",
    "career_break_months",
    "title",
    "summary",
    "motivation",
    "earliest_start_on",
    "has_waived_access",
)
OWN = "own_questions"
# kept in a version only where she said something: receipts from before these stay as they are
CAREER = ("degrees", "employment", "career_breaks", "publications", "partner_email")


class Incomplete(Refusal):
    words = _("Something is still missing. The list below leads to each place; nothing you wrote is lost.")


class ReasonMissing(Refusal):
    words = _("Please give a reason.")


class NotErasable(Refusal):
    words = _("What was submitted once is kept as long as the law demands; withdraw it instead.")


def canonical(content: dict[str, Any]) -> bytes:
    """The bytes that a receipt's hash is made of: UTF-8 JSON, keys in order, no spaces."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@action
def submit(application: Application, *, by: User, address: str | None = None) -> Application:
    """Submit the draft: a number within its call (without gaps), a new version, a receipt, and mail.

    Counts from the instant at which the request arrived here. Submitting what is submitted changes nothing.
    Refuses with `DeadlinePassed`, `NotOpenYet` or, when something is missing, `Incomplete`.
    """
    at = timezone.now()
    call = Call.objects.select_for_update(no_key=True).get(pk=application.call_id)
    lock(application)
    if application.state == ApplicationState.SUBMITTED:
        return application
    refuse_unless_editable(application, at)
    if gaps(application):
        raise Incomplete
    number = application.number or _next_number(call)
    content = _content(application, number, application.version + 1, at)
    move(application, ApplicationState.SUBMITTED, by=by, **_stamps(content))
    application.submitted_from = address
    _keep_version(application, content, at)
    return application


def _stamps(content: dict[str, Any]) -> dict[str, Any]:
    """Number, version and check code of a version, as its application carries them."""
    sha256 = hashlib.sha256(canonical(content)).hexdigest()
    return {"number": content["number"], "version": content["version"], "receipt_sha256": sha256}


def _keep_version(application: Application, content: dict[str, Any], at: datetime) -> None:
    application.submitted_at = at
    application.form_version = content[OWN]["version"] if OWN in content else None
    application.save(update_fields=["submitted_at", "submitted_from", "form_version"])
    Submission.objects.create(
        application=application,
        version=content["version"],
        content=content,
        sha256=application.receipt_sha256,
        submitted_at=at,
    )
    _announce(application)


def new_version(application: Application, at: datetime) -> Application:
    """Another version of a locked application that was submitted, after a correction; with a receipt and mail."""
    content = _content(application, application.number or 0, application.version + 1, at)
    for name, value in _stamps(content).items():
        setattr(application, name, value)
    application.save(update_fields=["version", "receipt_sha256"])
    _keep_version(application, content, at)
    return application


def _next_number(call: Call) -> int:
    """One more than the highest number of the locked `call`."""
    highest = Application.objects.filter(call=call).aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1


def _content(application: Application, number: int, version: int, at: datetime) -> dict[str, Any]:
    documents = application.documents.filter(is_current=True).defer("text").order_by("kind", "question")
    letters = application.letters.exclude(state=LetterState.CANCELLED).order_by("email")
    form = form_in_force(application.call)
    own = {OWN: {"version": form.version, "answers": application.answers}} if form else {}
    labs = labs_ranked(application)
    said = {row.lab.code: application.lab_reasons.get(str(row.pk), "") for row in labs}
    career = {name: value for name in CAREER if (value := getattr(application, name))}
    reasons = {"lab_reasons": {code: text for code, text in said.items() if text}} if any(said.values()) else {}
    return {
        **own,
        **reasons,
        **career,
        "call": application.call.code,
        "number": number,
        "version": version,
        "submitted_at": at.astimezone(UTC).isoformat(),
        "applicant": application.applicant.email,
        "answers": {name: normal(value) for name, value in current_values(application, dict.fromkeys(ANSWERS)).items()},
        "sectors": list(application.sectors.order_by("code").values_list("code", flat=True)),
        "labs": [ranked.lab.code for ranked in labs],
        "documents": [
            {
                **({"question": row.question} if row.question else {}),
                "kind": row.kind,
                "name": row.name,
                "sha256": row.sha256,
                "bytes": row.size,
                "pages": row.pages,
            }
            for row in documents
        ],
        "referees": [{"name": row.referee_name, "email": row.email} for row in letters],
    }


def _announce(application: Application) -> None:
    notify(
        "application_submitted",
        to=application.applicant,
        about=application,
        dedupe=f"{application.pk}:{application.version}",
        call=in_her_language(application),
        number=str(application),
        version=application.version,
        at=later(instant_words, application.submitted_at),
        sha256=application.receipt_sha256,
        path=reverse("applications:receipt", kwargs={"key": application.key}),
        verify_path=reverse("applications:verify"),
    )


def in_her_language(application: Application) -> str:
    """The call's name in the applicant's language."""
    call = application.call
    return call.name_ko if language_of(application.applicant) == "ko" else call.name_en


@action
def reopen(application: Application, *, by: User) -> Application:
    """Turn what is submitted into a draft again, until the deadline. The submitted version stands unless a new one
    is submitted in time. Reopening a draft changes nothing.
    """
    at = timezone.now()
    lock(application)
    if not application.is_let_in_late:
        refuse_unless_open(application.call, at)
    if application.state == ApplicationState.DRAFT:
        return application
    return move(application, ApplicationState.DRAFT, by=by, note="reopened")


@action
def withdraw(application: Application, *, by: User, reason: str) -> Application:
    """Take the application back for good; referees who have not written yet are told that no letter is needed.

    Withdrawing twice changes nothing. Refuses without a reason, and once it was found not eligible.
    """
    lock(application)
    if application.state == ApplicationState.WITHDRAWN:
        return application
    if not reason.strip():
        raise ReasonMissing(field="reason")
    move(application, ApplicationState.WITHDRAWN, by=by, note=reason.strip())
    close_corrections(application, by=by)
    drop_awaited_letters(application, by=by)
    notify(
        "application_withdrawn",
        to=application.applicant,
        about=application,
        dedupe=str(application.pk),
        call=in_her_language(application),
        path=reverse("applications:application", kwargs={"key": application.key}),
    )
    return application


def close_corrections(application: Application, *, by: User) -> None:
    """Nothing is to be put right any more: it was decided on, or withdrawn."""
    for correction in application.corrections.filter(state=CorrectionState.ASKED):
        move(correction, CorrectionState.CLOSED, by=by)


@action
def restore_last_version(application: Application, *, by: User | None) -> Application:
    """Put back the last submitted version of a draft that was reopened and not submitted again in time."""
    lock(application)
    last = application.submissions.order_by("version").last()
    if application.state != ApplicationState.DRAFT or last is None:
        return application
    _put_back(application, last.content)
    move(application, ApplicationState.SUBMITTED, by=by, note=f"version {last.version} stands")
    application.submitted_at = last.submitted_at
    application.save(update_fields=["submitted_at"])
    record("applications.restored", application, by=by, after={"version": last.version})
    return application


def _put_back(application: Application, content: dict[str, Any]) -> None:
    for name, value in content["answers"].items():
        setattr(application, name, value)
    keys = dict(CallLab.objects.filter(call=application.call_id).values_list("lab__code", "pk"))
    application.ranked_labs = [keys[code] for code in content["labs"] if code in keys]
    reasons = content.get("lab_reasons", {})
    application.lab_reasons = {str(keys[code]): text for code, text in reasons.items() if code in keys}
    own = content.get(OWN, {"version": None, "answers": {}})
    application.form_version, application.answers = own["version"], own["answers"]
    for name in CAREER:
        setattr(application, name, content.get(name, "" if name == "partner_email" else []))
    changed = [*content["answers"], *CAREER, "ranked_labs", "lab_reasons", "form_version", "answers"]
    application.save(update_fields=changed)
    application.sectors.set(Sector.objects.filter(code__in=content["sectors"]))
    application.documents.filter(is_current=True).update(is_current=False)
    for listed in content["documents"]:
        _put_back_document(application, listed)


def _put_back_document(application: Application, listed: dict[str, Any]) -> None:
    same = (
        application.documents.filter(kind=listed["kind"], question=listed.get("question", ""), sha256=listed["sha256"])
        .exclude(scan=ScanState.INFECTED)
        .order_by("pk")
        .last()
    )
    if same is not None:
        Document.objects.filter(pk=same.pk).update(is_current=True)


@action
def erase_draft(application: Application, *, by: User) -> None:
    """Delete a draft that was never submitted, with its files and letters; referees who still wait are told."""
    lock(application)
    if application.state != ApplicationState.DRAFT or application.number is not None:
        raise NotErasable
    record("applications.erased", application, by=by, before={"call": application.call.code})
    drop_awaited_letters(application, by=by)
    names = [name for field in ("file", "preview") for name in application.documents.values_list(field, flat=True)]
    names += application.letters.values_list("file", flat=True)
    for rows in (application.documents, application.letters, application.corrections, application.waivers):
        rows.all().delete()
    application.sectors.clear()
    application.delete()
    transaction.on_commit(lambda: _delete_files({name for name in names if name}))


def _delete_files(names: set[str]) -> None:
    """Delete files that no row holds any more; the same file may stand in another application."""
    used = set(Document.objects.filter(file__in=names).values_list("file", flat=True))
    used |= set(Document.objects.filter(preview__in=names).values_list("preview", flat=True))
    used |= set(ReferenceLetter.objects.filter(file__in=names).values_list("file", flat=True))
    for name in names - used:
        default_storage.delete(name)
