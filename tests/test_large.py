"""Tables of more customers than are looked at one by one: what is exact, what rests on the sample."""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

import reportgen as rg
from reportgen.analysis import Analysis
from reportgen.errors import ConfigError, InputError
from reportgen.history.everyone_list import write_everyone
from reportgen.inputs import facts
from reportgen.inputs.customers import Customers
from reportgen.inputs.read import read_customers
from reportgen.inputs.schema import infer_schema
from reportgen.inputs.table import open_table
from reportgen.pipeline import Run
from reportgen.segments.algorithms import single_thread
from reportgen.segments.fit import fit_segments
from reportgen.segments.model import assign
from reportgen.segments.recipe import apply_recipe

CUSTOMERS, SAMPLE = 30_000, 5_000


def _planted() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    segment = rng.integers(0, 5, CUSTOMERS)
    centres = rng.uniform(0, 8, (5, 6))
    z = centres[segment] + rng.normal(0, 0.9, (CUSTOMERS, 6))
    frame = pd.DataFrame(50 + 10 * z, columns=[f"measure {letter}" for letter in "abcdef"]).round(3)
    frame.insert(0, "customer_id", [f"={i:06d}" if i % 5_000 == 0 else f"C{i:06d}" for i in range(CUSTOMERS)])
    frame["total_spent"] = np.exp(3 + 0.3 * z[:, 0]).round(2)
    frame["orders"] = 1 + rng.poisson(np.exp(0.2 * z[:, 1]))
    frame["region"] = rng.choice(["North", "South", "East", "West"], CUSTOMERS, p=[0.4, 0.3, 0.2, 0.1])
    frame.loc[::7, "measure c"] = np.nan
    frame.loc[::97, ["measure a", "measure b", "measure c", "measure d", "measure e"]] = np.nan
    return frame


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "customers.parquet"
    _planted().to_parquet(path)
    return path


@pytest.fixture(scope="module")
def run(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    output = str(tmp_path_factory.mktemp("runs"))
    formats = ("html",)
    return rg.run(
        str(table), rg.load_config(input__sample=SAMPLE, segments__k=5, report__formats=formats, output=output)
    )


@pytest.fixture(scope="module")
def sampled(run: Run) -> Analysis:
    return run.analysis


@pytest.fixture(scope="module")
def whole(table: Path) -> pd.DataFrame:
    return read_customers(str(table), rg.load_config()).frame


def test_sample_is_chosen_by_id_alone(table: Path, sampled: Analysis) -> None:
    frame = pd.read_parquet(table).sample(frac=1.0, random_state=3)
    again = read_customers(frame, rg.load_config(input__sample=SAMPLE))
    assert abs(len(again.frame) - SAMPLE) < 4 * SAMPLE**0.5
    assert again.count == CUSTOMERS
    pd.testing.assert_frame_equal(again.frame, sampled.customers.frame)


def test_centres_are_those_of_a_full_fit(sampled: Analysis, whole: pd.DataFrame) -> None:
    model = sampled.segmentation.model
    inside = assign(model, whole).label >= 0
    z = apply_recipe(model.recipe, whole)[inside]
    with single_thread():
        best = KMeans(5, n_init=10, tol=0, random_state=1).fit(z)
    assert model.inertia <= 1.001 * best.inertia_
    assert adjusted_rand_score(best.labels_, assign(model, whole).label[inside]) >= 0.99
    assert model.fitted_rows == inside.sum()


def test_counts_and_means_are_those_of_all(sampled: Analysis, whole: pd.DataFrame) -> None:
    label = assign(sampled.segmentation.model, whole).label
    assert sampled.segmentation.unsegmented == (label < 0).sum() > 0
    assert sampled.spending is not None
    for place, profile in enumerate(sampled.profiles):
        members = whole[label == place]
        assert profile.size == len(members) == sampled.segmentation.fits[place].size
        for trait in profile.numeric:
            assert trait.mean == pytest.approx(members[trait.field].mean(), rel=1e-9)
            assert trait.base_mean == pytest.approx(whole[label >= 0][trait.field].mean(), rel=1e-9)
            assert trait.n == members[trait.field].count()
        for level in profile.levels:
            assert level.n == (members[level.field] == level.level).sum()
        money = sampled.spending.segments[place]
        assert money.revenue == pytest.approx(members["total_spent"].sum(), rel=1e-9)
        assert money.orders == members["orders"].sum()
        assert money.repeat_rate == pytest.approx((members["orders"] > 1).mean(), rel=1e-9)


def test_rules_say_how_many_of_all_customers_they_pick(sampled: Analysis, whole: pd.DataFrame) -> None:
    shown = [rule for rule in sampled.rules if rule.conditions]
    assert shown
    for rule in shown:
        picked = np.ones(len(whole), dtype=bool)
        for one in rule.conditions:
            fill = next(f.fill for f in sampled.segmentation.model.recipe.features if f.name == one.field)
            values = whole[one.field].fillna(fill)
            picked &= values >= one.limit if one.comparison == "at least" else values < one.limit
        assert rule.matched == picked.sum()


def test_findings_say_what_was_counted_where(sampled: Analysis) -> None:
    found = {finding.code: finding for finding in sampled.segmentation.findings}
    assert found["unsegmented"].rows == sampled.segmentation.unsegmented
    assert found["filled"].message.startswith("Among ")


def test_columns_that_only_the_sample_knows_form_no_segments(log: tuple[Customers, Customers]) -> None:
    config = rg.load_config(segments__features=("spend", "gap_days", "orders"))
    with pytest.raises(ConfigError, match="gap_days can't form segments of"):
        fit_segments(log[1], config)


def test_concentration_is_that_of_all(sampled: Analysis, whole: pd.DataFrame) -> None:
    label = assign(sampled.segmentation.model, whole).label
    ranked = np.sort(whole["total_spent"].to_numpy())[::-1]
    assert sampled.spending is not None
    assert sampled.spending.concentration is not None
    top = ranked[: len(ranked) // 5].sum() / ranked.sum()
    assert sampled.spending.concentration.top20_share == pytest.approx(top, abs=1e-3)
    assert label.size == CUSTOMERS


def test_run_lists_everyone_and_says_what_rests_on_the_sample(run: Run, whole: pd.DataFrame) -> None:
    with (run.folder / "customers.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["customer"] for row in rows[:2]] == ["'=000000", "'=005000"]
    assert len(rows) == CUSTOMERS
    found = assign(run.analysis.segmentation.model, whole)
    ids = [*(ref.id for ref in run.analysis.segments), ""]
    assert [row["segment"] for row in rows] == [ids[place] for place in found.label]
    assert [row["second_segment"] for row in rows] == [ids[place] for place in found.second]
    margins = np.array([float(row["margin"] or "nan") for row in rows])
    np.testing.assert_allclose(margins, found.margin, atol=5.1e-5)
    page = re.sub(r"\s+", " ", (run.folder / "report.html").read_text(encoding="utf-8"))
    assert "30,000 customers are too many to be looked at one by one" in page
    assert f"rest on {len(run.analysis.customers.frame):,} of them" in page


def test_text_table_reads_the_same(table: Path, sampled: Analysis, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    duckdb.sql(f"COPY (FROM '{table}') TO '{path}' (FORMAT csv, HEADER)")
    again = read_customers(str(path), rg.load_config(input__sample=SAMPLE))
    pd.testing.assert_frame_equal(again.frame, sampled.customers.frame)
    assert again.count == CUSTOMERS


def test_rows_left_out_are_counted_in_the_whole_table() -> None:
    frame = _planted()
    frame.loc[3, "customer_id"] = None
    frame.loc[[5, 6], "total_spent"] = 0.0
    frame = pd.concat([frame, frame.iloc[[10, 11, 12]]])
    customers = read_customers(frame, rg.load_config(input__sample=SAMPLE))
    lines = {line.code: line.rows for line in customers.quality.reconciliation}
    assert lines == {"read": CUSTOMERS + 3, "no_key": 1, "duplicates": 3, "prospects": 2, "used": CUSTOMERS - 3}
    assert {finding.code for finding in customers.quality.findings} >= {"no_key", "duplicate_rows", "prospects"}


def test_ids_that_differ_are_refused_wherever_they_are() -> None:
    frame = _planted()
    frame.loc[100, "customer_id"] = frame.loc[101, "customer_id"]
    with pytest.raises(
        InputError, match=r"1 value of customer_id found in several rows that differ, such as 'C000101'"
    ):
        read_customers(frame, rg.load_config(input__sample=SAMPLE))


def _log() -> pd.DataFrame:
    """Lines of orders with guests, returns, cancelled orders, rows written twice, and lines that are alike."""
    rng = np.random.default_rng(8)
    lines, people = 40_000, 4_000
    order = np.sort(rng.integers(0, 15_000, lines))
    person = (order * 7_919) % people
    frame = pd.DataFrame({
        "order_id": (order + 500_000).astype(str),
        "customer_id": pd.Series((person + 10_000).astype(str)).mask(person % 41 == 0, "guest"),
        "order_date": pd.Timestamp("2023-01-02") + pd.to_timedelta((order * 31) % 700, "D"),
        "product_name": rng.choice(["mug", "lamp", "candle", "postage"], lines),
        "category": rng.choice(["Kitchen", "Light", "Décor"], lines),
        "quantity": np.where(rng.random(lines) < 0.03, -1, rng.integers(1, 4, lines)),
        "unit_price": np.round(rng.gamma(2, 4 + person % 3 * 6, lines) + 0.5, 2),
    })  # fmt: skip
    cancelled = order % 23 == 0
    frame.loc[cancelled, "order_id"] = "C" + frame.loc[cancelled, "order_id"]
    twice = frame[frame["order_id"].isin(frame["order_id"].unique()[40:60])]
    return pd.concat([frame, twice, frame.head(3)], ignore_index=True).sample(frac=1, random_state=1)


@pytest.fixture(scope="module")
def log() -> tuple[Customers, Customers]:
    frame = _log()
    return read_customers(frame, rg.load_config()), read_customers(frame, rg.load_config(input__sample=1_000))


def test_log_is_reconciled_the_same_whether_it_is_copied_or_not(log: tuple[Customers, Customers]) -> None:
    whole, large = log
    assert large.everyone is not None
    assert large.quality == whole.quality
    assert large.order_facts is not None
    assert whole.order_facts is not None
    for name in ("as_of", "first_day", "last_day", "memo", "category_label"):
        assert getattr(large.order_facts, name) == getattr(whole.order_facts, name)


def test_everyone_of_a_log_has_the_measures_of_a_log_that_is_held_as_a_whole(log: tuple[Customers, Customers]) -> None:
    whole, large = log
    assert large.everyone is not None
    everyone = large.everyone.frame.to_native().order("customer").df()
    assert large.count == len(whole.frame) == len(everyone)
    for name in everyone.columns:
        assert everyone[name].tolist() == whole.frame[name].tolist()


def test_orders_of_everyone_tell_what_each_customer_spent_in_its_own_last_year(
    log: tuple[Customers, Customers],
) -> None:
    whole, large = log
    assert large.everyone is not None
    assert large.everyone.orders is not None
    assert whole.order_facts is not None
    orders = large.everyone.orders.to_native().df().merge(whole.frame[["customer", "recency", "spend_own_year"]])
    days = (pd.Timestamp(whole.order_facts.as_of) - pd.to_datetime(orders["day"])).dt.days - orders["recency"]
    spent = orders[(days >= 0) & (days < 365)].groupby("customer")["net"].sum()
    known = whole.frame.set_index("customer")["spend_own_year"]
    assert spent.reindex(known.index).astype(float).tolist() == pytest.approx(known.tolist())


def test_sample_of_a_log_is_told_in_full(log: tuple[Customers, Customers]) -> None:
    whole, large = log
    chosen = whole.frame["customer"].isin(large.frame["customer"])
    assert 800 < chosen.sum() == len(large.frame) < 1_200
    names = [name for name in whole.frame if not name.startswith("share of")]
    pd.testing.assert_frame_equal(large.frame[names], whole.frame.loc[chosen, names].reset_index(drop=True))
    assert large.order_facts is not None
    assert whole.order_facts is not None
    revenue = [sum(month.revenue for month in one.order_facts.months) for one in log if one.order_facts]
    assert revenue[1] == pytest.approx(revenue[0], rel=1e-9)


@pytest.mark.parametrize("make", [_planted, _log], ids=["customers", "orders"])
def test_part_of_the_rows_tells_how_all_are_written(
    make: Callable[[], pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table.csv"
    make().to_csv(path, index=False)
    config = rg.load_config()
    whole = infer_schema(open_table(str(path)), config)
    monkeypatch.setattr(facts, "PROBED", 3_000)
    part = infer_schema(open_table(str(path)), config)
    assert part.kind == whole.kind
    for one, other in zip(part.columns, whole.columns, strict=True):
        assert (one.name, one.role, one.kind, one.format, one.filled) == (
            other.name,
            other.role,
            other.kind,
            other.format,
            other.filled,
        )
        unique = other.distinct == other.filled
        assert one.distinct == other.distinct if unique else one.distinct < one.filled


def test_table_in_the_order_of_its_ids_is_listed_alike(sampled: Analysis, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "sorted.parquet"
    _planted().sort_values("customer_id").to_parquet(path, row_group_size=4_000)
    customers = read_customers(str(path), rg.load_config(input__sample=SAMPLE))
    assert customers.everyone is not None
    listed = tmp_path / "list.csv"
    header = ("customer", "segment", "segment_name", "second_segment", "second_segment_name", "margin")
    write_everyone(dataclasses.replace(sampled, customers=customers), listed, header)
    assert listed.read_bytes().splitlines()[1:] == (run.folder / "customers.csv").read_bytes().splitlines()[1:]


def _sales() -> pd.DataFrame:
    frame = _log()
    return frame[(frame["quantity"] > 0) & ~frame["order_id"].str.startswith("C")]


def _long_orders() -> pd.DataFrame:
    frame = _log()
    return frame.assign(order_id=(frame["order_id"].str[-5:].astype(int) // 40).astype(str))


LOGS: dict[str, Callable[[], pd.DataFrame]] = {
    "only sales": _sales,
    "long orders": _long_orders,
    "no order numbers": lambda: _log().drop(columns="order_id"),
    "times and no order numbers": lambda: (
        _log().drop(columns="order_id").assign(order_date=lambda log: log["order_date"] + pd.Timedelta("9h"))
    ),
    "some order numbers": lambda: _log().assign(order_id=lambda log: log["order_id"].mask(log.index % 3 == 0)),
    "all copies are of guests": lambda: _sales().assign(
        customer_id=lambda log: log["customer_id"].mask(log.duplicated(keep=False), "guest")
    ),
}


@pytest.mark.parametrize("kind", LOGS)
def test_log_is_summed_up_the_same_whatever_its_rows_are_alike_in(kind: str) -> None:
    frame = LOGS[kind]()
    whole, large = (read_customers(frame, rg.load_config(input__sample=most)) for most in (200_000, 1_000))
    assert large.everyone is not None
    assert large.quality == whole.quality
    found = {line.code for line in whole.quality.reconciliation} | {one.code for one in whole.quality.findings}
    assert "guests" in found
    assert {"duplicates", "equal_rows"} & found
    everyone = large.everyone.frame.to_native().order("customer").df()
    for name in everyone.columns:
        assert everyone[name].tolist() == whole.frame[name].tolist()
    chosen = whole.frame["customer"].isin(large.frame["customer"])
    names = [name for name in whole.frame if not name.startswith("share of")]
    pd.testing.assert_frame_equal(large.frame[names], whole.frame.loc[chosen, names].reset_index(drop=True))


def test_rows_without_ids_are_numbered_as_in_the_file_and_sampled_by_their_values(tmp_path: Path) -> None:
    planted = _planted().drop(columns="customer_id")
    config = rg.load_config(input__sample=SAMPLE)
    for name, frame in (("one", planted), ("other", planted.sample(frac=1, random_state=2))):
        frame.to_parquet(tmp_path / f"{name}.parquet", index=False)
    held = read_customers(str(tmp_path / "one.parquet"), rg.load_config())
    large, other = (read_customers(str(tmp_path / f"{name}.parquet"), config) for name in ("one", "other"))
    assert large.everyone is not None
    assert abs(len(large.frame) - SAMPLE) < 4 * SAMPLE**0.5
    assert large.count == len(held.frame) == CUSTOMERS
    mine = held.frame[held.frame["customer"].isin(large.frame["customer"])]
    pd.testing.assert_frame_equal(large.frame, mine.reset_index(drop=True))
    values = large.frame.drop(columns="customer")
    pd.testing.assert_frame_equal(values, other.frame.drop(columns="customer"))
    everyone = large.everyone.frame.to_native().df().set_index("customer")["total_spent"]
    assert everyone.to_dict() == held.frame.set_index("customer")["total_spent"].to_dict()
