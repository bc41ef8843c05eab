"""The numbers of a report for machines: report.json."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from reportgen.report.model import Facts, Figure, Grid, GridRow, Report, Section, Sentence
from reportgen.report.walk import blocks_of, grids_of, sentences_of
from reportgen.segments.projection import Projection
from reportgen.values import Quantity, settled

FORMAT = "reportgen report 1"


def render_json(report: Report) -> str:
    """Return every number that any output shows, as JSON with sorted keys.

    ``tables`` hold all tables by name, ``sections`` the tiles, sentences (with the values they state) and figures of
    each section by id, ``letter`` those of the e-mail with its table. A cell is {"value", "kind"} and, where it has
    one, "unit"; a hidden cell {"kind", "hidden"}.
    """
    document: dict[str, Any] = {
        "format": FORMAT,
        "title": report.title,
        "subtitle": report.subtitle,
        "organisation": report.organisation,
        "language": report.language,
        "currency": report.currency,
        "date": report.date,
        "meta": dict(report.meta),
        "segments": {ref.id: {"letter": ref.letter, "name": ref.name} for ref in report.segments},
        "sections": {section.id: _section(section) for section in report.sections},
        "tables": {grid.name: _grid(grid) for grid in grids_of(report)},
    }
    if report.letter is not None:
        tables = [block for block in blocks_of(report.letter) if isinstance(block, Grid)]
        document["letter"] = {**_section(report.letter), "tables": {grid.name: _grid(grid) for grid in tables}}
    return json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"


def _section(section: Section) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": section.kind, "title": section.title}
    facts = [tile for block in blocks_of(section) if isinstance(block, Facts) for tile in block.tiles]
    figures = {block.name: _figure(block) for block in blocks_of(section) if isinstance(block, Figure)}
    sentences = [_sentence(sentence) for sentence in sentences_of(section)]
    grids = [block.name for block in blocks_of(section) if isinstance(block, Grid)]
    if section.segment is not None:
        found["segment"] = section.segment.id
    if facts:
        found["facts"] = [{"label": tile.label, "note": tile.note, **_quantity(tile.value)} for tile in facts]
    if figures:
        found["figures"] = figures
    if sentences:
        found["sentences"] = sentences
    if grids:
        found["tables"] = grids
    return found


def _sentence(sentence: Sentence) -> dict[str, Any]:
    if not sentence.sources:
        return {"text": sentence.text}
    sources = [
        {"key": source.key, "values": {name: _quantity(q) for name, q in source.values}} for source in sentence.sources
    ]
    return {"text": sentence.text, "sources": sources}


def _figure(figure: Figure) -> dict[str, Any]:
    found = {"chart": figure.chart, "title": figure.title, "alt": figure.alt, "data": _plain(figure.data)}
    return found | ({"table": figure.table.name} if figure.table is not None else {})


def _grid(grid: Grid) -> dict[str, Any]:
    columns = [column.label for column in grid.columns]
    return {"columns": columns, "rows": [_row(row) for row in grid.rows]}


def _row(row: GridRow) -> dict[str, Any]:
    found: dict[str, Any] = {"cells": [_quantity(cell) for cell in row.cells]}
    if row.segment is not None:
        found["segment"] = row.segment.id
    if any(row.notes):
        found["notes"] = list(row.notes)
    return found


def _quantity(quantity: Quantity) -> dict[str, Any]:
    if quantity.suppressed:
        return {"kind": quantity.kind, "hidden": True}
    found: dict[str, Any] = {"kind": quantity.kind, "value": _plain(quantity.value)}
    return found | ({"unit": quantity.unit} if quantity.unit else {})


def _plain(value: Any) -> Any:
    """Return a value as JSON types. The dots of single customers on the map stay out."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        private = ("points", "labels") if isinstance(value, Projection) else ()
        names = [field.name for field in dataclasses.fields(value) if field.name not in private]
        value = {name: getattr(value, name) for name in names}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return settled(value) if math.isfinite(value) else None
    return value
