"""Opening files: real data, several files as one table, packed files, and what is refused."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import Any

import narwhals as nw
import pytest
from shared import MALL, shared_data

from reportgen.errors import InputError, ReportgenError
from reportgen.inputs.table import Table, open_table

CSV = "id,n\na,1\nb,2\n"


def write(folder: Path, **files: str) -> list[Path]:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return [folder / f"{name}.csv" for name in files]


def codes(table: Table) -> list[str]:
    return [finding.code for finding in table.origin.findings]


def total(table: Table, column: str) -> float:
    return float(table.frame.select(nw.col(column).cast(nw.Float64).sum()).collect().item())


# --- real data -------------------------------------------------------------------------------------------------------


def test_mall() -> None:
    table = open_table(MALL)
    assert table.frame.collect().shape == (200, 5)
    assert total(table, "Annual Income (k$)") == 12112
    assert not table.origin.findings


def test_cdnow() -> None:
    table = open_table(shared_data("cdnow/CDNOW_master.txt"))
    assert table.frame.collect_schema().names() == ["customer_id", "date", "number_of_cds", "dollar_value"]
    assert table.origin.rows == 69_659
    assert round(total(table, "dollar_value"), 2) == 2_500_315.63


def test_purchases_without_header() -> None:
    table = open_table(shared_data("purchases/purchases.txt"))
    assert table.frame.collect().shape == (51_243, 3)


def test_online_retail_in_thirteen_files() -> None:
    table = open_table(shared_data("online_retail") / "*.csv.gz")
    assert table.origin.rows == 541_909
    assert len(table.origin.parts) == 13
    assert table.origin.name == "2010-12.csv.gz and 12 more"
    assert not table.origin.findings
    known = table.frame.select(nw.col("CustomerID").count(), nw.col("Quantity").cast(nw.Int64).sum()).collect().row(0)
    assert known == (406_829, 5_176_450)


@pytest.mark.parametrize(
    ("name", "shape", "encoding"),
    [
        ("marketing_campaign/marketing_campaign.csv", (2240, 29), "UTF-8"),
        ("marketing_campaign/variant_quoted_comma_mdy.csv", (2240, 29), "UTF-8"),
        ("marketing_campaign/variant_semicolon_bom_iso_crlf.csv", (2240, 29), "UTF-8 with byte order mark"),
        ("eu_format/superstore_de_cp1252.csv.gz", (10_194, 21), "cp1252"),
        ("eu_format/online_retail_2011-01_decimal_comma.csv.gz", (35_147, 8), "UTF-8"),
        ("wholesale/Wholesale_customers_data.csv", (440, 8), "UTF-8"),
        ("altered/mall_with_rfm_columns_altered.csv", (200, 8), "UTF-8"),
        ("altered/wholesale_trailing_columns_nbsp.csv", (440, 8), "cp1252"),
    ],
)
def test_other_real_files(name: str, shape: tuple[int, int], encoding: str) -> None:
    table = open_table(shared_data(name))
    assert table.frame.collect().shape == shape
    assert dict(table.origin.facts)["encoding"] == encoding


def test_three_dialects_of_one_file_agree() -> None:
    folder = shared_data("marketing_campaign")
    first, *others = (
        open_table(path).frame.drop("Dt_Customer").collect().rows() for path in sorted(folder.glob("*.csv"))
    )
    assert all(other == first for other in others)


def test_columns_beside_the_table_are_left_out_and_noted() -> None:
    assert codes(open_table(shared_data("altered/wholesale_trailing_columns_nbsp.csv"))) == ["empty_columns", "remarks"]


# --- several files ---------------------------------------------------------------------------------------------------


def test_files_are_matched_by_header(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, a="id,n,Customer ID\na,1,x\n", b="n,customer_id,id,extra\n2,y,b,z\n"))
    frame = table.frame.collect()
    assert frame.columns == ["id", "n", "Customer ID", "extra"]
    assert sorted(frame.rows()) == [("a", "1", "x", None), ("b", "2", "y", "z")]
    assert [(part.name, part.rows) for part in table.origin.parts] == [("a.csv", 1), ("b.csv", 1)]
    assert [(finding.code, finding.column, finding.rows) for finding in table.origin.findings] == [
        ("missing_column", "extra", 1)
    ]


def test_facts_that_differ_name_their_files(tmp_path: Path) -> None:
    write(tmp_path, a="id,n\na,1\n")
    (tmp_path / "b.csv").write_bytes("id;n\nü;2\n".encode("cp1252"))
    facts = open_table(tmp_path / "*.csv").origin.facts
    assert ("encoding", "cp1252 (b.csv)") in facts
    assert ("format", "text") in facts


def test_a_change_of_type_is_noted(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, a="id,n\na,1\n", b="id,n\nb,none\n"))
    assert codes(table) == ["type_change"]


def test_files_without_a_common_column_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"b\.csv has no column in common with a\.csv"):
        open_table(write(tmp_path, a="id,n\na,1\n", b="x,y\nb,2\n"))


def test_text_and_parquet_together(tmp_path: Path) -> None:
    write(tmp_path, a="id,n\na,1\n")
    nw.from_dict({"id": ["b"], "n": [2.5]}, backend="polars").write_parquet(tmp_path / "b.parquet")
    table = open_table([tmp_path / "a.csv", tmp_path / "b.parquet"])
    assert sorted(table.frame.collect().rows()) == [("a", "1"), ("b", "2.5")]
    assert codes(table) == ["mixed_types"]


def test_the_same_file_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [path] = write(tmp_path, a=CSV)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"a\.csv is given twice"):
        open_table([path, "a.csv"])
    write(tmp_path, b=CSV)
    with pytest.raises(InputError, match="hold the same bytes"):
        open_table("*.csv")


def test_home_folder_and_relative_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, a=CSV)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert open_table("~/a.csv").origin.rows == 2


@pytest.mark.parametrize("name", ["a'; drop.csv", "a[1]*?.csv", 'q"x.csv', "über uns.csv", "-f.csv", "no suffix"])
def test_strange_file_names(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(CSV)
    (tmp_path / "a1x.csv").write_text("id,n\nwrong,1\n")
    assert open_table(tmp_path / name).frame.collect().rows() == [("a", "1"), ("b", "2")]


def test_headers_can_not_break_out(tmp_path: Path) -> None:
    header = ['x"); DROP TABLE data; --', "a'b", "SELECT", "c0", "rowid"]
    [path] = write(tmp_path, a="\t".join(header) + "\n1\t2\t3\t4\t5\n6\t7\t8\t9\t0\n")
    table = open_table(path)
    assert table.frame.collect().columns == header
    assert table.frame.select(nw.col(header[0]).max(), nw.col("SELECT").max()).collect().row(0) == ("6", "8")


# --- packed files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_packed_files(tmp_path: Path, suffix: str, pack: Any) -> None:
    path = tmp_path / f"t.csv{suffix}"
    path.write_bytes(pack(CSV.encode("utf-16")))
    table = open_table(path)
    assert table.frame.collect().rows() == [("a", "1"), ("b", "2")]
    assert [part.name for part in table.origin.parts] == [f"t.csv{suffix}"]


def test_zip_of_one_and_of_several(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as archive:
        archive.writestr("t.csv", CSV)
        archive.writestr("__MACOSX/._t.csv", "x")
    assert open_table(tmp_path / "one.zip").origin.rows == 2
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", CSV)
        archive.writestr("b.csv", CSV)
    with pytest.raises(InputError, match="a ZIP archive of 2 files"):
        open_table(tmp_path / "two.zip")


@pytest.mark.parametrize("cut", [0.5, 0.99])
def test_truncated_gzip(tmp_path: Path, cut: float) -> None:
    data = gzip.compress(os.urandom(3000).hex().encode())
    (tmp_path / "t.csv.gz").write_bytes(data[: int(len(data) * cut)])
    with pytest.raises(InputError, match=r"t\.csv\.gz is a damaged gzip file"):
        open_table(tmp_path / "t.csv.gz")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(CSV))
    writer.start()
    assert open_table(pipe).origin.rows == 2
    writer.join()


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(CSV.encode("utf-16")))
    (tmp_path / "bad.csv.gz").write_bytes(gzip.compress(CSV.encode("utf-16"))[:-4])
    table = open_table(tmp_path / "t.csv.gz")
    with pytest.raises(InputError):
        open_table(tmp_path / "bad.csv.gz")
    kept = [path for path in (tmp_path / "scratch").iterdir() if not path.name.startswith("reportgen-spill-")]
    assert not kept
    assert len(table.frame.collect()) == 2


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_missing_file_suggests_its_neighbour(tmp_path: Path) -> None:
    write(tmp_path, customers=CSV)
    with pytest.raises(InputError, match=r"there is no file .*custmers\.csv \(did you mean 'customers\.csv'\?\)"):
        open_table(tmp_path / "custmers.csv")
    with pytest.raises(InputError, match="there is no file"):
        open_table(tmp_path / "nowhere" / "x.csv")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("*.nothing", "no file matches"),
        ([], "no file was given"),
        ("", "empty"),
        ("x" * 5000, "can't be read|no file"),
    ],
)
def test_sources_that_mean_no_file(source: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_table(source)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a PNG picture"),
        (b"  <!DOCTYPE html><html>", "an HTML page"),
        (b"<html><body><table>", "an HTML page"),
        (b'<?xml version="1.0"?><a/>', "an XML document"),
        (bytes(range(256)) * 20, "binary data"),
        (os.urandom(5000), "binary data"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "an old Office file"),
        (b"PK\x03\x04" + bytes(600), "damaged"),
        (b"PAR1" + bytes(600), "a damaged Parquet file"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (gzip.compress(b"%PDF-1.7", mtime=0), "a PDF document"),
    ],
)
def test_files_that_hold_no_table(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(InputError, match=rf"t\.csv (is|holds) .*{message.removeprefix('is ')}") as error:
        open_table(tmp_path / "t.csv")
    assert error.value.hint.endswith(".")


@pytest.mark.parametrize(
    ("member", "what"), [("word/document.xml", "a Word document"), ("ppt/presentation.xml", "a PowerPoint")]
)
def test_other_office_documents(tmp_path: Path, member: str, what: str) -> None:
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr(member, "x")
    with pytest.raises(InputError, match=f"t.xlsx is {what}"):
        open_table(tmp_path / "t.xlsx")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [path] = write(tmp_path, a=CSV)

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # file modes mean nothing to root
    with pytest.raises(InputError, match=r"a\.csv can't be read: there is no permission"):
        open_table(path)


def test_every_error_has_a_hint() -> None:
    with pytest.raises(ReportgenError) as error:
        open_table("no such file.csv")
    assert error.value.hint


def test_files_without_rows_count_as_such(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, a="id,n\na,1\n", b="id,n\n", c="id,n\n"))
    assert [part.rows for part in table.origin.parts] == [1, 0, 0]
    assert [finding.message for finding in table.origin.findings] == ["No rows in b.csv, c.csv."]


def test_the_rest_of_a_split_file_has_no_header(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, a="id,n\na,1\nb,2\n", b="c,3\nd,4\n"))
    assert table.frame.collect().columns == ["id", "n"]
    assert len(table.frame.collect()) == 4
    assert codes(table) == ["continued_without_header"]


def test_a_finding_of_many_files_is_said_once(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, a="id,n\na,1\nid,n\n", b="id,n\nb,2\nid,n\n", c="id,n\nc,3\n"))
    [finding] = table.origin.findings
    assert finding.message.startswith("a.csv: ")
    assert finding.message.endswith("(likewise in 1 more file).")
    assert finding.rows == 2


def test_any_iterable_of_paths(tmp_path: Path) -> None:
    write(tmp_path, a=CSV)
    assert open_table(tmp_path.glob("*.csv")).origin.rows == 2


def test_a_full_disk_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [path] = write(tmp_path, a=CSV)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", full)
    with pytest.raises(InputError, match="No space left on device"):
        open_table(path)


def test_the_engine_prints_no_progress(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,spend\n1,2\n", encoding="utf-8")
    relation: Any = open_table(path).frame.to_native()
    assert relation.query("t", "SELECT current_setting('enable_progress_bar')").fetchall() == [(False,)]


def test_a_log_beside_a_customer_table_is_refused_as_another_kind(tmp_path: Path) -> None:
    log, people = "order_id,customer_id,date,amount\n1,a,2024-01-01,5\n", "customer_id,spent,visits,income\na,5,2,7\n"
    with pytest.raises(InputError, match=r"b\.csv is another kind of table than a\.csv: they have 1 of 4 columns"):
        open_table(write(tmp_path, a=log, b=people))
