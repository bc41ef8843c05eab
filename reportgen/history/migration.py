"""Who stayed, moved, came and left between two months, with the money: months.md sections 13 and 14."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNSCORED = ""  # the side of customers without a segment
_ONE, _TWO = 0.5, 0.85  # of an amount, from which one or two customers dominate it

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Amounts:
    """The sum of many customers' amounts in cents, whatever their sign, and the two largest of them."""

    total: int
    largest: tuple[int, ...]

    @property
    def dominated(self) -> bool:
        """Whether one customer holds over half of them, or two over 85%."""
        first = max(self.largest, default=0)
        return first > _ONE * self.total or sum(self.largest) > _TWO * self.total


def added(parts: Iterable[Amounts]) -> Amounts:
    """Return the amounts of all parts together."""
    parts = tuple(parts)
    largest = sorted((one for part in parts for one in part.largest), reverse=True)[:2]
    return Amounts(sum(part.total for part in parts), tuple(largest))


@dataclass(frozen=True)
class Moves:
    """Customers with the same way between two months: how many, and their money in cents then and now.

    ``origin`` and ``target`` are segment ids ("": not scored), None in the month in which they were not there; ``seen``
    tells of those who were not there then whether they ever were. ``change`` is how much each one's money changed.
    """

    origin: str | None
    target: str | None
    seen: bool
    customers: int
    then: int
    now: int
    of_then: Amounts
    of_now: Amounts
    change: Amounts


@dataclass(frozen=True)
class Totals:
    """All customers of one month: how many per segment ("": not scored), and money in cents."""

    sizes: Mapping[str, int]
    cents: int


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


def migrate(moves: Sequence[Moves], order: Sequence[str]) -> Migration:
    """Put the moves between two months into a table.

    ``order`` lists segments as they are to be shown; others follow by id.
    """
    active = {side for one in moves for side in (one.origin, one.target) if side}
    sides = (*(one for one in order if one in active), *sorted(active - set(order)), UNSCORED)
    place, m = {side: i for i, side in enumerate(sides)}, len(sides)
    squares = np.zeros((3, m, m), dtype=np.int64)
    lines = {kind: np.zeros((2, m), dtype=np.int64) for kind in ("new", "returned", "lost")}
    for one in moves:
        if one.origin is not None and one.target is not None:
            squares[:, place[one.origin], place[one.target]] += (one.customers, one.then, one.now)
        elif one.target is not None:
            lines["returned" if one.seen else "new"][:, place[one.target]] += (one.customers, one.now)
        else:
            lines["lost"][:, place[one.origin or UNSCORED]] += (one.customers, one.then)
    return Migration(sides, *squares, *(line for kind in lines.values() for line in kind))


def check_identities(found: Migration, then: Totals, now: Totals) -> None:
    """Raise ArithmeticError unless everything adds up, to the customer and the cent (months.md section 13)."""
    groups = found.groups
    change = sum(int(sums[2] - sums[1]) for sums in groups.values())
    change += int(found.new_money.sum() + found.returned_money.sum() - found.lost_money.sum())
    flow = found.arrived - found.left + found.new + found.returned - found.lost
    rules = {
        "customers then": _sizes(found.sides, found.then) == {side: n for side, n in then.sizes.items() if n},
        "customers now": _sizes(found.sides, found.now) == {side: n for side, n in now.sizes.items() if n},
        "groups": int(found.table.sum()) == sum(int(sums[0]) for sums in groups.values()),
        "flows": bool((found.now - found.then == flow).all()),
        "moves": int((found.arrived - found.left).sum()) == 0,
        "money": now.cents - then.cents == change,
    }
    broken = [name for name, holds in rules.items() if not holds]
    if broken:
        raise ArithmeticError(f"movement does not add up: {', '.join(broken)}")


def _sizes(sides: Sequence[str], counts: Counts) -> dict[str, int]:
    return {side: int(n) for side, n in zip(sides, counts, strict=True) if n}


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


def split_movement(labels: Iterable[tuple[str, str, str, int]]) -> Split:
    """Split moves: label published then, the old model on this month, label published now, and how many have them."""
    counts = {"stayed": 0, "behaviour": 0, "model": 0, "both": 0, "hidden": 0}
    customers = 0
    for *three, n in labels:
        cause = cause_of(*three)
        customers += n
        counts["stayed"] += n * (cause in ("", "hidden"))
        if cause:
            counts[cause] += n
    return Split(customers, **counts)


def cause_of(a: str, b: str, c: str) -> str:
    """Return why one customer moved: behaviour, model, both or hidden; "" where nothing did."""
    if a == c:
        return "" if a == b else "hidden"
    if a == b:
        return "model"
    return "behaviour" if b == c else "both"
