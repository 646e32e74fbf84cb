"""Who may do what with money. Separation of duties sits in the actions and in the constraints besides."""

from operator import attrgetter
from typing import Any, Final, cast

import rules
from django.apps import apps

from funding.models import Entry, Reversal
from labs.models import Institute
from people.models import User
from people.rules import is_auditor, is_finance_officer, is_ministry, is_programme_officer
from people.states import Role


@rules.predicate
def keeps_the_finances(user: User, subject: Any = None) -> bool:
    """A finance officer of the institute of `subject` (a run, batch, payment, claim, line or appointment)."""
    if subject is None:
        return bool(is_finance_officer(user))
    return bool(institute_of(subject).place_id in user.places(Role.FINANCE_OFFICER))


def institute_of(subject: Any) -> Institute:
    """The institute whose money `subject` is."""
    if isinstance(subject, Institute):
        return subject
    for path in (
        "institute",
        "run.institute",
        "batch.institute",
        "appointment.institute",
        "card.institute",
        "claim.appointment.institute",
        "message.institute",
        "agreement.institute",
        "lab.institute",
        "pledge.lab.institute",
        "call_lab.lab.institute",
    ):
        try:
            return cast("Institute", attrgetter(path)(subject))
        except AttributeError:
            continue
    raise TypeError(f"no institute behind {subject!r}")


@rules.predicate
def is_own_money(user: User, subject: Any = None) -> bool:
    """The claim, slip, evidence or bank account is her own."""
    if subject is None:
        return False
    for path in (
        "appointment.fellow_id",
        "card.appointment.fellow_id",
        "claim.appointment.fellow_id",
        "user_id",
        "fellow_id",
    ):
        try:
            return bool(attrgetter(path)(subject) == user.pk)
        except AttributeError:
            continue
    return False


@rules.predicate
def confirms_bank(user: User, detail: Any = None) -> bool:
    """A finance officer other than the person herself."""
    return bool(is_finance_officer(user)) and (detail is None or detail.user_id != user.pk)


# whose mistakes are taken back by two people of those who may make them; `funding.actions.reversals` does it
REVERSED_BY: Final = {
    "funding.appropriation": "funding.appropriate",
    "funding.agreement": "funding.appropriate",
    "funding.allotment": "funding.allot",
    "funding.movement": "funding.approve_movement",
    "funding.tranche": "funding.receive_tranche",
}


@rules.predicate
def reverses(user: User, subject: Entry | Reversal | None) -> bool:
    """May ask for, approve or refuse a reversal of this entry."""
    entry = subject.entry if isinstance(subject, Reversal) else subject
    if entry is None or entry.source_type not in REVERSED_BY or entry.reverses_id is not None:
        return False
    permission = REVERSED_BY[entry.source_type]
    if permission == "funding.appropriate":
        return user.has_perm(permission)
    row = apps.get_model(entry.source_type)._base_manager.filter(pk=entry.source_id).first()
    return row is not None and user.has_perm(permission, row)


rules.add_perm("funding.reverse", reverses)
rules.add_perm("funding.run_payroll", keeps_the_finances)
rules.add_perm("funding.run_payroll_anywhere", is_finance_officer)
rules.add_perm("funding.decide_grant", is_finance_officer & ~is_own_money)
rules.add_perm("funding.decide_insurance", keeps_the_finances & ~is_own_money)
rules.add_perm("funding.decide_severance", keeps_the_finances & ~is_own_money)
rules.add_perm("funding.view_payslip", is_own_money)
rules.add_perm("funding.claim", is_own_money)
rules.add_perm("funding.view_claim", is_own_money | keeps_the_finances)
rules.add_perm("funding.answer_claim", is_own_money)
rules.add_perm("funding.decide_claim", keeps_the_finances & ~is_own_money)
rules.add_perm("funding.pay", keeps_the_finances)
rules.add_perm("funding.confirm_bank", confirms_bank)
rules.add_perm("funding.stop_bank", is_own_money | confirms_bank)
rules.add_perm("funding.answer_test", is_own_money)
rules.add_perm("funding.view_rules", is_ministry | is_finance_officer | is_auditor)
rules.add_perm("funding.set_rules", is_ministry | is_finance_officer)
rules.add_perm("funding.view_budget", is_ministry | is_finance_officer | is_programme_officer | is_auditor)
rules.add_perm("funding.appropriate", is_ministry)
rules.add_perm("funding.allot", keeps_the_finances)
rules.add_perm("funding.move_budget", is_finance_officer | is_ministry)
rules.add_perm("funding.approve_movement", keeps_the_finances | is_ministry)
rules.add_perm("funding.receive_tranche", keeps_the_finances)
rules.add_perm("funding.settle_account", keeps_the_finances)
rules.add_perm("funding.change_year", is_ministry | is_finance_officer)
rules.add_perm("funding.settle", is_finance_officer | is_ministry | is_auditor)
rules.add_perm("funding.accept_settlement", is_ministry)
rules.add_perm("funding.sample", is_auditor)
rules.add_perm("funding.view_pledge", is_ministry | is_finance_officer | is_programme_officer | is_auditor)
rules.add_perm("funding.keep_pledge", keeps_the_finances)
rules.add_perm("funding.view_books", is_ministry | is_finance_officer | is_auditor)
rules.add_perm("funding.view_event", is_auditor | keeps_the_finances)
