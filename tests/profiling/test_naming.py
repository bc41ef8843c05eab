"""Names: the grammar, the limits, collisions, protected words and overrides."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profiling.people import by_size, customers, field, mall, segmentation, shop

from reportgen.config import Config, load_config
from reportgen.errors import ConfigError
from reportgen.profiling.catalogue import banned_pattern, is_banned, read_catalogue, value_words, word_for
from reportgen.profiling.naming import name_segments
from reportgen.profiling.profiles import profile_segments
from reportgen.profiling.spending import spending_profiles
from reportgen.profiling.traits import gather

DEFAULT = Config()
NAMES = read_catalogue("names", DEFAULT)


def named(people, segments, config=DEFAULT):
    profiles = profile_segments(people, segments, config)
    spending = spending_profiles(people, segments, config)
    return name_segments(gather(people, segments, profiles, spending, config), config)


def names_of(people, segments, config=DEFAULT):
    return [naming.name for naming in named(people, segments, config)]


def test_the_five_mall_segments():
    assert names_of(*mall()) == [
        "Average income & spending",
        "High income & high spending",
        "High income & low spending",
        "Low income & low spending",
        "Low income & high spending",
    ]


def test_segments_that_differ_by_age_alone_are_numbered_not_named_by_age():
    names = names_of(*mall(6, ("age", "income", "score")))
    assert {"Average income & spending 1", "Average income & spending 2"} <= set(names)
    assert len(set(names)) == 6


def test_a_log_is_named_by_value_state_and_trait():
    assert names_of(*shop()) == ["Top-spend active, frequent", "Minimal-spend one-time", "Low-spend lapsed, occasional"]


def test_every_word_of_a_name_is_audited_with_its_limits():
    naming = named(*shop())[0]
    assert [(row.word, row.enter, row.keep) for row in naming.audit] == [
        ("Top-spend", "at least 200", "at least 180"),
        ("Active", "at least 50%", "at least 45%"),
        ("Frequent", "at least 130", "at least 108"),
    ]


@pytest.mark.parametrize(
    ("index", "word"),
    [
        (200, "Top"),
        (199.9, "High"),
        (130, "High"),
        (129.9, "Mid"),
        (77.1, "Mid"),
        (77, "Low"),
        (50.1, "Low"),
        (50, "Minimal"),
        (0, "Minimal"),
    ],
)
def test_value_words_at_their_limits(index, word):
    assert word_for(value_words(NAMES), index).word == word


def test_a_category_names_a_segment_unless_its_label_is_protected():
    people, segments = shop()
    label = np.where(segments.assignment.label == 2, 1, 0)
    garden = np.where(label == 1, people.frame["spend"], 0.0)
    for title, expected in (("Garden", "Low-spend lapsed, Garden"), ("Women", "Low-spend lapsed, occasional")):
        wallet = pd.DataFrame({"Kitchen": people.frame["spend"] - garden, title: garden})
        facts = dataclasses.replace(people.order_facts, categories=("Kitchen", title), category_spend=wallet)
        shopped = dataclasses.replace(people, order_facts=facts)
        assert names_of(shopped, segmentation(shopped, label, ("recency",)))[1] == expected


@pytest.mark.parametrize("word", ["Women of 30", "Old-timers, old", "The female core", "Gen Z", "Edad alta", "", "  "])
def test_overrides_with_a_protected_word_are_refused(word):
    with pytest.raises(ConfigError, match="can't be used"):
        names_of(*mall(), Config(names={"s01": word}))


def test_overrides_win_stay_in_the_audit_and_must_differ():
    naming = named(*mall(), Config(names={"s02": "Core customers", "s99": "Nobody"}))[1]
    assert naming.name == "Core customers"
    assert naming.generated_name == "High income & high spending"
    assert all(row.overridden for row in naming.audit)
    with pytest.raises(ConfigError, match="same name"):
        names_of(*mall(), Config(names={"s01": "Core", "s02": "core"}))


def test_a_generated_name_gives_way_to_the_same_override():
    names = names_of(*mall(), Config(names={"s01": "High income & high spending"}))
    assert names[0] == "High income & high spending"
    assert len({name.casefold() for name in names}) == 5


def test_values_of_protected_columns_are_banned_too():
    frame = pd.DataFrame({"status": ["Together", "Single"] * 20, "x": np.arange(40.0)})
    people = customers(frame, (field("status", "category", "Status", protected=True), field("x")))
    pattern = banned_pattern(NAMES, people)
    assert is_banned(pattern, "Better together")
    assert is_banned(pattern, "by-status")
    assert not is_banned(pattern, "Average income & management")


def test_nothing_to_say_leaves_the_letter():
    frame = pd.DataFrame({"age": np.tile([1.0, 2.0, 3.0], 20)})
    people = customers(frame, (field("age", protected=True),))
    assert names_of(people, segmentation(people, [0, 1, 2] * 20, ("age",))) == ["Segment A", "Segment B", "Segment C"]


labels = st.lists(
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs", "Cc"]), min_size=1, max_size=40),
    min_size=2,
    max_size=4,
    unique=True,
)


@settings(max_examples=40, deadline=None)
@given(labels, st.integers(0, 10_000), st.integers(2, 6), st.booleans())
def test_names_are_distinct_short_and_free_of_banned_words(headers, seed, k, money):
    random = np.random.default_rng(seed)
    n = 240
    groups = random.integers(0, k, n)
    groups[:k] = np.arange(k)
    frame = pd.DataFrame(
        {f"c{i}": random.normal(size=n) + random.normal(size=k)[groups] * 2 for i in range(len(headers))}
    )
    frame["spend"] = random.lognormal(3, 1, n)
    fields = [field(f"c{i}", label=header) for i, header in enumerate(headers)] + [
        field("spend", "money", role="total_spent")
    ]
    people = customers(frame, fields, spend="spend" if money else None)
    names = names_of(people, segmentation(people, by_size(groups), [f"c{i}" for i in range(len(headers))]))
    assert len({name.casefold() for name in names}) == len(names)
    assert all(0 < len(name) <= 28 and name.isprintable() for name in names)
    pattern = banned_pattern(NAMES, people)
    assert not any(is_banned(pattern, name) for name in names)


def test_equal_heads_are_told_apart_by_value_and_trait_before_numbers():
    people, segments = shop()
    label = segments.assignment.label.copy()
    dear = (label == 1) & (people.frame["spend"].to_numpy() > 75)
    label[dear] = 3
    names = names_of(people, segmentation(people, label, ("recency",)))
    assert names[1] == "Minimal-spend one-time"
    assert names[3] == "Minimal-spend, large-basket"


@pytest.mark.parametrize(("words", "complaint"), [("longest = ", "not valid TOML"), ("longest = 28", "lacks banned")])
def test_a_broken_catalogue_of_the_user_is_explained(tmp_path, words, complaint):
    (tmp_path / "personas").mkdir()
    (tmp_path / "personas" / "names.toml").write_text(words, encoding="utf-8")
    with pytest.raises(ConfigError, match=complaint):
        read_catalogue("names", load_config(report__templates=str(tmp_path)))


def test_tables_in_which_nothing_is_high_or_low_get_letters_not_averages():
    random = np.random.default_rng(4)
    frame = pd.DataFrame({f"x{i}": random.normal(50, 10, 400) for i in range(4)})
    people = customers(frame, [field(name) for name in frame])
    assert names_of(people, segmentation(people, np.arange(400) % 2, list(frame))) == ["Segment A", "Segment B"]


def test_customers_of_one_order_each_are_early_or_late_never_long_standing():
    people, _ = shop()
    days = np.where(np.arange(len(people.frame)) % 2, 280.0, 60.0)
    frame = people.frame.assign(orders=1.0, order_days=1.0, recency=days, tenure_days=days, gap_days=np.nan, spend=40.0)
    facts = dataclasses.replace(people.order_facts, usual_gap=None, lapse_limit=None)
    once = dataclasses.replace(people, frame=frame, order_facts=facts)
    names = names_of(once, segmentation(once, (days > 100).astype(int), ["recency"]))
    assert names == ["Mid-spend, late buyers", "Mid-spend, early buyers"]
