"""Short rules: plain, rounded, measured after rounding, honest when there is none."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from profiling.people import customers, field, mall, segmentation

from reportgen.profiling.recognise import find_rules


def matched(people, rule):
    rows = np.ones(len(people.frame), dtype=bool)
    for condition in rule.conditions:
        values = people.frame[condition.field].to_numpy()
        rows &= values >= condition.limit if condition.comparison == "at least" else values < condition.limit
    return rows


@pytest.fixture(scope="module")
def found():
    people, segments = mall()
    return people, segments, find_rules(people, segments)


def test_mall_rules_are_short_round_and_good(found):
    _, _, rules = found
    assert [rule.word for rule in rules] == ["recognisable"] * 5
    for rule in rules:
        assert 1 <= len(rule.conditions) <= 3
        assert rule.catch >= 0.9
        assert rule.purity >= 0.9
        assert rule.catch_oof >= 0.85
        assert rule.purity_oof >= 0.85
        assert all(len(f"{condition.limit:g}".replace(".", "").strip("0")) <= 2 for condition in rule.conditions)


def test_figures_hold_for_the_printed_limits(found):
    people, segments, rules = found
    for place, rule in enumerate(rules):
        members = segments.assignment.label == place
        picked = matched(people, rule)
        assert rule.matched == picked.sum()
        assert rule.catch == (picked & members).sum() / members.sum()
        assert rule.purity == (picked & members).sum() / picked.sum()


def test_protected_fields_never_enter_a_rule():
    people, segments = mall(6, ("age", "income", "score"))
    rules = find_rules(people, segments)
    assert {c.field for rule in rules for c in rule.conditions} <= {"income", "score"}
    only_age = segmentation(people, segments.assignment.label, ("age",))
    assert all(rule.conditions == () and rule.word == "none" for rule in find_rules(people, only_age))


def test_random_segments_have_no_short_rule():
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"a": random.normal(size=300), "b": random.normal(size=300)})
    people = customers(frame, (field("a"), field("b")))
    rules = find_rules(people, segmentation(people, random.integers(0, 3, 300), ("a", "b")))
    assert all(rule.conditions == () and rule.word == "none" for rule in rules)


def test_a_rule_that_picks_nearly_everybody_is_none():
    random = np.random.default_rng(3)
    people = customers(pd.DataFrame({"a": random.normal(size=300)}), (field("a"),))
    rules = find_rules(people, segmentation(people, [0] * 250 + [1] * 50, ("a",)))
    assert all(rule.conditions == () for rule in rules)


def test_missing_values_are_filled_as_the_model_fills_them():
    people, segments = mall()
    income = people.frame["income"].to_numpy().copy()
    income[:3] = np.nan
    assert len(find_rules(dataclasses.replace(people, frame=people.frame.assign(income=income)), segments)) == 5


def test_one_segment_needs_no_rule():
    people, _ = mall()
    assert find_rules(people, segmentation(people, [0] * 200, ("income", "score")))[0].conditions == ()
