"""What becomes of a run when its source changes, or the engine fails, in the middle."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

import reportgen as rg
from reportgen.errors import ExitCode, InputError, OutputError, ReportgenError
from reportgen.inputs import sources
from reportgen.inputs.engine import connect
from reportgen.inputs.sql import Engine
from reportgen.inputs.steady import unchanged

ROWS = 2_400


def people(rows: int = ROWS) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    centres = np.where(np.arange(rows) % 2 == 0, 20.0, 70.0)
    values = {f"measure {name}": (centres + rng.normal(0, 5, rows)).round(2) for name in "abc"}
    return pd.DataFrame({"customer_id": [f"C{i:05d}" for i in range(rows)], **values})


def vanish(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    people(ROWS - 100).to_parquet(path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def of_another_kind(path: Path) -> None:
    pd.DataFrame({"other": [1, 2]}).to_parquet(path)


def cut_off(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def config(folder: Path, **more: Any) -> rg.Config:
    return rg.load_config(input__sample=1_000, segments__k=2, report__formats=("json",),
                          output=str(folder / "out"), **more)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "step"),
    [
        (vanish, "recognising columns"),
        (grown, "recognising columns"),
        (of_another_kind, "recognising columns"),
        (replaced, "choosing columns"),
        (cut_off, "writing the report"),
        (vanish, "writing the report"),
    ],
)
def test_a_file_that_changes_while_it_is_read_makes_no_report(
    change: Callable[[Path], None], step: str, tmp_path: Path
) -> None:
    path = tmp_path / "people.parquet"
    people().to_parquet(path)
    struck = False

    def strike(now: str, _: float) -> None:
        nonlocal struck
        if now.startswith(step) and not struck:
            struck = True
            change(path)

    what = "taken away" if change is vanish else "changed"
    with pytest.raises(InputError, match=f"^people.parquet was {what} while it was read") as error:
        rg.run(str(path), config(tmp_path), strike)
    assert struck
    assert "Run again when it is complete" in error.value.hint
    assert not (tmp_path / "out").exists(), "nothing is left"


def test_one_file_of_many_that_vanishes_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "people"
    folder.mkdir()
    for place, part in enumerate(people()[i::5] for i in range(5)):
        part.to_parquet(folder / f"part-{place}.parquet")

    def strike(step: str, _: float) -> None:
        if step == "choosing columns":
            (folder / "part-3.parquet").unlink(missing_ok=True)

    with pytest.raises(InputError, match=r"^part-3\.parquet was taken away"):
        rg.run(str(folder), config(tmp_path), strike)


@pytest.mark.parametrize("change", [vanish, grown])
def test_a_text_file_must_stay_as_it_is_only_while_it_is_copied(
    change: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "people.csv"
    people(300).to_csv(path, index=False)
    table = rg.open_table(str(path))
    change(path)
    assert len(rg.analyse(table, config(tmp_path)).customers.frame) == 300
    people(300).to_csv(path, index=False)
    original = sources.load_text

    def slow(*given: Any) -> Any:
        loaded = original(*given)
        change(path)
        return loaded

    monkeypatch.setattr(sources, "load_text", slow)
    with pytest.raises(InputError, match=r"people\.csv was (changed|taken away) while it was read"):
        rg.open_table(str(path))


SORTED = "SELECT hash(i) AS h, repeat('x', 40) AS t FROM range(3000000) r(i) ORDER BY h"


@pytest.mark.parametrize(
    ("settings", "kind", "message", "hint", "code"),
    [
        (("max_temp_directory_size = '1MB'",), OutputError, r"the disk that holds .* is full", "TMPDIR", ExitCode.IO),
        (("temp_directory = ''",), InputError, "memory allowed for tables is too little", "--memory", ExitCode.FAILED),
    ],
    ids=["disk", "memory"],
)
def test_memory_and_disk_that_run_out_are_told(
    settings: tuple[str, ...], kind: type[ReportgenError], message: str, hint: str, code: ExitCode
) -> None:
    con = connect("30MB")
    for setting in settings:
        con.execute(f"SET {setting}")
    relation: Any = con.sql("SELECT 1 AS one")
    engine = Engine(nw.from_native(relation).lazy())
    with pytest.raises(kind, match=message) as error, unchanged(()):
        engine.keep("sorted", SORTED)
    assert hint in error.value.hint
    assert error.value.exit_code == code


def test_mistakes_of_our_own_stay_mistakes() -> None:
    relation: Any = connect().sql("SELECT 1 AS one")
    with pytest.raises(Exception, match="no_such_column"), unchanged(()):
        Engine(nw.from_native(relation).lazy()).ask("SELECT no_such_column FROM {source}")


def test_a_list_on_a_full_disk_is_an_error_of_the_output(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    os.symlink("/dev/full", tmp_path / "customers.csv")
    relation: Any = connect().sql("FROM range(100000)")
    with pytest.raises(OSError, match="No space left"):
        Engine(nw.from_native(relation).lazy()).write("FROM {source}", tmp_path / "customers.csv")
