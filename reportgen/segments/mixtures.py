"""Groups of any ellipse (Gaussian mixture) and classes of answers (Bernoulli mixture), fitted from many starts."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, xlogy
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from reportgen.segments.scoring import ScoringRule

Floats = NDArray[np.float64]
Fit = TypeVar("Fit")

NEAR = 1e-3  # starts whose log-likelihood per customer is this close to the best found the same solution
STEPS, PRECISION = 1_000, 1e-7
SOFTEST = 1e-4  # no answer is impossible in a class: a share of 0 would rule a customer out by one answer
SMALLEST_VARIANCE = 1e-6


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
    """Fit a Gaussian mixture to (n, p) rows: ``shape`` "full" (an ellipse per segment) or "spherical"."""

    def fit(start: int) -> tuple[float, GaussianMixture]:
        model = GaussianMixture(
            k,
            covariance_type=shape,
            init_params="kmeans" if start == 0 else "k-means++",
            reg_covar=SMALLEST_VARIANCE,
            max_iter=STEPS,
            random_state=(seed + 7919 * start) % 2**32,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(z)
        return float(model.lower_bound_), model

    (_, model), share = _best(fit, starts)
    p = z.shape[1]
    precise = model.precisions_cholesky_
    factors = precise if shape == "full" else precise[:, None, None] * np.eye(p)
    heights = -2 * (np.log(model.weights_) + np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1))
    rule = ScoringRule(model.means_, factors, heights - heights.min())
    likelihood = model.score_samples(z)
    parameters = k - 1 + k * p + (k * p * (p + 1) // 2 if shape == "full" else k)
    return _mixture(rule, likelihood, model.predict_proba(z), parameters, (starts, share))


def bernoulli_mixture(z: Floats, k: int, seed: int, starts: int = 25) -> Mixture:
    """Fit latent classes of yes/no answers, (n, p) with two values per column, by EM (McLachlan & Peel 2000, 1.9).

    A class is a share of customers and the share of its members who say yes to each question; answers are independent
    within a class. Degrees of freedom: k p + k - 1. The centres lie on the scale of ``z``.
    """
    low, high = z.min(axis=0), z.max(axis=0)
    answers, times = np.unique(z > low, axis=0, return_counts=True)
    yes = answers.astype(np.float64)

    def fit(start: int) -> tuple[float, tuple[Floats, Floats]]:
        rng = np.random.default_rng([seed, k, 31, start])
        trail, weights, shares = expectation_maximisation(yes, times.astype(np.float64), k, rng)
        return trail[-1] / len(z), (weights, shares)

    (_, (weights, shares)), share = _best(fit, starts)
    joint = _joint((z > low).astype(np.float64), weights, shares)
    likelihood = logsumexp(joint, axis=1)
    span = np.where(high > low, high - low, 1.0)
    rule = _quadratic(weights, shares, low, span)
    parameters = k * z.shape[1] + k - 1
    return _mixture(rule, likelihood, np.exp(joint - likelihood[:, None]), parameters, (starts, share))


def expectation_maximisation(
    yes: Floats, times: Floats, k: int, rng: np.random.Generator
) -> tuple[list[float], Floats, Floats]:
    """Run EM from random memberships of the (m, p) different answers, each given ``times`` (m,) times.

    Returns lnL after every step, which never falls, the shares of the classes (k,) and of yes in each (k, p).
    """
    members = rng.dirichlet(np.ones(k), len(yes))
    trail: list[float] = []
    while True:
        counted = members * times[:, None]
        sizes = counted.sum(axis=0)
        weights = np.maximum(sizes / times.sum(), 1e-12)
        shares = np.clip((counted.T @ yes) / np.maximum(sizes, 1e-12)[:, None], SOFTEST, 1 - SOFTEST)
        joint = _joint(yes, weights, shares)
        likelihood = logsumexp(joint, axis=1)
        trail.append(float(times @ likelihood))
        if len(trail) == STEPS or (len(trail) > 1 and trail[-1] - trail[-2] < PRECISION):
            return trail, weights, shares
        members = np.exp(joint - likelihood[:, None])


def _joint(yes: Floats, weights: Floats, shares: Floats) -> Floats:
    """Log of share of class times probability of the answers in it, (m, k)."""
    return np.asarray(np.log(weights) + yes @ np.log(shares).T + (1 - yes) @ np.log1p(-shares).T)


def _quadratic(weights: Floats, shares: Floats, low: Floats, span: Floats) -> ScoringRule:
    """Write -2 ln(share x probability) as offset + sum of a (y - t)^2, which is exact for answers y of 0 and 1.

    a (1 - t)^2 - a t^2 = 2 ln((1 - t) / t) gives a = 2 ln((1 - t) / t) / (1 - 2 t), 4 at t = 1/2.
    """
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
