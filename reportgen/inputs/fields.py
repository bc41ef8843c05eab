"""What a column of a customer table becomes: its kind, its readable name, and whether it may form segments."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from reportgen.config import Config
from reportgen.findings import Finding
from reportgen.inputs.currencies import currency_code
from reportgen.inputs.customers import Field, FieldKind
from reportgen.inputs.labels import readable, short_word, split_words
from reportgen.inputs.schema import Column
from reportgen.inputs.sentinels import OLDEST, clear_birth_years, clear_numbers, clear_words
from reportgen.inputs.sql import identifier, words_in
from reportgen.inputs.words import counted, word_set

FEW = 10  # customers: below this no figure may be printed, so no report can be made
_MOST_CODES = 10
_NOTHING = "NULL::VARCHAR"
_SURVEY = 5  # a table of at least this many yes/no columns and nothing else is a survey
_ROLE_KINDS: dict[str, FieldKind] = {
    "total_spent": "money",
    "aov": "money",
    "n_orders": "count",
    "recency_days": "days",
    "gap_days": "days",
    "spending_score": "score",
    "P_children": "count",
}
_ROLE_LABELS = {
    "signup_date": ("Days as customer", "days as customer"),
    "first_order_date": ("Days since first order", "days since first order"),
    "last_order_date": ("Days since last order", "days since last order"),
}
_SPOKEN = ("country", "loyalty_tier", "existing_segment")  # words however many they are
_NEVER = {
    "existing_segment": "an existing segment: shown beside the new ones, never used to form them",
    "prediction": "a prediction made elsewhere, not something the customer did",
    "holdout": "marks a control group",
}


@dataclass(frozen=True)
class Draft:
    """A field in the making, with its values."""

    name: str
    column: Column
    kind: FieldKind
    label: str
    short: str
    unit: str
    values: pd.Series
    sql: str  # the same values as an expression over the typed table
    hidden: str = ""  # why the values stay out of the frame, "" if they don't
    findings: tuple[Finding, ...] = ()


def draft_field(name: str, column: Column, values: pd.Series, as_of: dt.date | None) -> Draft:
    """Type one column; ``values`` are typed as the schema says and aligned with the customers."""
    label = readable(column.name)
    draft = Draft(name, column, "category", label, short_word(label), column.unit, values, identifier(column.name))
    hidden = _hidden(column, values)
    if hidden:
        return replace(draft, hidden=hidden, values=_nothing(values), unit="", sql=_NOTHING)
    if column.kind == "date":
        return _date_field(draft, as_of)
    if column.kind == "number":
        return _number_field(draft, as_of)
    text, findings = clear_words(name, values)
    answers = _answers(text)
    if answers is not None:
        return replace(draft, kind="flag", values=answers, findings=findings, sql=_answers_sql(draft.sql))
    missing = words_in(sorted(word_set("missing")))
    return replace(
        draft,
        values=text,
        findings=findings,
        sql=f"CASE WHEN lower(trim({draft.sql})) NOT IN {missing} THEN {draft.sql} END",
    )


def finish(drafts: list[Draft], frame: pd.DataFrame, config: Config) -> tuple[Field, ...]:
    """Decide which fields may form segments; ``frame`` holds the customers that stayed."""
    reasons = {draft.name: _reason_against(draft, frame[draft.name], config) for draft in drafts}
    flags = [d.name for d in drafts if d.kind == "flag" and reasons[d.name] == "a yes/no column describes"]
    if not any(reason == "" for reason in reasons.values()) and len(flags) >= _SURVEY:
        reasons |= dict.fromkeys(flags, "")
    return tuple(_field(draft, reasons[draft.name], config) for draft in drafts)


def _field(draft: Draft, reason: str, config: Config) -> Field:
    label, short = draft.label, draft.short
    if draft.column.name in config.labels:
        label = config.labels[draft.column.name]
        short = short_word(label)
    return Field(
        name=draft.name,
        label=label,
        short=short,
        kind=draft.kind,
        unit=draft.unit,
        role=draft.column.role,
        protected=draft.column.protected,
        candidate=not reason,
        why=reason or "a number that differs between customers",
    )


def _hidden(column: Column, values: pd.Series) -> str:
    """Return why a column's values must not travel on: personal, an id, free text, or empty; "" if they may."""
    if column.personal and not column.protected:
        return "personal data"
    if column.kind == "empty" or not values.notna().any():
        return "empty"
    if (column.role or "").endswith("_id") or (column.kind == "number" and _looks_like_id(column, values)):
        return "an id"
    if column.kind == "text" and column.role not in _SPOKEN:
        unique = column.distinct > _MOST_CODES and column.distinct >= 0.98 * column.filled
        return "unique text" if unique else "free text" if column.distinct > max(50, 0.05 * column.filled) else ""
    return ""


def _looks_like_id(column: Column, values: pd.Series) -> bool:
    if column.role or column.distinct != column.filled or column.distinct < FEW:
        return False
    numbers = np.sort(values.dropna().to_numpy(dtype=float))
    if not np.all(numbers == np.round(numbers)):
        return False
    steps = np.diff(numbers)
    return bool(np.all(steps == steps[0])) or split_words(column.name)[-1:] in (["id"], ["ID"], ["Id"], ["nr"], ["Nr"])


def _nothing(values: pd.Series) -> pd.Series:
    return pd.Series([None] * len(values), index=values.index, dtype=object)


def _answers(text: pd.Series) -> pd.Series | None:
    """Return 1 and 0 for a column of yes and no in one of many languages, None for any other."""
    said = text.map(lambda word: word.casefold() if word is not None else None)
    if not set(said.dropna()) <= word_set("yes") | word_set("no"):
        return None
    return said.map(lambda word: np.nan if pd.isna(word) else float(word in word_set("yes"))).astype(float)


def _answers_sql(cell: str) -> str:
    yes, no = (words_in(sorted(word_set(kind))) for kind in ("yes", "no"))
    return f"CASE WHEN lower({cell}) IN {yes} THEN 1.0 WHEN lower({cell}) IN {no} THEN 0.0 END"


def _date_field(draft: Draft, as_of: dt.date | None) -> Draft:
    role = draft.column.role or ""
    if role == "P_birth_date":
        draft = replace(draft, sql=f"year({draft.sql})")
        return _age_field(draft, draft.values.dt.year.astype(float), as_of)
    if as_of is None:
        hidden = "a date, and no day to count from"
        return replace(draft, hidden=hidden, values=_nothing(draft.values), unit="", sql=_NOTHING)
    gone = f"date_diff('day', {draft.sql}::DATE, DATE '{as_of.isoformat()}')"
    label, short = _ROLE_LABELS.get(role, (f"Days since {draft.short}", f"days since {draft.short}"))
    days = (pd.Timestamp(as_of) - draft.values.dt.normalize()).dt.days.astype(float)
    late = int((days < 0).sum())
    findings: tuple[Finding, ...] = ()
    if late:
        what = counted(late, "date lies", "dates lie")
        message = f"{what} after the as-of date {as_of} in {draft.name}: treated as missing."
        findings = (Finding("future_dates", message, "note", draft.name, late),)
    return replace(
        draft,
        kind="days",
        label=label,
        short=short,
        unit="days",
        values=days.mask(days < 0),
        findings=findings,
        sql=f"CASE WHEN {gone} >= 0 THEN {gone} END",
    )


def _age_field(draft: Draft, years: pd.Series, as_of: dt.date | None) -> Draft:
    """Turn years of birth into ages where there is a day to count from."""
    years, findings = clear_birth_years(draft.name, years, as_of)
    born = f"CASE WHEN {draft.sql} > 1900 AND {draft.sql} <= {as_of.year if as_of else 9999} THEN {draft.sql} END"
    if as_of is None:
        return replace(draft, kind="number", unit="", values=years, findings=findings, sql=born)
    return replace(
        draft,
        kind="number",
        label="Age",
        short="age",
        unit="years",
        values=as_of.year - years,
        findings=findings,
        sql=f"{as_of.year} - {born}",
    )


def _number_field(draft: Draft, as_of: dt.date | None) -> Draft:
    numbers = draft.values.astype(float)
    role = draft.column.role or ""
    if role == "P_birth_date":
        return _age_field(draft, numbers, as_of)
    if _is_code(draft, numbers):
        codes = pd.Series([None if np.isnan(v) else str(int(v)) for v in numbers], index=numbers.index, dtype=object)
        return replace(draft, kind="category", values=codes, unit="", sql=f"{draft.sql}::BIGINT::VARCHAR")
    if set(numbers.dropna().unique()) <= {0.0, 1.0}:
        return replace(draft, kind="flag", values=numbers, unit="")
    written = numbers
    numbers, findings = clear_numbers(draft.name, role, numbers)
    sql = _cleared_sql(draft.sql, role, sorted(set(written[numbers.isna()].dropna())))
    kind, unit = _numeric_kind(draft, numbers)
    if kind == "share" and numbers.max() > 1:
        numbers, sql = numbers / 100, f"{sql} / 100"
    return replace(draft, kind=kind, unit=unit, values=numbers, findings=findings, sql=sql)


def _cleared_sql(cell: str, role: str, gone: list[float]) -> str:
    if role == "P_age":
        return f"CASE WHEN {cell} BETWEEN 0 AND {OLDEST} THEN {cell} END"
    return f"CASE WHEN {cell} NOT IN ({', '.join(map(repr, gone))}) THEN {cell} END" if gone else cell


def _is_code(draft: Draft, numbers: pd.Series) -> bool:
    """Integers with few values, named like a code: a code has no distance (method.md 1)."""
    if draft.column.role in _ROLE_KINDS or draft.column.role in ("income", "P_age"):
        return False
    filled = numbers.dropna()
    if filled.nunique() > _MOST_CODES or not (filled == filled.round()).all():
        return False
    return bool(word_set("codes") & set(_words(draft))) or draft.column.role in (
        "P_gender",
        "P_marital",
        "existing_segment",
    )


def _words(draft: Draft) -> list[str]:
    return [word.lower() for word in split_words(draft.column.name)]


def _numeric_kind(draft: Draft, numbers: pd.Series) -> tuple[FieldKind, str]:
    unit = draft.unit
    whole = bool((numbers.dropna() == numbers.dropna().round()).all())
    kind: FieldKind = _ROLE_KINDS.get(draft.column.role or "", "number")
    if draft.column.role == "P_age":
        unit = unit or "years"
    elif kind == "number" and unit == "%":
        kind, unit = "share", ""
    elif kind == "number" and (currency_code(unit) or (word_set("money") & set(_words(draft)) and not unit)):
        kind = "money"
    elif kind == "number" and whole and not unit and word_set("counts") & set(_words(draft)):
        kind = "count"
    return kind, "days" if kind == "days" else unit


def _reason_against(draft: Draft, values: pd.Series, config: Config) -> str:
    """Return why the field may not form segments, or an empty string."""
    if draft.hidden:
        return draft.hidden
    if draft.column.role in _NEVER:
        return _NEVER[draft.column.role]
    if draft.column.protected and config.privacy.protected != "use":
        return "protected: describes segments, never forms them unless the configuration says so"
    if values.nunique() < 2:
        return "the same for every customer"
    if draft.kind == "category":
        return "words have no distance: it describes"
    return "a yes/no column describes" if draft.kind == "flag" else ""
