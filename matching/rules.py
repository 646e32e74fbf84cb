"""Who may rank, run, confirm, and read what came out."""

import rules

from applications.models import Application
from matching.models import Couple, ListAmendment, MatchRun, Opening, Reversion, WaveOffer
from matching.states import RunState
from people.models import User
from people.rules import is_auditor, is_lab_person, is_programme_officer
from people.states import Role


@rules.predicate
def is_of_the_lab(user: User, opening: Opening | None) -> bool:
    """Head or member of the lab that the opening belongs to."""
    return opening is not None and opening.call_lab.lab.place_id in user.places(Role.LAB_HEAD, Role.LAB_MEMBER)


@rules.predicate
def is_of_either_lab(user: User, reversion: Reversion | None) -> bool:
    """Head or member of the lab that gives seats or of the one that takes them."""
    labs = user.places(Role.LAB_HEAD, Role.LAB_MEMBER)
    return reversion is not None and not labs.isdisjoint(
        {reversion.giver.call_lab.lab.place_id, reversion.taker.call_lab.lab.place_id}
    )


@rules.predicate
def is_officer_of_either_institute(user: User, reversion: Reversion | None) -> bool:
    """Programme officer of one of the two institutes between which seats go over."""
    houses = user.places(Role.PROGRAMME_OFFICER)
    if reversion is None or not reversion.is_between_institutes:
        return False
    return any(row.call_lab.lab.institute.place_id in houses for row in (reversion.giver, reversion.taker))


@rules.predicate
def is_officer_of_the_lab(user: User, opening: Opening | None) -> bool:
    """Programme officer of the institute that hosts the opening's lab."""
    return opening is not None and opening.call_lab.lab.institute.place_id in user.places(Role.PROGRAMME_OFFICER)


@rules.predicate
def is_of_the_amended_lab(user: User, amendment: ListAmendment | None) -> bool:
    """Head or member of the lab whose sealed list would change."""
    return amendment is not None and is_of_the_lab(user, amendment.rank_list.opening)


@rules.predicate
def is_published(user: User, run: MatchRun | None) -> bool:
    return run is not None and run.state == RunState.PUBLISHED


@rules.predicate
def is_the_applicant(user: User, application: Application | None) -> bool:
    return application is not None and application.applicant_id == user.pk


@rules.predicate
def ranks_in_the_call(user: User, run: MatchRun | None) -> bool:
    """Head or member of a lab of the run's call: until it is published, no outcome is for her eyes, officer or not."""
    labs = user.places(Role.LAB_HEAD, Role.LAB_MEMBER)
    return run is not None and bool(labs) and run.call.call_labs.filter(lab__place__in=labs).exists()


@rules.predicate
def is_of_the_couple(user: User, couple: Couple | None) -> bool:
    """One of the two."""
    if couple is None:
        return False
    return user.pk in {couple.first.applicant_id, couple.second.applicant_id if couple.second else None}


@rules.predicate
def is_offered(user: User, offer: WaveOffer | None) -> bool:
    """The applicant to whom a place is offered in a wave."""
    return offer is not None and offer.result.application.applicant_id == user.pk


is_of_the_office = is_programme_officer & ~ranks_in_the_call

rules.add_perm("matching.view_rankings", is_lab_person)
rules.add_perm("matching.rank", is_of_the_lab)
rules.add_perm("matching.settle_reversion", is_of_either_lab | is_officer_of_either_institute)
rules.add_perm("matching.view_lab_result", is_of_the_lab | is_programme_officer | is_auditor)
rules.add_perm("matching.set_seats", is_officer_of_the_lab)
rules.add_perm("matching.amend", is_programme_officer & ~is_of_the_lab)
rules.add_perm("matching.decide_amendment", is_programme_officer & ~is_of_the_amended_lab)
rules.add_perm("matching.view_runs", is_programme_officer | is_auditor)
rules.add_perm("matching.run", is_programme_officer)
rules.add_perm("matching.decide_run", is_of_the_office)
rules.add_perm("matching.view_run", is_published | is_of_the_office | is_auditor)
rules.add_perm("matching.view_places", is_published & (is_programme_officer | is_auditor))
rules.add_perm("matching.view_files", is_published | is_of_the_office | is_auditor)
rules.add_perm("matching.answer_wave_offer", is_offered)
rules.add_perm("matching.view_report", is_published)
rules.add_perm("matching.view_result", is_the_applicant)
rules.add_perm("matching.settle_couple", is_of_the_couple)
