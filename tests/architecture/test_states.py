"""Every table of moves: complete, closed, and kept by `move` for every pair of states."""

from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction

from common.refusals import IllegalMove
from common.states import move

STATEFUL = [
    model
    for model in apps.get_models()
    if hasattr(model, "MOVES") and any(field.name == "state" for field in model._meta.concrete_fields)
]
PAIRS = [
    pytest.param(model, was, to, id=f"{model.__name__}-{was}-{to}")
    for model in STATEFUL
    for was, to in product(model.MOVES, model.MOVES)
]


@pytest.mark.parametrize("model", STATEFUL, ids=lambda model: model.__name__)
def test_moves_and_colours_cover_every_state(model: Any) -> None:
    states = {value for value, _label in model._meta.get_field("state").choices}
    assert set(model.MOVES) == states
    assert set(model.COLOURS) == states
    assert {target for targets in model.MOVES.values() for target in targets} <= states
    assert set(model.COLOURS.values()) <= {"neutral", "info", "success", "warning", "danger"}


@pytest.mark.parametrize(("model", "was", "to"), PAIRS)
def test_every_pair_of_states(model: Any, was: str, to: str, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    row: models.Model = model(pk=1, state=was)
    monkeypatch.setattr("common.states.lock", lambda subject: subject)
    monkeypatch.setattr(model, "save", lambda self, **kwargs: None)
    monkeypatch.setattr(model, "__str__", lambda self: "row")
    if to in model.MOVES[was]:
        with transaction.atomic():
            assert move(row, to, by=None).state == to  # type: ignore[attr-defined]
    else:
        with pytest.raises(IllegalMove), transaction.atomic():
            move(row, to, by=None)
        assert row.state == was  # type: ignore[attr-defined]
