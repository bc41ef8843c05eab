"""The words around the customer map: axes named by their columns, the caption, a height that leaves room."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from analyses import mall_like

from reportgen.config import Config
from reportgen.report.map_words import axis_words, map_caption, map_height
from reportgen.report.story import Story, make_story
from reportgen.segments.projection import Projection


@pytest.fixture(scope="module")
def story() -> Story:
    return make_story(mall_like(), Config())


def combined(story: Story, loadings: list[list[float]]) -> Projection:
    columns = ("Orders", "Spend", "Days since last order", "Age")[: len(loadings)]
    return dataclasses.replace(
        story.analysis.segmentation.projection,
        kind="pca", columns=columns, loadings=np.array(loadings), shares=(0.62, 0.21),
    )  # fmt: skip


def test_an_axis_is_named_by_strong_and_medium_correlations_in_their_directions(story: Story) -> None:
    first, second = axis_words(story, combined(story, [[0.9, 0.1], [0.7, -0.2], [-0.69, 0.3], [0.49, 0.2]]))
    assert first == "62% of the differences: mainly higher Orders, higher Spend; partly lower Days since last order"
    assert second == "21% of the differences: a mixture of all columns"


def test_columns_as_axes_keep_their_labels(story: Story) -> None:
    projection = story.analysis.segmentation.projection
    assert axis_words(story, projection) == projection.axis_labels == ("Annual income", "Spending score")


def test_the_caption_says_what_is_shaded_only_where_a_part_is(story: Story) -> None:
    assert "Shaded" not in map_caption(story)
    projection = story.analysis.segmentation.projection
    many = dataclasses.replace(projection, points=np.tile(projection.points, (3, 1)))
    segmentation = dataclasses.replace(story.analysis.segmentation, projection=many)
    crowded = dataclasses.replace(story, analysis=dataclasses.replace(story.analysis, segmentation=segmentation))
    assert "Shaded: the 90% of each segment nearest to its centre." in map_caption(crowded)


def test_more_segments_leave_the_map_less_height_until_the_table_takes_a_page_of_its_own(story: Story) -> None:
    told = story.segments[0]
    heights = [map_height(dataclasses.replace(story, segments=(told,) * k)) for k in (2, 5, 6, 7, 12, 25)]
    assert heights[0] == 300
    assert heights[0] > heights[1] > heights[2] > heights[3] > heights[4]
    assert heights[5] > 250
