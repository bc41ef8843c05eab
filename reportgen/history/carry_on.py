"""How the segments of a later month are found: with the model that is kept, or by a new fit that continues it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from reportgen.analysis import Segmenter
from reportgen.config import Config
from reportgen.errors import ConfigError, InputError, OutputError
from reportgen.history.archive import Archive, PublishedRun
from reportgen.history.identity import Matching, continue_ids, crosswalk_of, match_segments, retire
from reportgen.inputs.customers import Customers
from reportgen.progress import Listener
from reportgen.segments.fit import Segmentation, fit_segments
from reportgen.segments.model import SegmentModel, assign, from_json, model_id
from reportgen.segments.scored import FitEvidence, evidence_from_json, score_segments

Mode = Literal["first", "frozen", "refit"]
EVIDENCE = "evidence.json"


@dataclass(frozen=True)
class Predecessor:
    """The run that a month is compared with, and the model it was scored with."""

    run: PublishedRun
    model: SegmentModel
    model_text: str
    evidence: FitEvidence


@dataclass(frozen=True)
class MonthPlan:
    """How one month is to be run: fit, keep the model of the month before, or fit anew and continue its segments."""

    period: str
    mode: Mode
    predecessor: Predecessor | None
    segment: Segmenter


def plan_month(archive: Archive, period: str, refit: bool) -> MonthPlan:
    """Decide by what is published. A month that is done is run again as it was, unless ``refit`` asks for more.

    Raises OutputError where only later months are there: their ids would be given away twice.
    """
    done = archive.current(period)
    run = next(archive.before(period), None)
    if run is None:
        if done is None and any(later > period for later in archive.periods()):
            raise OutputError(
                f"{archive.root} holds months after {period}, but none before it",
                "Run months in order, oldest first, into a folder of their own: --output FOLDER.",
            )
        return MonthPlan(period, "first", None, fit_segments)
    text = run.text("model.json")
    predecessor = Predecessor(run, from_json(text), text, evidence_from_json(run.text(EVIDENCE)))
    if refit or (done is not None and done.mode == "refit"):
        return MonthPlan(period, "refit", predecessor, _renewing(predecessor))
    return MonthPlan(period, "frozen", predecessor, _keeping(predecessor))


def old_labels(model: SegmentModel, customers: Customers) -> tuple[str, ...]:
    """Return the segment of every customer under an earlier model, "" where it has none."""
    label = assign(model, customers.frame).label
    return tuple(model.segments[place].id if place >= 0 else "" for place in label)


def match_with(old: SegmentModel, found: Segmentation, customers: Customers) -> Matching:
    """Match the segments of a new fit with those of an old model on the same customers."""
    missing = [name for name in old.recipe.names if name not in customers.frame]
    if missing:
        raise InputError(
            f"the earlier segments can't be continued: {', '.join(missing)} formed them, and this input lacks it",
            "Give the file with all its columns, or begin a new series in another folder: --output FOLDER.",
        )
    shape = (len(old.segments), len(found.model.segments))
    return match_segments(crosswalk_of(assign(old, customers.frame).label, found.assignment.label, shape))


def _keeping(predecessor: Predecessor) -> Segmenter:
    def segment(customers: Customers, config: Config, progress: Listener) -> Segmentation:
        progress("assigning customers", 0.0)
        wanted, k = config.segments.k, len(predecessor.model.segments)
        if wanted is not None and wanted != k:
            raise ConfigError(
                f"k = {wanted}, but the model of {predecessor.run.period} has {k} segments and is kept",
                "Add --refit to fit anew, or leave k out.",
            )
        return score_segments(customers, predecessor.model, predecessor.evidence)

    return segment


def _renewing(predecessor: Predecessor) -> Segmenter:
    def segment(customers: Customers, config: Config, progress: Listener) -> Segmentation:
        old = predecessor.model
        k = config.segments.k or len(old.segments)
        settings = config.segments.model_copy(update={"k": k})
        fresh = fit_segments(customers, config.model_copy(update={"segments": settings}), progress)
        matching = match_with(old, fresh, customers)
        segments = continue_ids(fresh.model, old, matching)
        model = replace(
            fresh.model,
            segments=segments,
            retired=retire(old, segments, matching),
            parent=model_id(predecessor.model_text),
        )
        return replace(fresh, model=model)

    return segment
