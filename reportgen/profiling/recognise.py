"""Short rules that find the members of a segment in a CRM."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from reportgen.config import Config
from reportgen.inputs.customers import Customers, Field, FieldKind
from reportgen.profiling.effects import Floats, Mask
from reportgen.segments.fit import Segmentation
from reportgen.segments.recipe import to_numbers

_DEPTH = 3
_FOLDS = 5
_GIANT = 1e38  # trees are grown in single precision
_LEAST_GAIN = 0.4  # of the purity that picking anybody lacks
_LARGEST_SAMPLE = 5_000  # customers the trees are grown on; catch and purity are measured on all


@dataclass(frozen=True)
class Condition:
    """One comparison in the file's own units."""

    field: str
    label: str
    unit: str
    comparison: str  # "at least" or "below"
    limit: float
    kind: FieldKind = "number"


@dataclass(frozen=True)
class Rule:
    """Up to three conditions; catch and purity measured after rounding. No conditions: no short rule exists.

    ``catch`` and ``purity`` hold on the customers at hand, the ``_oof`` pair in five folds with trees grown on the
    others (None: too few members to hold any out). ``word`` is judged on the out-of-fold pair where there is one.
    ``matched`` counts the customers the rule picks.
    """

    conditions: tuple[Condition, ...]
    catch: float
    purity: float
    catch_oof: float | None = None
    purity_oof: float | None = None
    word: Literal["recognisable", "mostly", "none"] = "none"
    matched: int = 0

    @property
    def shown(self) -> tuple[float, float]:
        """Catch and purity as they are printed: on customers that the rule was not made from, where there are any."""
        if self.catch_oof is None or self.purity_oof is None:
            return self.catch, self.purity
        return self.catch_oof, self.purity_oof


def find_rules(customers: Customers, segmentation: Segmentation, config: Config | None = None) -> tuple[Rule, ...]:
    """Find for every segment the short rule with the best F1 in the units of the file (method.md section 8).

    Trees of depth 3, one against the rest and one for all segments, propose the cuts; the best box of at most three
    of them wins, its limits are rounded to few digits, then measured. Protected fields are never used.
    """
    recipe = segmentation.model.recipe
    names = (name for name in recipe.names if name not in recipe.words)
    fields = tuple(field for name in names if not (field := customers.field(name)).protected)
    inside = segmentation.assignment.label >= 0
    labels = segmentation.assignment.label[inside]
    seed = (config or Config()).segments.seed
    if not fields:
        return tuple(Rule((), 0.0, 0.0) for _ in range(segmentation.k))
    fills = {feature.name: feature.fill for feature in recipe.features}
    values = np.column_stack([_filled(customers, field.name, fills[field.name])[inside] for field in fields])
    sample = slice(None, None, -(-len(values) // _LARGEST_SAMPLE))
    boxes = _best_boxes(values[sample], labels[sample], segmentation.k)
    held_out = _out_of_fold(values[sample], labels[sample], segmentation.k, seed)
    return tuple(
        _rule(box, values, labels == place, fields, pair)
        for place, (box, pair) in enumerate(zip(boxes, held_out, strict=True))
    )


Box = tuple[tuple[int, bool, float], ...]  # (column, at least?, limit), at most one of each kind per column


def _filled(customers: Customers, name: str, fill: float) -> Floats:
    values = to_numbers(customers.frame[name])
    return np.clip(np.where(np.isnan(values), fill, values), -_GIANT, _GIANT)


def _rule(
    box: Box | None, values: Floats, members: Mask, fields: tuple[Field, ...], held_out: tuple[float, float] | None
) -> Rule:
    if box is None:
        return Rule((), 0.0, 0.0)
    matched = _inside(values, box)
    catch, purity = _measure(matched, members)
    word = _word(*(held_out or (catch, purity)), float(members.mean()))
    catch_oof, purity_oof = held_out or (None, None)
    conditions = tuple(
        _condition(fields[column], above, limit) for column, above, limit in (() if word == "none" else box)
    )
    return Rule(conditions, catch, purity, catch_oof, purity_oof, word, int(matched.sum()))


def _condition(field: Field, above: bool, limit: float) -> Condition:
    return Condition(field.name, field.label, field.unit, "at least" if above else "below", limit, field.kind)


def _word(catch: float, purity: float, share: float) -> Literal["recognisable", "mostly", "none"]:
    """Judge a rule; one that is hardly purer than picking anybody is none, however pure the segment's size makes it."""
    if purity - share < _LEAST_GAIN * (1 - share):
        return "none"
    if purity >= 0.80 and catch >= 0.70:
        return "recognisable"
    return "mostly" if purity >= 0.60 and catch >= 0.30 else "none"


def _best_boxes(values: Floats, labels: NDArray[np.int64], k: int) -> list[Box | None]:
    """Return per segment the rounded box with the best F1, or None where a segment is empty or everyone."""
    together = _cuts(values, labels)
    boxes: list[Box | None] = []
    for place in range(k):
        members = labels == place
        if not members.any() or members.all():
            boxes.append(None)
            continue
        box = _best_box(values, members, sorted(together | _cuts(values, members)))
        boxes.append(None if box is None else _round(box, values, members))
    return boxes


def _cuts(values: Floats, answer: NDArray[np.int64] | Mask) -> set[tuple[int, float]]:
    """Grow a tree of depth 3 and return its cuts as (column, limit)."""
    least = max(5, math.ceil(0.01 * len(values)))
    tree = DecisionTreeClassifier(max_depth=_DEPTH, min_samples_leaf=least, random_state=0).fit(values, answer).tree_
    inner = tree.children_left >= 0
    return {(int(c), float(cut)) for c, cut in zip(tree.feature[inner], tree.threshold[inner], strict=True)}


def _best_box(values: Floats, members: Mask, cuts: list[tuple[int, float]]) -> Box | None:
    """Return the shortest box of at most three conditions whose F1 is within half a point of the best.

    Every triple is counted by matrix products; a condition paired with itself stands for a shorter box. Ties go to
    the tighter limits, which read closer to the segment.
    """
    conditions = [(column, above, limit) for column, limit in cuts for above in (True, False)]
    conditions.sort(key=lambda condition: (condition[0], -condition[2] if condition[1] else condition[2]))
    if not conditions:
        return None
    holds = np.array([_inside(values, (condition,)) for condition in conditions], dtype=np.float32)
    inside = holds[:, members]
    ranked: dict[int, tuple[float, tuple[int, ...]]] = {}
    for i in range(len(conditions)):
        hits = (inside * inside[i]) @ inside.T
        picked = (holds * holds[i]) @ holds.T
        score = np.round(2 * hits / (picked + members.sum()), 6)
        for j, m in ((i, i), *_best_pairs(score, i)):
            size = len({i, j, m})
            ranked[size] = max(ranked.get(size, (-1.0, ())), (float(score[j, m]), (-i, -j, -m)))
    best = max(score for score, _ in ranked.values())
    size = min(size for size, (score, _) in ranked.items() if score >= best - 0.005)
    return tuple(conditions[place] for place in sorted({-place for place in ranked[size][1]}))


def _best_pairs(score: Floats, i: int) -> list[tuple[int, int]]:
    """Return the best partner of condition i, and its best two partners."""
    one = int(np.argmax(np.where(np.arange(len(score)) == i, -1, score[i])))
    two = np.where(np.tri(len(score), dtype=bool).T, score, -1)
    two[i, :] = two[:, i] = -1
    np.fill_diagonal(two, -1)
    j, m = np.unravel_index(int(two.argmax()), two.shape)
    return [(i, one), (int(j), int(m))] if two[j, m] >= 0 else [(i, one)]


def _round(box: Box, values: Floats, members: Mask) -> Box:
    """Round every cut to the fewest significant digits that cost less than a point of catch and of purity."""
    rounded = list(box)
    for place, (column, above, limit) in enumerate(box):
        catch, purity = _measure(_inside(values, tuple(rounded)), members)
        for digits in (1, 2, 3, 4, 15):
            rounded[place] = (column, above, _significant(limit, digits))
            new_catch, new_purity = _measure(_inside(values, tuple(rounded)), members)
            if new_catch > catch - 0.01 and new_purity > purity - 0.01:
                break
    return tuple(rounded)


def _significant(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _inside(values: Floats, box: Box) -> Mask:
    chosen = np.ones(len(values), dtype=bool)
    for column, above, limit in box:
        chosen &= (values[:, column] >= limit) if above else (values[:, column] < limit)
    return chosen


def _measure(matched: Mask, members: Mask) -> tuple[float, float]:
    """Return (catch, purity)."""
    both = int((matched & members).sum())
    return both / max(1, int(members.sum())), both / max(1, int(matched.sum()))


def _out_of_fold(values: Floats, labels: NDArray[np.int64], k: int, seed: int) -> list[tuple[float, float] | None]:
    """Return (catch, purity) per segment over five stratified folds, each judged by rules found on the other four."""
    sizes = np.bincount(labels, minlength=k)
    if sizes[sizes > 0].min() < _FOLDS or len(values) == sizes.max():
        return [None] * k
    matched = np.zeros((k, len(values)), dtype=bool)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    for rest, held_out in folds.split(values, labels):
        for place, box in enumerate(_best_boxes(values[rest], labels[rest], k)):
            if box is not None:
                matched[place, held_out] = _inside(values[held_out], box)
    return [_measure(matched[place], labels == place) if sizes[place] else None for place in range(k)]
