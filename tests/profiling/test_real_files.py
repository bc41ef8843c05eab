"""Real files from the source to personas: names, advice and accounts that hold on data nobody made for the test."""

from __future__ import annotations

import re

import pytest
from shared import MALL, shared_data

from reportgen.config import load_config
from reportgen.inputs.read import read_customers
from reportgen.profiling.personas import describe_personas
from reportgen.profiling.profiles import profile_segments
from reportgen.profiling.recognise import find_rules
from reportgen.profiling.spending import spending_profiles
from reportgen.report.wording import banned_words, say
from reportgen.segments.fit import fit_segments

BANNED = re.compile(rf"\b(?:{'|'.join(banned_words())})\b", re.IGNORECASE)


def described(source, **settings):
    config = load_config(**settings)
    people = read_customers(source, config)
    segments = fit_segments(people, config)
    profiles, spending = profile_segments(people, segments, config), spending_profiles(people, segments, config)
    rules = find_rules(people, segments, config)
    personas = describe_personas(people, segments, profiles, spending, config, rules=rules)
    check(personas)
    return personas, spending


def check(personas):
    assert len({persona.name.casefold() for persona in personas}) == len(personas)
    for persona in personas:
        assert len(persona.name) <= 28
        statements = [persona.subtitle, *persona.description, persona.objective, persona.avoid, persona.timing]
        for action in persona.actions:
            statements += [action.title, action.detail, action.kpi]
        for statement in statements:
            words = say(statement).text
            assert not BANNED.search(words), words
            assert not re.search(r"(^|[\s(])–([\s,.;)]|$)", words), words
        assert len(say(persona.subtitle).text.split()) <= 20
        assert len(persona.actions) >= 2


def test_mall_from_the_file():
    personas, spending = described(MALL)
    assert spending is None
    assert [persona.name for persona in personas] == [
        "Average income & spending",
        "High income & high spending",
        "High income & low spending",
        "Low income & low spending",
        "Low income & high spending",
    ]
    assert len({say(persona.objective).text for persona in personas}) == 5


@pytest.mark.parametrize("name", ["wholesale/Wholesale_customers_data.csv", "eu_format/superstore_de_cp1252.csv.gz"])
def test_other_tables(name):
    described(shared_data(name), segments__k=4)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cdnow/CDNOW_master.txt", "purchases/purchases.txt"])
def test_logs_are_named_by_value_and_state(name):
    personas, spending = described(shared_data(name), segments__k=4)
    assert personas[0].value_word == "Top"
    assert all("-spend" in persona.name for persona in personas)
    assert sum(segment.revenue for segment in spending.segments) == pytest.approx(spending.base.revenue)
    assert any(persona.value is not None for persona in personas)
