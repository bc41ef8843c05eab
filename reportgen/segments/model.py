"""The segment model: plain numbers, kept as JSON, that assign any customer to a segment."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from reportgen import __version__
from reportgen.errors import InputError
from reportgen.segments.baseline import Bins
from reportgen.segments.projection import MapFrame
from reportgen.segments.recipe import FeatureRecipe, apply_recipe, unscorable_rows
from reportgen.segments.scoring import Algorithm, Assignment, ScoringRule, nearest
from reportgen.segments.selftest import SelfTestRow, first_difference, make_rows

__all__ = [
    "Assignment",
    "Bins",
    "FitSummary",
    "RetiredSegment",
    "Ruler",
    "SegmentModel",
    "SegmentRef",
    "assign",
    "from_json",
    "model_id",
    "to_json",
]

SCHEMA = "reportgen.model"
MAJOR = 1
_BESIDE = ("schema", "id", "sha256", "reportgen", "next_number", "selftest")
_ONLY_IF_USED = ("algorithm", "factors", "offsets")  # left out of a k-means model, which older versions read too
_ONLY_IF_MONTHLY = ("retired", "ruler", "baseline", "map")  # left out where they hold nothing


@dataclass(frozen=True)
class SegmentRef:
    """What a segment is called for ever: its id, its letter and its place in the palette."""

    id: str  # "s01", never reused
    letter: str  # "A", the badge
    colour: int  # 0-based place in the palette
    name: str  # given by personas or by the user; the id until then
    born: str = ""  # the month in which it was first found and named, YYYY-MM, in a monthly report
    words: tuple[str, ...] = ()  # the words for spend and state that its name was given for; empty: named by the user


@dataclass(frozen=True)
class FitSummary:
    """How the customers lay around the centres at the fit; limits are quantiles, never one customer's value."""

    mean_squared_distance: float
    silhouette: float | None
    shares: tuple[float, ...]  # of the segmented customers, per segment
    distance_quantiles: tuple[float, float, float]  # 50, 95 and 99% of the distances to the nearest centre


@dataclass(frozen=True)
class RetiredSegment:
    """A segment that a later fit did not find again; its id is never given away again."""

    id: str
    name: str
    merged_into: str | None = None  # id of the segment that took most of its members


@dataclass(frozen=True)
class Ruler:
    """Limits that are learned with the model and kept as long as it is: days, and cuts of the classic view."""

    usual_gap: float | None = None  # G of domain.md section 0
    lapse_limit: float | None = None  # D
    rfm_cuts: tuple[tuple[float, ...], ...] = ()  # of recency, frequency and monetary value; empty: not scored


@dataclass(frozen=True)
class SegmentModel:
    """Recipe and centres (scaled, one row per segment in display order)."""

    recipe: FeatureRecipe
    centres: tuple[tuple[float, ...], ...]
    segments: tuple[SegmentRef, ...]
    seed: int
    fitted_rows: int
    inertia: float
    fit: FitSummary | None = None
    as_of: str = ""  # ISO date that a log of orders was looked at from
    parent: str | None = None  # id of the model that this one replaces
    algorithm: Algorithm = "kmeans"
    factors: tuple[tuple[tuple[float, ...], ...], ...] = ()  # (k, p, p) of a mixture, see ScoringRule; else empty
    offsets: tuple[float, ...] = ()  # (k,) of a mixture
    retired: tuple[RetiredSegment, ...] = ()
    ruler: Ruler | None = None
    baseline: tuple[Bins, ...] = ()  # how the active columns were distributed at the fit
    map: MapFrame | None = None  # so that the map of customers never turns or flips

    @property
    def free_number(self) -> int:
        """The first number that no segment has or had."""
        return 1 + max(int(known[1:]) for known in self.ids)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all segments, those that are no more included."""
        return (*(segment.id for segment in self.segments), *(segment.id for segment in self.retired))

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The centres as (k, p)."""
        return np.array(self.centres, dtype=np.float64)

    @property
    def rule(self) -> ScoringRule:
        """What a customer pays to join each segment."""
        if not self.factors:
            return ScoringRule(self.matrix)
        return ScoringRule(self.matrix, np.array(self.factors, np.float64), np.array(self.offsets, np.float64))


def assign(model: SegmentModel, frame: pd.DataFrame) -> Assignment:
    """Assign every row of ``frame``; a row with more than half of the active cells missing is not segmented.

    Equal rows get equal results to the bit, in any order and in any chunks. KeyError if a column is absent.
    """
    scorable = ~unscorable_rows(model.recipe.names, frame, model.recipe.words)
    return nearest(apply_recipe(model.recipe, frame), model.rule, scorable)


def to_json(model: SegmentModel) -> str:
    """Write the model as reviewable JSON with its hash and a self-test on synthetic customers; no customer in it."""
    content = _numbers(model) | {
        "schema": f"{SCHEMA}/{MAJOR}",
        "reportgen": __version__,
        "next_number": model.free_number,
        "selftest": [asdict(row) for row in make_rows(model.recipe, model.rule)],
    }
    digest = _digest(content)
    head = {"schema": content.pop("schema"), "id": f"m{digest[:12]}", "sha256": digest}
    return json.dumps(head | content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _numbers(model: SegmentModel) -> dict[str, Any]:
    content = asdict(model)
    if model.algorithm == "kmeans":
        content = {key: value for key, value in content.items() if key not in _ONLY_IF_USED}
    content = {key: value for key, value in content.items() if value or key not in _ONLY_IF_MONTHLY}
    for segment in content["segments"]:
        for key in ("born", "words"):
            if not segment[key]:
                del segment[key]
    for feature in content["recipe"]["features"]:
        for key in ("level", "mismatch"):
            if feature[key] is None:
                del feature[key]
    return content


def model_id(text: str) -> str:
    """Return the id of a model from its JSON."""
    return str(json.loads(text)["id"])


def from_json(text: str) -> SegmentModel:
    """Read a model; its hash must fit and its self-test must pass. Raises InputError that says what is wrong."""
    data = _parse(text)
    version = re.fullmatch(rf"{re.escape(SCHEMA)}/(\d+)", str(data.get("schema")))
    if version is None:
        raise _refusal("is not a reportgen model")
    if int(version[1]) > MAJOR:
        raise InputError(
            f"the model file has version {version[1]}, this reportgen reads version {MAJOR}",
            f"Update reportgen: the file was written by {data.get('reportgen', 'a newer version')}.",
        )
    try:
        digest = _digest({key: value for key, value in data.items() if key not in ("id", "sha256")})
    except ValueError:  # 1e999 is infinite
        raise _refusal("holds a number that is too large, or text that is not Unicode") from None
    if data.get("sha256") != digest or data.get("id") != f"m{digest[:12]}":
        raise _refusal("was changed after it was written (its sha256 doesn't fit)")
    return _checked(data)


def _parse(text: str) -> dict[str, Any]:
    def refuse(constant: str) -> NoReturn:
        raise _refusal(f"holds {constant}, which is not a number")

    try:
        data = json.loads(text, parse_constant=refuse)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _refusal(f"is not valid JSON ({error})") from None
    if not isinstance(data, dict):
        raise _refusal("is not a reportgen model")
    return data


def _checked(data: dict[str, Any]) -> SegmentModel:
    core = {key: value for key, value in data.items() if key not in _BESIDE}
    try:
        model = TypeAdapter(SegmentModel).validate_json(json.dumps(core), strict=True)
        rows = TypeAdapter(tuple[SelfTestRow, ...]).validate_json(json.dumps(data.get("selftest")), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "selftest"
        raise _refusal(f"is damaged at {where}: {first['msg'][0].lower()}{first['msg'][1:]}") from None
    if not _consistent(model) or any(len(row.values) != len(model.recipe.features) for row in rows) or not rows:
        raise _refusal("is damaged: the numbers of columns, centres and segments don't fit")
    difference = first_difference(model.recipe, model.rule, rows)
    if difference is not None:
        raise InputError(
            f"model self-test failed: {difference}",
            "This installation computes otherwise than the one that wrote the model; reinstall it, or fit anew.",
        )
    return model


def _consistent(model: SegmentModel) -> bool:
    p, k = len(model.recipe.features), len(model.segments)
    frame = model.map
    return (
        p > 0
        and (frame is None or len(frame.mean) == len(frame.axes) == len(frame.loadings) == p)
        and (frame is None or all(len(row) == p for row in frame.axes))
        and k > 1
        and len(model.centres) == k
        and all(len(centre) == p for centre in model.centres)
        and all(feature.scale > 0 and feature.transform_unit > 0 for feature in model.recipe.features)
        and len(set(model.ids)) == len(model.ids)
        and len(model.factors) == len(model.offsets) == (k if model.algorithm in ("gaussian", "bernoulli") else 0)
        and all(len(factor) == p and all(len(row) == p for row in factor) for factor in model.factors)
        and all(offset >= 0 for offset in model.offsets)
    )


def _digest(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _refusal(what: str) -> InputError:
    return InputError(f"the model file {what}", "Use the model.json of a finished run, unchanged, or fit anew.")
