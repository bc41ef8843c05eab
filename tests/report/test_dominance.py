"""One very large customer: no figure shows what it spends, and no name or sentence rests on it (domain.md 11.4)."""

from __future__ import annotations

import json
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest

from reportgen.analysis import Analysis, analyse
from reportgen.config import Config
from reportgen.report.checks import check_report
from reportgen.report.data import render_json
from reportgen.report.sections import compose

GIANT = 1e12


@cache
def table() -> Analysis:
    random = np.random.default_rng(3)
    spent = random.lognormal(np.log(300), 0.4, 150).round(2)
    spent[17] = GIANT
    return analyse(
        pd.DataFrame(
            {
                "customer_id": range(1, 151),
                "total_spent": spent,
                "visits": random.poisson(6, 150) + 1,
                "income": random.normal(50_000, 9_000, 150).round(),
            }
        ),
        Config(),
    )


@cache
def log() -> Analysis:
    random = np.random.default_rng(5)
    n = 900
    customers = random.integers(0, 160, n)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 365, n), unit="D")
    amounts = random.lognormal(3.5, 0.6, n).round(2)
    amounts[customers == 7] = GIANT / 10
    frame = {"order_id": range(n), "customer_id": [f"K{c}" for c in customers], "date": days.strftime("%Y-%m-%d")}
    return analyse(pd.DataFrame({**frame, "amount": amounts}), Config())


@pytest.mark.parametrize("analysis", [table, log], ids=["table", "log"])
def test_no_figure_outside_the_ledger_shows_what_one_customer_spends(analysis) -> None:
    report = compose(analysis())
    document = json.loads(render_json(report))
    ledger = [document["tables"].pop(name, None) for name in ("reconciliation", "memo")]
    assert any(ledger)
    del document["sections"]["appendix-data"]  # it repeats the ledger
    shown = json.dumps(document)
    figures = [float(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?:e\+?\d+)?", shown)]
    assert max(figures) < 1e7
    assert check_report(report) == ()
    assert any(finding.code == "dominated" for finding in analysis().segmentation.findings)


def test_names_rest_on_the_typical_member() -> None:
    names = [persona.name for persona in table().personas]
    assert all(name.startswith("Mid-spend") for name in names)
    rows = [row for persona in table().personas for row in persona.audit if row.word == "Mid-spend"]
    assert {row.metric for row in rows} == {"index of typical (median) spend"}
    subtitles = [persona.subtitle.key for persona in table().personas]
    assert "persona.subtitle_few_large_typical" in subtitles


def test_every_persona_of_a_dominated_log_has_an_objective() -> None:
    assert all(persona.objective.key != "action.objective.tiny" for persona in log().personas)


def test_nothing_is_hidden_where_no_customer_dominates() -> None:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"id": range(150), "total_spent": random.lognormal(6, 0.4, 150), "visits": random.poisson(6, 150)}
    )
    found = analyse(frame, Config())
    assert found.spending is not None
    assert not found.spending.dominated
    assert compose(found).sections
