"""Score with a model that was fitted before: the ruler stays, and its evidence is that of the fit."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

import numpy as np
from pydantic import TypeAdapter, ValidationError

from reportgen.errors import InputError
from reportgen.inputs.customers import Customers
from reportgen.segments.algorithms import single_thread
from reportgen.segments.choose import Choice, Chosen
from reportgen.segments.features import ColumnDecision
from reportgen.segments.fit import Segmentation, assemble, canonical_rows, refuse_untold, with_everyone
from reportgen.segments.model import SegmentModel, assign
from reportgen.segments.polish import Polish, count_members
from reportgen.segments.stability import SegmentStability, Verdict

SCHEMA = "reportgen.evidence/1"


@dataclass(frozen=True)
class FitEvidence:
    """Why these columns and this number of segments, and how dependable they were, in the order of the model."""

    choice: Choice
    verdict: Verdict
    stability: tuple[SegmentStability, ...]
    decisions: tuple[ColumnDecision, ...]


def evidence_of(segmentation: Segmentation) -> FitEvidence:
    """Return what a fit has shown, to be kept for the months that score with it."""
    stability = tuple(fit.stability for fit in segmentation.fits)
    return FitEvidence(segmentation.choice, segmentation.verdict, stability, segmentation.decisions)


def evidence_to_json(evidence: FitEvidence) -> str:
    """Write the evidence as JSON; no customer is in it."""
    content = {"schema": SCHEMA} | dataclasses.asdict(evidence)
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def evidence_from_json(text: str) -> FitEvidence:
    """Read what ``evidence_to_json`` wrote; InputError where it is something else."""
    try:
        data = json.loads(text)
        if data.pop("schema") != SCHEMA:
            raise ValueError
        return TypeAdapter(FitEvidence).validate_json(json.dumps(data))
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
        raise InputError(
            "the evidence that is kept with the model can't be read",
            "It comes from another version of reportgen or was changed; fit anew with --refit.",
        ) from None


def score_segments(customers: Customers, model: SegmentModel, evidence: FitEvidence) -> Segmentation:
    """Assign all customers with ``model``; segments without customers are left out of what is shown.

    Raises InputError where a column of the model is absent or all customers fall into one segment.
    """
    missing = [name for name in model.recipe.names if name not in customers.frame]
    if missing:
        raise InputError(
            f"the model needs the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}, which this input lacks",
            "Give the file with all its columns, or fit anew with --refit.",
        )
    with single_thread():
        label = assign(model, customers.frame).label
        sizes = [int((label == place).sum()) for place in range(len(model.segments))]
        counted = _count(model, customers, sizes) if customers.everyone is not None else None
        present = [place for place, size in enumerate(counted.sizes if counted else sizes) if size]
        if len(present) < 2:
            raise InputError(
                "all customers fall into one segment of the model"
                if present
                else "no customer has what the model needs",
                "The input differs much from the one that the model was fitted on; fit anew with --refit.",
            )
        shown = _only(model, present)
        rows = canonical_rows(model.recipe, customers)
        chosen = _chosen(evidence, present, len(rows.places))
        found = assemble(shown, rows, chosen, customers, evidence.decisions)
        if counted is not None:
            found = with_everyone(found, counted.only(present))
    return dataclasses.replace(found, model=shown, unshown=None if shown is model else model, kept=True)


def _count(model: SegmentModel, customers: Customers, sampled: list[int]) -> Polish:
    """Count all customers; InputError where the sample lacks a segment, of which nothing could be told."""
    everyone = customers.everyone
    assert everyone is not None
    refuse_untold(model.recipe, everyone, len(customers.frame))
    counted = count_members(model, everyone)
    for ref, size, known in zip(model.segments, counted.sizes, sampled, strict=True):
        if size and not known:
            raise InputError(
                f"{ref.name} has {size:,} of {everyone.rows:,} customers, and none of the {len(customers.frame):,} "
                "that are looked at one by one",
                "Set input.sample higher.",
            )
    return counted


def _only(model: SegmentModel, present: list[int]) -> SegmentModel:
    if len(present) == len(model.segments):
        return model
    return dataclasses.replace(
        model,
        centres=tuple(model.centres[place] for place in present),
        segments=tuple(model.segments[place] for place in present),
        factors=tuple(model.factors[place] for place in present if model.factors),
        offsets=tuple(model.offsets[place] for place in present if model.offsets),
        fit=None,
    )


def _chosen(evidence: FitEvidence, present: list[int], n: int) -> Chosen:
    """Return the evidence of the fit for the segments that have customers."""
    place = {old: new for new, old in enumerate(present)}
    valleys = tuple(
        dataclasses.replace(valley, first=place[valley.first], second=place[valley.second])
        for valley in evidence.verdict.valleys
        if valley.first in place and valley.second in place
    )
    return Chosen(
        choice=evidence.choice,
        fits=(),
        stability=tuple(evidence.stability[old] for old in present),
        verdict=dataclasses.replace(evidence.verdict, valleys=valleys),
        agreement=np.full(n, np.nan),
    )
