"""The list of customers as CSV, as Parquet, and as a folder by segment: the same list, written, read back, removed."""

from __future__ import annotations

import dataclasses
import stat
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from fake_months import publish
from month_shop import FIRST, SECOND, report_of, rows_of, run_month, write_shop

from reportgen.analysis import Analysis, analyse
from reportgen.archive_settings import ArchiveConfig
from reportgen.config import Config, load_config
from reportgen.errors import HeldBack, InputError
from reportgen.history.archive import Archive
from reportgen.history.customer_list import write_assignments
from reportgen.history.list_forms import LISTS, list_of, write_list
from reportgen.history.past_list import name_past
from reportgen.history.periods import months_between
from reportgen.history.retention import prune
from reportgen.inputs.engine import connect
from reportgen.inputs.read import read_customers
from reportgen.inputs.sql import Engine
from reportgen.pipeline import Run
from reportgen.segments.model import assign

OTHERS = ("parquet", "folder")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shop(tmp_path_factory.mktemp("shop") / "orders.csv")


@pytest.fixture(scope="module")
def months(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Run, Run]]:
    """Two months, by the form of the second one: that of the first is another one."""
    found = {}
    for first, second in (("csv", "csv"), ("folder", "parquet"), ("parquet", "folder")):
        output, forms = tmp_path_factory.mktemp(second), {FIRST: first, SECOND: second}
        runs = [run_month(shop, output, period, report__customers=form) for period, form in forms.items()]
        found[second] = (runs[0], runs[1])
    return found


def read_by_others(listed: Path) -> pd.DataFrame:
    parts = f"{listed}/**/*.parquet" if listed.is_dir() else listed
    return duckdb.sql(f"FROM read_parquet('{parts}') ORDER BY customer").df()


def read_again(listed: Path) -> pd.DataFrame:
    relation: Any = connect().query("SELECT 1")
    engine = Engine(nw.from_native(relation).lazy())
    name_past(engine, listed)
    return engine.frame("FROM {past} ORDER BY key")


@pytest.mark.slow
@pytest.mark.parametrize("form", OTHERS)
def test_every_form_says_the_same_and_is_read_in_the_next_month(form: str, months: dict[str, tuple[Run, Run]]) -> None:
    ours, kept = months[form][1], months["csv"][1]
    assert report_of(ours) == report_of(kept)
    assert (ours.folder / "lost.csv").read_bytes() == (kept.folder / "lost.csv").read_bytes()
    rows, cells = read_by_others(ours.folder / LISTS[form]), pd.DataFrame(rows_of(kept))
    assert sorted(rows) == sorted(cells)
    for name in cells:
        if rows[name].dtype.kind in "fi":
            assert rows[name].tolist() == pytest.approx(pd.to_numeric(cells[name]).tolist(), nan_ok=True)
        else:
            written = rows[name].dt.strftime("%Y-%m-%d") if rows[name].dtype.kind == "M" else rows[name]
            assert written.fillna("").tolist() == cells[name].tolist()


@pytest.mark.slow
@pytest.mark.parametrize("form", OTHERS)
def test_a_list_is_read_back_as_from_csv(form: str, months: dict[str, tuple[Run, Run]]) -> None:
    past, same = read_again(months[form][1].folder / LISTS[form]), read_again(months["csv"][1].folder / "customers.csv")
    features = [name for name in same if name.startswith("f_")]
    assert features
    for name in features:
        assert past[name].tolist() == pytest.approx(pd.to_numeric(same[name]).tolist(), nan_ok=True)
    left = [*features, "nth"]
    pd.testing.assert_frame_equal(past.drop(columns=left), same.drop(columns=left), check_like=True)


@pytest.mark.slow
def test_list_has_the_types_of_its_columns_and_is_for_its_owner(months: dict[str, tuple[Run, Run]]) -> None:
    folder = months["folder"][1].folder / "customers"
    parts = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet"))
    assert parts == [f"segment=s0{i}/part-0.parquet" for i in (1, 2, 3)]
    for path in (*folder.rglob("*.parquet"), months["parquet"][1].folder / "customers.parquet"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    types = duckdb.sql(f"DESCRIBE FROM '{months['parquet'][1].folder}/customers.parquet'").fetchall()
    told = {name: kind for name, kind, *_ in types}
    assert told["customer"] == told["previous_segment"] == "VARCHAR"
    assert told["as_of"] == told["changed_on"] == "DATE"
    assert told["months_in_segment"] == "INTEGER"
    assert {told["margin"], told["spend"], *(kind for name, kind in told.items() if name[:2] == "f_")} == {"DOUBLE"}
    run = Archive(folder.parents[2]).current(SECOND)
    assert run is not None
    assert {f"customers/{part}" for part in parts} <= set(run.manifest["files"])


@pytest.mark.slow
def test_month_that_is_published_in_one_form_is_not_published_in_another(
    shop: Path, months: dict[str, tuple[Run, Run]]
) -> None:
    output = months["folder"][1].folder.parents[1]
    again = run_month(shop, output, SECOND, report__customers="folder")
    assert (again.folder, again.new) == (months["folder"][1].folder, False)
    with pytest.raises(HeldBack, match=r"without customers\.csv"):
        run_month(shop, output, SECOND)


@pytest.mark.parametrize("names", [("customers.parquet",), ("customers/segment=s01/part-0.parquet",
                                                            "customers/segment=s02/part-0.parquet")])  # fmt: skip
def test_old_lists_are_removed_whole(names: tuple[str, ...], tmp_path: Path) -> None:
    archive = Archive(tmp_path / "output")
    for period in months_between("2023-08", "2024-12"):
        publish(archive, period, model="old" if period < "2023-10" else "new", more=names)
    with archive.locked():
        prune(archive, ArchiveConfig(customers_months=14))
    gone, kept = archive.current("2023-09"), archive.current("2024-12")
    assert gone is not None
    assert kept is not None
    assert not (gone.folder / names[0].partition("/")[0]).exists()
    assert list_of(gone) is None
    (kept.folder / names[-1]).unlink()
    assert list_of(kept) is None, "what is left of a folder is no list"


def test_damaged_list_is_told(tmp_path: Path) -> None:
    (tmp_path / "customers" / "segment=s01").mkdir(parents=True)
    (tmp_path / "customers" / "segment=s01" / "part-0.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"customers can't be read"):
        read_again(tmp_path / "customers")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Two kinds of customers; ids that a spreadsheet would run, and that sort otherwise as numbers."""
    rng = np.random.default_rng(4)
    ids = [f"{'=@+-'[i % 4]}{i}" if i % 9 == 0 else str(i) for i in range(1_500)]
    frame = pd.DataFrame(
        {"customer_id": ids, "measure a": rng.normal(50, 8, 1_500), "measure b": rng.normal(5, 2, 1_500)}
    )
    frame.loc[::2, ["measure a", "measure b"]] += 90
    frame.loc[5, ["measure a", "measure b"]] = np.nan
    return frame


def sampled() -> Config:
    return load_config(input__sample=1_000, segments__k=2, segments__features=("measure a", "measure b"))


@pytest.fixture(scope="module")
def analysis(people: pd.DataFrame) -> Analysis:
    return analyse(people, sampled())


def files_in(listed: Path) -> dict[str, bytes]:
    paths = sorted(listed.rglob("*.parquet")) if listed.is_dir() else [listed]
    return {path.relative_to(listed.parent).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize("form", OTHERS)
def test_engine_writes_the_same_bytes_in_any_order_of_rows(
    form: str, people: pd.DataFrame, analysis: Analysis, tmp_path: Path
) -> None:
    found = []
    for seed in (1, 2):
        customers = read_customers(people.sample(frac=1, random_state=seed), sampled())
        listed = tmp_path / str(seed) / LISTS[form]
        listed.parent.mkdir()
        write_assignments(dataclasses.replace(analysis, customers=customers), listed)
        found.append(files_in(listed))
    assert found[0] == found[1]
    rows = read_by_others(listed)
    assert sorted(rows["customer"]) == sorted(people["customer_id"]), "as they are: no spreadsheet reads this"
    unknown = rows["segment"] == "none" if form == "folder" else rows["segment"].isna()
    assert rows.loc[unknown, "customer"].tolist() == ["5"]
    if form == "folder":
        by_pandas = pd.read_parquet(listed)["segment"].astype(str)
        assert by_pandas.value_counts().to_dict() == rows["segment"].value_counts().to_dict()


@pytest.mark.parametrize("form", OTHERS)
def test_customers_held_here_are_listed_in_the_same_bytes(
    form: str, people: pd.DataFrame, analysis: Analysis, tmp_path: Path
) -> None:
    customers = read_customers(people, load_config())
    found = assign(analysis.segmentation.model, customers.frame)
    segmentation = dataclasses.replace(analysis.segmentation, assignment=found)
    listed = tmp_path / "held" / LISTS[form]
    listed.parent.mkdir()
    write_assignments(dataclasses.replace(analysis, customers=customers, segmentation=segmentation), listed)
    write_assignments(analysis, tmp_path / LISTS[form])
    assert files_in(listed) == files_in(tmp_path / LISTS[form])


def listed_in(folder: Path, form: str, order: str, threads: int, memory: str) -> dict[str, bytes]:
    con = connect(memory)
    con.execute(f"SET preserve_insertion_order = false; SET threads = {threads}")
    con.execute(f"""CREATE TABLE everyone AS SELECT 'C' || lpad(i::VARCHAR, 8, '0') AS customer, hash(i) % 3 AS place
        FROM range(400000) r(i) ORDER BY {order}""")
    everyone: Any = con.table("everyone")
    listed = folder / f"{threads}" / LISTS[form]
    listed.parent.mkdir()
    cells = "customer, CASE place WHEN 0 THEN 's01' WHEN 1 THEN 's02' END AS segment"
    write_list(Engine(nw.from_native(everyone).lazy()), cells, listed)
    return files_in(listed)


@pytest.mark.parametrize("form", OTHERS)
def test_large_lists_are_the_same_bytes_however_many_threads_write_them(form: str, tmp_path: Path) -> None:
    alone = listed_in(tmp_path, form, "i", 1, "")
    assert listed_in(tmp_path, form, "hash(i)", 4, "80MB") == alone, "several groups of rows, on disk on their way"
