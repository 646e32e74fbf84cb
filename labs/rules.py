"""Who may change labs, their partners and members."""

import rules

from labs.models import Lab
from people.models import User
from people.rules import is_admin, is_programme_officer
from people.states import Role


@rules.predicate
def keeps_lab(user: User, lab: Lab | None) -> bool:
    """Programme officer of the lab's institute, or its head."""
    if lab is None:
        return False
    at_institute = lab.institute.place_id in user.places(Role.PROGRAMME_OFFICER)
    return at_institute or lab.place_id in user.places(Role.LAB_HEAD)


rules.add_perm("labs.view_lab", rules.always_allow)
rules.add_perm("labs.edit_lab", keeps_lab)
rules.add_perm("labs.add_lab", is_programme_officer | is_admin)
rules.add_perm("labs.edit_partners", is_programme_officer | is_admin)
