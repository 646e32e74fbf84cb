"""Drawing the names under which people are in a match's files: once a call, by nobody, before its seed is made."""

import secrets

from applications.models import Call
from common.audit import record
from common.gestures import action
from common.states import lock
from matching.models import Pseudonym
from matching.queries.freezing import eligible

DIGITS = 8


@action
def draw_pseudonyms(call: Call) -> dict[int, str]:
    """Draw a pseudonym for each eligible applicant who has none yet; returns everybody's, by application's primary key.

    What was drawn stays for every run of the call. Digits are drawn, not counted, so that not even whoever knows the
    seed can tell which number somebody would get who comes later.
    """
    lock(call)
    known = dict(Pseudonym.objects.filter(call=call).values_list("person_id", "name"))
    people, taken = dict(eligible(call).values_list("pk", "applicant_id")), set(known.values())
    rows = []
    for person in people.values():
        if person not in known:
            known[person] = _drawn(taken)
            rows.append(Pseudonym(call=call, person_id=person, name=known[person]))
    if rows:
        Pseudonym.objects.bulk_create(rows, batch_size=1000)
        record("matching.pseudonyms.drawn", call, by=None, after={"applicants": len(rows)})
    return {pk: known[person] for pk, person in people.items()}


def _drawn(taken: set[str]) -> str:
    """A name that nobody in the call has; it is taken from now on."""
    while (name := f"a{secrets.randbelow(10**DIGITS):0{DIGITS}d}") in taken:
        pass
    taken.add(name)
    return name
