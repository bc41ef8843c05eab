"""A shop with known segments and known events: the report tells these, and no others."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from month_shop import report_of, run_month
from shared import ROOT

from reportgen.config import load_config
from reportgen.inputs.read import read_customers
from reportgen.pipeline import Run
from reportgen.segments.model import SegmentRef


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_orders", ROOT / "data" / "make_orders.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("planted") / "orders.csv"
    generator().write_orders(path)
    return path


def kinds(run: Run) -> dict[str, str]:
    """The planted kinds (first letters of the ids) that make up each segment, largest first, by segment id."""
    found, names = run.analysis.segmentation, run.analysis.customers.frame["customer"]
    members: dict[str, dict[str, int]] = {}
    for key, place in zip(names, found.assignment.label, strict=True):
        count = members.setdefault(found.model.segments[place].id, {})
        count[key[0]] = count.get(key[0], 0) + 1
    return {one: "".join(sorted(count, key=lambda kind: -count[kind])) for one, count in members.items()}


def by_kind(run: Run) -> dict[str, SegmentRef]:
    return {kind: ref for ref in run.analysis.segments for one, kind in kinds(run).items() if one == ref.id}


def told(run: Run) -> set[str]:
    """What the report says became of the segments, those that go on left out."""
    lines = texts(report_of(run)["sections"]["movement"])
    return {one for one in lines if any(word in one for word in (" is new;", " no more;", " was split ", " took in "))}


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from (value,) if key == "text" and isinstance(value, str) else texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)


@pytest.mark.slow
def test_every_new_fit_tells_what_was_planted_and_nothing_else(shop: Path, tmp_path: Path) -> None:
    first = run_month(shop, tmp_path, "2024-01", segments__k=5, segments__k_max=5)
    home = by_kind(first)
    assert set(home) == {"F", "M", "P", "A", "N"}, "each planted kind is one segment, without strangers"
    fortnightly, paused = home["F"], home["P"]

    split = run_month(shop, tmp_path, "2025-02", refit=True, segments__k=6, segments__k_max=6)
    [upturned] = [ref for ref in split.analysis.segments if ref.id not in {one.id for one in first.analysis.segments}]
    assert {kinds(split)[fortnightly.id], kinds(split)[upturned.id]} == {"F", "M"}
    parts = ", ".join(ref.name for ref in split.analysis.segments if ref.id in (fortnightly.id, upturned.id))
    assert told(split) == {
        f"{upturned.name} is new; it comes from {fortnightly.name}.",
        f"{fortnightly.name} was split into {parts}.",
    }

    last = run_month(shop, tmp_path, "2025-08", refit=True, segments__k=4, segments__k_max=4)
    gone, kept = sorted((fortnightly, upturned), key=lambda ref: ref.id in kinds(last))
    assert set(kinds(last)[kept.id]) == {"F", "M"}
    assert told(last) == {
        f"{paused.name} is no more; nobody was left in it.",
        f"{gone.name} is no more; most of its customers are in {kept.name}.",
        f"{kept.name} took in {parts}.",
    }


def test_orders_on_the_last_day_of_a_month_belong_to_every_customers_history(shop: Path) -> None:
    customers = read_customers(str(shop), load_config(None, input__period="2024-01"))
    facts = customers.order_facts
    assert facts is not None
    assert facts.purchases is not None
    assert customers.frame["recency"].min() == 0
    assert facts.purchases.frame[["repeats", "span", "age"]].notna().all().all()
