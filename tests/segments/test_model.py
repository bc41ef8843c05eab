from __future__ import annotations

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from customer_tables import mall

from reportgen.config import load_config
from reportgen.errors import InputError
from reportgen.segments.fit import fit_segments
from reportgen.segments.model import SegmentModel, assign, from_json, to_json

INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"


@pytest.fixture(scope="module")
def model() -> SegmentModel:
    return fit_segments(mall(), load_config(segments__k=5)).model


def signed(data: dict[str, object]) -> str:
    """A model file whose hash fits whatever was changed in it."""
    content = {key: value for key, value in data.items() if key not in ("id", "sha256")}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return json.dumps(content | {"id": f"m{digest[:12]}", "sha256": digest})


def test_a_model_survives_the_round_trip(model):
    text = to_json(model)
    assert from_json(text) == model
    assert to_json(from_json(text)) == text


def test_the_file_says_what_it_is_and_holds_a_full_self_test(model):
    data = json.loads(to_json(model))
    assert data["schema"] == "reportgen.model/1"
    assert data["id"] == "m" + data["sha256"][:12]
    assert data["next_number"] == 6
    assert len(data["selftest"]) >= 20
    assert {row["place"] for row in data["selftest"]} == set(range(5))
    assert any(None in row["values"] for row in data["selftest"])


def test_no_customer_is_in_the_file(model):
    values = [tuple(map(float, row)) for row in mall().frame[[INCOME, SCORE]].to_numpy()]
    rows = [tuple(row["values"]) for row in json.loads(to_json(model))["selftest"]]
    assert not set(rows) & set(values)


def test_rows_score_alike_alone_in_chunks_and_in_any_order(model):
    frame = mall().frame
    whole = assign(model, frame)
    order = np.random.default_rng(3).permutation(len(frame))
    shuffled = assign(model, frame.iloc[order])
    for name in ("label", "second", "distance", "second_distance", "margin"):
        values = getattr(whole, name)
        assert values[order].tobytes() == getattr(shuffled, name).tobytes()
        single = np.concatenate([getattr(assign(model, frame.iloc[[row]]), name) for row in range(0, 200, 17)])
        assert values[::17].tobytes() == single.tobytes()


def test_a_customer_on_the_border_goes_to_the_first_segment(model):
    one, two = (np.array(model.centres[place]) for place in (0, 1))
    middle = (one + two) / 2
    raw = {f.name: [middle[i] * f.scale + f.mean] for i, f in enumerate(model.recipe.features)}
    found = assign(model, pd.DataFrame(raw))
    assert (found.label[0], found.second[0]) == (0, 1)
    assert found.margin[0] == pytest.approx(0, abs=1e-9)


def test_a_customer_without_values_is_not_segmented(model):
    found = assign(model, pd.DataFrame({INCOME: [np.nan, np.nan, 50.0], SCORE: [np.nan, 50.0, np.nan]}))
    assert found.label.tolist()[0] == -1
    assert np.isnan(found.margin[0])
    assert (found.label[1:] >= 0).all()


def changed(model: SegmentModel, **values: object) -> dict[str, object]:
    return json.loads(to_json(model)) | values


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda text: "", "not valid JSON"),
        (lambda text: "[1]", "not a reportgen model"),
        (lambda text: text[:-40], "not valid JSON"),
        (lambda text: text.replace("reportgen.model/1", "reportgen.model/2"), "version 2"),
        (lambda text: text.replace("reportgen.model/1", "other/1"), "not a reportgen model"),
        (lambda text: text.replace('"seed": 1', '"seed": 2'), "changed after it was written"),
        (lambda text: text.replace('"seed": 1', '"seed": NaN'), "NaN"),
        (lambda text: text.replace('"seed": 1', '"seed": 1e999'), "too large"),
    ],
)
def test_a_file_that_was_touched_is_refused(model, damage, says):
    with pytest.raises(InputError, match=says) as caught:
        from_json(damage(to_json(model)))
    assert caught.value.hint


def test_a_file_with_other_centres_fails_its_self_test_even_with_a_fitting_hash(model):
    data = json.loads(to_json(model))
    data["centres"] = data["centres"][::-1]
    with pytest.raises(InputError, match="model self-test failed: row 1, expected segment 1, got segment 5"):
        from_json(signed(data))


def test_scaled_values_that_differ_fail_the_self_test(model):
    data = json.loads(to_json(model))
    data["selftest"][0]["scaled"][0] += 1e-6
    with pytest.raises(InputError, match="self-test failed: row 1, expected scaled values"):
        from_json(signed(data))


@pytest.mark.parametrize(
    "values",
    [
        {"centres": [[1.0, 2.0]]},
        {"segments": []},
        {"recipe": {"features": []}},
        {"selftest": []},
        {"selftest": None},
        {"seed": "1"},
        {"inertia": None},
    ],
)
def test_numbers_that_do_not_fit_together_are_refused(model, values):
    with pytest.raises(InputError, match="damaged"):
        from_json(signed(changed(model, **values)))


def test_unknown_keys_of_a_later_minor_version_are_ignored(model):
    assert from_json(signed(changed(model, drift={"bins": [1, 2]}))) == model
