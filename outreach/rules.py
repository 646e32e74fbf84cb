"""Who may keep sessions and campaigns, and see who registered."""

import rules

from people.rules import is_admin, is_ministry, is_programme_officer

rules.add_perm("outreach.view_session", rules.always_allow)
rules.add_perm("outreach.keep_sessions", is_programme_officer)
rules.add_perm("outreach.view_registrations", is_programme_officer | is_admin)
rules.add_perm("outreach.view_reach", is_programme_officer | is_ministry | is_admin)
