"""What a reader should know about the columns that form the segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.sparse.csgraph import connected_components

from reportgen.findings import Finding, Severity
from reportgen.inputs.customers import Customers
from reportgen.segments.recipe import FeatureRecipe, capped_rows, to_numbers, unscorable_rows
from reportgen.segments.redundancy import RELATED, spearman

SMALLEST_TOLD = 10
FILLED_NOTABLE = 0.05  # share of filled values above which a column is flagged


def feature_findings(customers: Customers, recipe: FeatureRecipe) -> tuple[Finding, ...]:
    """Return findings on customers left out, filled and extreme values, protected and related columns."""
    frame = customers.frame
    findings = []
    unscorable = unscorable_rows(recipe.names, frame, recipe.words)
    if unscorable.any():
        findings.append(_unsegmented(int(unscorable.sum())))
    for feature in recipe.features:
        if feature.mismatch is None and feature.missing > FILLED_NOTABLE * (len(frame) - int(unscorable.sum())):
            message = f"missing values of “{feature.label}” were set to the median; treat this column with care."
            findings.append(_finding("filled", message, "warning", feature.missing, feature.name))
    for field in map(customers.field, recipe.names):
        if field.protected:
            message = f"“{field.label}” is a protected characteristic and forms segments because the settings say so."
            findings.append(Finding("protected_used", message, "warning", field.name))
    unusual = int((capped_rows(recipe, frame) & ~unscorable).sum())
    if unusual:
        message = "customers have extreme values, which were limited so that they don't form segments by themselves."
        findings.append(_finding("unusual_customers", message, "note", unusual))
    return (*findings, *_related(customers, recipe))


def of_everyone(findings: Sequence[Finding], unsegmented: int, sample: int) -> tuple[Finding, ...]:
    """Return the findings with everyone who is in no segment counted; other counts are said to be those of a sample."""
    where = f"Among {sample:,} customers of a sample: "
    told = [
        replace(one, message=where + one.message) if one.code in ("filled", "unusual_customers") else one
        for one in findings
        if one.code != "unsegmented"
    ]
    return (*([_unsegmented(unsegmented)] if unsegmented else []), *told)


def _unsegmented(count: int) -> Finding:
    message = "customers are in no segment: more than half of the values that form segments are missing."
    return _finding("unsegmented", message, "warning", count)


def at_least_ten(number: int) -> str:
    """Return a count of customers in words that tell nothing about fewer than ten of them."""
    return f"{number:,}" if number >= SMALLEST_TOLD else f"fewer than {SMALLEST_TOLD}"


def _finding(code: str, message: str, severity: Severity, rows: int, column: str | None = None) -> Finding:
    words = f"{at_least_ten(rows)} {message}"
    told = rows if rows >= SMALLEST_TOLD else None
    return Finding(code, words[0].upper() + words[1:], severity, column, told)


def _related(customers: Customers, recipe: FeatureRecipe) -> tuple[Finding, ...]:
    """Name groups of columns that are chained together by rank correlations above .70."""
    measured = [feature for feature in recipe.features if feature.mismatch is None]
    if len(measured) < 2:
        return ()
    rho = np.abs(spearman([to_numbers(customers.frame[feature.name]) for feature in measured]))
    count, group = connected_components(rho > RELATED, directed=False)
    findings = []
    for number in range(count):
        members = np.flatnonzero(group == number)
        if members.size < 2:
            continue
        strongest = (rho[np.ix_(members, members)] - np.eye(members.size)).max()
        labels = [f"“{measured[member].label}”" for member in members]
        findings.append(
            Finding(
                "related_columns",
                f"{', '.join(labels[:-1])} and {labels[-1]} go together (rank correlation up to {strongest:.2f}): "
                "what they have in common counts more than once.",
            )
        )
    return tuple(findings)
