"""What customers spent by category, where a customer table has a column for each: recognised, and added up to spend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from reportgen.config import Config
from reportgen.errors import ConfigError, did_you_mean
from reportgen.findings import Finding
from reportgen.inputs.currencies import currency_code
from reportgen.inputs.customers import CategorySpend, Field
from reportgen.inputs.fields import Draft
from reportgen.inputs.headers import normalise
from reportgen.inputs.labels import readable, split_words
from reportgen.inputs.platforms import recognise
from reportgen.inputs.schema import Schema
from reportgen.inputs.words import word_set

OTHER = "Other"
_FEWEST = 3
_MOST = 10
_KINDS = ("money", "number", "count")
_LINKS = {"on", "for", "fur", "auf", "sur", "en", "in", "per", "su", "op", "na"}  # "spend on wine"
_LARGEST_GRADE = 10  # whole numbers up to here are grades or counts of things, not amounts


@dataclass(frozen=True)
class Amounts:
    """The columns that hold amounts per category, and what each category is called."""

    columns: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """Say where a derived spend comes from."""
        return f"derived: the sum of {len(self.columns)} columns with amounts per category, never used beside them"


def find_amounts(drafts: Sequence[Draft], schema: Schema, config: Config) -> Amounts:
    """Return the columns with amounts per category: those of the settings, of a known file, or alike by their headers.

    By their headers: three or more columns of money without a role that share their first word or their last
    (``MntWines``, ``spend_wine``, ``wine_sales``) and say what was bought, not when, how often or in total. Raises
    ConfigError for mistakes in input.category_amounts.
    """
    wanted = config.input.category_amounts
    if wanted:
        return _named(_requested(wanted, drafts), config)
    platform = recognise(column.name for column in schema.columns)
    known = [d for d in drafts if platform and normalise(d.column.name) in platform.amounts and _may_be_money(d)]
    return _named(known if len(known) >= _FEWEST else _alike(drafts), config)


def as_money(drafts: Sequence[Draft], amounts: Amounts) -> list[Draft]:
    """Return the drafts, those with amounts per category as money."""
    return [replace(draft, kind="money") if draft.name in amounts.columns else draft for draft in drafts]


def category_spend(frame: pd.DataFrame, amounts: Amounts) -> CategorySpend | None:
    """Return what each customer spent on the ten largest categories, then "Other"; missing amounts count as nothing."""
    if not amounts.columns:
        return None
    wallet = frame[list(amounts.columns)].to_numpy(dtype=np.float64, na_value=0.0)
    wallet = np.nan_to_num(wallet)
    totals = [float(np.sort(column).sum()) for column in wallet.T]
    order = sorted(range(len(totals)), key=lambda place: (-totals[place], amounts.names[place]))
    kept, rest = (order, []) if len(order) <= _MOST else (order[:_MOST], order[_MOST:])
    columns = [wallet[:, place] for place in kept] + ([wallet[:, rest].sum(axis=1)] if rest else [])
    names = [amounts.names[place] for place in kept] + ([OTHER] if rest else [])
    spend = pd.DataFrame(np.column_stack(columns), columns=pd.Index(names, dtype=object))
    return CategorySpend(tuple(names), spend, amounts.columns)


def derived_spend(frame: pd.DataFrame, drafts: Sequence[Draft], amounts: Amounts) -> tuple[Field, pd.Series, Finding]:
    """Return net spend as a field that describes, its values (exact sums; NaN where no amount is known) and a note."""
    parts = frame[list(amounts.columns)].to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(parts)
    sums = [math.fsum(row) for row in np.where(known, parts, 0.0).tolist()]
    values = pd.Series(np.where(known.any(axis=1), sums, np.nan), index=frame.index)
    unit = next((draft.unit for draft in drafts if draft.name in amounts.columns), "")
    name = "spend"
    while name in frame:
        name += "_"
    missing = int((~known).sum())
    empty = f"; {missing:,} empty amounts count as nothing spent" if missing else ""
    listed = ", ".join(amounts.columns[:_MOST]) + (", …" if len(amounts.columns) > _MOST else "")
    message = f"Spend is derived: the sum of the amounts per category ({listed}){empty}."
    field = Field(name, "Spend", "spend", "money", unit, "total_spent", False, False, amounts.why)
    return field, values, Finding("derived_spend", message, column=name)


def _requested(wanted: Sequence[str], drafts: Sequence[Draft]) -> list[Draft]:
    by_header = {normalise(draft.column.name): draft for draft in drafts}
    by_header |= {draft.column.name: draft for draft in drafts}
    mistakes, found = [], []
    for header in dict.fromkeys(wanted):
        draft = by_header.get(header) or by_header.get(normalise(header))
        if draft is None:
            names = [draft.column.name for draft in drafts]
            mistakes.append(f"'{header}' is no column{did_you_mean(header, names)}")
        elif draft.kind not in _KINDS or draft.hidden or draft.column.protected:
            mistakes.append(f"'{header}' holds no amounts")
        else:
            found.append(draft)
    if len(found) + len(mistakes) < 2:
        mistakes.append("a single column is no mix of categories")
    if mistakes:
        raise ConfigError(
            f"input.category_amounts: {'; '.join(mistakes)}",
            "Name two or more columns that hold what each customer spent, one per category.",
        )
    return found


def _alike(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the largest group of columns that share a word of money at their beginning or end, or nothing."""
    groups: dict[tuple[int, str], list[Draft]] = {}
    for draft in filter(_may_be_money, drafts):
        parts = _words(draft)
        for place, vocabulary in ((0, word_set("spent_on")), (-1, word_set("spent_by"))):
            if len(parts) > 1 and parts[place] in vocabulary:
                groups.setdefault((place, parts[place]), []).append(draft)
    found = [(key, _bought(group, key[0])) for key, group in groups.items()]
    found = [(key, group) for key, group in found if len(group) >= _FEWEST and _are_amounts(group)]
    return max(found, key=lambda item: (len(item[1]), -item[0][0], item[0][1]), default=((0, ""), []))[1]


def _bought(group: Sequence[Draft], place: int) -> list[Draft]:
    """Leave out columns that say when, how often or how much in all; nothing is left if one part holds another."""
    rest = [(draft, _without(_words(draft), place)) for draft in group]
    rest = [(d, said) for d, said in rest if not word_set("not_bought") & set(said) and not any(map(_has_digit, said))]
    said = [tuple(part) for _, part in rest]
    nested = any(a != b and b[: len(a)] == a for a in said for b in said)
    return [] if nested or len(set(said)) < len(said) else [draft for draft, _ in rest]


def _are_amounts(group: Sequence[Draft]) -> bool:
    """Tell money from grades, counts and shares: no small whole numbers, one unit, and no constant sum."""
    table = np.column_stack([draft.values.to_numpy(dtype=np.float64, na_value=np.nan) for draft in group])
    known = np.nan_to_num(table)
    sums = known.sum(axis=1)
    constant = np.mean(np.abs(sums - np.median(sums)) <= 0.01 * abs(np.median(sums))) > 0.95
    grades = bool((known == np.round(known)).all()) and known.max() <= _LARGEST_GRADE
    return len({draft.unit for draft in group}) == 1 and not constant and not grades


def _may_be_money(draft: Draft) -> bool:
    """Whether a column without another meaning holds numbers of no other unit, none of them negative."""
    if draft.hidden or draft.column.protected or draft.column.role or draft.kind not in _KINDS:
        return False
    values = draft.values.to_numpy(dtype=np.float64, na_value=np.nan)
    fits = not draft.unit or currency_code(draft.unit) is not None
    return fits and bool(np.isfinite(values).any()) and float(np.nanmin(values)) >= 0


def _named(found: Sequence[Draft], config: Config) -> Amounts:
    names = [config.labels.get(draft.column.name) or _category(draft) for draft in found]
    if len(set(names)) < len(names) or OTHER in names:
        names = [draft.column.name for draft in found]
    return Amounts(tuple(draft.name for draft in found), tuple(names))


def _category(draft: Draft) -> str:
    """Return what was bought: "Wines" for MntWines."""
    written = split_words(draft.column.name)
    lowered = [normalise(word) for word in written]
    if len(written) > 1 and lowered[0] in word_set("spent_on"):
        written = written[2:] if lowered[1] in _LINKS and len(written) > 2 else written[1:]
    elif len(written) > 1 and lowered[-1] in word_set("spent_by"):
        written = written[:-1]
    return readable(" ".join(written))


def _words(draft: Draft) -> list[str]:
    return [normalise(word) for word in split_words(draft.column.name)]


def _without(said: list[str], place: int) -> list[str]:
    return said[1:] if place == 0 else said[:-1]


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)
