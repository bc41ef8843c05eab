"""What the customer map says besides its dots: its axes in words, its caption, and how tall it may be."""

from __future__ import annotations

from reportgen.report.story import Story
from reportgen.segments.projection import Projection
from reportgen.values import count, share, text

LETTERS_FROM = 8  # as many segments have letters on the map and a list of names below it
ALL_SHADED_UP_TO = 400  # more dots: the nine tenths of a segment nearest to its centre
_MAINLY, _PARTLY = 0.7, 0.5  # least correlation of a column with the axis that it names
_MOST_NAMED = 3  # columns in each direction

_LEAST_HEIGHT, _HEIGHT, _ALONE = 175.0, 300.0, 490.0  # points
_PAGE = {"A4": 723.0, "Letter": 693.0}  # points of text on a page
_AROUND = 278.0  # head, titles, captions and the head of the table


def axis_words(story: Story, projection: Projection) -> tuple[str, str]:
    """Return what each axis holds, "44% of the differences: mainly higher income; partly lower age".

    Columns of the user's own map keep their labels. The limits are those usual for reading loadings.
    """
    if projection.kind == "columns":
        return projection.axis_labels
    return _axis(story, projection, 0), _axis(story, projection, 1)


def _axis(story: Story, projection: Projection, axis: int) -> str:
    named = sorted(
        (
            (round(float(pair[axis]), 9), label)
            for label, pair in zip(projection.columns, projection.loadings, strict=True)
        ),
        key=lambda item: (-abs(item[0]), item[1]),
    )
    kept = [item for sign in (1, -1) for item in [i for i in named if i[0] * sign >= _PARTLY][:_MOST_NAMED]]
    parts = {
        "mainly": [_toward(story, *item) for item in named if item in kept and abs(item[0]) >= _MAINLY],
        "partly": [_toward(story, *item) for item in named if item in kept and abs(item[0]) < _MAINLY],
    }
    key = "_".join(["axis", *(name for name, words in parts.items() if words)])
    values = {name: text(", ".join(words)) for name, words in parts.items() if words}
    part = projection.shares[axis] if axis < len(projection.shares) else 0.0
    return story.word(f"map.{key}", **values, share=share(part, 0))


def _toward(story: Story, loading: float, label: str) -> str:
    return story.word("map.higher" if loading > 0 else "map.lower", column=story.inner(label))


def map_caption(story: Story) -> str:
    """Return how many customers the map shows, and what is shaded and measured."""
    projection = story.analysis.segmentation.projection
    n, shown = story.size, len(projection.points)
    key = "map.caption_sample" if shown < n else "map.caption"
    words = [story.word(key, shown=count(shown), customers=count(n))]
    if shaded_part(projection) < 1:
        words.append(story.word("map.caption_shaded", share=share(shaded_part(projection), 0)))
    if projection.kind != "columns":
        words.append(story.word("map.caption_pca", share=share(sum(projection.shares[:2]))))
    return " ".join(words)


def shaded_part(projection: Projection) -> float:
    """Return the part of each segment that its shaded area holds."""
    return 1.0 if len(projection.points) <= ALL_SHADED_UP_TO else 0.9


def map_height(story: Story) -> float:
    """Return the height in points that leaves room for the table of segments; a long table gets its own page."""
    k = len(story.segments)
    rows = 16.7 * k if k >= LETTERS_FROM else 31.5 * k
    names = 14 * -(-k // 3) + 6 if k >= LETTERS_FROM else 0
    room = _PAGE[story.config.report.paper] - _AROUND - rows - names
    return _ALONE - names if room < _LEAST_HEIGHT else min(room, _HEIGHT)
