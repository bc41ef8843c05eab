"""The paragraph and tables on how columns go with the segments."""

from __future__ import annotations

import dataclasses

import analyses
import numpy as np

from reportgen.config import Config
from reportgen.profiling.association import Link
from reportgen.report.checks import check_report
from reportgen.report.model import Grid, Report
from reportgen.report.sections import compose
from reportgen.report.walk import grids_of, sentences_of


def grid(report: Report, name: str) -> Grid:
    return next(found for found in grids_of(report) if found.name == name)


def method_words(report: Report) -> str:
    part = next(part for part in report.sections if part.id == "appendix-method")
    return " ".join(sentence.text for sentence in sentences_of(part))


def test_p_stands_beside_descriptors_only() -> None:
    rows = grid(compose(analyses.mall_like()), "associations").rows
    told = {row.cells[0].value: (row.cells[1].value, row.cells[6].value, row.cells[7].value) for row in rows}
    assert told["Annual income"] == ("formed the segments", None, "–")
    assert told["Spending score"] == ("formed the segments", None, "–")
    assert told["Age"][0] == told["Gender"][0] == "describes"
    assert told["Gender"][2] == "no"
    assert isinstance(told["Gender"][1], float)


def test_the_sentence_counts_what_the_table_shows() -> None:
    report = compose(analyses.mall_like())
    rows = grid(report, "associations").rows
    yes, tested = (sum(row.cells[7].value in words for row in rows) for words in (("yes",), ("yes", "no")))
    assert f"{yes} of {tested} differ" in method_words(report)


def test_a_log_without_describing_columns_tests_nothing_and_says_so() -> None:
    assert "no difference between them is tested" in method_words(compose(analyses.log_like()))


def test_hidden_columns_are_in_no_table() -> None:
    report = compose(analyses.mall_like(protected="hide"))
    for name in ("associations", "v_tests"):
        assert not {"Age", "Gender"} & {str(cell.value) for row in grid(report, name).rows for cell in row.cells}


def test_far_v_tests_are_cut_off() -> None:
    analysis = analyses.mall_like()
    first = dataclasses.replace(analysis.associations[-1], links=(Link(0, "", 277.4), Link(1, "", -21.0)))
    report = compose(dataclasses.replace(analysis, associations=(first,)))
    assert [row.cells[3].value for row in grid(report, "v_tests").rows] == ["> 20", "< −20"]
    assert check_report(report) == ()


def test_without_associations_the_report_is_whole() -> None:
    report = compose(dataclasses.replace(analyses.mall_like(), associations=()))
    assert check_report(report) == ()
    assert all(found.name != "associations" for found in grids_of(report))


def test_segments_of_the_file_stand_beside_ours_without_small_cells() -> None:
    analysis = analyses.mall_like()
    frame, label = analysis.customers.frame, analysis.segmentation.assignment.label
    old = np.where(label == 0, "Gold", "Basic").astype(object)
    old[np.flatnonzero(label == 1)[:4]] = "Gold"
    tier = dataclasses.replace(analyses.field("tier", "category", candidate=False), role="existing_segment")
    customers = dataclasses.replace(
        analysis.customers, frame=frame.assign(tier=old), fields=(*analysis.customers.fields, tier)
    )
    report = compose(analyses.analysis_of("mall.csv", customers, Config.model_validate({"segments": {"k": 5}})))
    assert check_report(report) == ()
    rows = {str(row.cells[0].value): row.cells[1:] for row in grid(report, "existing_1").rows}
    assert set(rows) == {"Gold", "Basic"}
    known = [cell.value for cells in rows.values() for cell in cells if not cell.suppressed]
    assert known
    assert not set(known) & set(range(1, 10))
    hidden = [cell for cells in rows.values() for cell in cells if cell.suppressed]
    assert len(hidden) >= 4  # the small cell, and one more in its row, its column and across
    told = {row.cells[0].value: row.cells[1].value for row in grid(report, "associations").rows}
    assert told["Tier"] == "follows from them"
    assert all(found.name != "existing_1" for found in grids_of(compose(analysis)))
