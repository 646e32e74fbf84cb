"""A small programme, three years month by month: the books balance after each month and close to the won."""

from typing import Any

import pytest

from bench.simulation import simulate
from funding.models import Entry
from tests.factories.labs import LabFactory


@pytest.mark.django_db
def test_twelve_fellows_for_three_years_close_to_the_won(lab: Any) -> None:
    LabFactory(code="SECOND", institute=lab.institute)
    first, second = simulate(12, 36), simulate(12, 36)
    assert {**first, "seconds": 0} == {**second, "seconds": 0}
    assert first["appropriated_krw"] == 12 * 3 * 150_000_000
    assert first["appropriated_krw"] == first["spent_krw"] + first.get("returned_krw", 0)
    assert first["years_closed"] == 3
    assert first["paid_lines"] > 300
    assert not Entry.objects.exists()
