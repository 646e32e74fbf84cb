"""A small programme, twenty months one by one: everything happens to it, and the books close to the won."""

from typing import Any

import pytest

from bench.simulation import simulate
from fellowships.models import Appointment
from funding.models import Entry
from tests.factories.labs import LabFactory

HAPPENED = (
    "joins", "leaves", "terminations", "extensions", "leaves_of_absence", "on_reduced", "transfers", "rate_changes",
    "holds", "held_released", "returned", "paid_again", "recoveries", "repaid", "claims", "authorities",
    "severance_paid", "funds_carried", "returned_krw", "years_closed", "changes_refused",
)  # fmt: skip


@pytest.mark.django_db
def test_few_fellows_live_through_everything_and_close_to_the_won(lab: Any) -> None:
    LabFactory(code="SECOND", institute=lab.institute)
    found = simulate(12, 20, seed=1, pace=10)
    assert [name for name in HAPPENED if not found.get(name)] == []
    assert found["closes"]
    assert found["appropriated_krw"] == 12 * 20 * 12_500_000
    assert found["appropriated_krw"] == found["spent_krw"] + found["returned_krw"]
    assert (found["years_closed"], found["rate_changes"]) == (3, 1)
    assert found["refused"]["YearClosed"] == 3, "each closed year refuses an entry"
    assert not Entry.objects.exists()
    assert not Appointment.objects.exists()


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_numbers(lab: Any) -> None:
    LabFactory(code="SECOND", institute=lab.institute)
    first, second, other = (simulate(3, 5, seed=seed, pace=8) for seed in (1, 1, 2))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}
    assert {**first, "seconds": 0} != {**other, "seconds": 0}
