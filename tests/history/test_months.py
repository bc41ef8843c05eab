"""Month after month: the ruler stays, the movement adds up, later rows change nothing."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from month_shop import FIRST, SECOND, THIRD, bytes_of, report_of, rows_of, run_month, settings, write_shop
from shared import shared_data

from reportgen.config import load_config
from reportgen.errors import ConfigError, HeldBack, InputError
from reportgen.history.archive import Archive
from reportgen.pipeline import Decision, Run, run, run_months


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shop(tmp_path_factory.mktemp("shop") / "orders.csv")


@pytest.fixture(scope="module")
def months(shop: Path) -> tuple[Run, Run]:
    first, second = (run_month(shop, shop.parent / "output", period) for period in (FIRST, SECOND))
    assert first.new
    assert second.new
    return first, second


@pytest.fixture(scope="module")
def archive(months: tuple[Run, Run]) -> Path:
    """Two months."""
    return months[0].folder.parent.parent


@pytest.fixture(scope="module")
def second(months: tuple[Run, Run]) -> Run:
    return months[1]


@pytest.fixture
def copied(archive: Path, tmp_path: Path) -> Path:
    shutil.copytree(archive, tmp_path / "output", symlinks=True)
    return tmp_path / "output"


def test_the_first_month_has_no_news(archive: Path) -> None:
    report = json.loads((archive / "runs" / f"{FIRST}.r1" / "report.json").read_text(encoding="utf-8"))
    assert "movement" not in report["sections"]
    manifest = json.loads((archive / "runs" / f"{FIRST}.r1" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["model"]["mode"], manifest["previous"], manifest["as_of"]) == ("first", None, "2024-10-31")


def test_a_later_month_keeps_model_names_and_limits(archive: Path, second: Run) -> None:
    before = archive / "runs" / f"{FIRST}.r1"
    assert second.folder.name == f"{SECOND}.r1"
    for name in ("model.json", "evidence.json"):
        assert (second.folder / name).read_bytes() == (before / name).read_bytes()
    model, facts = second.analysis.segmentation.model, second.analysis.customers.order_facts
    assert facts is not None
    assert model.ruler is not None
    assert (facts.usual_gap, facts.lapse_limit) == (model.ruler.usual_gap, model.ruler.lapse_limit)
    assert second.analysis.rfm is not None
    assert second.analysis.rfm.cuts.recency == model.ruler.rfm_cuts[0]
    assert second.analysis.segmentation.kept
    manifest = json.loads((second.folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["model"]["mode"], manifest["previous"]["period"]) == ("frozen", FIRST)


def test_a_month_keeps_its_map_and_leaves_tables_that_add_up(archive: Path, second: Run) -> None:
    map_of = [
        json.loads((archive / "runs" / f"{period}.r1" / "model.json").read_text(encoding="utf-8")).get("map")
        for period in (FIRST, SECOND)
    ]
    assert map_of[0] == map_of[1]
    sizes = {row["segment_id"]: row for row in rows_of(second, "segments.csv")}
    assert sum(int(row["customers"]) for key, row in sizes.items() if key != "all") == int(sizes["all"]["customers"])
    assert float(sizes["all"]["revenue"]) == pytest.approx(
        sum(float(r["revenue"]) for k, r in sizes.items() if k != "all")
    )
    assert sizes["all"]["month"] == SECOND
    assert {row["to_id"] for row in rows_of(second, "migration.csv")} >= {"s01", "s02", "s03"}
    assert [row["column"] for row in rows_of(second, "drift.csv")] == list(
        second.analysis.segmentation.model.recipe.names if second.analysis else ()
    )


def test_the_list_of_runs_shows_the_trend(archive: Path) -> None:
    page = (archive / "index.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 4, "two figures, each for wide and narrow screens"
    assert "Share of customers, by segment" in page
    assert "Oct 2024" in page
    assert "<script" not in page


def test_the_same_month_again_changes_nothing(shop: Path, copied: Path) -> None:
    assert not run_month(shop, copied, SECOND).new


@pytest.mark.slow
def test_later_rows_change_no_byte(shop: Path, copied: Path, tmp_path: Path) -> None:
    early = write_shop(tmp_path / "orders.csv", until="2024-11-30")
    assert early.stat().st_size < shop.stat().st_size
    wanted = bytes_of(copied / "runs" / f"{SECOND}.r1")
    shutil.rmtree(copied / "runs" / f"{SECOND}.r1")
    assert bytes_of(run_month(early, copied, SECOND).folder) == wanted


def test_page_one_says_what_changed(second: Run) -> None:
    page = report_of(second)["sections"]["summary"]
    said = " ".join(sentence["text"] for sentence in page["sentences"])
    assert "the same customers; this is more than chance" in said
    assert "formed in October 2024" in said
    assert "since October 2024" in page["title"] or "on October 2024" in page["title"]


def test_the_list_of_customers_agrees_with_the_table_of_moves(archive: Path, second: Run) -> None:
    before = {
        row["customer"]: row for row in rows_of(Run(archive / "runs" / f"{FIRST}.r1", (), second.analysis, False))
    }
    now = {row["customer"]: row for row in rows_of(second)}
    statuses = Counter(row["status"] for row in now.values())
    assert statuses["moved"] >= 30, "60 customers of November buy more often"
    assert statuses["stayed"] + statuses["moved"] == len(set(before) & set(now))
    assert statuses["new"] == len(set(now) - set(before))
    assert {row["customer"] for row in rows_of(second, "lost.csv")} == set(before) - set(now)
    for key, row in now.items():
        if row["status"] == "moved":
            assert row["previous_segment"] == before[key]["segment"] != row["segment"]
            assert (row["changed_on"], row["change_cause"], row["months_in_segment"]) == (
                "2024-11-30",
                "behaviour",
                "1",
            )
        elif row["status"] == "stayed":
            assert row["segment"] == before[key]["segment"]
            assert (row["changed_on"], row["change_cause"], row["months_in_segment"]) == ("2024-10-31", "first", "2")
    spend = sum(float(row["spend"]) for row in now.values()) - sum(float(row["spend"]) for row in before.values())
    parts = report_of(second)["tables"]["revenue-change"]["rows"]
    assert parts[-1]["cells"][1]["value"] == pytest.approx(spend, abs=0.01)
    assert sum(row["cells"][1]["value"] for row in parts[:-1]) == pytest.approx(spend, abs=0.01)


def test_every_table_of_movement_is_in_the_report(second: Run) -> None:
    report = report_of(second)
    assert {"migration", "segment-months", "revenue-change", "drift"} <= set(report["tables"])
    assert "migration" in report["sections"]["movement"]["tables"]
    totals = [row["cells"][2] for row in report["tables"]["segment-months"]["rows"]]
    assert [cell["value"] for cell in totals] == [fit.size for fit in second.analysis.segmentation.fits]


@pytest.mark.slow
def test_a_new_fit_continues_the_segments_and_is_repeated_as_it_was(shop: Path, copied: Path, second: Run) -> None:
    old = {ref.id for ref in second.analysis.segments}
    fresh = run_month(shop, copied, THIRD, refit=True, segments__k=4, segments__k_max=4)
    ids = {ref.id for ref in fresh.analysis.segments}
    model = json.loads((fresh.folder / "model.json").read_text(encoding="utf-8"))
    retired = {segment["id"] for segment in model.get("retired", [])}
    assert len(ids) == 4
    assert retired == old - ids
    assert min(ids - old) == "s04", "a number that no segment had"
    assert model["next_number"] == 1 + max(int(one[1:]) for one in ids | retired)
    assert model["parent"] == json.loads((copied / "runs" / f"{SECOND}.r1" / "model.json").read_text())["id"]
    said = " ".join(sentence["text"] for sentence in report_of(fresh)["sections"]["movement"]["sentences"])
    assert "formed anew" in said
    assert "is new" in said
    again = run_month(shop, copied, THIRD, segments__k=4, segments__k_max=4)
    assert (again.new, again.folder) == (False, fresh.folder)


@pytest.mark.slow
def test_months_in_a_row_equal_single_ones(shop: Path, archive: Path, tmp_path: Path) -> None:
    config = load_config(
        None, output=str(tmp_path), **{"report__formats": ("json",), "segments__k": 3, "segments__k_max": 3}
    )
    runs = list(run_months(str(shop), config, (FIRST, SECOND)))
    assert [one.folder.name for one in runs] == [f"{FIRST}.r1", f"{SECOND}.r1"]
    for one in runs:
        assert bytes_of(one.folder) == bytes_of(archive / "runs" / one.folder.name)
    assert list(run_months(str(shop), config, (FIRST, SECOND))) == []


def test_a_missing_month_is_said(shop: Path, copied: Path) -> None:
    shutil.rmtree(copied / "runs" / f"{SECOND}.r1")
    third = run_month(shop, copied, THIRD)
    said = " ".join(sentence["text"] for sentence in report_of(third)["sections"]["summary"]["sentences"])
    assert "The comparison is with October 2024: the month between has no report." in said


def test_a_damaged_run_is_not_built_upon(shop: Path, copied: Path) -> None:
    with (copied / "runs" / f"{SECOND}.r1" / "customers.csv").open("a", encoding="utf-8") as file:
        file.write("x\r\n")
    assert Archive(copied).current(SECOND) is None
    assert next(Archive(copied).before(THIRD)).period == FIRST


def test_another_number_of_segments_needs_a_new_fit(shop: Path, copied: Path) -> None:
    with pytest.raises(ConfigError, match="has 3 segments and is kept"):
        run_month(shop, copied, THIRD, segments__k=4)


def test_a_month_before_all_others_is_scored_with_their_model_and_says_so(shop: Path, copied: Path) -> None:
    with pytest.raises(ConfigError, match="2024-10 is published already"):
        run_month(shop, copied, "2024-09", refit=True)
    earlier = run_month(shop, copied, "2024-09")
    manifest = json.loads((earlier.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["model"]["later_than_period"]
    assert manifest["model"]["id"] == Archive(copied).current(FIRST).model_id
    assert (manifest["model"]["mode"], manifest["previous"]) == ("frozen", None)
    assert "fitted on later data, that of the report of 2024-10" in (earlier.folder / "report.json").read_text()
    assert not run_month(shop, copied, "2024-09").new


def test_a_new_fit_without_a_month_is_refused(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="needs a month"):
        run(str(shop), load_config(None, output=str(tmp_path)), decision=Decision(refit=True))


def test_a_month_before_the_first_row_is_refused(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no row dated on or before 2023-12-31"):
        run_month(shop, tmp_path, "2023-12")


@pytest.mark.slow
def test_a_customer_table_needs_a_file_per_month(tmp_path: Path) -> None:
    for period, extra in ((FIRST, 0), (SECOND, 40)):
        people = [
            (f"c{i:03d}", 20 + 60 * (i % 3) + i % 7 + (period == SECOND) * (i % 5), 10 + 40 * (i % 3) + i % 11)
            for i in range(200 + extra)
        ]
        text = "customer_id,visits,basket_size\n" + "".join(f"{key},{a},{b}\n" for key, a, b in people[extra // 2 :])
        (tmp_path / f"people-{period}.csv").write_text(text)
    with pytest.raises(HeldBack, match="can't be replayed for 2024-10"):
        run_month(tmp_path / f"people-{FIRST}.csv", tmp_path / "out", FIRST)
    run_month(tmp_path / "people-{period}.csv", tmp_path / "out", FIRST)
    later = run_month(tmp_path / "people-{period}.csv", tmp_path / "out", SECOND)
    assert len(rows_of(later, "lost.csv")) == 20
    assert Counter(row["status"] for row in rows_of(later))["new"] == 40
    assert "movement" in report_of(later)["sections"]


@pytest.mark.slow
def test_cdnow_over_three_months(tmp_path: Path) -> None:
    path = shared_data("cdnow") / "CDNOW_master.txt"
    lines = [
        line
        for line in path.read_text().splitlines()
        if not line[:1].strip().isdigit() or int(line.split()[0]) % 10 == 0
    ]
    log = tmp_path / "cdnow.txt"
    log.write_text("\n".join(lines) + "\n")
    runs = [
        run(str(log), settings(tmp_path / "out", period, segments__k=4)) for period in ("1997-07", "1997-08", "1997-09")
    ]
    for before, after in pairwise(runs):
        then = {row["customer"]: row["segment"] for row in rows_of(before)}
        now = {row["customer"]: row for row in rows_of(after)}
        statuses = Counter(row["status"] for row in now.values())
        seen = sum(then[key] != row["segment"] for key, row in now.items() if key in then)
        assert statuses["moved"] == seen
        assert 0.02 < seen / len(then) < 0.25
        assert (before.folder / "model.json").read_bytes() == (after.folder / "model.json").read_bytes()
