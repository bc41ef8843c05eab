"""Measures of k-means solutions, their evidence and their descriptions, by the product's own functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from reportgen.profiling.effects import Reference as Everyone
from reportgen.profiling.effects import effect_against, skewness
from reportgen.segments.algorithms import adjusted_rand, crosstab
from reportgen.segments.calibration import valleys_between
from reportgen.segments.choose import choose_k
from reportgen.segments.criteria import (
    calinski_harabasz,
    davies_bouldin,
    neighbour_similarity,
    shadow_values,
    silhouettes,
)
from reportgen.segments.evidence import resampling_sample
from reportgen.segments.projection import principal_axes
from reportgen.segments.recipe import to_numbers
from reportgen.segments.resample import Bootstrap, bootstrap, clusterboot, prediction_strength, sls_a
from reportgen.selfcheck.bench import SEED, Bench, Floats
from reportgen.selfcheck.references import Reference
from reportgen.settings import SegmentsConfig


def wss(bench: Bench, reference: Reference) -> float:
    """Within-cluster sum of squares."""
    return bench.fit(reference).inertia


def _silhouettes(bench: Bench, reference: Reference) -> Floats:
    return silhouettes(bench.matrix(reference), [bench.fit(reference).labels])[0]


def silhouette(bench: Bench, reference: Reference) -> float:
    """Mean silhouette of all rows."""
    return float(_silhouettes(bench, reference).mean())


def segment_silhouettes(bench: Bench, reference: Reference) -> list[float]:
    """Mean silhouette per segment."""
    return _by_segment(bench, reference, _silhouettes(bench, reference))


def _by_segment(bench: Bench, reference: Reference, values: Floats) -> list[float]:
    fit = bench.fit(reference)
    return [float(values[fit.labels == label].mean()) for label in bench.order(reference, fit)]


def sizes(bench: Bench, reference: Reference) -> list[int]:
    """Members of each segment."""
    fit = bench.fit(reference)
    return [int(fit.sizes[label]) for label in bench.order(reference, fit)]


def centres(bench: Bench, reference: Reference) -> list[list[float]]:
    """Centres of the segments."""
    fit = bench.fit(reference)
    return [[float(value) for value in fit.centres[label]] for label in bench.order(reference, fit)]


def criterion_ch(bench: Bench, reference: Reference) -> float | None:
    """Calinski–Harabasz."""
    z, fit = bench.matrix(reference), bench.fit(reference)
    return calinski_harabasz(float(((z - z.mean(axis=0)) ** 2).sum()), fit.inertia, len(z), fit.k)


def criterion_db(bench: Bench, reference: Reference) -> float | None:
    """Davies–Bouldin."""
    fit = bench.fit(reference)
    return davies_bouldin(bench.matrix(reference), fit.labels, fit.centres)


def _shadows(bench: Bench, reference: Reference) -> Floats:
    return shadow_values(bench.matrix(reference), bench.fit(reference).centres)


def shadow_means(bench: Bench, reference: Reference) -> list[float]:
    """Mean shadow value per segment."""
    return _by_segment(bench, reference, _shadows(bench, reference))


def borderline(bench: Bench, reference: Reference) -> int:
    """Customers with a shadow value of .90 or more."""
    return int((_shadows(bench, reference) >= 0.90).sum())


def simplified_silhouette(bench: Bench, reference: Reference) -> float:
    """Mean of 1 - d1/d2, from the shadow values 2 d1 / (d1 + d2)."""
    shadow = _shadows(bench, reference)
    return float(np.mean(1 - shadow / (2 - shadow)))


def similarity(bench: Bench, reference: Reference) -> list[list[float]]:
    """Segment neighbour matrix."""
    fit = bench.fit(reference)
    order = bench.order(reference, fit)
    table = neighbour_similarity(bench.matrix(reference), fit.centres)[np.ix_(order, order)]
    return [[float(value) for value in row] for row in table]


def _effects(bench: Bench, reference: Reference) -> list[tuple[float, float]]:
    """Return d and z of every segment, without clipping."""
    values, fit = bench.column(reference), bench.fit(reference)
    everyone = _everyone(values)
    return [effect_against(everyone, values[fit.labels == label]) for label in bench.order(reference, fit)]


def _everyone(values: Floats) -> Everyone:
    return Everyone(len(values), float(values.mean()), float(values.std()), float(values.min()), float(values.max()))


def v_tests(bench: Bench, reference: Reference) -> list[float]:
    """v-test of each segment's mean (Lebart, Morineau & Piron)."""
    return [z for _, z in _effects(bench, reference)]


def v_test_worked(_: Bench, reference: Reference) -> float:
    """v-test of given members (counted from 1) among given values."""
    values = np.array(reference.settings["x"])
    return effect_against(_everyone(values), values[np.array(reference.settings["members"]) - 1])[1]


def eta_squared(bench: Bench, reference: Reference) -> float:
    """Share of a column's variance between segments: the effects d squared, weighted by size."""
    fit = bench.fit(reference)
    shares = fit.sizes[bench.order(reference, fit)] / len(fit.labels)
    return float(sum(share * d**2 for share, (d, _) in zip(shares, _effects(bench, reference), strict=True)))


def agreement_with_labels(bench: Bench, reference: Reference) -> float:
    """Adjusted Rand index of the segments and a column of labels."""
    names, codes = np.unique(bench.table(reference.data)[reference.settings["of"]], return_inverse=True)
    fit = bench.fit(reference)
    return adjusted_rand(crosstab(fit.labels, codes, fit.k, len(names)))


def agreement_of_scales(bench: Bench, reference: Reference) -> float:
    """Adjusted Rand index of the segments on z-scores and on raw columns."""
    one, other = (bench.fit(reference, scale=scale) for scale in ("standard", "none"))
    return adjusted_rand(crosstab(one.labels, other.labels, one.k, other.k))


def sls_a_of_fits(bench: Bench, reference: Reference) -> list[float]:
    """SLS_A of the segments of k, whose parents are those of k - 1."""
    child, parent = bench.fit(reference), bench.fit(reference, k=reference.settings["k"] - 1)
    stability = sls_a(crosstab(parent.labels, child.labels, parent.k, child.k))
    return [float(stability[label]) for label in bench.order(reference, child)]


def sls_a_of_tables(_: Bench, reference: Reference) -> list[list[float]]:
    """SLS_A of the columns of given tables."""
    return [[float(value) for value in sls_a(np.array(table))] for table in reference.settings["tables"]]


def variance_shares(bench: Bench, reference: Reference) -> list[float]:
    """Shares of variance of all principal components, or of as many as were printed."""
    shares = principal_axes(bench.matrix(reference))[0]
    return [float(share) for share in shares[: len(reference.expected)]]


def axes(bench: Bench, reference: Reference) -> list[list[float]]:
    """Principal axes as rows."""
    return [[float(value) for value in axis] for axis in principal_axes(bench.matrix(reference))[1].T]


def skewness_raw_and_log(bench: Bench, reference: Reference) -> list[list[float]]:
    """Skewness of columns and of their natural logarithms."""
    table = bench.table(reference.data)
    columns = [to_numbers(table[name]) for name in reference.settings["columns"]]
    return [[skewness(values) for values in columns], [skewness(np.log(values)) for values in columns]]


def strength(bench: Bench, reference: Reference) -> float:
    """Mean prediction strength."""
    settings = reference.settings
    x = resampling_sample(bench.matrix(reference), SEED).x
    return float(prediction_strength(x, settings["k"], settings["splits"], [SEED]).mean())


def _bootstrap(bench: Bench, reference: Reference) -> Bootstrap:
    fit = bench.fit(reference)
    x = resampling_sample(bench.matrix(reference), SEED).x
    return bootstrap(x, fit.labels, fit.k, SEED, reference.settings["samples"])


def instability(bench: Bench, reference: Reference) -> float:
    """Instability over bootstrap pairs."""
    return _bootstrap(bench, reference).instability


def bootstrap_agreement(bench: Bench, reference: Reference) -> float:
    """Mean adjusted Rand index over bootstrap pairs."""
    return _bootstrap(bench, reference).agreement


def sls_w(bench: Bench, reference: Reference) -> list[float]:
    """Segment-level stability within k."""
    stability = _bootstrap(bench, reference).sls_w
    return [float(stability[label]) for label in bench.order(reference, bench.fit(reference))]


def jaccards(bench: Bench, reference: Reference) -> list[float]:
    """Mean Jaccard of every segment over bootstrap samples."""
    fit = bench.fit(reference)
    x = resampling_sample(bench.matrix(reference), SEED).x
    means = clusterboot(x, fit.labels, fit.k, SEED, reference.settings["samples"]).mean(axis=0)
    return [float(means[label]) for label in bench.order(reference, fit)]


def largest_strong_k(bench: Bench, reference: Reference) -> int:
    """Largest k with a prediction strength above .80."""
    x = resampling_sample(bench.matrix(reference), SEED).x
    ks = range(2, reference.settings["k_max"] + 1)
    return max(k for k in ks if prediction_strength(x, k, 50, [SEED]).mean() > 0.80)


def valleys(bench: Bench, reference: Reference) -> list[float]:
    """Valley ratio of every pair of neighbouring segments, ascending."""
    fit = bench.fit(reference)
    return [valley.ratio for valley in valleys_between(bench.matrix(reference), fit.labels, fit.centres)]


def verdict(bench: Bench, reference: Reference) -> dict[str, Any]:
    """Number of segments and verdict, with the figures behind it."""
    chosen = choose_k(bench.matrix(reference), SegmentsConfig(), k_max=reference.settings["k_max"])
    judged, dependable = chosen.verdict, chosen.choice.dependable
    evidence = {row.k: row for row in chosen.choice.evidence}
    return {
        "k": chosen.choice.k if dependable else None,
        "verdict": judged.kind if dependable else "no dependable segments",
        "silhouette": judged.silhouette,
        "null_mean": judged.null_silhouette,
        "null_max": judged.null_silhouette_max,
        "valley_max": max(valley.ratio for valley in judged.valleys),
        "prediction_strength": evidence[chosen.choice.k].prediction_strength,
    }


MEASURES = {
    "agreement_of_scales": agreement_of_scales,
    "agreement_with_labels": agreement_with_labels,
    "axes": axes,
    "bootstrap_agreement": bootstrap_agreement,
    "borderline": borderline,
    "calinski_harabasz": criterion_ch,
    "centres": centres,
    "clusterboot": jaccards,
    "davies_bouldin": criterion_db,
    "eta_squared": eta_squared,
    "instability": instability,
    "largest_strong_k": largest_strong_k,
    "neighbour_similarity": similarity,
    "prediction_strength": strength,
    "segment_silhouettes": segment_silhouettes,
    "shadow_means": shadow_means,
    "silhouette": silhouette,
    "simplified_silhouette": simplified_silhouette,
    "sizes": sizes,
    "skewness_raw_and_log": skewness_raw_and_log,
    "sls_a_of_fits": sls_a_of_fits,
    "sls_a_of_tables": sls_a_of_tables,
    "sls_w": sls_w,
    "v_test_worked": v_test_worked,
    "v_tests": v_tests,
    "valleys": valleys,
    "variance_shares": variance_shares,
    "verdict": verdict,
    "wss": wss,
}
"""Measures by the name that references.json gives them."""
