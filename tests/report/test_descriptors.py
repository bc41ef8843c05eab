"""The paragraph and tables on how columns go with the segments."""

from __future__ import annotations

import dataclasses

import analyses

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
