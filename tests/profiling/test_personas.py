"""Personas: sentences, actions and value follow the figures; the catalogues hold together."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from profiling.people import customers, field, mall, segmentation, shop

from reportgen.config import Config
from reportgen.profiling.actions import action_type, value_at_stake
from reportgen.profiling.catalogue import read_catalogue
from reportgen.profiling.naming import Naming
from reportgen.profiling.personas import describe_personas
from reportgen.profiling.profiles import profile_segments
from reportgen.profiling.recognise import find_rules
from reportgen.profiling.spending import spending_profiles
from reportgen.profiling.states import STATES
from reportgen.report.wording import banned_words, phrases, say

DEFAULT = Config()
ACTIONS, SENTENCES = read_catalogue("actions", DEFAULT), read_catalogue("descriptions", DEFAULT)
PLACEHOLDER = re.compile(r"\{\^?(\w+)(?::[^}]*)?\}")


def personas(people, segments, config=DEFAULT):
    return describe_personas(
        people,
        segments,
        profile_segments(people, segments, config),
        spending_profiles(people, segments, config),
        config,
        rules=find_rules(people, segments, config),
    )


def statements(persona):
    yield from (persona.subtitle, *persona.description, persona.objective, persona.avoid, persona.timing)
    for action in persona.actions:
        yield from (action.title, action.detail, action.kpi)
    if persona.value is not None:
        yield persona.value.sentence


@pytest.fixture(scope="module", params=["mall", "shop"])
def everyone(request):
    return personas(*{"mall": mall, "shop": shop}[request.param]())


def options():
    for code, entry in ACTIONS["types"].items():
        for option in entry["objective"]:
            yield f"action.objective.{option['key']}", option["needs"]
        for option in entry["timing"]:
            yield f"action.timing.{option['key']}", option["needs"]
        for option in entry["actions"]:
            yield from ((f"action.{option['key']}.{part}", option["needs"]) for part in ("title", "detail", "kpi"))
        yield f"action.avoid.{entry['avoid']}", []
        assert code.startswith("A")
    for slot in (*SENTENCES["description"]["main"], *SENTENCES["description"]["closing"], SENTENCES["subtitle"]):
        yield from ((f"persona.{option['key']}", option["needs"]) for option in slot["options"])


@pytest.mark.parametrize(("key", "needs"), sorted({(key, tuple(needs)) for key, needs in options()}))
def test_every_option_has_a_phrase_with_figures_it_asks_for(key, needs):
    assert set(PLACEHOLDER.findall(phrases()[key])) <= set(needs)


def test_no_phrase_of_a_persona_holds_a_banned_word():
    banned = re.compile(rf"\b(?:{'|'.join(banned_words())})\b", re.IGNORECASE)
    ours = {k: v for k, v in phrases().items() if k.split(".")[0] in ("persona", "action", "value")}
    assert len(ours) > 100
    assert {key: match.group() for key, words in ours.items() if (match := banned.search(words))} == {}


def test_every_statement_has_words(everyone):
    for persona in everyone:
        for each in statements(persona):
            words = say(each).text
            assert "{" not in words
            assert not re.search(r"(^|\s)–(\s|$)", words), words  # no missing figure in a sentence


def test_subtitles_are_short_and_descriptions_have_two_to_four_sentences(everyone):
    for persona in everyone:
        assert len(say(persona.subtitle).text.split()) <= 20
        assert 2 <= len(persona.description) <= 4
        assert 2 <= len(persona.actions) <= 3


def test_segments_get_different_advice(everyone):
    advice = [tuple(say(action.detail).text for action in persona.actions) for persona in everyone]
    assert len(set(advice)) == len(advice)
    assert len({say(persona.objective).text for persona in everyone}) == len(everyone)


def test_mall_says_what_it_knows_and_what_it_does_not():
    middle = personas(*mall())[2]
    assert [say(sentence).text for sentence in middle.description] == [
        "Annual income is typically 85\u00a0k$ (half of the members: 78–98\u00a0k$), "
        "against 62\u00a0k$ among all customers.",
        "Spending score is typically 16 (half of the members: 10–24), against 50 among all customers.",
        "The file holds no single orders, so when members buy, and what together, is unknown.",
    ]
    assert say(middle.actions[0].title).text == "Ask what is missing"
    assert middle.action_type == "A10"
    assert middle.value is None


def test_no_sentence_speaks_of_protected_columns():
    for persona in personas(*mall(6, ("age", "income", "score"))):
        words = " ".join(say(each).text for each in statements(persona)).casefold()
        assert not re.search(r"\b(age|gender|male|female|years)\b", words)


@pytest.mark.parametrize(
    ("state", "words", "expected"),
    [
        ("Active", ("Top", "High", "Mid", None, "Low", "Minimal"), ("A1", "A1", "A2", "A2", "A3", "A3")),
        ("New", ("Top", "Mid", "Low"), ("A4", "A4", "A4")),
        ("One-time", ("Top", "Mid", "Low"), ("A5", "A5", "A5")),
        ("Slowing", ("High", "Mid", "Low"), ("A6", "A7", "A7")),
        ("Lapsed", ("High", "Mid", "Low"), ("A8", "A9", "A9")),
        ("Mixed", ("High", None), ("A10", "A10")),
        (None, ("High", None), ("A10", "A10")),
    ],
)
def test_action_types_follow_state_and_value(state, words, expected):
    def naming(word):
        value = None if word is None else dataclasses.make_dataclass("W", ["word"])(word)
        return Naming("", "", value, state, (), (), False, ())

    assert tuple(action_type(naming(word), ACTIONS) for word in words) == expected


def test_every_state_has_types_for_every_value():
    assert set(ACTIONS["select"]) == set(STATES)
    for row in ACTIONS["select"].values():
        assert set(row) == {"hi", "mid", "lo"}
        assert set(row.values()) <= set(ACTIONS["types"])


def test_values_carry_their_assumption():
    people, segments = shop()
    best, once, lapsed = spending_profiles(people, segments).segments
    facts = people.order_facts
    exposure = value_at_stake("V3", best, facts, "EUR")
    assert exposure.amount == best.spend_last_year
    assert "12 months to 30 June 2025" in say(exposure.sentence).text
    order = value_at_stake("V2", once, facts, "EUR")
    assert order.amount == pytest.approx(0.1 * 300 * once.order_value)
    back = value_at_stake("V1", lapsed, facts, "EUR")
    assert (back.low, back.high) == pytest.approx((0.05 * lapsed.revenue, 0.15 * lapsed.revenue))
    for value in (order, back):
        assert "estimate" in say(value.sentence).text
        assert "not a forecast" in say(value.sentence).text
    assert value_at_stake("V1", best, facts, "EUR") is None  # nobody drifts
    assert value_at_stake("V2", once, None, "EUR") is None  # no dates, no estimate


def test_a_tiny_segment_gets_no_figures_and_no_advice():
    people, _ = mall()
    tiny = personas(people, segmentation(people, [0] * 194 + [1] * 6, ("income", "score")))[1]
    assert say(tiny.subtitle).text == "Too few customers to describe."
    assert say(tiny.objective).text == "Too few customers to act on."
    assert tiny.actions == ()
    assert not any(re.search(r"\d", say(sentence).text) for sentence in statements(tiny))


def test_rows_in_any_order_give_the_same_personas():
    people, segments = shop()
    order = np.random.default_rng(2).permutation(len(people.frame))
    facts = dataclasses.replace(
        people.order_facts, category_spend=people.order_facts.category_spend.iloc[order].reset_index(drop=True)
    )
    shuffled = dataclasses.replace(people, frame=people.frame.iloc[order].reset_index(drop=True), order_facts=facts)
    again = segmentation(shuffled, segments.assignment.label[order], segments.model.recipe.names)

    def without_rules(people, segments):
        profiles, spending = profile_segments(people, segments), spending_profiles(people, segments)
        return describe_personas(people, segments, profiles, spending)

    assert without_rules(shuffled, again) == without_rules(people, segments)


def test_only_what_is_bought_is_put_first_or_paired():
    random = np.random.default_rng(6)
    high = np.arange(300) < 150
    frame = pd.DataFrame(
        {
            "blood_pressure": random.normal(100, 5, 300) + 60 * high,
            "complaints": random.poisson(1, 300) + 9.0 * high,
            "web_purchases": random.poisson(2, 300) + 9.0 * high,
        }
    )
    kinds = {"blood_pressure": "number", "complaints": "count", "web_purchases": "count"}
    people = customers(frame, [field(name, kind) for name, kind in kinds.items()])
    segments = segmentation(people, (~high).astype(int), list(frame))
    profiles = profile_segments(people, segments, Config())
    actions = describe_personas(people, segments, profiles, None, Config())[0].actions
    keys = {action.title.key for action in actions}
    assert not keys & {"action.lead.title", "action.pair.title", "action.introduce.title"}
    built_on = [dict(action.title.values)["high_count_label"] for action in actions if "channel" in action.title.key]
    assert [quantity.value for quantity in built_on] == ["web purchases"]
