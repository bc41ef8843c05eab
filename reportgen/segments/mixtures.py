"""Groups of any ellipse (Gaussian mixture) and classes of answers (Bernoulli mixture), fitted from many starts."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from reportgen.segments.algorithms import sample_rows
from reportgen.segments.scoring import ScoringRule

Floats = NDArray[np.float64]
Fit = TypeVar("Fit")

NEAR = 1e-3  # starts whose log-likelihood per customer is this close to the best found the same solution
STEPS, PRECISION = 1_000, 1e-6
SOFTEST = 1e-4  # no answer is impossible in a class: a share of 0 would rule a customer out by one answer
SMALLEST_VARIANCE = 1e-6
START_ROWS = 3_000  # starts are compared on at most so many rows; the best continues on all


@dataclass(frozen=True)
class Mixture:
    """A fitted mixture: the rule that assigns, lnL of the (n, p) rows it was fitted on, and how hard it was to find.

    ``bic`` = -2 lnL + df ln n (Schwarz 1978); ``icl`` adds twice the entropy of the memberships (Biernacki, Celeux &
    Govaert 2000), so that only groups count, not bends of one group.
    """

    rule: ScoringRule
    log_likelihood: float
    bic: float
    icl: float
    starts: int
    start_share: float


def gaussian_mixture(z: Floats, k: int, seed: int, starts: int = 20, shape: str = "full") -> Mixture:
    """Fit a Gaussian mixture to (n, p) rows: ``shape`` "full" (an ellipse per segment) or "spherical".

    The first start comes from k-means, the others from k-means++ seeds.
    """
    spread = np.where(z.std(axis=0) > 0, z.std(axis=0), 1.0)  # so that the smallest variance is small on any scale
    x = z / spread
    sample = x[sample_rows(len(x), START_ROWS, seed)]

    def fit(start: int) -> tuple[float, GaussianMixture]:
        init = "kmeans" if start == 0 else "k-means++"
        model = _gaussian(sample, k, shape, init_params=init, random_state=(seed + 7919 * start) % 2**32)
        return float(model.lower_bound_), model

    (_, model), share = _best(fit, starts)
    if len(sample) < len(x):
        known = {"weights_init": model.weights_, "means_init": model.means_, "precisions_init": model.precisions_}
        model = _gaussian(x, k, shape, random_state=0, **known)
    p = x.shape[1]
    precise = model.precisions_cholesky_
    factors = precise if shape == "full" else precise[:, None, None] * np.eye(p)
    heights = -2 * (np.log(model.weights_) + np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1))
    rule = ScoringRule(model.means_ * spread, factors / spread[:, None], heights - heights.min())
    parameters = k - 1 + k * p + (k * p * (p + 1) // 2 if shape == "full" else k)
    likelihood = model.score_samples(x) - np.log(spread).sum()
    return _mixture(rule, likelihood, model.predict_proba(x), parameters, (starts, share))


def _gaussian(z: Floats, k: int, shape: str, **start: Any) -> GaussianMixture:
    model = GaussianMixture(k, covariance_type=shape, reg_covar=SMALLEST_VARIANCE, max_iter=STEPS, **start)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(z)


def bernoulli_mixture(z: Floats, k: int, seed: int, starts: int = 25) -> Mixture:
    """Fit latent classes of yes/no answers, (n, p) with two values per column, by EM (McLachlan & Peel 2000, 1.9).

    A class is a share of customers and the share of its members who say yes to each question; answers are independent
    within a class. Degrees of freedom: k p + k - 1. The centres lie on the scale of ``z``.
    """
    low, high = z.min(axis=0), z.max(axis=0)
    said = z > low
    sample = Answers.count(said[sample_rows(len(z), START_ROWS, seed)])

    def fit(start: int) -> tuple[float, Classes]:
        members = np.random.default_rng([seed, k, 31, start]).dirichlet(np.ones(k), len(sample.times))
        trail, classes = expectation_maximisation(sample, members)
        return trail[-1] / float(sample.times.sum()), classes

    (_, classes), share = _best(fit, starts)
    if len(z) > START_ROWS:
        everyone = Answers.count(said)
        classes = expectation_maximisation(everyone, _weighed(_joint(everyone.yes, classes))[0])[1]
    members, likelihood = _weighed(_joint(said.astype(np.float64), classes))
    rule = _quadratic(classes, low, np.where(high > low, high - low, 1.0))
    parameters = k * z.shape[1] + k - 1
    return _mixture(rule, likelihood, members, parameters, (starts, share))


@dataclass(frozen=True)
class Answers:
    """The m different answers to p questions, ``yes`` (m, p) of 0 and 1, each given ``times`` (m,) times."""

    yes: Floats
    times: Floats

    @classmethod
    def count(cls, said: NDArray[np.bool_]) -> Answers:
        """Count the different rows of (n, p) answers."""
        yes, times = np.unique(said, axis=0, return_counts=True)
        return cls(yes.astype(np.float64), times.astype(np.float64))


@dataclass(frozen=True)
class Classes:
    """``weights`` (k,): shares of customers; ``shares`` (k, p): shares of a class who say yes."""

    weights: Floats
    shares: Floats


def expectation_maximisation(answers: Answers, members: Floats) -> tuple[list[float], Classes]:
    """Run EM from the memberships (m, k) of the different answers; return lnL after every step, which never falls."""
    trail: list[float] = []
    while True:
        counted = members * answers.times[:, None]
        sizes = counted.sum(axis=0)
        weights = np.maximum(sizes / answers.times.sum(), 1e-12)
        shares = (counted.T @ answers.yes) / np.maximum(sizes, 1e-12)[:, None]
        classes = Classes(weights, np.clip(shares, SOFTEST, 1 - SOFTEST))
        members, likelihood = _weighed(_joint(answers.yes, classes))
        trail.append(float(answers.times @ likelihood))
        if len(trail) == STEPS or (len(trail) > 1 and trail[-1] - trail[-2] < PRECISION):
            return trail, classes


def _weighed(joint: Floats) -> tuple[Floats, Floats]:
    """Return the memberships (m, k) and the log of the density (m,)."""
    top = joint.max(axis=1, keepdims=True)
    parts = np.exp(joint - top)
    total = parts.sum(axis=1, keepdims=True)
    return parts / total, (top + np.log(total))[:, 0]


def _joint(yes: Floats, classes: Classes) -> Floats:
    """Log of share of class times probability of the answers in it, (m, k)."""
    shares = classes.shares
    return np.asarray(np.log(classes.weights) + yes @ np.log(shares).T + (1 - yes) @ np.log1p(-shares).T)


def _quadratic(classes: Classes, low: Floats, span: Floats) -> ScoringRule:
    """Write -2 ln(share x probability) as offset + sum of a (y - t)^2, which is exact for answers y of 0 and 1.

    a (1 - t)^2 - a t^2 = 2 ln((1 - t) / t) gives a = 2 ln((1 - t) / t) / (1 - 2 t), 4 at t = 1/2.
    """
    weights, shares = classes.weights, classes.shares
    odd = 1 - 2 * shares
    level = np.abs(odd) < 1e-6
    steep = np.where(level, 4.0, 2 * (np.log1p(-shares) - np.log(shares)) / np.where(level, 1.0, odd))
    heights = -2 * (np.log(weights) + np.log1p(-shares).sum(axis=1)) - (steep * shares**2).sum(axis=1)
    factors = (np.sqrt(steep) / span)[:, :, None] * np.eye(shares.shape[1])
    return ScoringRule(low + shares * span, factors, heights - heights.min())


def _best(fit: Callable[[int], tuple[float, Fit]], starts: int) -> tuple[tuple[float, Fit], float]:
    """Return the start of largest log-likelihood per customer, and the share of starts that reach it."""
    fits = [fit(start) for start in range(starts)]
    reached = np.array([value for value, _ in fits])
    return fits[int(reached.argmax())], float(np.mean(reached >= reached.max() - NEAR))


def _mixture(
    rule: ScoringRule, likelihood: Floats, members: Floats, parameters: int, starts: tuple[int, float]
) -> Mixture:
    total = float(likelihood.sum())
    bic = -2 * total + parameters * float(np.log(len(members)))
    entropy = -float(xlogy(members, members).sum())
    return Mixture(rule, total, bic, bic + 2 * entropy, *starts)
