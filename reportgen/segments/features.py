"""Which columns form the segments, and the reason for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reportgen.config import Config
from reportgen.errors import ConfigError, InputError, did_you_mean
from reportgen.inputs.customers import Customers, Field
from reportgen.segments.levels import level_features, level_objection, mismatch_cost
from reportgen.segments.recipe import (
    Feature,
    FeatureRecipe,
    LearningRules,
    apply_feature,
    apply_recipe,
    learn_feature,
    to_numbers,
    unscorable_rows,
)
from reportgen.segments.redundancy import drop_redundant
from reportgen.segments.remarks import at_least_ten
from reportgen.segments.screening import is_binary, objection

__all__ = ["ColumnDecision", "Feature", "FeatureRecipe", "apply_recipe", "choose_features"]

SURVEY_MIN = 5  # so many yes/no columns, and nothing else, are a survey

NOTHING = np.zeros(0)

Columns = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class ColumnDecision:
    """Why one field of the customer table forms segments or does not; one for every field."""

    name: str
    label: str
    kept: bool
    code: str  # "kept", "requested", "protected", "id", "constant", "near_duplicate", "missing", "descriptor", …
    reason: str  # one plain sentence for the appendix


@dataclass(frozen=True)
class _Selection:
    """Columns that form the segments, reasons against the others, and how the chosen ones are learned."""

    chosen: tuple[Field, ...]
    against: Mapping[str, tuple[str, str]]
    rules: LearningRules
    requested: bool = False
    categories: frozenset[str] = frozenset()  # names of chosen columns that count mismatches, not distances


def choose_features(customers: Customers, config: Config) -> tuple[FeatureRecipe, tuple[ColumnDecision, ...]]:
    """Choose the active columns and learn their recipe (method.md section 1), with a decision for every field.

    Columns named in ``segments.features`` are used as they are named, a protected one too: naming it is the decision.
    Raises ConfigError for names that fit no numeric column, InputError when fewer than two columns are left.
    """
    requested = _match(config.segments.features, customers.fields, "features")
    excluded = _match(config.segments.exclude, customers.fields, "exclude")
    columns = {field.name: to_numbers(customers.frame[field.name]) for field in customers.fields if _numeric(field)}
    algorithm = config.segments.algorithm
    if requested:
        selection = _select_requested(requested, excluded, columns, customers, config)
    elif algorithm in ("bernoulli", "prototypes"):
        selection = _select_for(algorithm, customers, config, columns, {field.name for field in excluded})
    else:
        selection = _select(customers, config, columns, {field.name for field in excluded})
    return _learn(selection, customers, columns)


def _select_requested(
    requested: tuple[Field, ...], excluded: tuple[Field, ...], columns: Columns, customers: Customers, config: Config
) -> _Selection:
    mistakes = [f"'{field.name}' is both in features and in exclude" for field in requested if field in excluded]
    algorithm, frame = config.segments.algorithm, customers.frame
    words = [field.name for field in requested if not _numeric(field)]
    if algorithm in ("auto", "prototypes"):
        mistakes += [f"'{name}' {why}" for name in words if (why := level_objection(frame[name]))]
    else:
        mistakes += [f"'{name}' holds no numbers, which algorithm 'prototypes' doesn't need" for name in words]
    answers = [name for name in columns if is_binary(columns[name])]
    if algorithm == "bernoulli":
        mistakes += [f"'{field.name}' holds more than yes and no" for field in requested if field.name not in answers]
    absent = {field.name: float(np.mean(np.isnan(columns[field.name]))) for field in requested if _numeric(field)}
    mistakes += [f"'{name}' is missing for {part:.0%} of the customers" for name, part in absent.items() if part > 0.5]
    if len(requested) < 2:
        mistakes.append("features names a single column")
    if mistakes:
        raise ConfigError("; ".join(mistakes), f"Name two or more of: {_names(filter(_numeric, customers.fields))}.")
    reason = ("not_requested", "Not used: the settings name other columns.")
    against = {field.name: reason for field in customers.fields if field not in requested}
    survey = algorithm != "prototypes" and all(field.name in answers for field in requested)
    mixed = algorithm == "prototypes" or (algorithm == "auto" and not survey)
    categories = frozenset({*words, *answers}.intersection(field.name for field in requested) if mixed else ())
    return _Selection(requested, against, _rules(config, survey), requested=True, categories=categories)


def _select(customers: Customers, config: Config, columns: Columns, excluded: set[str]) -> _Selection:
    against: dict[str, tuple[str, str]] = {}
    flags: list[Field] = []
    chosen: list[Field] = []
    for field in customers.fields:
        values = columns.get(field.name, NOTHING)
        barred = _barred(field, config, excluded) or _unwanted(field, values) or objection(field, values)
        if barred is None and is_binary(values):
            flags.append(field)
            barred = ("descriptor", "Described per segment: a yes/no column would split the customers by itself.")
        if barred is None:
            chosen.append(field)
        else:
            against[field.name] = barred
    if not chosen and len(flags) >= SURVEY_MIN:
        survey = {field.name for field in flags}
        rest = {name: why for name, why in against.items() if name not in survey}
        return _Selection(tuple(flags), rest, _rules(config, survey=True))
    kept, related = drop_redundant(chosen, columns, (customers.spend, customers.orders, customers.recency))
    return _Selection(kept, against | related, _rules(config, survey=False))


def _select_for(
    algorithm: str, customers: Customers, config: Config, columns: Columns, excluded: set[str]
) -> _Selection:
    """Choose columns for an algorithm that takes yes/no answers only, or words and numbers together."""
    basis = _select(customers, config, columns, excluded)
    answers = [field for field in customers.fields if is_binary(columns.get(field.name, NOTHING))]
    answers = [field for field in answers if _barred(field, config, excluded) is None]
    if algorithm == "bernoulli":
        other = ("descriptor", "Described per segment: classes of answers are formed by yes/no columns only.")
        against = {field.name: basis.against.get(field.name, other) for field in customers.fields}
        return _Selection(tuple(answers), _without(against, answers), _rules(config, survey=True))
    words = [field for field in customers.fields if _takes_words(field, customers, config, excluded)]
    categories = {field.name for field in (*words, *answers)}
    chosen = tuple(field for field in customers.fields if field in basis.chosen or field.name in categories)
    rules = _rules(config, survey=False)
    return _Selection(chosen, _without(basis.against, chosen), rules, categories=frozenset(categories))


def _takes_words(field: Field, customers: Customers, config: Config, excluded: set[str]) -> bool:
    closed = field.name in excluded or (field.protected and config.privacy.protected != "use")
    words = not _numeric(field) and not _names_customers(field)
    return words and not closed and level_objection(customers.frame[field.name]) is None


def _without(against: Mapping[str, tuple[str, str]], chosen: Iterable[Field]) -> dict[str, tuple[str, str]]:
    names = {field.name for field in chosen}
    return {name: why for name, why in against.items() if name not in names}


def _barred(field: Field, config: Config, excluded: set[str]) -> tuple[str, str] | None:
    """Return what keeps a column out whatever its values are."""
    if field.name in excluded:
        return "excluded", "Left out, as the settings say."
    if field.protected and config.privacy.protected != "use":
        return "protected", "Protected characteristic: it never forms or names segments."
    if not _numeric(field):
        return ("id" if _names_customers(field) else "descriptor"), _sentence(field.why)
    return None


def _unwanted(field: Field, values: NDArray[np.float64]) -> tuple[str, str] | None:
    """Return why the input keeps a column of numbers for description only; yes/no columns may yet be a survey."""
    if field.candidate or field.protected or field.kind == "flag" or np.unique(values[np.isfinite(values)]).size < 2:
        return None
    return ("id" if _names_customers(field) else "descriptor"), _sentence(field.why)


def _names_customers(field: Field) -> bool:
    return (field.role or "").endswith("_id") or field.why == "an id"


def _sentence(why: str) -> str:
    return f"{why[:1].upper()}{why[1:]}".rstrip(".") + "."


def _learn(
    selection: _Selection, customers: Customers, columns: Columns
) -> tuple[FeatureRecipe, tuple[ColumnDecision, ...]]:
    frame = customers.frame
    names = tuple(field.name for field in selection.chosen)
    words = [field.name for field in selection.chosen if not _numeric(field)]
    rows = ~unscorable_rows(names, frame, words) if names else np.zeros(len(frame), dtype=np.bool_)
    against = dict(selection.against)
    features = []
    for field in selection.chosen:
        if field.name in selection.categories:
            continue
        feature = learn_feature(field, columns[field.name][rows], selection.rules)
        if feature is None:
            against[field.name] = ("constant", "Has the same value for all customers.")
        else:
            features.append(feature)
    features = _with_categories(features, selection, frame[rows])
    lost = [field.name for field in selection.chosen if field.name in against]
    if selection.requested and lost:
        raise ConfigError(
            f"these columns have no spread and can't form segments: {', '.join(lost)}",
            "Leave them out of features.",
        )
    decisions = tuple(_decision(field, features, against, selection.requested) for field in customers.fields)
    usable = len({feature.name for feature in features})
    if usable < 2:
        raise _too_few(decisions, usable)
    return FeatureRecipe(tuple(features)), decisions


def _with_categories(measured: list[Feature], selection: _Selection, frame: pd.DataFrame) -> list[Feature]:
    """Add the features of the columns of categories, in the order of the chosen columns."""
    chosen = [field for field in selection.chosen if field.name in selection.categories]
    if not chosen:
        return measured
    scaled = [apply_feature(feature, to_numbers(frame[feature.name])) for feature in measured]
    mismatch = mismatch_cost(scaled, [frame[field.name] for field in chosen])
    found: dict[str, tuple[Feature, ...]] = {feature.name: (feature,) for feature in measured}
    found |= {field.name: level_features(field, frame[field.name], mismatch) for field in chosen}
    return [feature for field in selection.chosen for feature in found.get(field.name, ())]


def _decision(
    field: Field, features: list[Feature], against: Mapping[str, tuple[str, str]], requested: bool
) -> ColumnDecision:
    feature = next((feature for feature in features if feature.name == field.name), None)
    if feature is None:
        return ColumnDecision(field.name, field.label, False, *against[field.name])
    if requested:
        also = ", although it is a protected characteristic" if field.protected else ""
        opening = f"Forms the segments: requested by name in the settings{also}"
    else:
        opening = "Forms the segments"
    parts = [opening]
    if feature.transform != "none":
        parts.append("on a logarithmic scale, because a few values are far larger than the rest")
    if feature.capped:
        parts.append(f"extreme values of {at_least_ten(feature.capped)} customers limited")
    if feature.mismatch is not None:
        parts.append(f"two different values count as a squared distance of {feature.mismatch:.2f}")
    elif feature.missing:
        parts.append(f"{at_least_ten(feature.missing)} missing values set to the median")
    code = "requested" if requested else "kept"
    return ColumnDecision(field.name, field.label, True, code, "; ".join(parts) + ".")


def _too_few(decisions: tuple[ColumnDecision, ...], usable: int) -> InputError:
    found = "only one column" if usable == 1 else "no column"
    groups: dict[str, list[ColumnDecision]] = {}
    for decision in decisions:
        if not decision.kept:
            groups.setdefault(decision.code, []).append(decision)
    why = "; ".join(_in_short(group) for group in groups.values()) or "the file has no other columns"
    return InputError(
        f"{found} can form segments, two are needed ({why})",
        "Add numeric columns such as spend, orders or days since the last order, or name columns with --features.",
    )


def _in_short(group: list[ColumnDecision]) -> str:
    reason = group[0].reason
    more = f" and {len(group) - 1} more" if len(group) > 1 else ""
    return f"{group[0].label}{more}: {reason[0].lower()}{reason[1:].rstrip('.')}"


def _match(wanted: tuple[str, ...], fields: tuple[Field, ...], setting: str) -> tuple[Field, ...]:
    """Return the fields meant by header, label or short name, in the order asked for."""
    found: list[Field] = []
    mistakes = []
    for text in wanted:
        hits = _hits(text, fields)
        if len(hits) == 1:
            found += [hit for hit in hits if hit not in found]
        elif hits:
            mistakes.append(f"'{text}' may mean {_names(hits)}")
        else:
            known = [word for field in fields for word in (field.name, field.label)]
            mistakes.append(f"there is no column '{text}'{did_you_mean(text, known)}")
    if mistakes:
        raise ConfigError(f"segments.{setting}: " + "; ".join(mistakes), f"The columns are: {_names(fields)}.")
    return tuple(found)


def _hits(text: str, fields: tuple[Field, ...]) -> list[Field]:
    word = " ".join(text.split()).casefold()
    for attribute in ("name", "label", "short"):
        exact = [field for field in fields if getattr(field, attribute) == text]
        hits = exact or [field for field in fields if " ".join(getattr(field, attribute).split()).casefold() == word]
        if hits:
            return hits
    return []


def _numeric(field: Field) -> bool:
    return field.kind != "category"


def _rules(config: Config, survey: bool) -> LearningRules:
    """Return how columns are learned; answers of a survey, all 0 or 1, keep their meaning and are only centred."""
    settings = config.segments
    if survey:
        return LearningRules(transform=False, cap=False, scale="none" if settings.scale == "none" else "centre")
    return LearningRules(transform=settings.transform == "auto", scale=settings.scale)


def _names(fields: Iterable[Field]) -> str:
    return ", ".join(f"'{field.name}'" for field in fields)
