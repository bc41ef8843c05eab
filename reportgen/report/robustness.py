"""The robustness panel of the method appendix: what one change to the analysis does to the segments."""

from __future__ import annotations

from reportgen.report.model import Grid, GridRow
from reportgen.report.story import Story
from reportgen.report.wording import say
from reportgen.values import Quantity, count, share, text

_FEW_COLUMNS = 3  # with so few, leaving one out must hurt


def robustness_table(story: Story) -> Grid | None:
    """Return one row per variation, the weakest first; None where nothing was varied."""
    variations = story.analysis.robustness
    if not variations:
        return None
    rows = tuple(
        GridRow(
            (
                text(say(one.label, story.language).text),
                count(one.customers),
                share(one.kept, 0),
                Quantity(one.ari, "score"),
                text(story.word(f"robustness.word_{one.word}")),
            )
        )
        for one in variations
    )
    few = len(story.analysis.segmentation.model.recipe.names) <= _FEW_COLUMNS
    return Grid(
        name="robustness",
        columns=story.columns("change:text", "customers", "kept_segment", "ari", "reading:text"),
        rows=rows,
        title=story.word("robustness.title", kept=share(min(one.kept for one in variations), 0)),
        caption=story.word("robustness.caption_few" if few else "robustness.caption"),
        compact=True,
    )
