"""A model file of every released format loads for ever, and puts customers where it always did."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reportgen.segments.model import assign, from_json

GOLDEN = Path(__file__).parent / "golden"

CUSTOMERS = pd.DataFrame({"recency": [3.0, 30.0, 800.0, 900.0, 60.0], "spend": [6000.0, 800.0, 760.0, 25.0, 26.0]})
EXPECTED = {"model-1.json": ["s01", "s02", "s03", "s04", "s05"]}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_model_of_an_earlier_release_scores_as_it_did(name: str) -> None:
    model = from_json((GOLDEN / name).read_text(encoding="utf-8"))
    assert [model.segments[place].id for place in assign(model, CUSTOMERS).label] == EXPECTED[name]


def test_every_golden_file_is_tested() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(EXPECTED)
