"""Applicants' orders of labs: what stands for each, until when it may change, and the text of its certified copy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from applications.models import Application, Call, CallLab
from applications.states import ApplicationState
from matching.models import ChoiceList, Pseudonym
from matching.queries.seeds import plan_of
from matching.queries.texts import as_text

KIND: Final = "innocore-choice-list"


def choices_due(call: Call) -> datetime:
    """Until when applicants may change their order: their own deadline, else that of the labs' lists."""
    return plan_of(call).choices_due_at or call.ranks_due_at


def choices_of(applications: Iterable[int]) -> dict[int, list[int]]:
    """The order that stands for each application, by primary key: her later one, else that of the application."""
    keys = list(applications)
    found: dict[int, list[int]] = dict(Application.objects.filter(pk__in=keys).values_list("pk", "ranked_labs"))
    found.update(ChoiceList.objects.filter(application__in=keys).values_list("application_id", "ranked"))
    return found


def labs_in_order(application: Application) -> list[CallLab]:
    """The labs of the order that stands for her, best first."""
    ranked = choices_of([application.pk])[application.pk]
    labs = CallLab.objects.select_related("lab__institute").in_bulk(ranked)
    return [labs[pk] for pk in ranked if pk in labs]


def pseudonym_of(application: Application) -> str:
    """Under which name she is in the files of her call's match; empty before it is drawn."""
    rows = Pseudonym.objects.filter(call=application.call_id, person=application.applicant_id)
    return rows.values_list("name", flat=True).first() or ""


@dataclass(frozen=True)
class Naming:
    """What a certified text is written with: labs' codes by primary key, her pseudonym, her couple's part if any."""

    codes: Mapping[int, str]
    name: str
    couple: Mapping[str, Any] | None = None


def canonical_choices(application: Application, row: ChoiceList, naming: Naming) -> str:
    """The one text of an order, of which the hash is taken: her number, her pseudonym, the labs' codes, best first, the
    pairs that she agreed on with another, if she did, and the salt.
    """
    codes, name = naming.codes, naming.name
    labs = [codes[pk] for pk in row.ranked if pk in codes]
    body: dict[str, Any] = {"call": application.call.code, "number": application.number, "labs": labs}
    if naming.couple is not None:
        body["couple"] = naming.couple
    return as_text(KIND, {**body, "name": name} if row.salt else body, row.salt)


def uncertified(call: Call) -> QuerySet[Application]:
    """Eligible applicants whose order is not certified yet."""
    rows = call.applications.filter(state=ApplicationState.ELIGIBLE)
    return rows.exclude(choice_list__certified_at__isnull=False).select_related("applicant", "call")
