"""The method appendix shows the robustness panel, and says which algorithm formed the segments."""

from __future__ import annotations

import dataclasses

import pytest
from shared import MALL

from reportgen.analysis import Analysis, analyse
from reportgen.config import Config, load_config
from reportgen.report.model import Grid
from reportgen.report.sections import compose
from reportgen.report.walk import grids_of, sentences_of


@pytest.fixture(scope="module", params=["kmeans", "gaussian"])
def told(request) -> tuple[Analysis, Config]:
    config = load_config(segments__algorithm=request.param, segments__k=5, segments__k_max=5)
    return analyse(MALL, config), config


def grid(told: tuple[Analysis, Config], name: str) -> Grid:
    return next(grid for grid in grids_of(compose(*told)) if grid.name == name)


def test_every_variation_is_a_row_the_weakest_first(told):
    table = grid(told, "robustness")
    assert [row.cells[3].value for row in table.rows] == [one.ari for one in told[0].robustness]
    assert "Without Spending score" in [row.cells[0].value for row in table.rows]
    assert f"{min(one.kept for one in told[0].robustness):.0%}" in table.title
    assert "With so few columns" in table.caption


def test_an_analysis_without_the_panel_has_no_table(told):
    bare = dataclasses.replace(told[0], robustness=())
    assert "robustness" not in {grid.name for grid in grids_of(compose(bare, told[1]))}


def test_the_appendix_names_the_algorithm_and_shows_its_evidence(told):
    algorithm = told[0].segmentation.model.algorithm
    report = compose(*told)
    method = next(section for section in report.sections if section.id == "appendix-method")
    words = " ".join(sentence.text for sentence in sentences_of(method))
    assert ("k-means was started" in words) == (algorithm == "kmeans")
    assert ("mixture of ellipses" in words) == (algorithm == "gaussian")
    labels = [column.label for column in grid(told, "evidence").columns]
    assert ("BIC" in labels) == (algorithm == "gaussian")
