"""Tests and effect sizes against published and hand-made results; ids as in the reference collection."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from shared import MALL
from sklearn.datasets import load_iris

from reportgen.profiling.differences import (
    category_v,
    chi_square,
    cramers_v,
    eta_squared,
    holm_adjusted,
    kruskal_wallis,
    numeric_v,
)
from reportgen.segments.algorithms import kmeans


def mall_labels() -> tuple[pd.DataFrame, np.ndarray]:
    """The five known segments, ordered by income, then by spending."""
    table = pd.read_csv(MALL)
    table.columns = pd.Index(["id", "gender", "age", "income", "spending"])
    values = table[["income", "spending"]].to_numpy(float)
    labels = kmeans(values, 5, seed=1).labels
    income = [values[labels == place].mean(axis=0) for place in range(5)]
    by_income = sorted(range(5), key=lambda place: round(income[place][0]))
    low, middle, high = by_income[:2], by_income[2:3], by_income[3:]
    order = [*sorted(low, key=lambda p: -income[p][1]), *middle, *sorted(high, key=lambda p: -income[p][1])]
    return table, np.argsort(order)[labels]


def test_numeric_v_by_hand() -> None:  # worked.vtest_numeric
    v = numeric_v(np.arange(1.0, 11.0), np.array([0] * 4 + [1] * 6), 2)
    assert v[0] == pytest.approx(-2.5584085962673253, abs=1e-12)
    assert math.erfc(abs(v[0]) / math.sqrt(2)) == pytest.approx(0.010515245935858907, abs=1e-12)
    assert v[1] == pytest.approx(-v[0], abs=1e-12)


def test_category_v_by_hand() -> None:  # worked.vtest_category
    log_p, v = category_v(20, 8, 5, 4)
    assert (v, np.exp(log_p)) == pytest.approx((1.8705786311092116, 0.061403508771929835), abs=1e-9)


def test_category_v_stays_finite_where_p_underflows() -> None:  # worked.vtest_category_extreme
    log_p, v = category_v(100_000, 40_000, 30_000, 29_990)
    assert np.exp(log_p) == 0
    assert v == pytest.approx(277.41940527083733, abs=0.001)


AGE_V = [-4.832405095369332, 2.323743978364153, 3.229132595107729, -3.0682221580345415, 1.055778294388648]
FEMALE = [  # of the level in the segment, of the segment, of all (%), p, v
    (11.607142857142858, 59.09090909090909, 56.0, 0.7681323644984801, 0.2948187209367888),
    (12.5, 60.869565217391305, 56.0, 0.6298932164137476, 0.4818771539238029),
    (42.857142857142854, 59.25925925925926, 56.0, 0.4487674683288252, 0.757471442922245),
    (18.75, 53.84615384615385, 56.0, 0.763653209334401, -0.3006869652089678),
    (14.285714285714286, 45.714285714285715, 56.0, 0.1853201380911826, -1.3245509366684267),
]


def test_age_in_the_mall_segments() -> None:  # mall.k5.vtest.age, mall.k5.eta2.age
    table, labels = mall_labels()
    age = table["age"].to_numpy(float)
    assert sorted(numeric_v(age, labels, 5)) == pytest.approx(sorted(AGE_V), abs=1e-9)
    assert eta_squared(age, labels, 5) == pytest.approx(0.20233325096648558, abs=1e-9)
    expected = stats.kruskal(*(age[labels == place] for place in range(5)))
    found = kruskal_wallis(age, labels, 5)
    assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)


@pytest.mark.parametrize(("column", "eta2"), [("income", 0.793910438798305), ("spending", 0.8782475204231108)])
def test_eta_squared_of_the_columns_that_formed_the_mall_segments(column: str, eta2: float) -> None:
    table, labels = mall_labels()
    assert eta_squared(table[column].to_numpy(float), labels, 5) == pytest.approx(eta2, abs=1e-9)


def test_gender_in_the_mall_segments() -> None:  # mall.k5.gender_chi2, mall.k5.vtest_category.gender
    table, labels = mall_labels()
    female = (table["gender"] == "Female").to_numpy()
    counts = np.array([np.bincount(labels[level], minlength=5) for level in (female, ~female)])
    found = chi_square(counts, seed=1)
    assert (found.statistic, found.df, found.p) == pytest.approx((2.232060790078859, 4, 0.6931640962057115), abs=1e-9)
    assert not found.shuffled
    assert cramers_v(counts) == (pytest.approx(0.10564233976202106, abs=1e-9), 0.0)
    rows = []
    for place in range(5):
        both, drawn = int(counts[0, place]), int(counts[:, place].sum())
        log_p, v = category_v(200, 112, drawn, both)
        rows.append((100 * both / 112, 100 * both / drawn, 56.0, np.exp(log_p), v))
    for row, expected in zip(sorted(rows), sorted(FEMALE), strict=True):
        assert row == pytest.approx(expected, abs=1e-9)


IRIS_V = {  # iris.k3.vtest.*, segments by petal length
    0: [-8.757174259415619, 0.7235215248928911, 8.672595373732781],
    1: [7.3647988101683985, -7.28668122475948, 0.26761853955716375],
    2: [-11.263786988659009, 3.7010987479919146, 8.018165924038394],
    3: [-10.831410182958502, 3.1631680936325055, 8.15858175299442],
}
IRIS_ETA2 = [0.7220955086245503, 0.452101619855074, 0.9437725118337568, 0.8978718300678822]
IRIS_SPECIES = [  # iris.k3.vtest_category.species: (segment, species, p, v)
    (0, 0, 4.968040370318492e-41, 13.41457033404681),
    (0, 1, 5.012322727180754e-12, -6.9052269582788535),
    (1, 0, 5.792860202480217e-16, -8.093595996541513),
    (1, 1, 5.603002127288267e-24, 10.098611217500157),
    (1, 2, 0.019608789009274555, -2.333750520935421),
    (2, 0, 1.0248788154247752e-08, -5.726559410224793),
    (2, 1, 5.016654708397202e-06, -4.564090036850113),
    (2, 2, 8.519888410088083e-21, 9.35299671963579),
]


def test_iris() -> None:
    flowers = load_iris()
    found = kmeans(flowers.data, 3, seed=1).labels
    labels = np.argsort(np.argsort([flowers.data[found == place, 2].mean() for place in range(3)]))[found]
    for column, v in IRIS_V.items():
        assert numeric_v(flowers.data[:, column], labels, 3) == pytest.approx(v, abs=1e-8)
        assert eta_squared(flowers.data[:, column], labels, 3) == pytest.approx(IRIS_ETA2[column], abs=1e-9)
    for segment, species, p, v in IRIS_SPECIES:
        inside, level = labels == segment, flowers.target == species
        log_p, own = category_v(150, int(level.sum()), int(inside.sum()), int((inside & level).sum()))
        assert (np.exp(log_p), own) == pytest.approx((p, v), rel=1e-6)


def test_holm() -> None:  # vacmot.chi2_holm
    p = {
        "Obligation2": (7.10493008088906e-14, 4.973451056622342e-13),
        "Income": (0.00232931085802021, 0.013975865148121259),
        "Income2": (0.00233456157277881, 0.013975865148121259),
        "Relationship.Status": (0.00715855902005611, 0.02863423608022444),
        "State": (0.00750428163984743, 0.02863423608022444),
        "Occupation": (0.0359757542618217, 0.0719515085236434),
        "Gender": (0.527382857491176, 0.527382857491176),
    }
    raw, adjusted = zip(*p.values(), strict=True)
    assert holm_adjusted(raw) == pytest.approx(adjusted, rel=1e-6)
    assert holm_adjusted(raw[::-1]) == pytest.approx(adjusted[::-1], rel=1e-6)


def test_thin_tables_are_shuffled_and_agree_with_the_exact_test() -> None:
    table = np.array([[7, 1], [2, 8]])
    found = chi_square(table, seed=1)
    assert found.shuffled
    assert found.p == pytest.approx(stats.fisher_exact(table).pvalue, abs=0.02)
    assert chi_square(table, seed=1) == found


def test_bias_corrected_v_of_independent_columns_is_nought_and_of_equal_ones_is_one() -> None:
    assert cramers_v(np.array([[20, 20], [20, 20], [0, 0]])) == (0.0, 0.0)
    assert cramers_v(np.diag([50, 50, 50])) == pytest.approx((1.0, 1.0), abs=1e-12)
    assert cramers_v(np.array([[30, 20]])) == (0.0, 0.0)


@given(st.integers(2, 400), st.data())
def test_category_v_agrees_with_the_distribution(n: int, data: st.DataObject) -> None:
    level, drawn = data.draw(st.integers(1, n)), data.draw(st.integers(1, n))
    both = data.draw(st.integers(max(0, level + drawn - n), min(level, drawn)))
    log_p, v = category_v(n, level, drawn, both)
    law = stats.hypergeom(n, level, drawn)
    here = law.pmf(both)
    expected = min(2 * law.cdf(both - 1) + here, 2 * law.sf(both) + here, 1.0)
    assert np.exp(log_p) == pytest.approx(expected, rel=1e-6, abs=1e-12)
    above = both * n - level * drawn
    assert above == 0 or np.sign(np.round(v, 9)) in (0, np.sign(above))  # exactly as many as expected: either sign


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 3)), min_size=5, max_size=60), st.randoms())
def test_the_order_of_rows_changes_no_bit(rows: list[tuple[int, int]], shuffler: object) -> None:
    def everything(pairs: list[tuple[int, int]]) -> tuple[object, ...]:
        values, labels = np.array([a / 7 for a, _ in pairs]), np.array([b for _, b in pairs])
        v = numeric_v(values, labels, 4)
        return v.tobytes(), eta_squared(values, labels, 4), kruskal_wallis(values, labels, 4)

    mixed = list(rows)
    shuffler.shuffle(mixed)  # type: ignore[attr-defined]
    assert repr(everything(mixed)) == repr(everything(rows))
