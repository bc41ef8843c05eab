"""What stands out without money: pairs that agree in one column, the group in the middle, the rest."""

from __future__ import annotations

from analyses import mall_like
from shared import MALL

from reportgen.analysis import analyse
from reportgen.config import Config
from reportgen.report.contrasts import trait_bullets
from reportgen.report.story import make_story


def test_pairs_that_agree_in_one_column_come_first_and_each_segment_once() -> None:
    story = make_story(mall_like(), Config())
    leads, items = zip(*trait_bullets(story, 4), strict=True)
    assert leads[:2] == ("Alike in annual income", "Alike in annual income")
    assert all("but differ in spending score: " in item.text for item in items[:2])
    named = [str(dict(item.sources[0].values)[place].value) for item in items[:2] for place in ("first", "second")]
    assert len(set(named)) == 4


def test_the_group_in_the_middle_is_told_in_one_sentence_without_figures_of_every_column() -> None:
    story = make_story(mall_like(), Config())
    middle = trait_bullets(story, 4)[2][1]
    assert middle.sources[0].key == "summary.middle"
    assert middle.text == "80 customers (40%) lie near the average in every column that formed the segments."


def test_two_segments_are_no_contrast_but_each_is_told() -> None:
    story = make_story(mall_like((0, 60, 0, 60, 0)), Config())
    keys = {item.sources[0].key for _, item in trait_bullets(story, 4)}
    assert keys == {"summary.two_traits"}


def test_a_figure_that_both_print_alike_is_said_once() -> None:
    story = make_story(analyse(MALL), Config())
    pairs = [item for _, item in trait_bullets(story, 2)]
    assert [item.sources[0].key for item in pairs] == ["summary.pair", "summary.pair_same"]
    assert "income (26\u00a0k$ on average), but differ in spending score: 21 against 79" in pairs[1].text
