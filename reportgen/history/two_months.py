"""The customers of two months side by side in the engine, where they are counted however many they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reportgen.history.migration import Amounts, Moves, Totals
from reportgen.history.past_list import FEATURE, name_past
from reportgen.inputs.sql import Engine, identifier
from reportgen.segments.baseline import Bins, bin_sql


@dataclass(frozen=True)
class Labels:
    """Customers with the same three labels: published then, of the old model now, published now; ``idle`` of them."""

    then: str
    relabelled: str
    now: str
    customers: int
    idle: int


@dataclass(frozen=True, eq=False)
class TwoMonths:
    """{now} of ``engine`` has this month's customers, {past} the list of an earlier one, {met} those of either.

    A row of {met}: ``was`` there, is ``here``, segments ``a`` then, ``b`` now by the model of then and ``c`` now,
    ``seen`` ever before, money in cents then and now, bins o0, n0, … of the columns then and now, and what {now} tells.
    """

    engine: Engine
    kept: frozenset[str] = frozenset()  # active columns whose values the list keeps
    baseline: tuple[Bins, ...] = ()

    def moves(self) -> tuple[Moves, ...]:
        """Return everybody's way between the months."""
        change = "money_now - money_then"
        amounts = ", ".join(
            f"sum(abs({cents}))::BIGINT, max(abs({cents}), 2)" for cents in ("money_then", "money_now", change)
        )
        rows = self.engine.ask(
            f"""SELECT a, c, seen AND NOT was, count(*), sum(money_then)::BIGINT, sum(money_now)::BIGINT, {amounts}
            FROM {{met}} GROUP BY ALL ORDER BY 1, 2, 3"""
        )
        return tuple(
            Moves(*row[:6], *(Amounts(row[place], tuple(row[place + 1])) for place in (6, 8, 10))) for row in rows
        )

    def labels(self) -> tuple[Labels, ...]:
        """Return the labels of customers scored in both months, by either model."""
        rows = self.engine.ask(
            """SELECT a, b, c, count(*), count_if(idle) FROM {met}
            WHERE was AND here AND a <> '' AND b <> '' AND c <> '' GROUP BY ALL ORDER BY ALL"""
        )
        return tuple(Labels(*row) for row in rows)

    def relabelled(self) -> tuple[tuple[str, str, int], ...]:
        """Return this month's customers by the segment of the model before and by that of today ("": none)."""
        rows = self.engine.ask("SELECT b, c, count(*) FROM {met} WHERE here GROUP BY ALL ORDER BY ALL")
        return tuple((b, c, n) for b, c, n in rows)

    def totals(self) -> Totals:
        """Return the customers of the list, counted there."""
        rows = self.engine.ask("SELECT a, count(*), sum(cents)::BIGINT FROM {then} GROUP BY a")
        return Totals({a: n for a, n, _ in rows}, sum(cents for *_, cents in rows))

    def cents(self) -> int:
        """Return the money of this month, counted before the months met."""
        return int(self.engine.ask("SELECT coalesce(sum(cents), 0)::BIGINT FROM {now}")[0][0])

    def bins(self) -> Iterator[NDArray[np.int64]]:
        """Yield for each column its customers by bin then (rows) and now; the last row and column: not there."""
        for i, bins in enumerate(self.baseline):
            size = len(bins.counts)
            table = np.zeros((size + 1, size + 1), dtype=np.int64)
            then = f"coalesce(o{i}, {size})" if bins.name in self.kept else str(size)
            for old, new, n in self.engine.ask(
                f"SELECT {then}, coalesce(n{i}, {size}), count(*) FROM {{met}} GROUP BY ALL"
            ):
                table[int(old), int(new)] = n
            yield table

    def far(self) -> int:
        """Return the number of customers beyond the limit of the fit."""
        return int(self.engine.ask("SELECT count_if(far) FROM {met}")[0][0])

    def median(self, bins: Bins, month: Literal["then", "now"]) -> float | None:
        """Return the median of a column; None for words."""
        if bins.quartiles is None:
            return None
        found = self.engine.ask(f"SELECT median({_cell(bins)}) FROM {{{month}}}")[0][0]
        return None if found is None else float(found)


def meet(engine: Engine, path: Path, baseline: tuple[Bins, ...], moves: bool = True) -> TwoMonths:
    """Put the customers of {now} beside those of a list; without ``moves`` only the columns can be compared.

    Raises InputError where the list can't be read.
    """
    columns = name_past(engine, path)
    kept = [one for one in baseline if FEATURE + one.name in columns]
    cells = [f"{_cell_of_list(one)} AS {_cell(one)}" for one in kept]
    engine.keep("then", f"SELECT {', '.join(['key', 'a', 'cents', *cells])} FROM {{past}}")
    return stand_together(TwoMonths(engine, frozenset(one.name for one in kept), baseline), moves)


def stand_together(months: TwoMonths, moves: bool = True) -> TwoMonths:
    """Keep {met} of {now} and {then}, who are joined by their keys; see ``meet``."""
    cells = [
        f"CASE WHEN {side}.key IS NOT NULL THEN {bin_sql(one, f'{side}.{_cell(one)}')} END::USMALLINT AS {name}{i}"
        for i, one in enumerate(months.baseline)
        for name, side in (("o", "p"), ("n", "n"))
        if side == "n" or one.name in months.kept
    ]
    cells = [*(_MET if moves else ()), *cells]
    months.engine.keep("met", f"SELECT {', '.join(cells)} FROM {{now}} n FULL JOIN {{then}} p ON n.key = p.key")
    return months


_MET = (
    "p.key IS NOT NULL AS was",
    "n.key IS NOT NULL AS here",
    "p.a",
    "n.b",
    "n.c",
    "p.key IS NULL AND coalesce(n.seen, FALSE) AS seen",
    "coalesce(p.cents, 0) AS money_then",
    "coalesce(n.cents, 0) AS money_now",
    *(f"coalesce(n.{flag}, FALSE) AS {flag}" for flag in ("idle", "quiet", "far")),
    "n.own_year",
    "n.last_year",
)


def _cell(bins: Bins) -> str:
    return identifier(FEATURE + bins.name)


def _cell_of_list(bins: Bins) -> str:
    return f"nullif({_cell(bins)}, '')" if bins.quartiles is None else f"TRY_CAST({_cell(bins)} AS DOUBLE)"
