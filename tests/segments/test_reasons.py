"""The reasons for a number of segments state what the figures say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from reportgen.segments.reasons import Decision, explain


def trial(strength: float) -> Any:
    return SimpleNamespace(
        k=2, on_the_line=True, dependable=False, large_enough=True, jaccard=0.9, strength=SimpleNamespace(mean=strength)
    )


@pytest.mark.parametrize(("forced", "near"), [(False, "working_tiers_close"), (True, "forced_close")])
def test_a_strength_at_the_limit_is_not_said_to_fall_short_of_it(forced: bool, near: str) -> None:
    close, short = trial(0.81), trial(0.60)
    assert f"choice.{near}" in [reason.key for reason in explain(Decision(close, forced, None, (close,)))]
    assert f"choice.{near}" not in [reason.key for reason in explain(Decision(short, forced, None, (short,)))]
