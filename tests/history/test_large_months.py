"""Months of more customers than are looked at one by one: what changed is told of all, to the customer and cent."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from month_shop import report_of, rows_of, settings

from reportgen.config import Config
from reportgen.errors import ConfigError, InputError
from reportgen.history.archive import Archive
from reportgen.history.carry_on import plan_month
from reportgen.inputs.read import read_customers
from reportgen.inputs.table import open_table
from reportgen.pipeline import Decision, Run, run
from reportgen.segments.model import assign, from_json
from reportgen.segments.scored import score_segments

MONTHS = ("2024-09", "2024-10", "2024-11", "2024-12")  # the last one is fitted anew
SAMPLE = 1_000
ACCEPT = Decision(accept=("customers", "rows", "missing", "stale", "dropped"))
MOVED = ("compared", "movement")  # sections of a report that say what changed


def write_log(path: Path) -> str:
    """A third buys often, a third now and then, and oftener from autumn on, a third once; some are written twice."""
    rng, rows = np.random.default_rng(5), []
    start, end = np.datetime64("2024-01-01"), np.datetime64("2024-12-31")
    for i in range(2_700):
        pace, amount = ((20, 60.0), (45, 35.0), (400, 15.0))[i % 3]
        name, day = f"=c{i:04d}" if i % 50 == 0 else f"c{i:04d}", start + np.timedelta64(int(rng.integers(0, 330)), "D")
        while day <= end:
            value = round(float(amount * rng.lognormal(0, 0.3)), 2) * (-1 if rng.random() < 0.01 else 1)
            lines = 2 if rng.random() < 0.1 else 1
            rows += [(name, f"o{len(rows) // 2:05d}-{i}", str(day), f"{value + line:.2f}") for line in range(lines)]
            if rng.random() < 0.03:
                break
            faster = i % 3 == 1 and day >= np.datetime64("2024-09-20")
            day = day + np.timedelta64(max(1, int(rng.exponential(6 if faster else pace))), "D")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("customer_id", "order_id", "order_date", "order_total"))
        writer.writerows(rows)
    return str(path)


def write_tables(folder: Path) -> str:
    """Four kinds of customers who drift from month to month; some come, some go, some cells are empty."""
    n, rng = 2_600, np.random.default_rng(3)
    z = rng.uniform(0, 8, (4, 4))[rng.integers(0, 4, n)] + rng.normal(0, 0.8, (n, 4))
    regions = rng.choice(["North", 'Ea"st', "=We,st"], n)
    for month, period in enumerate(MONTHS):
        noise = np.random.default_rng(100 + month)
        moved = z + noise.normal(0, 0.35 * month, (n, 4))
        frame = pd.DataFrame(50 + 10 * moved, columns=[f"measure {letter}" for letter in "abcd"]).round(3)
        frame.insert(0, "customer_id", [f"{'=' * (i % 97 == 0)}x{i:04d}" for i in range(n)])
        frame["total_spent"], frame["region"] = np.exp(3 + 0.3 * moved[:, 0]).round(2), regions
        frame.loc[month::17, "measure c"] = np.nan
        frame.loc[month::41, ["measure a", "measure b", "measure c"]] = np.nan
        kept = (noise.random(n) > 0.05 * month) & (np.arange(n) < 2_000 + 200 * month)
        frame[kept].sample(frac=1, random_state=month).to_csv(folder / f"t-{period}.csv", index=False)
    return str(folder / "t-{period}.csv")


@dataclasses.dataclass(frozen=True)
class Series:
    """The same months twice, from the same first one: with everybody held, and with a sample."""

    source: str
    whole: dict[str, Run]
    sampled: dict[str, Run]

    def config(self, period: str) -> Config:
        return month_of(self.sampled[period].folder.parents[1], period, SAMPLE)

    def frame(self, period: str) -> pd.DataFrame:
        """All customers of a month, one by one."""
        config = month_of(Path("unused"), period, 200_000)
        return read_customers(open_table(self.source.replace("{period}", period), config.input), config).frame


def month_of(output: Path, period: str, sample: int, **more: Any) -> Config:
    return settings(output, period, input__sample=sample, segments__k=4, segments__k_max=4, **more)


@pytest.fixture(scope="module", params=["log", "table"])
def series(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Series]:
    folder = tmp_path_factory.mktemp(request.param)
    source = write_log(folder / "orders.csv") if request.param == "log" else write_tables(folder)
    first = run(source, month_of(folder / "whole", MONTHS[0], 200_000), decision=ACCEPT)
    shutil.copytree(folder / "whole", folder / "sampled")
    whole, sampled = {MONTHS[0]: first}, {MONTHS[0]: first}
    for period in MONTHS[1:3]:
        whole[period] = run(source, month_of(folder / "whole", period, 200_000), decision=ACCEPT)
    for period in MONTHS[1:]:
        form = "folder" if period == MONTHS[1] else "csv"
        decision = dataclasses.replace(ACCEPT, refit=period == MONTHS[3])
        config = month_of(folder / "sampled", period, SAMPLE, report__customers=form)
        sampled[period] = run(source, config, decision=decision)
    return Series(source, whole, sampled)


def changed(told: Run) -> dict[str, Any]:
    """What a report says of what changed, but for advice, which tells of silhouettes in the sample."""
    report = report_of(told)
    tables = ("flows", "moves", "migration", "revenue-change", "segment-months", "shares", "size-changes", "drift")
    found = {name: report["sections"][name] for name in MOVED}
    for section in found.values():
        section["sentences"] = [one for one in section.get("sentences", ()) if "advice." not in json.dumps(one)]
    found |= {name: report["tables"][name] for name in tables if name in report["tables"]}
    return {name: rounded(part) for name, part in found.items()}


def rounded(value: Any) -> Any:
    """Let sums in another order be equal."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.10g}") if isinstance(value, float) else value


@pytest.mark.slow
@pytest.mark.parametrize("period", MONTHS[1:3])
def test_what_changed_is_that_of_a_run_that_holds_everybody(series: Series, period: str) -> None:
    whole, sampled = series.whole[period], series.sampled[period]
    assert sampled.analysis is not None
    customers = sampled.analysis.customers
    assert len(customers.frame) < 1.2 * SAMPLE < 2 * SAMPLE < customers.count
    assert customers.count == json.loads((whole.folder / "manifest.json").read_text())["customers"]
    for name in ("migration.csv", "drift.csv", "model.json"):
        assert (sampled.folder / name).read_bytes() == (whole.folder / name).read_bytes()
    assert changed(sampled) == changed(whole)
    lost = [sorted(one.items() for one in map(dict, rows_of(run, "lost.csv"))) for run in (sampled, whole)]
    assert lost[0] == lost[1]
    assert lost[0] or customers.kind == "orders", "few are lost from a log"


@pytest.mark.slow
def test_everybody_is_listed_alike(series: Series) -> None:
    assert rows_of(series.sampled[MONTHS[2]]) == rows_of(series.whole[MONTHS[2]])
    assert len({row["status"] for row in rows_of(series.whole[MONTHS[2]])}) > 2


@pytest.mark.slow
@pytest.mark.parametrize("period", MONTHS[1:3])
def test_the_input_is_judged_alike(series: Series, period: str) -> None:
    whole, sampled = (
        json.loads((one[period].folder / "manifest.json").read_text()) for one in (series.whole, series.sampled)
    )
    for name in ("received", "gates", "late_rows", "customers", "customers_scored", "customers_unscored", "inputs"):
        assert sampled[name] == whole[name], name


@pytest.mark.slow
@pytest.mark.parametrize("period", MONTHS[1:3])
def test_figures_of_a_month_differ_in_medians_alone(series: Series, period: str) -> None:
    whole, sampled = (rows_of(one[period], "segments.csv") for one in (series.whole, series.sampled))
    assert len(whole) == len(sampled) == 5
    for one, other in zip(whole, sampled, strict=True):
        for name, cell in one.items():
            if name == "median_spend":
                assert float(other[name]) == pytest.approx(float(cell), rel=0.2)
            elif cell.replace(".", "").isdigit():
                assert float(other[name]) == pytest.approx(float(cell), rel=1e-4 if "top20" in name else 1e-12), name
            else:
                assert other[name] == cell


@pytest.mark.slow
def test_a_new_fit_on_a_sample_is_matched_and_compared_on_everybody(series: Series) -> None:
    """By hand: both models put every customer into a segment, and the lists of both months are counted."""
    before, after = series.sampled[MONTHS[2]], series.sampled[MONTHS[3]]
    old, new = (from_json((one.folder / "model.json").read_text(encoding="utf-8")) for one in (before, after))
    assert new.parent is not None
    frame = series.frame(MONTHS[3])
    labels = [[*(ref.id for ref in model.segments), ""] for model in (old, new)]
    b, c = (np.array(ids)[assign(model, frame).label] for ids, model in zip(labels, (old, new), strict=True))
    then = {row["customer"]: row for row in rows_of(before)}
    now = {row["customer"].removeprefix("'"): row for row in rows_of(after)}
    assert dict(zip(frame["customer"], c, strict=True)) == {key: row["segment"] for key, row in now.items()}
    causes = Counter(row["change_cause"] for row in now.values() if row["status"] == "moved")
    counted = Counter(
        "model" if a == one else "behaviour" if one == other else "both"
        for key, one, other in zip(frame["customer"], b, c, strict=True)
        for a in [then.get(key, then.get(f"'{key}", {"segment": ""}))["segment"]]
        if a and one and other and a != other
    )
    assert causes == counted
    table = Counter(
        (then[row["customer"]]["segment"], row["segment"]) for row in rows_of(after) if row["customer"] in then
    )
    told = {(row["from_id"], row["to_id"]): row["customers"] for row in rows_of(after, "migration.csv")}
    shown = {pair: int(n) for pair, n in told.items() if n and not {"new", "returned", "lost"} & set(pair)}
    assert shown
    assert all(table[pair] == n for pair, n in shown.items())
    fit = after.analysis.segmentation if after.analysis else None
    assert fit is not None
    assert [one.size for one in fit.fits] == [int((c == ref.id).sum()) for ref in fit.model.segments]
    assert [sum(bins.counts) for bins in fit.whole_model.baseline] == [len(frame)] * len(fit.whole_model.baseline)


@pytest.mark.slow
def test_a_kept_model_is_not_applied_where_it_could_not_be_told_of(series: Series) -> None:
    customers = read_customers(series.source.replace("{period}", MONTHS[2]), series.config(MONTHS[2]))
    kept = plan_month(Archive(series.config(MONTHS[2]).output), MONTHS[2], refit=False).kept
    assert kept is not None
    assert customers.everyone is not None
    fewer = customers.frame[assign(kept.model, customers.frame).label != 0].reset_index(drop=True)
    with pytest.raises(InputError, match=r"and none of the [\d,]+ that are looked at one by one"):
        score_segments(dataclasses.replace(customers, frame=fewer), kept.model, kept.evidence)
    lost = kept.model.recipe.names[0]
    untold = dataclasses.replace(customers.everyone, frame=customers.everyone.frame.drop(lost))
    with pytest.raises(ConfigError, match=f"{lost} can't form segments of"):
        score_segments(dataclasses.replace(customers, everyone=untold), kept.model, kept.evidence)
