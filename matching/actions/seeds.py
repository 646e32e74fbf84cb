"""Making the seed that nobody chose: two officers commit secrets, the world may add a value, all before anybody knows.

The seed is the SHA-256 of the secrets and the value, one a line, in order (rule 1).
"""

import hashlib
import secrets

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Call
from common.audit import record
from common.crypto import decrypt, encrypt
from common.refusals import Refusal, SamePersonTwice
from common.states import lock
from matching.actions.attempts import watched
from matching.engine.lottery import seed_of
from matching.models import MatchPlan, MatchRun, SeedShare
from matching.queries.seeds import LINES, hash_of_secret, plan_of, shares_of
from people.models import User

SHORTEST = 16
LONGEST = 200


class SecretUnfit(Refusal):
    words = _("A secret is one line of 16 to 200 characters, so that nobody can guess it from its hash.")


class SeedClosed(Refusal):
    words = _("The rank lists were due, so nothing about the seed can be chosen any more.")


class SeedComplete(Refusal):
    words = _("Two officers have committed their secrets already.")


class SeedUsed(Refusal):
    words = _("A run was made with this seed, so it stays: another draw would be another choice.")


class SeedMissing(Refusal):
    words = _("The seed is not complete: both secrets are needed, and the public value where one was named.")


class NotTheSecret(Refusal):
    words = _("This is not the secret of which you gave the hash.")


class NotDrawnYet(Refusal):
    words = _("The value is entered after the rank lists are due, when it has been drawn.")


class NothingNamed(Refusal):
    words = _("No public value was named for this call before its lists were due.")


@watched
def commit_secret(call: Call, *, by: User, secret: str = "", keeps_it: bool = False) -> SeedShare:
    """Commit `by`'s secret for the seed: its hash is public from now on, and it cannot be changed.

    An empty `secret` is drawn here. It is kept encrypted, unless she keeps it herself (`keeps_it`) and gives it when
    the lists are due. Refuses a third share, a second one of the same officer, and, once the lists are due, any that
    does not take the place of one given up.
    """
    lock(call)
    standing = list(shares_of(call))
    if any(share.officer_id == by.pk for share in standing):
        raise SamePersonTwice
    if len(standing) == LINES:
        raise SeedComplete
    position = next(line for line in range(1, LINES + 1) if line not in {share.position for share in standing})
    is_in_place_of_another = SeedShare.objects.filter(call=call, position=position).exists()
    if _is_closed(call) and not is_in_place_of_another:
        raise SeedClosed
    if call.applications.filter(applicant=by).exists():
        raise SamePersonTwice(_("You applied to this call yourself."))
    text = _one_line(secret) if secret or keeps_it else secrets.token_hex(32)
    share = SeedShare.objects.create(
        call=call,
        officer=by,
        position=position,
        sha256=hash_of_secret(text),
        sealed="" if keeps_it else encrypt(text),
    )
    record("matching.seed.committed", share, by=by, after={"sha256": share.sha256, "keeps_it": keeps_it})
    return share


def _one_line(secret: str) -> str:
    text = secret.strip()
    if not SHORTEST <= len(text) <= LONGEST or not text.isprintable():
        raise SecretUnfit(field="secret")
    return text


def _is_closed(call: Call) -> bool:
    return call.ranks_due_at <= timezone.now()


@watched
def hand_in_secret(share: SeedShare, secret: str, *, by: User) -> SeedShare:
    """The officer who kept her secret gives it, once the lists are due. Refuses what does not have the hash."""
    lock(share)
    if share.officer_id != by.pk:
        raise SamePersonTwice(_("Only the officer who committed this secret can give it."))
    if not _is_closed(share.call):
        raise NotDrawnYet(_("A secret that you keep yourself is given after the rank lists are due."))
    text = secret.strip()
    if hash_of_secret(text) != share.sha256:
        raise NotTheSecret(field="secret")
    share.sealed = encrypt(text)
    share.save(update_fields=["sealed"])
    record("matching.seed.handed_in", share, by=by)
    return share


@watched
def give_up_share(share: SeedShare, *, by: User, reason: str) -> SeedShare:
    """Give a share up whose secret is lost, so that somebody commits anew; it is shown beside the published match.

    Refuses the officer whose share it is, and once any run that is not a draft was made with the seed.
    """
    lock(share)
    if share.officer_id == by.pk:
        raise SamePersonTwice
    if MatchRun.objects.filter(call=share.call_id, is_draft=False).exists():
        raise SeedUsed
    if not reason.strip():
        raise Refusal(_("Please give a reason."), field="reason")
    share.given_up_at, share.given_up_by, share.reason = timezone.now(), by, reason.strip()
    share.save(update_fields=["given_up_at", "given_up_by", "reason"])
    record("matching.seed.given_up", share, by=by, note=share.reason)
    return share


@watched
def name_public_value(call: Call, source: str, *, by: User) -> MatchPlan:
    """Say, before the lists are due, which public value will be added and when it is drawn; empty: none."""
    lock(call)
    if _is_closed(call):
        raise SeedClosed
    plan, _made = MatchPlan.objects.get_or_create(call=call)
    before, plan.public_source = {"source": plan.public_source}, source.strip()
    plan.save(update_fields=["public_source"])
    record("matching.seed.named", plan, by=by, before=before, after={"source": plan.public_source})
    return plan


@watched
def enter_public_value(call: Call, value: str, *, by: User) -> MatchPlan:
    """Enter the value as it was drawn, after the lists were due. Every officer sees it before a run is confirmed."""
    lock(call)
    plan = plan_of(call)
    if not plan.public_source or not plan.pk:
        raise NothingNamed
    if not _is_closed(call):
        raise NotDrawnYet
    if MatchRun.objects.filter(call=call, is_draft=False).exists():
        raise SeedUsed
    text = value.strip()
    if not text or not text.isprintable():
        raise Refusal(_("The value is one line."), field="value")
    before = {"value": plan.public_value}
    plan.public_value, plan.value_at, plan.value_by = text, timezone.now(), by
    plan.save(update_fields=["public_value", "value_at", "value_by"])
    record("matching.seed.value_entered", plan, by=by, before=before, after={"value": text})
    return plan


def seed_for(call: Call) -> str:
    """The seed of the call: SHA-256 of both secrets and the public value, one a line. Refuses an incomplete one."""
    shares, plan = list(shares_of(call)), plan_of(call)
    if len(shares) < LINES or not all(share.is_held for share in shares):
        raise SeedMissing
    if plan.public_source and not plan.public_value:
        raise SeedMissing
    return seed_of(lines_of(shares, plan))


def lines_of(shares: list[SeedShare], plan: MatchPlan) -> list[str]:
    """What the seed is made of, in order."""
    lines = [share.revealed or decrypt(share.sealed) for share in shares]
    return [*lines, plan.public_value] if plan.public_value else lines


def draft_seed() -> str:
    """A seed of a draft: it has nothing to do with that of the call, so a draft tells nothing about the draw."""
    return hashlib.sha256(f"draft\n{secrets.token_hex(32)}".encode()).hexdigest()


def reveal(call: Call) -> None:
    """Make the secrets public with the published match, for anybody to make the seed again."""
    for share in shares_of(call):
        if not share.revealed:
            share.revealed, share.sealed = decrypt(share.sealed), ""
            share.save(update_fields=["revealed", "sealed"])
