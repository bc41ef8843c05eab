"""Folders, partitions and files elsewhere as sources, and what is refused of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pandas as pd
import pytest

from reportgen.errors import InputError
from reportgen.inputs.table import Table, open_table

CSV = "id,n\na,1\nb,2\n"


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def write_parquet(root: Path, files: dict[str, dict[str, list[Any]]]) -> Path:
    for name, columns in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(columns).to_parquet(root / name)
    return root


def rows_of(table: Table, *columns: str) -> list[tuple[Any, ...]]:
    relation: Any = table.frame.to_native()
    return sorted(relation.project(", ".join(f'"{name}"' for name in columns)).fetchall())


def codes(table: Table) -> list[str]:
    return [finding.code for finding in table.origin.findings]


# --- folders ---------------------------------------------------------------------------------------------------------


def test_a_folder_is_one_table_named_after_itself(tmp_path: Path) -> None:
    files = {"shop/2024/a.csv": CSV, "shop/b.csv": "id,n\nc,3\n", "shop/_SUCCESS": "", "shop/.b.csv.crc": "x"}
    write(tmp_path, files | {"shop/README.md": "notes"})
    table = open_table(tmp_path / "shop")
    assert table.origin.name == table.origin.lasting == "shop"
    assert [(part.name, part.rows) for part in table.origin.parts] == [("2024/a.csv", 2), ("b.csv", 1)]
    assert rows_of(table, "id") == [("a",), ("b",), ("c",)]


@pytest.mark.parametrize("pattern", ["", "**/*.csv"])
def test_lists_of_earlier_reports_are_no_input(tmp_path: Path, pattern: str) -> None:
    made = {"output/runs/shop.r1/customers.csv": CSV, "output/runs/shop.r1/manifest.json": "{}"}
    write(tmp_path, made | {"a.csv": CSV, "more/runs/b.csv": "id,n\nc,3\n"})
    assert rows_of(open_table(tmp_path / pattern), "id") == [("a",), ("b",), ("c",)]
    assert rows_of(open_table(tmp_path / "output" / "runs" / "*" / "*.csv"), "id") == [("a",), ("b",)]


def test_folders_of_hive_partitions_tell_columns(tmp_path: Path) -> None:
    files = {"land=DE/art=B%C3%BCcher/a.csv": CSV, "land=__HIVE_DEFAULT_PARTITION__/art=x/a.csv": "id,n\nc,3\n"}
    write(tmp_path / "above=1", files)
    expected = [("a", "DE", "Bücher"), ("b", "DE", "Bücher"), ("c", None, "x")]
    for source in (tmp_path / "above=1", tmp_path / "above=1" / "land=*" / "**" / "*.csv"):
        table = open_table(source)
        assert rows_of(table, "id", "land", "art") == expected
        assert "above" not in table.frame.collect_schema().names()


def test_parquet_partitions_are_one_relation(tmp_path: Path) -> None:
    root = tmp_path / "above=1"
    write_parquet(
        root, {f"year={year}/p-{i}.parquet": {"id": [year + i], "n": [1.5]} for year in (2024, 2025) for i in (0, 1)}
    )
    table = open_table(root)
    assert rows_of(table, "id", "year") == [(2024, "2024"), (2025, "2024"), (2025, "2025"), (2026, "2025")]
    assert table.frame.collect_schema().names() == ["id", "n", "year"]
    assert [part.name for part in table.origin.parts][:2] == ["year=2024/p-0.parquet", "year=2024/p-1.parquet"]
    assert not table.origin.findings


def test_values_of_partitions_may_be_odd(tmp_path: Path) -> None:
    folders = ("a b", "50%25", "x'y", "a%3Db", "ü;,", "__HIVE_DEFAULT_PARTITION__")
    write_parquet(tmp_path, {f"region={name}/p.parquet": {"id": [i], "n": [1.5]} for i, name in enumerate(folders)})
    found = dict(rows_of(open_table(tmp_path), "id", "region"))
    assert [found[i] for i in range(6)] == ["a b", "50%", "x'y", "a=b", "ü;,", None]
    write_parquet(tmp_path, {"region=a=b/p.parquet": {"id": [7], "n": [1.5]}})
    with pytest.raises(InputError, match=r"folder region=a=b has more than one sign of equality") as error:
        open_table(tmp_path)
    assert "region=a%3Db" in error.value.hint


def test_five_hundred_files_with_the_same_columns(tmp_path: Path) -> None:
    con = duckdb.connect()
    for i in range(500):
        con.execute(f"COPY (SELECT {i} AS id, {i} * 1.5 AS n) TO '{tmp_path}/{i:03}.parquet'")
    table = open_table(tmp_path)
    assert table.origin.rows == len(table.origin.parts) == 500
    assert sum(row[0] for row in rows_of(table, "n")) == 1.5 * 499 * 250


def test_columns_that_come_and_change_their_type_between_files(tmp_path: Path) -> None:
    write_parquet(tmp_path, {
        "2024-01.parquet": {"id": [1, 2], "n": [1, 2], "day": [None, None]},
        "2024-02.parquet": {"id": [3, 4], "n": ["7", "n/a"], "day": [None, None], "new": [1, 2]},
    })  # fmt: skip
    table = open_table(tmp_path)
    assert rows_of(table, "id", "n", "new") == [(1, "1", None), (2, "2", None), (3, "7", 1), (4, "n/a", 2)]
    said = {finding.code: finding.message for finding in table.origin.findings}
    assert said["mixed_types"] == "'n' has several types (BIGINT, VARCHAR); it is read as text."
    assert "'new' is missing in 2024-01.parquet" in said["missing_column"]


@pytest.mark.parametrize("damage", ["footer", "page"])
def test_a_damaged_file_among_many_is_named(tmp_path: Path, damage: str) -> None:
    frame = pd.DataFrame({"id": range(5000), "n": [f"some text {i * 7919 % 5000}" for i in range(5000)]})
    for i in range(20):
        frame.assign(id=frame["id"] + i).to_parquet(tmp_path / f"{i:02}.parquet")
    path = tmp_path / "13.parquet"
    data = bytearray(path.read_bytes())
    place = slice(-40, -8) if damage == "footer" else slice(2000, 3000)
    data[place] = b"\xff" * len(data[place])
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match=r"13\.parquet is a damaged Parquet file") as error:
        open_table(tmp_path)
    assert "again" in error.value.hint


@pytest.mark.parametrize(
    ("files", "message", "hint"),
    [
        ({"a.csv": CSV, "b.xlsx": "x", "c.csv": CSV + "d,4\n"}, "several kinds of files", "/**/*.csv"),
        ({"notes.md": "x"}, "a folder that holds no table", "another folder"),
        ({"_delta_log/0.json": "{}", "a.csv": CSV}, "a Delta table, whose files also hold rows", "Export"),
        ({"metadata/v1.metadata.json": "{}", "data/a.csv": CSV}, "an Iceberg table", "Export"),
        ({"x/a.csv": CSV, "y/a.csv": CSV}, "y/a.csv and x/a.csv hold the same bytes", "one of them"),
    ],
)  # fmt: skip
def test_folders_that_are_no_table(tmp_path: Path, files: dict[str, str], message: str, hint: str) -> None:
    write(tmp_path, files)
    with pytest.raises(InputError, match=message) as error:
        open_table(tmp_path)
    assert hint in error.value.hint


# --- files elsewhere -------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Any:
    """A store in memory that holds what lies in ``tmp_path / "up"``."""
    files = fsspec.filesystem("memory")
    yield lambda: files.put(str(tmp_path / "up"), "/bucket", recursive=True)
    files.rm("/bucket", recursive=True)


def test_files_of_an_object_store(tmp_path: Path, store: Any) -> None:
    write_parquet(tmp_path / "up", {f"sales/year={year}/p.parquet": {"id": [year], "n": [1]} for year in (2024, 2025)})
    write(tmp_path / "up", {"one.csv": CSV, "sales/_SUCCESS": ""})
    store()
    for source in ("memory://bucket/sales", "memory://bucket/sales/year=*/*.parquet"):
        table = open_table(source)
        assert rows_of(table, "id", "year") == [(2024, "2024"), (2025, "2025")]
        assert table.origin.parts[0].name == "year=2024/p.parquet"
    assert rows_of(open_table("memory://bucket/one.csv"), "id", "n") == [("a", "1"), ("b", "2")]
    assert open_table("memory://bucket/one.csv").origin.name == "one.csv"
    assert rows_of(open_table(f"local://{tmp_path}/up/one.csv"), "id") == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("memory://bucket/nothing.csv", "there is no file memory://bucket/nothing.csv"),
        ("memory://bucket/none/*.csv", "there is no file"),
        ("memory://bucket", r"several kinds of files"),
    ],
)
def test_what_a_store_does_not_hold(tmp_path: Path, store: Any, source: str, message: str) -> None:
    write(tmp_path / "up", {"one.csv": CSV, "two.json": '{"a": 1}'})
    store()
    with pytest.raises(InputError, match=message) as error:
        open_table(source)
    assert error.value.hint
    assert codes(open_table("memory://bucket/*.csv")) == []
