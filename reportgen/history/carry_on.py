"""How the segments of a later month are found: with the model that is kept, or by a new fit that continues it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from reportgen.analysis import Segmenter
from reportgen.config import Config
from reportgen.errors import ConfigError, InputError
from reportgen.findings import Finding
from reportgen.history.archive import Archive, PublishedRun
from reportgen.history.identity import Matching, continue_ids, crosswalk_of, match_segments, retire
from reportgen.history.list_forms import list_of
from reportgen.inputs.customers import Customers
from reportgen.progress import Listener
from reportgen.segments.fit import Segmentation, fit_segments, refuse_untold
from reportgen.segments.model import SegmentModel, assign, from_json, model_id
from reportgen.segments.pushdown import crosswalk_of_all
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
    """How one month is to be run: fit, keep a model, or fit anew and continue its segments.

    The model is that of ``predecessor``, the run that the month is compared with. A month before all others has none:
    it is scored with the model of the earliest ``successor``, which was fitted on later data.
    """

    period: str
    mode: Mode
    done: PublishedRun | None  # the run of this month that is published
    predecessor: Predecessor | None
    segment: Segmenter
    successor: Predecessor | None = None

    @property
    def kept(self) -> Predecessor | None:
        """The run whose model is kept or continued."""
        return self.predecessor or self.successor

    @property
    def kept_id(self) -> str:
        """The id of that model, "" in a first month."""
        return model_id(self.kept.model_text) if self.kept else ""


def plan_month(archive: Archive, period: str, refit: bool) -> MonthPlan:
    """Decide by what is published. A month that is done is run again as it was, unless ``refit`` asks for more.

    Raises ConfigError for a new fit before months that are published: it would give their segments' ids away twice.
    """
    done, run = archive.current(period), next(archive.before(period), None)
    mode = "refit" if refit else done.mode if done is not None else "frozen"
    later = next(archive.after(period), None)
    if refit and later is not None and (done is None or done.mode != "refit"):
        raise ConfigError(
            f"{later.period} is published already, and a new fit in {period} would give its segments' ids to others",
            "Fit anew in the newest month, or run all months again into a folder of their own: --output FOLDER.",
        )
    if run is None and (later is None or mode == "first"):
        return MonthPlan(period, "first", done, None, fit_segments)
    if run is None and later is not None:
        successor = _predecessor(later)
        return MonthPlan(period, "frozen", done, None, _keeping(successor, later_model=True), successor)
    assert run is not None
    predecessor = _predecessor(run)
    if mode == "refit":
        return MonthPlan(period, "refit", done, predecessor, _renewing(predecessor))
    return MonthPlan(period, "frozen", done, predecessor, _keeping(predecessor))


def require_list(plan: MonthPlan) -> Path | None:
    """Return the list of the month before, customer by customer, None in a first month; InputError where it is gone."""
    before = plan.predecessor
    if before is None:
        return None
    listed = list_of(before.run)
    if listed is None:
        raise InputError(
            f"{plan.period} compares with {before.run.period}, whose list of customers was removed as too old",
            "Run the months again into another folder, with --output FOLDER; [archive] says how long lists are kept.",
        )
    return listed


def _predecessor(run: PublishedRun) -> Predecessor:
    text = run.text("model.json")
    return Predecessor(run, from_json(text), text, evidence_from_json(run.text(EVIDENCE)))


def match_with(old: SegmentModel, found: Segmentation, customers: Customers) -> Matching:
    """Match the segments of a new fit with those of an old model on the same customers."""
    missing = [name for name in old.recipe.names if name not in customers.frame]
    if missing:
        raise InputError(
            f"the earlier segments can't be continued: {', '.join(missing)} formed them, and this input lacks it",
            "Give the file with all its columns, or begin a new series in another folder: --output FOLDER.",
        )
    shape = (len(old.segments), len(found.model.segments))
    if customers.everyone is None:
        return match_segments(crosswalk_of(assign(old, customers.frame).label, found.assignment.label, shape))
    refuse_untold(old.recipe, customers.everyone, len(customers.frame))
    return match_segments(crosswalk_of_all(customers.everyone.frame, (old, found.model)))


def _keeping(predecessor: Predecessor, later_model: bool = False) -> Segmenter:
    def segment(customers: Customers, config: Config, progress: Listener) -> Segmentation:
        progress("assigning customers", 0.0)
        wanted, k = config.segments.k, len(predecessor.model.segments)
        if wanted is not None and wanted != k:
            raise ConfigError(
                f"k = {wanted}, but the model of {predecessor.run.period} has {k} segments and is kept",
                "Add --refit to fit anew, or leave k out.",
            )
        scored = score_segments(customers, predecessor.model, predecessor.evidence)
        return replace(scored, findings=(*scored.findings, _later(predecessor))) if later_model else scored

    return segment


def _later(successor: Predecessor) -> Finding:
    return Finding(
        "later_than_period",
        f"The customers were assigned with a model fitted on later data, that of the report of {successor.run.period}: "
        "this month was made up after it.",
        "warning",
    )


def _renewing(predecessor: Predecessor) -> Segmenter:
    def segment(customers: Customers, config: Config, progress: Listener) -> Segmentation:
        old = predecessor.model
        k = config.segments.k or len(old.segments)
        settings = config.segments.model_copy(update={"k": k})
        fresh = fit_segments(customers, config.model_copy(update={"segments": settings}), progress, old)
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
