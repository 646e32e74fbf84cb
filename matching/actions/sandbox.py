"""Trying out many lotteries, as a job. Nothing that anybody decides on is touched."""

import logging

from django.utils.translation import gettext as _

from common.audit import record
from common.gestures import action
from common.jobs import claim, fail, finish, progress_of
from common.queue import after_commit, send
from matching.engine import instance as instances
from matching.engine.whatif import Luck, lotteries
from matching.models import LotteryStudy, MatchRun
from matching.queries import openings_of
from people.models import User

log = logging.getLogger(__name__)
STUDY = "matching.study"
MANY = 1000


@action
def ask_study(run: MatchRun, *, by: User) -> LotteryStudy:
    """Ask the worker to match `run` with a thousand other lotteries, to show how much luck decided."""
    made = LotteryStudy.objects.create(run=run, many=MANY, asked_by=by)
    record("matching.study.asked", run, by=by, after={"many": MANY})
    after_commit(STUDY, made.pk)
    return made


def make_study(pk: int) -> bool:
    """Make study `pk` unless another worker has it or it is done; True when this call did it."""
    study = claim(LotteryStudy, pk)
    if study is None:
        return False
    try:
        luck = lotteries(instances.parse(study.run.instance), study.many, progress_of(study))
    except Exception:
        log.exception("study of lotteries %s could not be made", pk)
        fail(study, _("The lotteries could not be tried. Ask for them again, or call support."))
        return False
    study.found = _found(study.run, luck)
    study.save(update_fields=["found"])
    finish(study)
    return True


def _found(run: MatchRun, luck: Luck) -> dict[str, object]:
    labs = {f"l{number}": row.call_lab_id for number, row in enumerate(openings_of(run.call), start=1)}
    placed = sum(any(lab is not None for lab in fate) for fate in luck.fates.values())
    fill = {str(labs[name]): [each.least, round(100 * each.mean), each.most] for name, each in luck.fill.items()}
    return {"touched": luck.touched, "placed": placed, "fill": fill}


def sweep_studies() -> int:
    """Hint again at every study that nobody works on; returns how many."""
    lost = list(LotteryStudy.lost().values_list("pk", flat=True))
    for pk in lost:
        send(STUDY, pk)
    return len(lost)
