"""When and where a run was made: told without secrets, and by the clock that the environment names."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from reportgen.history.circumstances import Stopwatch, now, without_secrets


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("postgresql://shop:hunter2@db/orders", "postgresql://***@db/orders"),
        ("s3://bucket/orders.csv?token=hunter2", "s3://bucket/orders.csv?token=***"),
        ("--smtp-password=hunter2", "--smtp-password=***"),
        ("--api-key hunter2 orders.csv", "--api-key *** orders.csv"),
        ("orders.csv --map customer_id=Key -k 3", "orders.csv --map customer_id=Key -k 3"),
    ],
)
def test_a_command_line_is_told_without_secrets(argument: str, told: str) -> None:
    assert without_secrets(argument.split()) == told.split()


def test_the_clock_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert now() == dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "")
    assert abs((now() - dt.datetime.now(dt.UTC)).total_seconds()) < 5


def test_a_stopwatch_passes_on_what_it_hears(tmp_path: Path) -> None:
    heard = []
    watch = Stopwatch(lambda step, done: heard.append((step, done)))
    watch("reading", 0.0)
    watch("writing", 0.5)
    (tmp_path / "orders.csv").write_text("a,b")
    told = watch.told([str(tmp_path / "orders.csv"), "postgresql://shop:hunter2@db/orders", object()])
    assert heard == [("reading", 0.0), ("writing", 0.5)]
    assert set(told["seconds"]) == {"reading", "writing"}
    assert told["files"] == [{"path": str(tmp_path / "orders.csv"), "bytes": 3}]
    assert "hunter2" not in str(told["files"])
