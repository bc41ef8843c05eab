"""What one change to the analysis does to the segments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from customer_tables import make_customers, mall

from reportgen.config import load_config
from reportgen.inputs.customers import Customers
from reportgen.segments.fit import fit_segments
from reportgen.segments.robustness import Variation, robustness_panel

RNG = np.random.default_rng(9)


def panel(customers: Customers, **settings) -> tuple[Variation, ...]:
    config = load_config(**settings)
    return robustness_panel(customers, fit_segments(customers, config), config)


def blobs(n: int = 400, columns: int = 4) -> pd.DataFrame:
    centres = RNG.permuted(np.tile(np.arange(4) * 8.0, (columns, 1)), axis=1).T
    return pd.DataFrame(
        centres[np.arange(n) % 4] + RNG.normal(0, 1, (n, columns)), columns=[f"c{i}" for i in range(columns)]
    )


def column(line: Variation) -> str:
    return str(dict(line.label.values)["column"].value) if line.label.values else ""


def test_the_mall_gives_the_reference_agreements():
    found = {(line.code, column(line)): line for line in panel(mall(), segments__k=5, segments__k_max=5)}
    expected = {
        ("robust", ""): 1.0,
        ("minmax", ""): 1.0,
        ("ward", ""): 0.942,
        ("gaussian", ""): 0.9565,
        ("caps", ""): 0.9847,
        ("without", "Annual income"): 0.5209,
        ("without", "Spending score"): 0.427,
    }
    for key, value in expected.items():
        assert found[key].ari == pytest.approx(value, abs=0.01), key
    assert set(found) - set(expected) == {("seeds", ""), ("far", ""), ("half", "")}
    assert found["without", "Annual income"].word == "partly"
    assert found["without", "Spending score"].word == "different"
    assert (found["far", ""].customers, found["half", ""].customers) == (198, 100)


def test_the_weakest_line_comes_first():
    lines = panel(mall(), segments__k=5, segments__k_max=5)
    assert [line.ari for line in lines] == sorted(line.ari for line in lines)
    assert all(0 < line.kept <= 1 for line in lines)


def test_clear_groups_survive_every_change():
    lines = panel(make_customers(blobs()), segments__k=4, segments__k_max=4)
    assert {line.word for line in lines} == {"hardly"}
    assert {line.kept for line in lines} == {1.0}


def test_one_group_cut_in_four_does_not():
    cloud = pd.DataFrame(RNG.normal(0, 1, (400, 4)), columns=list("abcd"))
    lines = panel(make_customers(cloud), segments__k=4, segments__k_max=4)
    assert lines[0].ari < 0.5


def test_the_order_of_the_rows_does_not_matter():
    customers = make_customers(blobs())
    shuffled = make_customers(customers.frame.sample(frac=1, random_state=3).reset_index(drop=True))
    settings = {"segments__k": 3, "segments__k_max": 3}
    assert panel(customers, **settings) == panel(shuffled, **settings)


def test_only_the_eight_most_important_of_many_columns_are_left_out():
    frame = blobs(columns=3)
    for number in range(9):
        frame[f"noise{number}"] = RNG.normal(0, 1, len(frame))
    lines = [line for line in panel(make_customers(frame), segments__k=4, segments__k_max=4) if line.code == "without"]
    assert len(lines) == 8
    assert {"C0", "C1", "C2"} <= {column(line) for line in lines}


def test_logarithms_and_filled_columns_are_varied_where_there_are_any():
    frame = np.exp(blobs() / 4)
    frame.loc[RNG.uniform(size=400) < 0.1, "c3"] = np.nan
    codes = {line.code for line in panel(make_customers(frame), segments__k=4, segments__k_max=4)}
    assert {"transform", "filled"} <= codes
    assert not {"transform", "filled"} & {line.code for line in panel(mall(), segments__k=5, segments__k_max=5)}


def test_units_as_they_are_are_compared_with_one_scale():
    lines = panel(mall(), segments__k=5, segments__k_max=5, segments__scale="none")
    assert next(line for line in lines if line.code == "standard").ari == pytest.approx(1.0, abs=0.01)


def test_a_survey_has_no_scale_to_vary():
    group = RNG.uniform(size=300) < 0.5
    answers = {f"q{i}": (RNG.uniform(size=300) < np.where(group, 0.85, 0.2)).astype(float) for i in range(6)}
    flags = {name: {"kind": "flag", "candidate": False} for name in answers}
    codes = {line.code for line in panel(make_customers(pd.DataFrame(answers), flags), segments__k=2)}
    assert not {"robust", "minmax", "caps", "transform", "gaussian"} & codes
    assert {"seeds", "far", "half", "ward", "without"} <= codes


@pytest.mark.parametrize("algorithm", ["gaussian", "ward"])
def test_another_algorithm_repeats_itself_and_is_compared_with_k_means(algorithm):
    lines = panel(make_customers(blobs()), segments__k=4, segments__algorithm=algorithm)
    codes = {line.code for line in lines}
    assert {"seeds", "half", "far", "without", "kmeans"} <= codes
    assert algorithm not in codes
    assert {line.word for line in lines if line.code != "without"} == {"hardly"}


def test_a_handful_of_customers_gets_a_short_panel():
    frame = pd.DataFrame({"a": [0.0, 1, 9, 10, 20], "b": [5.0, 1, 8, 0, 3]})
    for algorithm in ("kmeans", "gaussian"):
        settings = {"segments__k": 3, "segments__min_size": 2, "segments__algorithm": algorithm}
        assert {"seeds", "half"}.isdisjoint(line.code for line in panel(make_customers(frame), **settings))
