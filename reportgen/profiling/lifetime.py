"""How often and for how much customers will buy again: the BG/NBD and Gamma-Gamma models.

Sources: Fader, Hardie & Lee (2005), "Counting your customers the easy way"; Fader & Hardie (2013), "The Gamma-Gamma
model of monetary value". All times share one unit (this product uses weeks). Per customer: ``x`` repeat purchase days,
``t_x`` time from the first to the last purchase day, ``age`` time from the first purchase day to the end of the data
(T in the papers), ``z`` mean value of the repeat purchase days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, digamma, gammaln, hyp2f1

Array = NDArray[np.float64]

_AGREED = 0.01  # log-likelihood
_DESCENT = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1000, "maxfun": 4000, "maxcor": 20}
_SIMPLEX = {"xatol": 1e-9, "fatol": 1e-9, "maxiter": 4000, "maxfev": 4000}
_LOW, _HIGH = 1e-4, 1e4  # parameters outside are a sign that the model does not fit


@dataclass(frozen=True)
class PurchaseModel:
    """BG/NBD: purchase rates ~ Gamma(r, alpha), drop-out after a purchase ~ Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    agreed: bool  # all starts reached the same likelihood, inside the allowed range

    def alive(self, x: Array, t_x: Array, age: Array) -> Array:
        """Return the probability that a customer still buys: 1 for every one-time buyer, so never shown for x = 0."""
        return np.asarray(1 / (1 + self._dropout_odds(x, t_x, age)))

    def expected(self, t: float, x: Array, t_x: Array, age: Array) -> Array:
        """Return the expected purchase days in the next ``t`` units of time, given the past (equation 10)."""
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6
        ratio = np.power((self.alpha + age) / (self.alpha + age + t), self.r + x)
        hyper = hyp2f1(self.r + x, self.b + x, a + self.b + x - 1, t / (self.alpha + age + t))
        spread = (a + self.b + x - 1) / (a - 1) * (1 - ratio * hyper)
        return np.asarray(spread / (1 + self._dropout_odds(x, t_x, age)))

    def expected_new(self, t: Array) -> Array:
        """Return the expected repeat purchase days of a new customer in ``t`` units of time (equation 9)."""
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6
        hyper = hyp2f1(self.r, self.b, a + self.b - 1, t / (self.alpha + t))
        return np.asarray((a + self.b - 1) / (a - 1) * (1 - np.power(self.alpha / (self.alpha + t), self.r) * hyper))

    def _dropout_odds(self, x: Array, t_x: Array, age: Array) -> Array:
        growth = np.power((self.alpha + age) / (self.alpha + t_x), self.r + x)
        return np.where(x > 0, self.a / (self.b + np.maximum(x, 1) - 1) * growth, 0.0)


@dataclass(frozen=True)
class ValueModel:
    """Gamma-Gamma: values of purchases ~ Gamma(p, nu), nu ~ Gamma(q, v); only sensible for q > 1."""

    p: float
    q: float
    v: float
    log_likelihood: float
    agreed: bool

    def expected(self, x: Array, z: Array) -> Array:
        """Return the expected value of a purchase day; ``z`` may be anything where x is 0."""
        observed = np.where(x > 0, z, 0.0)
        return self.p * (self.v + x * observed) / (self.p * x + self.q - 1)

    @property
    def population_mean(self) -> float:
        """Expected value of a purchase day of a customer of whom nothing is known."""
        return self.p * self.v / (self.q - 1)


def fit_purchases(x: Array, t_x: Array, age: Array) -> PurchaseModel:
    """Fit BG/NBD by maximum likelihood from three starts; equal customers are counted once, so that n costs nothing.

    Numbers of purchases and days are few: what depends on one of them alone is computed once for each.
    """
    rows, weights = np.unique(np.column_stack([x, t_x, age]), axis=0, return_counts=True)
    x, _, age = rows.T
    (n, nth), (last, last_th), (first, first_th) = (np.unique(column, return_inverse=True) for column in rows.T)
    again, by_number = x > 0, np.bincount(nth, weights)

    def negative(logs: Array) -> tuple[float, Array]:
        r, alpha, a, b = np.exp(logs)
        base = gammaln(r + n) - gammaln(r) + r * np.log(alpha) + betaln(a, b + n) - betaln(a, b)
        from_b = b + np.maximum(n, 1) - 1
        log_first, log_last = np.log(alpha + first)[first_th], np.log(alpha + last)[last_th]
        alive = -(r + x) * log_first
        gone = (np.log(a) - np.log(from_b))[nth] - (r + x) * log_last
        total = np.where(again, np.logaddexp(alive, gone), alive)
        left = np.exp(np.where(again, gone - total, -np.inf))
        both = digamma(a + b) - digamma(a + b + n)
        slopes = (
            by_number @ (digamma(r + n) - digamma(r) + np.log(alpha))
            - weights @ (log_first + left * (log_last - log_first)),
            weights @ (r / alpha - (r + x) * ((1 - left) / (alpha + first)[first_th] + left / (alpha + last)[last_th])),
            by_number @ both + weights @ left / a,
            by_number @ (both + digamma(b + n) - digamma(b)) - weights @ (left / from_b[nth]),
        )
        return -float(weights @ (base[nth] + total)), -np.asarray(slopes) * np.exp(logs)

    typical = float(np.average(age, weights=weights))
    starts = [(0.5, typical / 10, 1.0, 2.0), (1.0, typical, 0.5, 1.0), (0.2, typical / 4, 2.0, 6.0)]
    best, agreed = _best_of(negative, starts)
    r, alpha, a, b = (float(value) for value in np.exp(best))
    return PurchaseModel(r, alpha, a, b, -negative(best)[0], agreed)


def fit_values(x: Array, z: Array) -> ValueModel:
    """Fit Gamma-Gamma by maximum likelihood over the customers with x > 0 and z > 0."""
    use = (x > 0) & (z > 0)
    rows, weights = np.unique(np.column_stack([x[use], z[use]]), axis=0, return_counts=True)
    x, z = rows.T
    n, nth = np.unique(x, return_inverse=True)
    log_x, log_z, spent = np.log(x), np.log(z), x * z
    by_number = np.bincount(nth, weights)

    def negative(logs: Array) -> tuple[float, Array]:
        p, q, v = np.exp(logs)
        terms = (gammaln(p * n + q) - gammaln(p * n) - gammaln(q) + q * np.log(v))[nth]
        log_total = np.log(spent + v)
        terms = terms + (p * x - 1) * log_z + p * x * log_x - (p * x + q) * log_total
        grown = digamma(p * n + q)
        slopes = (
            by_number @ (n * (grown - digamma(p * n))) + weights @ (x * (log_z + log_x - log_total)),
            by_number @ (grown - digamma(q) + np.log(v)) - weights @ log_total,
            weights @ (q / v - (p * x + q) / (spent + v)),
        )
        return -float(weights @ terms), -np.asarray(slopes) * np.exp(logs)

    mean = float(np.average(z, weights=weights))
    starts = [(1.0, 2.0, mean), (5.0, 4.0, mean / 2), (2.0, 8.0, 3 * mean)]
    best, agreed = _best_of(negative, starts)
    p, q, v = (float(value) for value in np.exp(best))
    return ValueModel(p, q, v, -negative(best)[0], agreed and q > 1)


def discounted_value(
    purchases: PurchaseModel, values: ValueModel, history: tuple[Array, Array, Array, Array], months: int, annual: float
) -> Array:
    """Return the value of the next ``months`` per customer, discounted monthly at ``annual`` per year.

    ``history`` is (x, t_x, age, z) in weeks; a month is 30.4375 / 7 weeks.
    """
    x, t_x, age, z = history
    monthly = (1 + annual) ** (1 / 12) - 1
    month = 30.4375 / 7
    total, before = np.zeros(len(x)), np.zeros(len(x))
    for number in range(1, months + 1):
        until = purchases.expected(number * month, x, t_x, age)
        total += (until - before) / (1 + monthly) ** number
        before = until
    return values.expected(x, z) * total


def _best_of(
    negative: Callable[[Array], tuple[float, Array]], starts: Sequence[tuple[float, ...]]
) -> tuple[Array, bool]:
    """Minimise from every start on the log scale; return the best point and whether the starts agree within .01.

    ``negative`` returns value and gradient. The simplex search is slow: it goes on only from points that don't agree
    with the best one.
    """
    bounds = [(np.log(_LOW) - 1, np.log(_HIGH) + 1)] * len(starts[0])
    ends = [minimize(negative, np.log(s), jac=True, method="L-BFGS-B", bounds=bounds, options=_DESCENT) for s in starts]
    ends.sort(key=lambda end: float(end.fun))
    found: list[tuple[float, Array]] = []
    for end in ends:
        if found and end.fun > found[0][0] + _AGREED:
            last = minimize(lambda at: negative(at)[0], end.x, method="Nelder-Mead", bounds=bounds, options=_SIMPLEX)
        else:
            last = end
        found.append((float(last.fun), np.asarray(last.x, dtype=np.float64)))
    found.sort(key=lambda item: item[0])
    inside = bool(np.all((found[0][1] > np.log(_LOW)) & (found[0][1] < np.log(_HIGH))))
    return found[0][1], inside and found[-1][0] - found[0][0] < _AGREED
