"""Typed sources: Parquet, Arrow, data frames and JSON."""

from __future__ import annotations

import datetime as dt
import gc
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from reportgen.errors import InputError
from reportgen.inputs.table import open_table

COLUMNS: dict[str, list[Any]] = {
    "id": [1, 2, 3],
    "amount": [2.5, float("nan"), float("inf")],
    "word": [" a ", "", None],
    "day": [dt.date(2024, 1, 1), None, dt.date(2024, 1, 3)],
    "moment": [dt.datetime(2024, 1, 1, 8), None, dt.datetime(2024, 1, 3)],
    "price": [Decimal("1.10"), Decimal("2.20"), None],
    "flag": [True, False, None],
}
ROWS = [
    (1, 2.5, "a", dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, 8), Decimal("1.10"), True),
    (2, None, None, None, None, Decimal("2.20"), False),
    (3, None, None, dt.date(2024, 1, 3), dt.datetime(2024, 1, 3), None, None),
]


@pytest.fixture
def arrow() -> pa.Table:
    return pa.table(COLUMNS)


def frames(arrow: pa.Table) -> dict[str, Any]:
    return {
        "arrow": arrow,
        "polars": pl.DataFrame(COLUMNS),
        "polars lazy": pl.DataFrame(COLUMNS).lazy(),
        "pandas": arrow.to_pandas(types_mapper=pd.ArrowDtype),
        "narwhals": nw.from_native(arrow),
        "duckdb": duckdb.connect().from_arrow(arrow),
    }


@pytest.mark.parametrize("library", ["arrow", "polars", "polars lazy", "pandas", "narwhals", "duckdb"])
def test_frames_keep_their_types(arrow: pa.Table, library: str) -> None:
    table = open_table(frames(arrow)[library])
    assert table.frame.collect().rows() == ROWS
    assert table.origin.rows == 3
    assert table.frame.collect_schema()["id"].is_integer()


def test_parquet_is_read_where_it_is(tmp_path: Path, arrow: pa.Table) -> None:
    path = tmp_path / "a'; drop [1]*.parquet"
    pq.write_table(arrow, path)
    (tmp_path / "a'; drop 1x.parquet").write_bytes(b"something else")
    table = open_table(path)
    assert table.frame.collect().rows() == ROWS
    assert table.origin.parts[0].rows == 3
    assert table.origin.facts == (("format", "Parquet"),)


def test_feather(tmp_path: Path, arrow: pa.Table) -> None:
    pyarrow.feather.write_feather(arrow, str(tmp_path / "t.feather"))
    assert open_table(tmp_path / "t.feather").frame.collect().rows() == ROWS


def test_nested_columns_are_left_out(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1], "tags": [["a"]], "who": [{"x": 1}], "raw": [b"\xff"]}), tmp_path / "n.parquet")
    table = open_table(tmp_path / "n.parquet")
    assert table.frame.collect().columns == ["id"]
    assert "tags, who, raw" in table.origin.findings[0].message


def test_single_precision_keeps_its_digits() -> None:
    table = open_table(pa.table({"x": pa.array([2.55, None], pa.float32())}))
    assert table.frame.collect().rows() == [(2.55,), (None,)]


def test_categories_times_and_zones_become_plain() -> None:
    frame = pd.DataFrame(
        {"kind": pd.Categorical(["a", "b"]), "at": [dt.time(8), dt.time(9)], "n": np.array([1, 2], "uint8")}
    )
    assert open_table(frame).frame.collect().rows() == [("a", "08:00:00", 1), ("b", "09:00:00", 2)]


def test_pandas_objects_mixed_and_labelled_oddly() -> None:
    frame = pd.DataFrame(
        {"mixed": [1, "a", None], ("a", "b"): [1, 2, 3], 7: [dt.date(2024, 1, 1), None, None]}, index=[5, 6, 7]
    )
    collected = open_table(frame).frame.collect()
    assert collected.columns == ["mixed", "a b", "7"]
    assert collected.rows()[0] == ("1", 1, dt.date(2024, 1, 1))


def test_a_named_index_is_a_column_an_unnamed_one_is_not() -> None:
    frame = pd.DataFrame({"n": [1, 2]}, index=pd.Index(["a", "b"], name="id"))
    assert open_table(frame).frame.collect().columns == ["id", "n"]
    assert open_table(frame.rename_axis(None)).frame.collect().columns == ["n"]
    two = pd.DataFrame({"n": [1]}, index=pd.MultiIndex.from_tuples([("x", 1)], names=["id", None]))
    assert open_table(two).frame.collect().columns == ["id", "n"]


def test_several_frames_are_one_table() -> None:
    table = open_table([pd.DataFrame({"id": [1], "n": [2.5]}), pl.DataFrame({"n": [1], "id": [2]})])
    assert sorted(table.frame.collect().rows()) == [(1, 2.5), (2, 1.0)]
    assert [part.rows for part in table.origin.parts] == [1, 1]


def test_the_frame_outlives_everything_else(arrow: pa.Table) -> None:
    frame = open_table(arrow).frame
    gc.collect()
    assert frame.select(nw.col("id").sum()).collect().item() == 6


@pytest.mark.parametrize("bad", [42, None, {"a": [1]}, [1, 2], pd.Series([1, 2])])
def test_what_is_no_table_is_refused(bad: Any) -> None:
    with pytest.raises(InputError, match="is not a table"):
        open_table(bad)


@pytest.mark.parametrize("empty", [pd.DataFrame(), pl.DataFrame({"a": []}), pa.table({"a": [[1]]})])
def test_empty_and_wholly_nested_frames_are_refused(empty: Any) -> None:
    with pytest.raises(InputError):
        open_table(empty)


def test_damaged_parquet(tmp_path: Path, arrow: pa.Table) -> None:
    pq.write_table(arrow, tmp_path / "t.parquet")
    data = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(data[:-50])
    (tmp_path / "bad.parquet").write_bytes(data[:4] + b"\xee" * 200 + data[204:])
    for name in ("cut", "bad"):
        with pytest.raises(InputError, match=f"{name}.parquet is a damaged Parquet file"):
            open_table(tmp_path / f"{name}.parquet")


RECORDS = [
    {"id": "a", "n": 1.50, "who": {"town": "Rome"}},
    {"id": "b", "ok": True, "n": 2},
    {"id": "c", "n": None, "tags": [1]},
]


@pytest.mark.parametrize("form", ["lines", "array", "wrapped", "pretty"])
def test_json(tmp_path: Path, form: str) -> None:
    text = {
        "lines": "\n".join(map(json.dumps, RECORDS)) + "\n\n",
        "array": json.dumps(RECORDS),
        "wrapped": json.dumps({"page": 1, "data": RECORDS}),
        "pretty": json.dumps(RECORDS, indent=2),
    }[form]
    (tmp_path / "t.json").write_text(text)
    table = open_table(tmp_path / "t.json")
    frame = table.frame.collect()
    assert frame.columns == ["id", "n", "who.town", "ok"]
    assert frame.rows() == [("a", "1.5", "Rome", None), ("b", "2", None, "true"), ("c", None, None, None)]
    assert [finding.code for finding in table.origin.findings] == ["nested_columns"]


def test_numbers_of_json_stay_as_written(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"id": 90071992547409931, "n": 1.10}\n{"id": 2, "n": NaN}\n')
    assert open_table(tmp_path / "t.jsonl").frame.collect().rows() == [("90071992547409931", "1.10"), ("2", None)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}\n{"a": ', "line 2"),
        ('[{"a": 1}, 7]', "record 2"),
        ('[{"a": 1}', "not valid JSON"),
        ('[{"a": [1]}]', "no objects"),
        ("[]", "no objects"),
    ],
)
def test_wrong_json(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(InputError, match=message):
        open_table(tmp_path / "t.json")


def test_types_without_common_ground_become_text() -> None:
    table = open_table([pl.DataFrame({"id": [1], "n": [2]}), pl.DataFrame({"id": [2.5], "n": [dt.date(2024, 1, 1)]})])
    assert sorted(table.frame.collect().rows()) == [(1.0, "2"), (2.5, "2024-01-01")]
    assert [(finding.code, finding.column) for finding in table.origin.findings] == [("mixed_types", "n")]


def test_empty_lists_of_json_are_empty_cells(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('[{"id": "a", "address": []}, {"id": "b", "address": {"town": "Rome"}}]')
    assert open_table(tmp_path / "t.json").frame.collect()["address.town"].to_list() == [None, "Rome"]


def test_text_sources_hold_nothing_but_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,n,empty\n1,2.5,\n2,3.5,\n")
    (tmp_path / "t.json").write_text('[{"id": 1, "n": 2.5, "empty": null}]')
    pd.DataFrame({"id": [1], "n": [2.5], "empty": [None]}).to_excel(tmp_path / "t.xlsx", index=False)
    for name in ("t.csv", "t.json", "t.xlsx"):
        schema = open_table(tmp_path / name).frame.collect_schema()
        assert dict(schema) == dict.fromkeys(("id", "n", "empty"), nw.String()), name
