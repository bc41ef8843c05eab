"""Input gates: each just below and just above its limits, as literals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reportgen.cli import options
from reportgen.gate_settings import GatesConfig
from reportgen.history.gates import NAMES, Case, Gate, judge, late_rows
from reportgen.history.received import Received, from_manifest, to_manifest
from reportgen.report.wording import say

LOG = Received(
    period="2024-10",
    kind="orders",
    columns={"Customer": ("customer_id", "text"), "Date": ("order_date", "date"), "Total": ("order_total", "number")},
    rows=100_000,
    digest="d1",
    dated=10_000,
    since="2020-01",
    customers=1_000,
    newest="2024-10-31",
    usual_break=0,
    medians={"": 50.0},
    missing={"Customer": 0.10},
    currency="EUR",
    read=100_000,
    ahead=0,
    repeated=0,
    unusable=0,
)
TABLE = replace(LOG, kind="customers", dated=0, since="", newest=None, medians={"Spend": 50.0}, rows=1_000, read=1_000)


def november(before: Received, **changed: Any) -> Received:
    newest = "2024-11-30" if before.newest else None
    return replace(before, **{"period": "2024-11", "digest": "d2", "newest": newest} | changed)


def verdicts(case: Case, name: str) -> list[str]:
    return [gate.verdict for gate in judge(case) if gate.name == name]


def judged(before: Received, recount: tuple[int, str] | None = None, **changed: Any) -> dict[str, str]:
    """The worst verdict of each gate on November after October."""
    case = Case(november(before, **changed), before, None, recount or (before.rows, before.digest))
    worst: dict[str, str] = {}
    for gate in judge(case):
        worst[gate.name] = max(gate.verdict, worst.get(gate.name, ""), key=["", "pass", "warn", "stop"].index)
    return worst


@pytest.mark.parametrize("before", [LOG, TABLE], ids=("log", "table"))
def test_a_month_as_usual_passes_every_gate(before: Received) -> None:
    assert set(judged(before).values()) == {"pass"}


@pytest.mark.parametrize(
    ("before", "name", "changed", "verdict"),
    [
        (replace(LOG, customers=49), "empty", {}, "stop"),
        (replace(LOG, customers=50), "empty", {}, "warn"),
        (replace(LOG, customers=199), "empty", {}, "warn"),
        (replace(LOG, customers=200), "empty", {}, "pass"),
        (LOG, "customers", {"customers": 799}, "stop"),
        (LOG, "customers", {"customers": 800}, "warn"),
        (LOG, "customers", {"customers": 899}, "warn"),
        (LOG, "customers", {"customers": 900}, "pass"),
        (LOG, "customers", {"customers": 1_200}, "pass"),
        (LOG, "customers", {"customers": 1_201}, "warn"),
        (LOG, "customers", {"customers": 1_500}, "warn"),
        (LOG, "customers", {"customers": 1_501}, "stop"),
        (LOG, "customers", {"customers": 1_501, "since": "2024-01"}, "warn"),
        (LOG, "customers", {"customers": 1_501, "since": "2023-11"}, "stop"),
        (LOG, "rows", {"dated": 4_999}, "stop"),
        (LOG, "rows", {"dated": 5_000}, "warn"),
        (LOG, "rows", {"dated": 7_999}, "warn"),
        (LOG, "rows", {"dated": 8_000}, "pass"),
        (LOG, "rows", {"dated": 15_000}, "pass"),
        (LOG, "rows", {"dated": 15_001}, "warn"),
        (LOG, "rows", {"dated": 20_000}, "warn"),
        (LOG, "rows", {"dated": 20_001}, "stop"),
        (TABLE, "rows", {"rows": 799}, "stop"),
        (TABLE, "rows", {"rows": 800}, "warn"),
        (TABLE, "rows", {"rows": 900}, "pass"),
        (TABLE, "rows", {"rows": 1_200}, "pass"),
        (TABLE, "rows", {"rows": 1_201}, "warn"),
        (TABLE, "rows", {"rows": 1_501}, "stop"),
        (LOG, "history", {"recount": (98_999, "x")}, "stop"),
        (LOG, "history", {"recount": (99_000, "x")}, "pass"),
        (LOG, "history", {"recount": (101_000, "x")}, "pass"),
        (LOG, "history", {"recount": (101_001, "x")}, "warn"),
        (LOG, "stale", {"newest": "2024-11-30"}, "pass"),
        (LOG, "stale", {"newest": "2024-11-29"}, "warn"),
        (LOG, "stale", {"newest": "2024-11-28"}, "warn"),
        (LOG, "stale", {"newest": "2024-11-27"}, "stop"),
        (LOG, "stale", {"newest": "2024-11-27", "usual_break": 3}, "pass"),
        (LOG, "stale", {"newest": "2024-11-26", "usual_break": 3}, "stop"),
        (TABLE, "stale", {"newest": "2024-11-28"}, "warn"),
        (TABLE, "stale", {"newest": "2024-11-27"}, "stop"),
        (LOG, "same", {"dated": 0}, "stop"),
        (replace(LOG, dated=1), "same", {}, "pass"),
        (TABLE, "same", {"digest": "d1"}, "stop"),
        (TABLE, "future", {"ahead": 1}, "warn"),
        (TABLE, "future", {"ahead": 10}, "warn"),
        (TABLE, "future", {"ahead": 11}, "stop"),
        (LOG, "duplicates", {"repeated": 1}, "warn"),
        (LOG, "duplicates", {"repeated": 1_000}, "warn"),
        (LOG, "duplicates", {"repeated": 1_001}, "stop"),
        (LOG, "scale", {"medians": {"": 149.9}}, "pass"),
        (LOG, "scale", {"medians": {"": 150.0}}, "warn"),
        (LOG, "scale", {"medians": {"": 1_499.0}}, "warn"),
        (LOG, "scale", {"medians": {"": 1_500.0}}, "stop"),
        (TABLE, "scale", {"medians": {"Spend": 50 / 2.9}}, "pass"),
        (TABLE, "scale", {"medians": {"Spend": 50 / 3.1}}, "warn"),
        (TABLE, "scale", {"medians": {"Spend": 50 / 31}}, "stop"),
        (TABLE, "scale", {"medians": {"Another": 5_000.0}}, "pass"),
        (LOG, "currency", {"currency": "USD"}, "stop"),
        (LOG, "currency", {"currency": ""}, "pass"),
        (LOG, "dropped", {"unusable": 1_000}, "pass"),
        (LOG, "dropped", {"unusable": 1_001}, "warn"),
        (LOG, "dropped", {"unusable": 2_000}, "warn"),
        (LOG, "dropped", {"unusable": 2_001}, "stop"),
        (replace(LOG, unusable=4_000), "dropped", {"unusable": 5_000}, "warn"),
        (replace(LOG, unusable=4_000), "dropped", {"unusable": 5_001}, "stop"),
        (LOG, "missing", {"missing": {"Customer": 0.149}}, "pass"),
        (LOG, "missing", {"missing": {"Customer": 0.151}}, "warn"),
        (LOG, "missing", {"missing": {"Customer": 0.299}}, "warn"),
        (LOG, "missing", {"missing": {"Customer": 0.301}}, "stop"),
        (LOG, "columns", {"columns": {**LOG.columns, "Colour": ("", "text")}}, "warn"),
        (LOG, "columns", {"columns": dict(list(LOG.columns.items())[:2])}, "stop"),
        (LOG, "columns", {"columns": {**LOG.columns, "Total": ("order_total", "text")}}, "stop"),
    ],
)  # fmt: skip
def test_just_below_and_just_above_each_limit(
    before: Received, name: str, changed: dict[str, Any], verdict: str
) -> None:
    found = judged(before, **changed)
    assert found.get(name, "pass") == verdict
    assert all(other == "pass" for gate, other in found.items() if gate != name), "no other gate minds"


def test_a_column_under_another_header_is_not_gone() -> None:
    renamed = {"Customer": ("customer_id", "text"), "Date": ("order_date", "date"), "Amount": ("order_total", "number")}
    assert judged(LOG, columns=renamed)["columns"] == "warn"


def test_a_log_that_goes_on_in_the_month_after_did_not_break_off() -> None:
    quiet = november(LOG, newest="2024-11-20")
    assert verdicts(Case(quiet, LOG, None, (100_000, "d1")), "stale") == ["stop"]
    assert verdicts(Case(quiet, LOG, None, (100_000, "d1"), goes_on=True), "stale") == ["warn"]


def test_all_doubts_are_listed_together() -> None:
    case = Case(november(LOG, dated=10, newest="2024-11-02", currency="USD"), LOG, None, (50, "x"))
    assert [gate.name for gate in judge(case) if gate.stops] == ["rows", "history", "stale", "currency"]


def test_a_month_that_is_as_last_year_is_not_doubtful() -> None:
    december = replace(november(LOG, dated=30_000), period="2024-12", newest="2024-12-31")
    year_ago = replace(LOG, period="2023-12", dated=28_000)
    assert verdicts(Case(december, LOG, None, (100_000, "d1")), "rows") == ["stop"]
    assert verdicts(Case(december, LOG, year_ago, (100_000, "d1")), "rows") == ["pass"]
    half = replace(december, customers=500)
    assert verdicts(Case(half, LOG, replace(year_ago, customers=500), (100_000, "d1")), "customers") == ["stop"]
    quiet = replace(year_ago, dated=10_000)
    assert verdicts(Case(december, LOG, quiet, (100_000, "d1")), "rows") == ["stop"]


def test_without_an_earlier_month_only_absolute_limits_are_asked() -> None:
    bad = november(LOG, customers=10, dated=0, newest="2024-11-02", repeated=50_000, unusable=50_000)
    asked = {gate.name for gate in judge(Case(bad)) if gate.stops}
    assert asked == {"empty", "stale", "same", "duplicates", "dropped"}
    assert {gate.name for gate in judge(Case(november(TABLE, ahead=500))) if gate.stops} == {"future"}


def test_what_is_accepted_stops_nothing_and_is_remembered() -> None:
    case = Case(november(LOG, dated=10, currency="USD"), LOG, None, (100_000, "d1"))
    gates = {gate.name: gate for gate in judge(case, accept=("rows", "customers"))}
    assert gates["rows"].accepted
    assert not gates["rows"].stops
    assert gates["currency"].stops
    assert not gates["customers"].accepted, "nothing was to be accepted"


def test_limits_are_settings() -> None:
    case = Case(november(LOG, dated=10), LOG, None, (100_000, "d1"))
    wide = GatesConfig(log_rows=(0.0, 0.0, 10.0, 10.0))
    assert not any(gate.stops for gate in judge(case, wide))


def test_limits_must_rise() -> None:
    with pytest.raises(ValueError, match="from the lowest to the highest"):
        GatesConfig(customers=(0.9, 0.8, 1.2, 1.5))


@pytest.mark.parametrize(
    ("recount", "said"),
    [
        ((100_037, "x"), "37 rows dated in or before October 2024 arrived after the report on October 2024."),
        ((100_001, "x"), "1 row dated in or before October 2024 arrived after the report on October 2024."),
        ((100_000, "x"), "Rows dated in or before October 2024 were changed after the report on October 2024."),
        ((100_000, "d1"), None),
        ((99_999, "x"), None),
    ],
    ids=("more", "one", "changed", "same", "gone"),
)
def test_late_rows_are_counted(recount: tuple[int, str], said: str | None) -> None:
    late = late_rows(Case(november(LOG), LOG, None, recount))
    assert late is not None
    assert (say(late.said).text if late.said else None) == said


def test_a_table_has_no_late_rows() -> None:
    assert late_rows(Case(november(TABLE), TABLE)) is None


def test_every_doubt_has_a_sentence_with_its_figures() -> None:
    case = Case(november(LOG, dated=4_000, medians={"": 5_000.0}), LOG, None, (90_000, "x"))
    said = {gate.name: say(gate.said).text for gate in judge(case) if gate.said}
    assert said == {
        "rows": "4,000 rows are dated in November 2024, 40% of the 10,000 in October 2024.",
        "history": "10,000 of the 100,000 rows dated in or before October 2024 are no longer there.",
        "scale": "A typical order was worth €5,000.00 in November 2024, and €50.00 in October 2024.",
    }


def test_facts_survive_the_manifest() -> None:
    assert from_manifest({"received": to_manifest(LOG)}) == LOG
    assert from_manifest({}) is None
    assert from_manifest({"received": {"period": "2024-10"}}) is None


def test_the_command_line_knows_every_gate() -> None:
    assert options.GATES == NAMES
    assert isinstance(judge(Case(LOG))[0], Gate)
