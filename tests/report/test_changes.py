"""What changed, in the words of page 1: material changes only, and otherwise that there were none."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from analyses import mall_like
from calm_month import ZERO, change

from reportgen.config import load_config
from reportgen.history.compare import Change, Lineage, SizeChange
from reportgen.history.drift import ColumnDrift, Shift
from reportgen.history.migration import Split
from reportgen.history.significance import stuart_maxwell
from reportgen.report.sections import compose
from reportgen.report.walk import sentences_of
from reportgen.values import share, statement


def told(found: Change, section: str, language: str = "en") -> tuple[str, str]:
    analysis = mall_like()
    kept = dataclasses.replace(
        analysis.segmentation, model=dataclasses.replace(analysis.segmentation.model, as_of="2024-10-31")
    )
    analysis = dataclasses.replace(analysis, segmentation=kept)
    report = compose(analysis, load_config(None, report__language=language), found)
    page = next(one for one in report.sections if one.id == section)
    return page.title, " ".join(sentence.text for sentence in sentences_of(page)).replace("\u00a0", " ")


def moved(n: int) -> dict[str, Any]:
    """``n`` customers of the first segment went to the second."""
    table = change().migration.table.copy()
    table[0, 0] -= n
    table[0, 1] += n
    migration = dataclasses.replace(change().migration, table=table)
    test = stuart_maxwell(table[:-1, :-1])
    ids = migration.sides
    sizes = (SizeChange(ids[0], 30, 0.4, 0.4 - n / 200, test.p), SizeChange(ids[1], 30, 0.19, 0.19 + n / 200, test.p))
    return {"migration": migration, "split": Split(200, 200 - n, n, 0, 0, 0), "homogeneity": test, "sizes": sizes}


def test_nothing_material_is_said_in_these_words() -> None:
    title, text = told(change(), "summary")
    assert "Nothing material changed since October 2024." in text
    assert title.endswith("nothing material changed since October 2024")
    assert told(change(), "movement")[0] == "No customer moved to another segment"


def test_a_real_change_of_size_is_named_and_a_small_one_is_not() -> None:
    title, text = told(change(**moved(30)), "summary")
    assert "Grew from 19.0% in October 2024 to 34.0% of the same customers; this is more than chance." in text
    assert "of the same customers since October 2024" in title
    assert "Nothing material" in told(change(**moved(15)), "summary")[1], "fewer than 20 moves are not judged"


def test_the_movement_page_tells_the_moves() -> None:
    title, text = told(change(**moved(30)), "movement")
    assert title == "15% of customers moved to another segment"
    assert "30 of 200 customers (15%) are in another segment than in October 2024." in text
    names = [ref.name for ref in mall_like().segments]
    assert f"30 customers went from {names[0]} to {names[1]}." in text
    assert "Fewer than ten customers are in another segment" in told(change(**moved(9)), "movement")[1]


def test_a_drifting_column_is_told_with_its_typical_value() -> None:
    shift = Shift(0.3, 0.1, "strong", 55.0)
    drift = ColumnDrift("annual_income", 61.0, shift, shift)
    assert "rose from 55 k$ in October 2024 to 61 k$" in told(change(drift=(drift,)), "summary")[1]
    quiet = dataclasses.replace(drift, since_last=Shift(0.05, 0.01, "small", 55.0))
    assert "Nothing material" in told(change(drift=(quiet,)), "summary")[1]


def test_many_more_customers_are_told_and_few_are_not() -> None:
    for new, said in ((60, True), (9, False)):
        came = ZERO.copy()
        came[0] = new
        migration = dataclasses.replace(change().migration, new=came)
        text = told(change(migration=migration), "summary")[1]
        assert (f"{200 + new}, up from 200 in October 2024." in text) == said
        assert ("60 new, 0 returned and 0 lost customers are counted apart." in text) == said


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_every_sentence_has_words_in_every_language(language: str) -> None:
    ids = [ref.id for ref in mall_like().segments]
    words = ("same", "changed", "new", "retired", "split", "merged")
    lineage = tuple(
        Lineage(word, ids[0], others, 0.7)
        for word in words
        for others in ((ids[1],), ())
        if others or word in words[:4]
    )
    advice = (statement("advice.far", share=share(0.07)),)
    shift = Shift(0.3, 0.1, "few", 55.0)
    drift = tuple(
        ColumnDrift("annual_income", 61.0, dataclasses.replace(shift, word=word), shift)
        for word in ("strong", "changed", "small", "few", "none")
    )  # type: ignore[arg-type]
    for mode in ("frozen", "refit"):
        found = change(**moved(30), mode=mode, lineage=lineage, advice=advice, drift=drift, previous="2024-08", idle=12)
        assert told(found, "movement", language)[1]
        assert told(found, "summary", language)[0]
