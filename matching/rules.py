"""Who may rank, run, confirm, and read what came out."""

import rules

from applications.models import Application
from matching.models import MatchRun, Opening
from matching.states import RunState
from people.models import User
from people.rules import is_auditor, is_lab_person, is_programme_officer
from people.states import Role


@rules.predicate
def is_of_the_lab(user: User, opening: Opening | None) -> bool:
    """Head or member of the lab that the opening belongs to."""
    return opening is not None and opening.call_lab.lab.place_id in user.places(Role.LAB_HEAD, Role.LAB_MEMBER)


@rules.predicate
def is_officer_of_the_lab(user: User, opening: Opening | None) -> bool:
    """Programme officer of the institute that hosts the opening's lab."""
    return opening is not None and opening.call_lab.lab.institute.place_id in user.places(Role.PROGRAMME_OFFICER)


@rules.predicate
def is_published(user: User, run: MatchRun | None) -> bool:
    return run is not None and run.state == RunState.PUBLISHED


@rules.predicate
def is_the_applicant(user: User, application: Application | None) -> bool:
    return application is not None and application.applicant_id == user.pk


rules.add_perm("matching.view_rankings", is_lab_person)
rules.add_perm("matching.rank", is_of_the_lab)
rules.add_perm("matching.view_lab_result", is_of_the_lab | is_programme_officer | is_auditor)
rules.add_perm("matching.set_seats", is_officer_of_the_lab)
rules.add_perm("matching.view_runs", is_programme_officer | is_auditor)
rules.add_perm("matching.run", is_programme_officer)
rules.add_perm("matching.view_run", is_published | is_programme_officer | is_auditor)
rules.add_perm("matching.view_places", is_published & (is_programme_officer | is_auditor))
rules.add_perm("matching.view_files", is_published | is_programme_officer | is_auditor)
rules.add_perm("matching.view_result", is_the_applicant)
