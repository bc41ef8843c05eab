"""What the engine counts and adds up over all customers, where one by one only a sample of them is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from reportgen.config import Config
from reportgen.inputs.customers import Customers, Field
from reportgen.inputs.sql import engine_over, identifier, literal
from reportgen.profiling.columns import PER_ORDER
from reportgen.profiling.effects import Floats
from reportgen.profiling.levels import MISSING, NO, YES, Counts
from reportgen.profiling.states import STATES, usual_gap
from reportgen.segments.fit import Segmentation
from reportgen.segments.model import SegmentModel
from reportgen.segments.pushdown import PLACE, add_segments, segment_sums

_DIGITS = 12  # what of a sum does not depend on the order of its parts


@dataclass(frozen=True, eq=False)
class Tally:
    """Figures of all segmented customers, an entry per segment in each array.

    ``numbers`` holds of each numeric field the customers with a value, the sum and what to divide it by for a mean,
    (3, k); ``levels`` the words of each other field and their counts; ``money`` sums by name; ``largest`` the two
    largest customers' spend (k, 2); ``states`` counts (k, 5), None where the states are not known.
    """

    sizes: NDArray[np.int64]
    numbers: Mapping[str, Floats]
    levels: Mapping[str, Counts]
    money: Mapping[str, Floats]
    largest: Floats
    states: NDArray[np.int64] | None


def with_questions(customers: Customers, config: Config) -> Customers:
    """Return the customers with what a tally asks of each segment, to be told where all are counted anyway."""
    if customers.everyone is None:
        return customers
    asked = _questions(customers, _Fields.of(customers, config).measured)
    return replace(customers, everyone=replace(customers.everyone, questions=asked))


def tally_everyone(customers: Customers, segmentation: Segmentation, config: Config) -> Tally | None:
    """Ask the engine once about all customers, unless they answered before; None where the frame holds them all."""
    if customers.everyone is None:
        return None
    model, k = segmentation.model, segmentation.k
    fields = _Fields.of(customers, config)
    asked = _questions(customers, fields.measured)
    if segmentation.polish is not None and asked == customers.everyone.questions:
        found = segmentation.polish.answers
    else:
        found = segment_sums(customers.everyone.frame, model, asked)
    found = found.reindex(range(k), fill_value=0).fillna(0.0)
    tops = [
        np.sort([0.0, 0.0, *(top if isinstance(top, list | np.ndarray) else ())])[-2:] for top in found.get("top", ())
    ]
    states = [name for name in asked if name.startswith("state ")]
    return Tally(
        sizes=found["members"].to_numpy(np.int64),
        numbers={
            field.name: _rounded(found[[f"{i} {part}" for part in ("n", "sum", weight)]].to_numpy(np.float64).T)
            for i, field in enumerate(fields.measured)
            for weight in ["weight" if f"{i} weight" in asked else "n"]
        },
        levels=dict(_levels(customers.everyone.frame, model, fields.others)),
        money={name: _rounded(found[name].to_numpy(np.float64)) for name in asked if name in _SUMS},
        largest=np.array(tops, dtype=np.float64).reshape(-1, 2),
        states=found[states].to_numpy(np.int64) if states else None,
    )


@dataclass(frozen=True)
class _Fields:
    """The fields that are known of everyone: those that measure something, and the others."""

    measured: tuple[Field, ...]
    others: tuple[Field, ...]

    @classmethod
    def of(cls, customers: Customers, config: Config) -> _Fields:
        hide, columns = config.privacy.protected == "hide", _columns(customers)
        known = [field for field in customers.fields if field.name in columns and not (hide and field.protected)]
        words = [field.kind in ("category", "flag") for field in known]
        return cls(
            tuple(field for field, word in zip(known, words, strict=True) if not word),
            tuple(field for field, word in zip(known, words, strict=True) if word),
        )


def _columns(customers: Customers) -> set[str]:
    return set(customers.everyone.frame.collect_schema().names()) if customers.everyone else set()


def _questions(customers: Customers, measured: Sequence[Field]) -> dict[str, str]:
    asked = {f"{i} {part}": sql for i, field in enumerate(measured) for part, sql in _number(field, customers).items()}
    asked |= _money(customers, _columns(customers))
    return asked | {
        f"state {place}": f"count_if({state} = {place})" for state in _state(customers) for place in range(5)
    }


def _rounded(sums: Floats) -> Floats:
    return np.array([float(f"{value:.{_DIGITS}g}") for value in sums.ravel()], dtype=np.float64).reshape(sums.shape)


def _number(field: Field, customers: Customers) -> dict[str, str]:
    cell = identifier(field.name)
    weight = ""
    if customers.order_facts is not None and customers.orders and customers.spend:
        if field.name == "returned_share":
            weight = f"{identifier(customers.spend)} / greatest(1 - {cell}, 0.01)"
        elif field.name in PER_ORDER:
            weight = identifier(customers.orders)
    if not weight:
        return {"n": f"count({cell})", "sum": f"fsum({cell})"}
    known = f"FILTER ({cell} IS NOT NULL)"
    return {"n": f"count({cell})", "sum": f"fsum({cell} * {weight}) {known}", "weight": f"fsum({weight}) {known}"}


_SUMS = ("spend", "orders", "bought", "again", "last_year", "own_year")


def _money(customers: Customers, columns: set[str]) -> dict[str, str]:
    if customers.spend is None:
        return {}
    spend = f"coalesce({identifier(customers.spend)}, 0)"
    asked = {"spend": f"fsum({spend})", "top": f"max({spend}, 2)"}
    if customers.orders:
        orders = identifier(customers.orders)
        asked |= {"orders": f"fsum(coalesce({orders}, 0))"}
        asked |= {"bought": f"count_if({orders} >= 1)", "again": f"count_if({orders} >= 2)"}
    if "spend_last_year" in columns:
        asked["last_year"] = "fsum(coalesce(spend_last_year, 0))"
    if "spend_own_year" in columns:
        drifting = " ".join(f"FILTER ({state} >= {STATES.index('Slowing')})" for state in _state(customers))
        asked["own_year"] = f"fsum(coalesce(spend_own_year, 0)) {drifting}" if drifting else "0.0"
    return asked


def _state(customers: Customers) -> list[str]:
    """Return the place in STATES as SQL, nothing where states are not known."""
    limits = usual_gap(customers)
    if limits is None or customers.recency is None:
        return []
    recency = f"coalesce({identifier(customers.recency)}, 'Infinity'::DOUBLE)"
    once = "tenure_days = recency"  # first and last day are the same
    if customers.order_facts is None:
        once = f"{identifier(customers.orders)} <= 1" if customers.orders else "FALSE"
    gap, lapse = limits
    late = f"CASE WHEN {recency} <= {gap!r} THEN 2 WHEN {recency} <= {lapse!r} THEN 3 ELSE 4 END"
    return [f"CASE WHEN coalesce({once}, FALSE) THEN CASE WHEN {recency} <= {gap!r} THEN 0 ELSE 1 END ELSE {late} END"]


def _levels(frame: nw.LazyFrame[Any], model: SegmentModel, fields: Sequence[Field]) -> Iterator[tuple[str, Counts]]:
    if not fields:
        return
    words = [f"{_word(field)} AS w{i}" for i, field in enumerate(fields)]
    engine = engine_over(add_segments(frame, model))
    engine.keep("words", f"SELECT {PLACE}::TINYINT AS place, {', '.join(words)} FROM {{source}}")
    for i, field in enumerate(fields):
        rows = engine.ask(f"SELECT w{i}, place, count(*) FROM {{words}} WHERE place >= 0 GROUP BY ALL ORDER BY ALL")
        names = sorted({str(word) for word, _, _ in rows})
        counts = np.zeros((len(names), len(model.segments)), dtype=np.int64)
        at = {word: row for row, word in enumerate(names)}
        for word, place, count in rows:
            counts[at[str(word)], int(place)] = count
        yield field.name, (names, counts)
    engine.close()


def _word(field: Field) -> str:
    cell = identifier(field.name)
    if field.kind == "flag":
        said = f"WHEN {cell} > 0.5 THEN {literal(YES)} ELSE {literal(NO)}"
        return f"CASE WHEN {cell} IS NULL THEN {literal(MISSING)} {said} END"
    return f"coalesce({cell}, {literal(MISSING)})"
