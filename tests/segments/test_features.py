from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from customer_tables import make_customers, make_field, mall, wholesale

from reportgen.config import load_config
from reportgen.errors import ConfigError, InputError
from reportgen.segments.features import choose_features

RNG = np.random.default_rng(7)
N = 200


def table(**columns) -> pd.DataFrame:
    """Two columns that are always fine, and those under test."""
    base = {"age_of_account": RNG.uniform(0, 100, N), "basket": RNG.uniform(20, 30, N)}
    return pd.DataFrame(base | columns)


def decide(frame, fields=None, config=None, **about):
    recipe, decisions = choose_features(make_customers(frame, fields, **about), config or load_config())
    assert [decision.name for decision in decisions] == [name for name in frame.columns if name != "customer"]
    assert set(recipe.names) == {decision.name for decision in decisions if decision.kept}
    return recipe, {decision.name: decision for decision in decisions}


def sparse(share: float) -> np.ndarray:
    return np.where(np.arange(N) < share * N, 0.0, RNG.uniform(5, 9, N))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (np.full(N, 3.0), "constant"),
        (np.full(N, np.nan), "missing"),
        (np.where(np.arange(N) < 62, np.nan, RNG.uniform(0, 1, N)), "missing"),
        (np.where(np.arange(N) < 198, np.nan, RNG.uniform(0, 1, N)), "missing"),
        (np.arange(1.0, N + 1), "id"),
        (np.where(np.arange(N) < 191, 12.0, RNG.uniform(0, 99, N)), "near_constant"),
        (np.where(np.arange(N) < 170, 12.0, RNG.uniform(0, 99, N)), "near_constant"),
        (sparse(0.52), "many_zeros"),
        ((np.arange(N) % 2).astype(float), "descriptor"),
        (np.array([f"word {row}" for row in range(N)]), "descriptor"),
        (RNG.uniform(0, 1, N), "kept"),
        (np.where(np.arange(N) < 58, np.nan, RNG.uniform(0, 1, N)), "kept"),
        (sparse(0.48), "kept"),
    ],
)
def test_what_the_values_say_decides(values, code):
    _, decisions = decide(table(tested=values))
    assert decisions["tested"].code == code
    assert decisions["tested"].kept == (code == "kept")
    assert decisions["tested"].reason.endswith(".")


def test_five_thousand_categories_describe_and_form_nothing():
    frame = pd.DataFrame({"a": RNG.uniform(0, 1, 5000), "b": RNG.uniform(0, 1, 5000), "town": np.arange(5000)})
    frame["town"] = "town " + frame["town"].astype(str)
    assert decide(frame)[0].names == ("a", "b")


def test_protected_columns_stay_out_unless_the_settings_open_the_door():
    hidden = {"tested": {"protected": True, "candidate": False}}
    frame = table(tested=RNG.uniform(18, 80, N))
    assert decide(frame, hidden)[1]["tested"].code == "protected"
    assert decide(frame, hidden, load_config(privacy__protected="use"))[1]["tested"].kept
    asked = load_config(segments__features=("tested", "basket"))
    decision = decide(frame, hidden, asked)[1]["tested"]
    assert decision.code == "requested"
    assert "requested by name" in decision.reason
    assert "protected" in decision.reason


def test_columns_the_input_bars_keep_its_reason():
    frame = table(tested=RNG.uniform(0, 1, N))
    decision = decide(frame, {"tested": {"candidate": False, "why": "a prediction made elsewhere"}})[1]["tested"]
    assert (decision.code, decision.reason) == ("descriptor", "A prediction made elsewhere.")


def test_excluded_columns_stay_out():
    assert decide(table(tested=RNG.uniform(0, 1, N)), None, load_config(segments__exclude=("TESTED",)))[1][
        "tested"
    ].code == ("excluded")


def test_of_two_columns_that_say_the_same_the_amount_stays():
    amount = RNG.uniform(10, 500, N)
    frame = table(items=np.round(amount / 10), amount=amount)
    recipe, decisions = decide(frame, {"items": {"kind": "count"}, "amount": {"kind": "money"}})
    assert "amount" in recipe.names
    assert decisions["items"].code == "near_duplicate"
    assert "Amount" in decisions["items"].reason


def test_of_two_columns_that_say_the_same_the_fuller_stays():
    amount = RNG.uniform(10, 500, N)
    frame = table(a_copy=np.where(np.arange(N) < 20, np.nan, amount), full=-amount)
    assert decide(frame)[1]["a_copy"].code == "near_duplicate"


def test_a_chain_of_collinear_columns_leaves_one():
    amount = RNG.uniform(10, 500, N)
    frame = table(**{f"copy{i}": amount * (i + 1) for i in range(6)})
    assert sum(decision.code == "near_duplicate" for decision in decide(frame)[1].values()) == 5


def test_more_columns_than_one_can_read_are_thinned_among_relatives_only():
    common = RNG.normal(0, 1, N)
    related = {f"r{i:02d}": common + RNG.normal(0, 0.5, N) for i in range(12)}
    lonely = {f"u{i:02d}": RNG.normal(0, 1, N) for i in range(12)}
    recipe, _ = decide(pd.DataFrame(related | lonely))
    assert len(recipe.names) == 16
    assert set(lonely) < set(recipe.names)
    assert len(decide(pd.DataFrame(related))[0].names) == 12


def test_an_order_log_is_segmented_by_recency_orders_and_spend():
    frame = pd.DataFrame({"spend": np.exp(RNG.normal(5, 1, N)), "gap_days": RNG.uniform(1, 90, N)})
    frame["orders"], frame["recency"] = RNG.integers(1, 9, N).astype(float), RNG.uniform(1, 365, N)
    frame.loc[:99, "gap_days"] = np.nan
    why = {"candidate": False, "why": "unknown for customers who ordered on one day only"}
    names = {"spend": "spend", "orders": "orders", "recency": "recency"}
    fields = {"orders": {"kind": "count"}, "gap_days": why}
    recipe, decisions = decide(frame, fields, kind="orders", **names)
    assert recipe.names == ("spend", "orders", "recency")
    assert recipe.features[0].transform == "log1p"
    assert decisions["gap_days"].reason == "Unknown for customers who ordered on one day only."


def test_a_survey_of_yes_and_no_keeps_its_answers_and_is_only_centred():
    answers = {f"q{i}": (RNG.uniform(0, 1, N) < 0.1 + i / 10).astype(float) for i in range(6)}
    fields = {name: {"kind": "flag", "candidate": False, "why": "a yes/no column describes"} for name in answers}
    recipe, decisions = decide(pd.DataFrame(answers), fields)
    assert recipe.names == tuple(answers)
    assert {feature.scale for feature in recipe.features} == {1.0}
    assert recipe.features[0].mean == pytest.approx(answers["q0"].mean())
    assert decisions["q0"].kept
    asked = load_config(segments__features=("q3", "q4"))
    assert {feature.scale for feature in decide(pd.DataFrame(answers), fields, asked)[0].features} == {1.0}


def test_the_mall_uses_income_and_score():
    recipe, decisions = choose_features(mall(), load_config())
    assert recipe.names == ("Annual Income (k$)", "Spending Score (1-100)")
    assert [decision.code for decision in decisions] == ["protected", "protected", "kept", "kept"]


@pytest.mark.parametrize(
    "words",
    [("Age", "Annual Income (k$)", "Spending Score (1-100)"), ("age", "annual  income", "SPENDING SCORE")],
)
def test_columns_are_requested_by_header_label_or_short_name(words):
    recipe, _ = choose_features(mall(), load_config(segments__features=words))
    assert recipe.names == ("Age", "Annual Income (k$)", "Spending Score (1-100)")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"features": ("Agee", "Spending Score (1-100)")}, "no column 'Agee' (did you mean 'Age'?)"),
        ({"exclude": ("Anual income",)}, "did you mean 'Annual income'?"),
        ({"features": ("Gender", "Age")}, "'Gender' holds no numbers"),
        ({"features": ("Age",)}, "single column"),
        ({"features": ("income", "Empty")}, "'Empty' is missing for 60% of the customers"),
        ({"features": ("Age", "income"), "exclude": ("age",)}, "both in features and in exclude"),
    ],
)
def test_impossible_requests_are_explained(settings, says):
    people = mall()
    empty = people.frame.assign(Empty=np.where(np.arange(N) < 120, np.nan, 1.0 + np.arange(N)))
    people = dataclasses.replace(people, frame=empty, fields=(*people.fields, make_field("Empty")))
    config = load_config(**{f"segments__{key}": value for key, value in settings.items()})
    with pytest.raises(ConfigError) as caught:
        choose_features(people, config)
    assert says in caught.value.message
    assert caught.value.hint


def test_a_request_that_fits_two_columns_is_not_guessed():
    frame = table(online=RNG.uniform(0, 1, N))
    with pytest.raises(ConfigError, match="'spend' may mean 'basket', 'online'"):
        decide(
            frame,
            {"basket": {"short": "spend"}, "online": {"short": "spend"}},
            load_config(segments__features=("spend", "age_of_account")),
        )


def test_a_requested_constant_is_a_mistake():
    with pytest.raises(ConfigError, match="no spread"):
        decide(table(tested=np.full(N, 1.0)), None, load_config(segments__features=("tested", "basket")))


def test_fewer_than_two_usable_columns_are_refused_with_the_reasons():
    frame = pd.DataFrame({"only": RNG.uniform(0, 1, N), "flat": np.full(N, 1.0)})
    with pytest.raises(InputError, match=r"only one column.*Flat: has the same value"):
        decide(frame)


def test_forty_sparse_counts_are_refused_not_segmented():
    frame = pd.DataFrame({f"product{i}": sparse(0.9) for i in range(40)})
    with pytest.raises(InputError, match=r"no column can form segments.*Product0 and 39 more: .*zero for 90%"):
        decide(frame)


def test_wholesale_amounts_form_segments_and_codes_do_not():
    recipe, decisions = choose_features(wholesale(), load_config())
    assert recipe.names == ("Fresh", "Milk", "Grocery", "Frozen", "Detergents_Paper", "Delicassen")
    assert {feature.transform for feature in recipe.features} == {"log1p"}
    assert decisions[0].code == "descriptor"


def test_the_last_two_columns_stay_although_they_rank_customers_nearly_alike():
    spend = RNG.lognormal(5, 1, N)
    recency = -np.log(spend) + RNG.normal(0, 0.3, N)  # the more, the later: rank correlation about -.95
    frame = pd.DataFrame({"customer": [str(i) for i in range(N)], "spend": spend, "recency": recency})
    recipe, _ = decide(frame)
    assert set(recipe.names) == {"spend", "recency"}
    with pytest.raises(InputError, match="only one column"):
        decide(frame.assign(recency=2 * spend))
