"""Algorithms besides k-means: which one is taken, what it finds, and models that score alike everywhere."""

from __future__ import annotations

import hashlib
import json
from types import MappingProxyType

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from customer_tables import make_customers, mall, wholesale

from reportgen.config import Config, load_config
from reportgen.errors import ConfigError, InputError
from reportgen.inputs.customers import Customers
from reportgen.segments.algorithms import adjusted_rand, crosstab
from reportgen.segments.fit import Segmentation, fit_segments
from reportgen.segments.levels import level_features, mismatch_cost
from reportgen.segments.model import assign, from_json, to_json
from reportgen.segments.pushdown import PLACE, add_segments
from reportgen.segments.recipe import FeatureRecipe, apply_recipe

N = 300
GROUP = np.arange(N) % 3
SAYS_YES = np.array([[0.95] * 4 + [0.05] * 4, [0.05] * 4 + [0.95] * 4, [0.05, 0.95] * 4])


def survey() -> Customers:
    rng = np.random.default_rng(21)
    answers = (rng.uniform(size=(N, 8)) < SAYS_YES[GROUP]).astype(float)
    frame = pd.DataFrame(answers, columns=[f"q{i}" for i in range(8)])
    return make_customers(frame, {name: {"kind": "flag", "candidate": False} for name in frame})


def ellipses() -> Customers:
    rng = np.random.default_rng(22)
    z = rng.normal(0, 1, (N, 2)) @ np.array([[4.0, 3.8], [0.0, 0.4]])
    z[:, 1] += np.where(GROUP == 1, 6.0, 0.0)
    return make_customers(pd.DataFrame(z, columns=["a", "b"]))


def mixed() -> Customers:
    rng = np.random.default_rng(23)
    towns = np.array(["Ulm", "Bonn", "Kiel"])[np.where(rng.uniform(size=N) < 0.9, GROUP, rng.integers(0, 3, N))]
    frame = pd.DataFrame({"x": GROUP * 4.0 + rng.normal(0, 1, N), "y": rng.normal(0, 1, N), "town": towns})
    frame["club"] = (rng.uniform(size=N) < np.where(GROUP == 1, 0.9, 0.1)).astype(float)
    frame.loc[::40, "town"] = None
    return make_customers(frame, {"club": {"kind": "flag", "candidate": False}})


def fit(customers: Customers, algorithm: str, **settings) -> Segmentation:
    return fit_segments(customers, config_of(algorithm, **settings))


def config_of(algorithm: str, **settings) -> Config:
    return load_config(segments__algorithm=algorithm, **{f"segments__{key}": value for key, value in settings.items()})


def keys(found: Segmentation) -> list[str]:
    return [reason.key for reason in found.choice.reasons]


CASES = MappingProxyType({"bernoulli": survey, "gaussian": ellipses, "prototypes": mixed, "ward": mall})


@pytest.fixture(scope="module", params=CASES)
def case(request) -> tuple[Customers, Segmentation]:
    customers = CASES[request.param]()
    return customers, fit(customers, request.param, k=3)


def test_each_finds_its_planted_groups(case):
    customers, found = case
    if found.model.algorithm != "ward":
        expected = (GROUP == 1).astype(int) if found.model.algorithm == "gaussian" else GROUP
        assert adjusted_rand(crosstab(expected, found.assignment.label, 3, 3)) > 0.5
    assert found.k == 3
    assert sum(one.size for one in found.fits) == len(customers.frame)
    assert {one.stability.grade for one in found.fits} <= {"A", "B", "C"}
    assert found.verdict.kind in ("unjudged", "constructed")


def test_a_model_is_plain_json_that_scores_alike(case):
    customers, found = case
    text = to_json(found.model)
    model = from_json(text)
    assert model == found.model
    assert json.loads(text)["algorithm"] == found.model.algorithm
    again = assign(model, customers.frame)
    for name in ("label", "second", "distance", "margin"):
        whole = getattr(found.assignment, name)
        assert whole.tobytes() == getattr(again, name).tobytes()
        single = np.concatenate(
            [getattr(assign(model, customers.frame.iloc[[row]]), name) for row in range(0, 200, 23)]
        )
        assert whole[:200:23].tobytes() == single.tobytes()
    assert (found.assignment.margin >= 0).all()
    assert (found.assignment.margin <= 1).all()


@pytest.mark.parametrize("engine", ["duckdb", "pandas", "polars"])
def test_every_engine_gives_the_same_segments(case, engine):
    customers, found = case
    names, words = found.model.recipe.names, found.model.recipe.words
    odd = {name: [None, "unseen", "Ulm"] if name in words else [np.nan, 1e12, -0.0] for name in names}
    rows = pd.concat([customers.frame[list(names)], pd.DataFrame(odd)], ignore_index=True)
    rows = rows.astype({name: float for name in names if name not in words})
    want = assign(found.model, rows).label
    assert want[-3] == -1
    native: object = rows.assign(row=range(len(rows)))
    if engine == "duckdb":
        connection = duckdb.connect()
        connection.register("rows", native)
        native = connection.table("rows")
    elif engine == "polars":
        native = pytest.importorskip("polars").from_pandas(native, nan_to_null=True)
    labelled = add_segments(nw.from_native(native).lazy(), found.model).sort("row").collect()
    assert labelled.columns == [*names, "row", PLACE]
    assert labelled[PLACE].to_list() == want.tolist()


def test_neither_the_order_of_rows_nor_of_columns_matters(case):
    customers, found = case
    order = np.random.default_rng(8).permutation(len(customers.frame))
    flags = {field.name: {"kind": field.kind, "candidate": field.candidate} for field in customers.fields}
    frame = customers.frame.iloc[order, ::-1].reset_index(drop=True)
    again = fit(make_customers(frame, flags), found.model.algorithm, k=3, features=found.model.recipe.names)
    labels = found.assignment.label[order]
    assert adjusted_rand(crosstab(labels, again.assignment.label, 3, 3)) == 1


def test_a_file_whose_mixture_was_cut_short_is_refused(case):
    _, found = case
    if not found.model.factors:
        pytest.skip("a model of centres holds no factors")
    data = json.loads(to_json(found.model))
    core = {key: value for key, value in data.items() if key not in ("id", "sha256")} | {"offsets": [0.0]}
    digest = hashlib.sha256(
        json.dumps(core, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()
    with pytest.raises(InputError, match="damaged"):
        from_json(json.dumps(core | {"sha256": digest, "id": f"m{digest[:12]}"}))


@pytest.mark.parametrize(
    ("customers", "settings", "algorithm", "reason"),
    [
        (survey, {}, "bernoulli", "choice.auto_bernoulli"),
        (ellipses, {}, "gaussian", "choice.auto_gaussian"),
        (mixed, {"features": ("x", "y", "town")}, "prototypes", "choice.auto_prototypes"),
        (mixed, {"features": ("x", "club")}, "prototypes", "choice.auto_prototypes"),
        (mixed, {}, "kmeans", "choice.auto_kmeans"),
        (mall, {}, "kmeans", "choice.auto_kmeans_values"),
    ],
)
def test_auto_takes_what_the_columns_call_for_and_says_why(customers, settings, algorithm, reason):
    found = fit(customers(), "auto", k_max=4, **settings)
    assert found.model.algorithm == algorithm
    assert reason in keys(found)


def test_one_long_cloud_is_no_reason_for_ellipses():
    rng = np.random.default_rng(24)
    z = rng.normal(0, 1, (500, 3)) @ rng.normal(0, 1, (3, 3))
    found = fit(make_customers(pd.DataFrame(z, columns=list("abc"))), "auto", k_max=4)
    assert found.model.algorithm == "kmeans"


def test_ellipses_that_do_not_come_back_give_way_to_k_means():
    found = fit(wholesale(), "auto", k_max=4)
    assert found.model.algorithm == "kmeans"
    assert "choice.auto_kmeans_steadier" in keys(found)
    assert fit(wholesale(), "gaussian", k_max=4).verdict.kind == "constructed"


def test_few_customers_are_not_searched_for_ellipses():
    found = fit(make_customers(ellipses().frame.iloc[:60][["a", "b"]]), "auto", k_max=3)
    assert "choice.auto_kmeans_few" in keys(found)


def test_the_lowest_bic_gives_the_number_of_classes():
    found = fit(survey(), "bernoulli")
    assert found.k == 3
    assert "choice.k_by_bic" in keys(found)
    bic = {one.k: one.bic for one in found.choice.evidence}
    assert min(bic, key=bic.__getitem__) == 3
    assert "choice.forced_bic" in keys(fit(survey(), "bernoulli", k=2))


def test_one_group_is_said_to_be_one():
    cloud = make_customers(pd.DataFrame(np.random.default_rng(25).normal(0, 1, (400, 3)), columns=list("abc")))
    found = fit(cloud, "gaussian", k_max=4)
    assert "choice.one_group" in keys(found)


def test_few_customers_are_not_graded():
    frame = ellipses().frame.iloc[:60][["a", "b"]]
    found = fit(make_customers(frame), "gaussian", k=2)
    assert "choice.not_resampled" in keys(found)
    assert found.verdict.kind == "unjudged"
    assert {one.stability.grade for one in found.fits} == {""}


def test_k_means_models_are_written_as_before():
    data = json.loads(to_json(fit(mall(), "kmeans", k=5, k_max=5).model))
    assert not {"algorithm", "factors", "offsets"} & set(data)
    assert not {"level", "mismatch"} & set(data["recipe"]["features"][0])


@pytest.mark.parametrize(
    ("customers", "algorithm", "settings", "says"),
    [
        (mixed, "kmeans", {"features": ("x", "town")}, "'town' holds no numbers"),
        (mixed, "bernoulli", {"features": ("x", "club")}, "'x' holds more than yes and no"),
        (mall, "prototypes", {"exclude": ("Gender",)}, "at least one column of categories"),
        (survey, "gaussian", {}, "yes and no only"),
    ],
)
def test_columns_that_do_not_fit_the_algorithm_are_explained(customers, algorithm, settings, says):
    with pytest.raises(ConfigError) as caught:
        fit(customers(), algorithm, **settings)
    assert says in caught.value.message
    assert caught.value.hint


def test_five_thousand_categories_cannot_form_segments():
    rng = np.random.default_rng(26)
    frame = pd.DataFrame({"x": rng.normal(0, 1, N), "y": rng.normal(0, 1, N), "street": [f"s{i}" for i in range(N)]})
    with pytest.raises(ConfigError, match="'street' holds 300 different values, at most 20"):
        fit(make_customers(frame), "prototypes", features=("x", "street"))


def test_categories_join_without_being_named_and_protected_ones_do_not():
    found = fit(mixed(), "prototypes", k=3, k_max=3)
    assert found.model.recipe.names == ("x", "y", "town", "club")
    hidden = make_customers(mixed().frame, {"town": {"protected": True}, "club": {"kind": "flag"}})
    assert fit(hidden, "prototypes", k=3, k_max=3).model.recipe.names == ("x", "y", "club")


def test_lambda_is_the_variance_over_the_chance_of_a_mismatch():
    towns = pd.Series(["a", "a", "b", "b"])
    flags = pd.Series([1.0, 1.0, 1.0, 0.0])
    variance = [np.array([1.0, -1.0, 1.0, -1.0]), np.array([2.0, -2.0, 2.0, -2.0])]
    assert mismatch_cost(variance, [towns]) == pytest.approx(2.5 / 0.5)
    assert mismatch_cost(variance, [towns, flags]) == pytest.approx(2.5 / ((0.5 + 0.375) / 2))


def test_two_different_levels_lie_lambda_apart_and_an_unseen_one_half_as_far_from_all():
    customers = mixed()
    features = level_features(customers.field("town"), customers.frame["town"], 3.0)
    features += level_features(customers.field("club"), customers.frame["club"], 3.0)
    frame = pd.DataFrame({"town": ["Ulm", "Bonn", "Oslo", None], "club": [1.0, 1.0, 1.0, 0.0]})
    z = apply_recipe(FeatureRecipe(features), frame)
    assert ((z[0] - z[1]) ** 2).sum() == pytest.approx(3.0)
    assert ((z[0] - z[2]) ** 2).sum() == pytest.approx(1.5)
    assert ((z[2] - z[3]) ** 2).sum() == pytest.approx(3.0)


def test_the_centre_of_a_segment_holds_its_most_common_levels():
    customers = mixed()
    found = fit(customers, "prototypes", k=3, k_max=3)
    for place, centre in enumerate(found.model.centres):
        members = customers.frame[found.assignment.label == place]
        common = members["town"].value_counts().idxmax()
        for feature, value in zip(found.model.recipe.features, centre, strict=True):
            if feature.level is not None:
                assert value * feature.scale == pytest.approx(float(feature.level == common))


def test_the_unit_of_a_column_does_not_matter_to_ellipses():
    frame = ellipses().frame[["a", "b"]]
    one = fit(make_customers(frame), "gaussian", k=2)
    other = fit(make_customers(frame.assign(b=frame["b"] * 1e6)), "gaussian", k=2, scale="none")
    assert adjusted_rand(crosstab(one.assignment.label, other.assignment.label, 2, 2)) == 1


def test_a_common_value_is_a_warning_for_ellipses():
    frame = ellipses().frame[["a", "b"]]
    frame.loc[:99, "a"] = 3.0
    codes = {finding.code for finding in fit(make_customers(frame), "gaussian", k=2).findings}
    assert "spikes" in codes
    assert "spikes" not in {finding.code for finding in fit(ellipses(), "gaussian", k=2).findings}
