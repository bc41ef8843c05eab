"""k-means with enough restarts to trust the result, and a measure of how hard it was to find."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from threadpoolctl import ThreadpoolController, threadpool_limits

from reportgen.errors import InputError
from reportgen.segments import lloyd

SEARCH_ROWS = 10_000  # starts are compared on at most this many rows; the best continue on all rows
PRECISE_ROWS = 2_000  # up to so many rows starts are compared in double precision
BATCH, ENOUGH, MOST = 25, 50, 200  # starts per batch, starts that must be done, starts at most
NEAR = 1e-3  # within 0.1% of the best inertia
CONTINUED = 5e-3  # so little more inertia is taken for going on with an earlier division (months.md section 9)
IMPROVED = 10  # best distinct solutions that are improved by single-point moves
IMPROVED_LARGE = 3  # best distinct solutions of the search that continue on all rows of a large table


@dataclass(frozen=True)
class KMeansFit:
    """One k-means solution: ``labels`` (n,) in the order of ``centres`` (k, p), which are sorted column by column.

    ``start_share`` is the share of starts within 0.1% of the best inertia (before single-point moves), ``worst_ratio``
    the largest inertia of a start divided by the best minus 1, ``near_tie_ari`` the smallest adjusted Rand index
    between this solution and another one within 0.1% of it; 1 where there is none.
    """

    labels: NDArray[np.int64]
    centres: NDArray[np.float64]
    inertia: float
    starts: int
    start_share: float
    worst_ratio: float
    near_tie_ari: float

    @property
    def k(self) -> int:
        """Number of segments."""
        return len(self.centres)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Members of each segment, (k,)."""
        return np.bincount(self.labels, minlength=self.k)


@dataclass(frozen=True)
class Start:
    """How fits begin: the seed of their random starts, and a division (n,) that is gone on with where it is as good."""

    seed: int
    earlier: NDArray[np.int64] | None = None

    def division(self, k: int) -> NDArray[np.int64] | None:
        """Return the earlier division if it has k groups, none of them empty."""
        known = self.earlier is not None and len(np.unique(self.earlier)) == k == int(self.earlier.max()) + 1
        return self.earlier if known else None


def kmeans(z: NDArray[np.float64], k: int, *, seed: int, earlier: NDArray[np.int64] | None = None) -> KMeansFit:
    """Fit k-means on ``z`` (n, p): many k-means++ starts, Lloyd to convergence, then single-point moves.

    Starts run in batches of 25 until at least 50 are done and 5 lie within 0.1% of the best, or 200 are done. The 10
    best distinct solutions are improved by moving single points while that lowers the inertia (Hartigan 1975).
    Above 10,000 rows the starts run on a sample of that size and the 3 best solutions continue on all rows, without
    single-point moves. ``earlier`` (n,) is a division of another fit: what Lloyd makes of it is returned where its
    inertia is within 0.5% of the best.
    The result depends on the order of the rows (sort them by key first), not on the number of threads.
    Raises InputError when there are fewer than k distinct rows.
    """
    if not 1 <= k <= distinct_rows(z, k):
        raise InputError(
            f"{k} segments can't be formed: only {distinct_rows(z, k)} customers differ from each other",
            "Ask for fewer segments, or choose other columns.",
        )
    with single_thread():
        middle, spread = np.median(z, axis=0), float(np.sqrt(z.var(axis=0).sum())) or 1.0
        scaled = (z - middle) / spread
        search = _search(scaled[sample_rows(len(z), SEARCH_ROWS, seed)], k, seed)
        return _finish(z, scaled, search, earlier)


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def single_thread() -> AbstractContextManager[object]:
    """Return a context in which linear algebra uses one thread: the same bits on any machine load, and faster here."""
    return cast(AbstractContextManager[object], _controller().limit(limits=1))


def sample_rows(n: int, size: int, seed: int) -> NDArray[np.intp]:
    """Return the places of ``size`` rows drawn without replacement, ascending; all n rows when there are not more."""
    if n <= size:
        return np.arange(n)
    return np.sort(np.random.default_rng([seed, 11]).choice(n, size, replace=False))


def distinct_rows(z: NDArray[np.float64], enough: int) -> int:
    """Count the different rows of ``z``; stops counting when ``enough`` are found in its first rows."""
    few = len(np.unique(z[: 20 * enough], axis=0))
    return few if few >= enough else len(np.unique(z, axis=0))


def assign_rows(z: NDArray[np.float64], centres: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the nearest centre of each row and all squared distances (n, k); a tie goes to the first centre."""
    squared = cdist(z, centres, "sqeuclidean")
    return squared.argmin(axis=1), squared


@dataclass(frozen=True)
class _Search:
    """What all starts found, best first; ``blur`` is a difference in inertia that may be rounding."""

    centres: NDArray[np.floating]  # (starts, k, p)
    inertia: NDArray[np.floating]
    blur: float

    @property
    def near(self) -> NDArray[np.bool_]:
        """Which starts lie within 0.1% of the best."""
        return np.asarray(self.inertia <= self.inertia.min() * (1 + NEAR) + self.blur)

    @property
    def distinct(self) -> NDArray[np.float64]:
        """Centres of the solutions that differ in inertia, best first."""
        return self.centres[np.diff(self.inertia, prepend=-np.inf) > self.blur].astype(np.float64)


def _search(x: NDArray[np.float64], k: int, seed: int) -> _Search:
    x = x.astype(np.float64 if len(x) <= PRECISE_ROWS else np.float32)
    found = _Search(np.empty((0, k, x.shape[1]), x.dtype), np.empty(0, x.dtype), _blur(x))
    each = lloyd.equal_weights(np.broadcast_to(x, (BATCH, *x.shape)))  # a start is done when it is, not with the last
    for batch in range(MOST // BATCH):
        seeds = lloyd.seed_centres(lloyd.equal_weights(x[None]), k, BATCH, np.random.default_rng([seed, k, batch]))
        new = lloyd.run(each, seeds.swapaxes(0, 1))
        inertia = np.concatenate([found.inertia, new.inertia[:, 0]])
        order = np.argsort(inertia, kind="stable")
        found = _Search(np.concatenate([found.centres, new.centres[:, 0]])[order], inertia[order], found.blur)
        if len(inertia) >= ENOUGH and found.near.sum() >= 5:
            break
    return found


def _blur(x: NDArray[np.floating]) -> float:
    return 32 * float(np.finfo(x.dtype).eps) * float((x.astype(np.float64) ** 2).sum())


def _finish(
    z: NDArray[np.float64], scaled: NDArray[np.float64], search: _Search, earlier: NDArray[np.int64] | None
) -> KMeansFit:
    k = search.centres.shape[1]
    large = len(z) > SEARCH_ROWS
    settled = [_settle(scaled, centres) for centres in search.distinct[: IMPROVED_LARGE if large else IMPROVED]]
    improved = settled if large else [_move_points(scaled, labels, k) for labels in settled]
    before = np.array([_inertia(scaled, labels, k) for labels in settled])
    costs = before if large else np.array([_inertia(scaled, labels, k) for labels in improved])
    labels = improved[int(costs.argmin())]
    if earlier is not None:
        kept = _settle(scaled, _centres(scaled, earlier, k))
        labels = kept if _inertia(scaled, kept, k) <= costs.min() * (1 + CONTINUED) + search.blur else labels
    near = [settled[i] for i in np.flatnonzero(before <= costs.min() * (1 + NEAR) + search.blur)]
    centres = _centres(z, labels, k)
    order = np.lexsort(centres.T[::-1])
    return KMeansFit(
        labels=np.argsort(order)[labels],
        centres=centres[order],
        inertia=float(((z - centres[labels]) ** 2).sum()),
        starts=len(search.inertia),
        start_share=float(search.near.mean()),
        worst_ratio=max(float(search.inertia[-1] / max(search.inertia[0], search.blur)) - 1, 0.0),
        near_tie_ari=min((adjusted_rand(crosstab(labels, other, k, k)) for other in near), default=1.0),
    )


def _settle(x: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.int64]:
    """Lloyd on all rows in double precision until nothing changes; no centre is left without members."""
    if len(x) > SEARCH_ROWS:
        from sklearn.cluster import KMeans  # noqa: PLC0415 - a second of start-up that small tables don't need

        with threadpool_limits(1):  # its threads are not yet known to the controller, and would blur the last bits
            model = KMeans(len(centres), init=centres, n_init=1, tol=0, max_iter=1000, algorithm="lloyd").fit(x)
        return np.asarray(model.labels_, np.int64)
    labels = np.full(len(x), -1, np.int64)
    for _ in range(1000):
        now, squared = assign_rows(x, centres)
        for empty in np.flatnonzero(np.bincount(now, minlength=len(centres)) == 0):
            far = int(np.argmax(squared[np.arange(len(x)), now]))
            now[far], squared[far] = empty, 0.0
        if (now == labels).all():
            break
        labels = now
        centres = _centres(x, labels, len(centres))
    return labels


def _move_points(x: NDArray[np.float64], labels: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """Move single points while that lowers the inertia; centres follow every move at once."""
    labels = labels.copy()
    for _ in range(1000):
        sizes = np.bincount(labels, minlength=k).astype(np.float64)
        centres = _centres(x, labels, k)
        squared = assign_rows(x, centres)[1]
        own = labels[:, None] == np.arange(k)
        stay = (squared[own] * _leaving(sizes[labels])) * (1 - 1e-12)
        go = np.where(own, np.inf, squared * (sizes / (sizes + 1)))
        candidates = np.flatnonzero(go.min(axis=1) < stay)
        if not sum(_move(x[i], labels, int(i), centres, sizes) for i in candidates):
            break
    return labels


def _leaving(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factor n / (n - 1) of a point that leaves; 0 where it is the only member."""
    return np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 0.0)


def _move(
    point: NDArray[np.float64],
    labels: NDArray[np.int64],
    i: int,
    centres: NDArray[np.float64],
    sizes: NDArray[np.float64],
) -> bool:
    squared = ((centres - point) ** 2).sum(axis=1)
    a = labels[i]
    gain = squared * (sizes / (sizes + 1))
    gain[a] = np.inf
    b = int(gain.argmin())
    if not gain[b] < squared[a] * _leaving(sizes[a]) * (1 - 1e-12):
        return False
    centres[a] += (centres[a] - point) / (sizes[a] - 1)
    centres[b] += (point - centres[b]) / (sizes[b] + 1)
    sizes[a] -= 1
    sizes[b] += 1
    labels[i] = b
    return True


def _centres(x: NDArray[np.float64], labels: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    sizes = np.bincount(labels, minlength=k)
    sums = np.stack([np.bincount(labels, column, k) for column in x.T], axis=1)
    return np.asarray(sums / np.maximum(sizes, 1)[:, None])


def _inertia(x: NDArray[np.float64], labels: NDArray[np.int64], k: int) -> float:
    return float(((x - _centres(x, labels, k)[labels]) ** 2).sum())


def crosstab(a: NDArray[np.integer], b: NDArray[np.integer], rows: int, columns: int) -> NDArray[np.int64]:
    """Count how often label i of ``a`` meets label j of ``b``, (rows, columns)."""
    return np.bincount(a.astype(np.intp) * columns + b, minlength=rows * columns).reshape(rows, columns)


def adjusted_rand(table: NDArray[np.int64]) -> float:
    """Return the adjusted Rand index (Hubert & Arabie 1985) of a cross table; 1 for equal partitions."""
    return float(adjusted_rands(table[None])[0])


def adjusted_rands(tables: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the adjusted Rand index of each cross table of a stack (B, i, j)."""
    both = _pairs(tables).sum(axis=(1, 2))
    first, second = _pairs(tables.sum(axis=2)).sum(axis=1), _pairs(tables.sum(axis=1)).sum(axis=1)
    expected = first * second / np.maximum(_pairs(tables.sum(axis=(1, 2))), 1)
    room = (first + second) / 2 - expected
    return np.where(room > 0, (both - expected) / np.where(room > 0, room, 1), 1.0)


def _pairs(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Number of pairs among so many."""
    return counts * (counts - 1.0) / 2
