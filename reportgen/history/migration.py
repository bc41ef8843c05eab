"""Who stayed, moved, came and left between two months, with the money: months.md sections 13 and 14."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNSCORED = ""  # the side of customers without a segment

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Roll:
    """The customers of one month, each key once: segment id ("": not scored) and money in cents."""

    keys: tuple[str, ...]
    segments: tuple[str, ...]
    cents: Counts


@dataclass(frozen=True)
class Migration:
    """Customers and money in cents by segment then (rows) and now (columns).

    ``sides`` name rows and columns: every segment active in either month, last those not scored. ``table`` counts the
    customers of both months, ``money_then`` and ``money_now`` hold their money. ``new`` were never seen before,
    ``returned`` were, but not last month; ``lost`` are gone.
    """

    sides: tuple[str, ...]
    table: Counts
    money_then: Counts
    money_now: Counts
    new: Counts
    new_money: Counts
    returned: Counts
    returned_money: Counts
    lost: Counts
    lost_money: Counts

    @property
    def then(self) -> Counts:
        """Customers per side last month."""
        return np.asarray(self.table.sum(axis=1) + self.lost)

    @property
    def now(self) -> Counts:
        """Customers per side this month."""
        return np.asarray(self.table.sum(axis=0) + self.new + self.returned)

    @property
    def arrived(self) -> Counts:
        """Customers who came from another side."""
        return np.asarray(self.table.sum(axis=0) - np.diag(self.table))

    @property
    def left(self) -> Counts:
        """Customers who went to another side."""
        return np.asarray(self.table.sum(axis=1) - np.diag(self.table))

    @property
    def scored(self) -> Counts:
        """The (k, k) table of customers scored in both months."""
        return self.table[:-1, :-1]

    @property
    def groups(self) -> dict[str, Counts]:
        """Customers, money then and money now of stayed, moved, rescored, fell_out and unscored_both."""
        m = len(self.sides)
        diagonal, scored = np.eye(m, dtype=bool), np.zeros((m, m), dtype=bool)
        scored[:-1, :-1] = True
        to_none, from_none = np.zeros_like(scored), np.zeros_like(scored)
        to_none[:-1, -1], from_none[-1, :-1] = True, True
        masks = {
            "stayed": scored & diagonal,
            "moved": scored & ~diagonal,
            "rescored": from_none,
            "fell_out": to_none,
            "unscored_both": ~scored & diagonal,
        }
        sums = (self.table, self.money_then, self.money_now)
        return {name: np.array([values[mask].sum() for values in sums]) for name, mask in masks.items()}


def migrate(then: Roll, now: Roll, seen_before: NDArray[np.bool_], order: Sequence[str]) -> Migration:
    """Count the moves between two months. ``seen_before`` tells of each customer now whether it was ever there.

    ``order`` lists segments as they are to be shown; others follow by id.
    """
    active = {*then.segments, *now.segments} - {UNSCORED}
    sides = (*(one for one in order if one in active), *sorted(active - set(order)), UNSCORED)
    place = {side: i for i, side in enumerate(sides)}
    a = np.array([place[one] for one in then.segments], dtype=np.int64)
    c = np.array([place[one] for one in now.segments], dtype=np.int64)
    old, new = pair_up(then, now)
    m = len(sides)

    def square(values: Counts) -> Counts:
        sums = np.zeros((m, m), dtype=np.int64)
        np.add.at(sums, (a[old], c[new]), values)
        return sums

    def line(places: Counts, values: Counts) -> Counts:
        sums = np.zeros(m, dtype=np.int64)
        np.add.at(sums, places, values)
        return sums

    gone = np.ones(len(a), dtype=bool)
    gone[old] = False
    came = np.ones(len(c), dtype=bool)
    came[new] = False
    fresh, back = came & ~seen_before, came & seen_before
    ones = np.ones(max(len(a), len(c)), dtype=np.int64)
    return Migration(
        sides,
        square(ones[: len(old)]),
        square(then.cents[old]),
        square(now.cents[new]),
        *(line(c[fresh], values) for values in (ones[: fresh.sum()], now.cents[fresh])),
        *(line(c[back], values) for values in (ones[: back.sum()], now.cents[back])),
        *(line(a[gone], values) for values in (ones[: gone.sum()], then.cents[gone])),
    )


def pair_up(then: Roll, now: Roll) -> tuple[Counts, Counts]:
    """Return the places of the customers of both months: in the list then, and in the list now, in its order."""
    place = {key: i for i, key in enumerate(then.keys)}
    pairs = [(place[key], i) for i, key in enumerate(now.keys) if key in place]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def check_identities(found: Migration, then: Roll, now: Roll) -> None:
    """Raise ArithmeticError unless everything adds up, to the customer and the cent (months.md section 13)."""
    sizes = {side: i for i, side in enumerate(found.sides)}
    n_then = np.bincount([sizes[one] for one in then.segments], minlength=len(sizes))
    n_now = np.bincount([sizes[one] for one in now.segments], minlength=len(sizes))
    groups = found.groups
    change = sum(int(sums[2] - sums[1]) for sums in groups.values())
    change += int(found.new_money.sum() + found.returned_money.sum() - found.lost_money.sum())
    flow = found.arrived - found.left + found.new + found.returned - found.lost
    rules = {
        "customers then": bool((found.then == n_then).all()),
        "customers now": bool((found.now == n_now).all()),
        "groups": int(found.table.sum()) == sum(int(sums[0]) for sums in groups.values()),
        "flows": bool((found.now - found.then == flow).all()),
        "moves": int((found.arrived - found.left).sum()) == 0,
        "money": int(now.cents.sum() - then.cents.sum()) == change,
    }
    broken = [name for name, holds in rules.items() if not holds]
    if broken:
        raise ArithmeticError(f"movement does not add up: {', '.join(broken)}")


@dataclass(frozen=True)
class Split:
    """Movement of the customers scored in both months, by its cause; each field counts customers."""

    customers: int
    stayed: int  # a = c
    behaviour: int
    model: int
    both: int
    hidden: int  # moved, and relabelled back: inside stayed

    @property
    def seen(self) -> int:
        """Customers whose published segment differs."""
        return self.behaviour + self.model + self.both

    @property
    def truly_moved(self) -> int:
        """Customers whom the same model puts elsewhere."""
        return self.behaviour + self.both + self.hidden

    @property
    def relabelled(self) -> int:
        """Customers whom the two models label differently this month."""
        return self.model + self.both + self.hidden


def split_movement(a: Sequence[str], b: Sequence[str], c: Sequence[str]) -> Split:
    """Split moves: ``a`` label published then, ``b`` the old model on this month, ``c`` the label published now."""
    counts = {"stayed": 0, "behaviour": 0, "model": 0, "both": 0, "hidden": 0}
    for one in zip(a, b, c, strict=True):
        cause = cause_of(*one)
        counts["stayed"] += cause in ("", "hidden")
        if cause:
            counts[cause] += 1
    return Split(len(a), **counts)


def cause_of(a: str, b: str, c: str) -> str:
    """Return why one customer moved: behaviour, model, both or hidden; "" where nothing did."""
    if a == c:
        return "" if a == b else "hidden"
    if a == b:
        return "model"
    return "behaviour" if b == c else "both"
