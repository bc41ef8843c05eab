"""The document of what big tables cost says what was measured, and says it whatever was measured."""

from __future__ import annotations

import importlib.util
import json
from types import ModuleType

import pytest
from shared import ROOT


@pytest.fixture(scope="module")
def performance() -> ModuleType:
    spec = importlib.util.spec_from_file_location("performance", ROOT / "benchmarks" / "performance.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_document_shows_the_results_that_are_kept(performance: ModuleType) -> None:
    document = performance.DOCUMENT.read_text(encoding="utf-8")
    assert performance.paste(document, json.loads(performance.RESULTS.read_text())) == document


def test_results_name_no_machine() -> None:
    kept = json.loads((ROOT / "benchmarks" / "results.json").read_text())
    known = {"cpu", "wall", "peak", "run", "ended", "version", "inertia", "rand", "steady"}
    assert {key for case in kept.values() for entry in case.values() for key in entry} <= known
    assert "/" not in json.dumps(kept)


def test_goals_are_met_missed_or_not_measured(performance: ModuleType) -> None:
    results = {"orders-100m": {"run": {"cpu": 90.0, "peak": 5000}, "summary": {"cpu": 30.0}}}
    lines = [line for line in performance.goal_lines(results) if line.startswith("| 100 M")]
    assert [line.split("|")[-2].strip() for line in lines] == ["met", "**missed**", "not measured"]
    results["orders-100m"]["summary"] |= {"ended": "memory"}
    assert "not measured" in next(line for line in performance.goal_lines(results) if line.startswith("| 100 M"))


def test_what_did_not_survive_shows_no_seconds(performance: ModuleType) -> None:
    ended = {"cpu": 612.3, "wall": 600.0, "peak": 5000, "run": 30.0, "ended": "time", "version": "4.20.0"}
    [line] = [line for line in performance.table_lines({"orders-1m": {"profile": ended}}) if "fg-data" in line]
    assert "did not survive: more than 10 minutes" in line
    assert "612" not in line
