"""Stability and gap against published results (fpc, flexclust, clusGap), at tolerances that cover seeds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from reportgen.segments import lloyd
from reportgen.segments.algorithms import crosstab, kmeans
from reportgen.segments.evidence import resampling_sample
from reportgen.segments.gap import uniform_sets
from reportgen.segments.resample import bootstrap, clusterboot, prediction_strength, sls_a

from .grids import iris, mall, wine

DATA = {"iris": iris(), "wine": wine(), "mall": mall(2)}
SAMPLES = {name: resampling_sample(z, 1).x for name, z in DATA.items()}


def labels(data: str, k: int) -> np.ndarray:
    return kmeans(DATA[data], k, seed=1).labels


@pytest.mark.parametrize(
    ("data", "k", "published", "tolerance"),
    [
        ("iris", 2, 0.978, 0.05),
        ("iris", 3, 0.7922, 0.09),
        ("iris", 4, 0.5745, 0.05),
        ("wine", 3, 0.8496, 0.04),
        ("mall", 2, 0.5606, 0.05),
        ("mall", 3, 0.9605, 0.05),
        ("mall", 4, 0.6796, 0.05),
        ("mall", 5, 0.8499, 0.05),
        ("mall", 6, 0.6181, 0.05),
    ],
)
def test_prediction_strength(data, k, published, tolerance):
    assert prediction_strength(SAMPLES[data], k, 200, [1]).mean() == pytest.approx(published, abs=tolerance)


@pytest.mark.parametrize(
    ("data", "k", "published", "tolerance"),
    [
        ("iris", 2, 0.00541, 0.006),
        ("iris", 3, 0.0274, 0.016),
        ("wine", 3, 0.02188, 0.008),
        ("mall", 2, 0.1655, 0.03),
        ("mall", 3, 0.00926, 0.012),
        ("mall", 4, 0.04618, 0.012),
        ("mall", 5, 0.00807, 0.012),
        ("mall", 6, 0.02464, 0.012),
    ],
)
def test_instability(data, k, published, tolerance):
    found = bootstrap(SAMPLES[data], labels(data, k), k, 1, 100)
    assert found.instability == pytest.approx(published, abs=tolerance)


@pytest.mark.parametrize(
    ("data", "k", "column", "published", "tolerance"),
    [
        ("iris", 3, 2, [1.0, 0.962, 0.952], 0.04),
        ("wine", 3, None, [0.961, 0.975, 0.981], 0.03),
        ("mall", 5, 0, [0.989, 0.981, 0.978, 1.0, 0.971], 0.03),
    ],
)
def test_clusterboot_jaccard(data, k, column, published, tolerance):
    fit = kmeans(DATA[data], k, seed=1)
    found = np.nanmean(clusterboot(SAMPLES[data], fit.labels, k, 1), axis=0)
    order = np.argsort(found) if column is None else np.argsort(fit.centres[:, column])
    np.testing.assert_allclose(found[order], published, atol=tolerance)


def test_sls_w_and_agreement_of_the_mall_segments():
    found = bootstrap(SAMPLES["mall"], labels("mall", 5), 5, 1, 100)
    np.testing.assert_allclose(found.sls_w, [0.98, 0.98, 0.974, 1.0, 0.967], atol=0.03)
    assert found.agreement == pytest.approx(0.9587, abs=0.02)
    assert 3 <= (found.loyalty < 0.80).sum() <= 8  # 5 customers in method.md section 5


def test_sls_a_of_given_tables():
    assert sls_a(np.array([[50, 0, 10], [0, 40, 30]])) == pytest.approx([1, 1, 0.18872187554086717], abs=1e-12)
    assert sls_a(np.array([[115, 38, 0], [8, 0, 39]])) == pytest.approx([0.6528623715599727, 1, 1], abs=1e-9)
    table = np.array([[78, 23, 0, 0, 0], [0, 0, 22, 0, 0], [2, 0, 0, 36, 0], [0, 0, 0, 0, 39]])
    assert sls_a(table) == pytest.approx([0.9156695342516649, 1, 1, 1, 1], abs=1e-9)
    assert sls_a(np.array([[120, 80]])) == pytest.approx([1, 1])


def test_sls_a_of_iris():
    table = crosstab(labels("iris", 3), labels("iris", 4), 3, 4)
    found = sorted(sls_a(table))
    assert found == pytest.approx([0.615233606827339, 1, 1, 1], abs=1e-8)


def log_dispersion(z: np.ndarray, partition: np.ndarray) -> float:
    """ln W_k of clusGap with plain distances: half the sum over segments of the pairs' distances over the size."""
    groups = [z[partition == q] for q in range(partition.max() + 1)]
    return float(np.log(0.5 * sum(pdist(group).sum() / len(group) for group in groups)))


@pytest.mark.parametrize(
    ("data", "published", "tolerance"),
    [
        ("mall", [7.726954, 7.505361, 7.217243, 7.025623, 6.784776, 6.708467], 1e-5),
        ("iris", [4.551641707, 3.808397334, 3.519406751, 3.368123648, 3.277032633, 3.181007, 3.112054943], 0.007),
    ],
)
def test_dispersion_within_segments(data, published, tolerance):
    found = [log_dispersion(DATA[data], labels(data, k)) for k in range(1, len(published) + 1)]
    assert found == pytest.approx(published, abs=tolerance)


def test_the_reference_sets_of_the_gap_are_those_of_clusgap():
    """mall.2col.gap (plain distances, 500 sets) with 60 of our reference sets."""
    x, published = SAMPLES["mall"], [0.3563, 0.2626, 0.3351, 0.3406, 0.4592, 0.4316]
    sets = lloyd.equal_weights(uniform_sets(x, 60, 1))
    for k, gap in enumerate(published, start=1):
        centres = lloyd.best_centres(sets, k, 10, np.random.default_rng(k))
        partitions = lloyd.labels_of(sets.x, centres[:, None])[:, 0]
        null = np.mean([log_dispersion(set_, own) for set_, own in zip(sets.x, partitions, strict=True)])
        assert null - log_dispersion(x, labels("mall", k)) == pytest.approx(gap, abs=0.02)
