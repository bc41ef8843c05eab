"""k-means: the laws of a solution, and that resamples run in one array give what single runs give."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import ROOT
from sklearn.metrics import silhouette_samples

from reportgen.errors import InputError
from reportgen.segments import lloyd
from reportgen.segments.algorithms import adjusted_rand, assign_rows, crosstab, distinct_rows, kmeans, sample_rows
from reportgen.segments.criteria import rough_silhouette, silhouettes
from reportgen.segments.resample import Bootstrap, prediction_strength

from .grids import by_row, mall, planted


def inertia(z: np.ndarray, labels: np.ndarray) -> float:
    return sum(((z[labels == q] - z[labels == q].mean(axis=0)) ** 2).sum() for q in set(labels.tolist()))


@given(st.integers(0, 10_000), st.integers(2, 3))
@settings(max_examples=20, deadline=None)
def test_on_few_points_no_partition_is_better(seed, k):
    z = by_row(np.random.default_rng(seed).normal(size=(7, 2)))
    best = min(
        inertia(z, np.array(labels))
        for labels in itertools.product(range(k), repeat=len(z))
        if len(set(labels)) == k and labels[0] == 0
    )
    assert kmeans(z, k, seed=1).inertia == pytest.approx(best, rel=1e-9)


@given(st.integers(0, 10_000), st.integers(2, 6), st.booleans())
@settings(max_examples=25, deadline=None)
def test_a_solution_is_a_partition_into_nearest_means_that_no_single_move_improves(seed, k, lattice):
    z = np.random.default_rng(seed).normal(size=(60, 2))
    z = by_row(np.round(z) if lattice else z)
    fit = kmeans(z, k, seed=1)
    nearest, squared = assign_rows(z, fit.centres)
    assert fit.sizes.min() >= 1
    assert (nearest == fit.labels).all()
    for q in range(k):
        np.testing.assert_allclose(fit.centres[q], z[fit.labels == q].mean(axis=0), atol=1e-12)
    sizes = fit.sizes.astype(float)
    stay = squared[np.arange(60), fit.labels] * np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 0)[fit.labels]
    go = squared * (sizes / (sizes + 1))
    go[np.arange(60), fit.labels] = np.inf
    assert (go.min(axis=1) >= stay * (1 - 1e-9)).all()


def test_centres_are_sorted_so_that_numbers_mean_the_same_in_every_run():
    centres = kmeans(mall(2), 6, seed=1).centres
    assert centres.tolist() == sorted(centres.tolist())


def test_identical_customers_share_a_segment():
    z = by_row(np.repeat(np.random.default_rng(1).normal(size=(40, 2)), 3, axis=0))
    labels = kmeans(z, 5, seed=1).labels.reshape(40, 3)
    assert (labels == labels[:, :1]).all()


def test_more_segments_than_different_customers_are_refused():
    z = np.repeat([[0.0, 0.0], [1.0, 1.0]], 50, axis=0)
    with pytest.raises(InputError, match="only 2 customers differ"):
        kmeans(z, 3, seed=1)
    assert kmeans(z, 2, seed=1).inertia == 0
    assert kmeans(z, 2, seed=1).start_share == 1
    assert distinct_rows(z, 2) == 2


def test_one_segment_is_the_mean():
    fit = kmeans(mall(2), 1, seed=1)
    np.testing.assert_allclose(fit.centres[0], mall(2).mean(axis=0))


@pytest.mark.slow
def test_a_large_table_is_fitted_on_all_rows():
    z = planted(4, 30_000, 3, 5.0, seed=2)
    fit = kmeans(z, 4, seed=1)
    assert (assign_rows(z, fit.centres)[0] == fit.labels).all()
    assert fit.inertia == pytest.approx(inertia(z, fit.labels))
    assert fit.inertia == pytest.approx(kmeans(z, 4, seed=2).inertia, rel=1e-6)


def test_a_sample_is_sorted_and_without_repeats():
    rows = sample_rows(1_000, 100, 1)
    assert len(set(rows.tolist())) == 100
    assert (np.diff(rows) > 0).all()
    assert sample_rows(50, 100, 1).tolist() == list(range(50))


def test_many_data_sets_at_once_give_what_each_gives_alone():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(5, 40, 3))
    seeds = lloyd.seed_centres(lloyd.equal_weights(x), 4, 3, np.random.default_rng(2))
    together = lloyd.run(lloyd.equal_weights(x), seeds)
    for g in range(5):
        alone = lloyd.run(lloyd.equal_weights(x[g : g + 1]), seeds[g : g + 1])
        np.testing.assert_allclose(together.centres[g], alone.centres[0], atol=1e-12)
        np.testing.assert_allclose(together.inertia[g], alone.inertia[0], atol=1e-9)


def test_a_weight_counts_like_repeats_and_weight_zero_not_at_all():
    x = np.random.default_rng(1).normal(size=(30, 2))
    weight = np.random.default_rng(2).integers(0, 3, 30)
    start = x[None, None, [0, 10, 20]]
    weighted = lloyd.run(lloyd.Points(x[None], weight[None].astype(float)), start)
    repeated = lloyd.run(lloyd.equal_weights(np.repeat(x, weight, axis=0)[None]), start)
    np.testing.assert_allclose(weighted.centres, repeated.centres, atol=1e-12)
    np.testing.assert_allclose(weighted.inertia, repeated.inertia)


def test_seeding_never_draws_points_of_weight_zero_while_there_are_others():
    x = np.arange(12.0).reshape(1, 12, 1)
    weight = np.array([[1.0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]])
    seeds = lloyd.seed_centres(lloyd.Points(x, weight), 4, 50, np.random.default_rng(1))
    assert {tuple(sorted(start)) for start in seeds[0, :, :, 0].tolist()} == {(0.0, 3.0, 6.0, 9.0)}


def test_silhouettes_are_those_of_scikit_learn_also_for_singletons():
    z = np.random.default_rng(1).normal(size=(80, 3))
    coarse, fine = kmeans(z, 3, seed=1).labels, kmeans(z, 12, seed=1).labels.copy()
    fine[0] = 12  # a segment of its own
    for found, labels in zip(silhouettes(z, [coarse, fine]), (coarse, fine), strict=True):
        np.testing.assert_allclose(found, silhouette_samples(z, labels), atol=1e-12)
        assert rough_silhouette(z, labels) == pytest.approx(found.mean(), abs=1e-4)


def test_separated_groups_have_prediction_strength_one():
    z = np.concatenate(
        [np.random.default_rng(1).normal(size=(30, 2)), np.random.default_rng(2).normal(size=(30, 2)) + 50]
    )
    assert prediction_strength((z / 50).astype(np.float32), 2, 10, [1]).tolist() == [1.0] * 10


def test_instability_and_agreement_by_hand():
    labels = np.array([[0, 0, 1, 1], [0, 1, 1, 1]], np.int8)  # one pair: {01}{23} and {0}{123}
    found = Bootstrap(np.array([0, 0, 1, 1]), labels, 2)
    assert found.instability == pytest.approx((4 + 4 - (1 + 1 + 0 + 4)) / 16)
    assert found.agreement == pytest.approx(0.0)
    assert found.sls_w == pytest.approx([(1 + 1 / 2) / 2, (1 + 2 / 3) / 2])
    assert found.loyalty.tolist() == [1.0, 0.5, 1.0, 1.0]


SCRIPT = """
import hashlib, numpy as np
from reportgen.settings import SegmentsConfig
from reportgen.segments.algorithms import kmeans
from reportgen.segments.choose import choose_k
z = np.random.default_rng(1).normal(size=(1500, 6))
found = choose_k(z[np.lexsort(z.T)], SegmentsConfig(), k_max=4)
bits = repr((found.choice, found.verdict)).encode() + found.fit.centres.tobytes()
bits += kmeans(np.random.default_rng(2).normal(size=(11_000, 4)), 5, seed=1).centres.tobytes()
print(hashlib.sha256(bits).hexdigest())
"""


@pytest.mark.slow
def test_the_number_of_threads_changes_no_bit():
    def run(threads: str) -> str:
        environment = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        command = [sys.executable, "-c", SCRIPT]
        return subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    assert run("1") == run("2")


@pytest.mark.parametrize("axis", [0, 1])
def test_an_earlier_division_goes_on_where_it_is_as_good(axis: int) -> None:
    side = np.linspace(0.0, 1.0, 14)
    square = np.array([(x, y) for x in side for y in side])
    earlier = (square[:, axis] > 0.5).astype(np.int64)
    fit = kmeans(square, 2, seed=1, earlier=earlier)
    assert adjusted_rand(crosstab(fit.labels, earlier, 2, 2)) == 1.0


def test_an_earlier_division_that_is_worse_is_given_up() -> None:
    rng = np.random.default_rng(3)
    blobs = np.concatenate([rng.normal(centre, 0.1, (60, 2)) for centre in ((0, 0), (1, 0), (20, 0))])
    planted = np.repeat([0, 1, 2], 60)
    worse = np.where(blobs[:, 0] < 10, 0, np.where(blobs[:, 1] > 0, 1, 2))  # Lloyd does not get out of it
    assert adjusted_rand(crosstab(kmeans(blobs, 3, seed=1, earlier=worse).labels, planted, 3, 3)) == 1.0
