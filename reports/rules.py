"""Who may see the programme's figures."""

from typing import Any

import rules

from people.models import User
from people.rules import is_auditor, is_ministry


@rules.predicate
def asked_for_it(user: User, run: Any) -> bool:
    return run is not None and run.requested_by_id == user.pk


reads_figures = is_ministry | is_auditor
rules.add_perm("reports.view_dashboard", reads_figures)
rules.add_perm("reports.request", reads_figures)
rules.add_perm("reports.view_reportrun", asked_for_it & reads_figures)
