"""Personas: who each segment is and what to do, in words that the numbers carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportgen.config import Config
from reportgen.inputs.customers import Customers
from reportgen.profiling.actions import Action, Value, plan, value_at_stake
from reportgen.profiling.catalogue import read_catalogue
from reportgen.profiling.choosing import first_known, from_slots
from reportgen.profiling.facts import Facts, gather_facts
from reportgen.profiling.naming import NameWord, Naming, name_segments, printable
from reportgen.profiling.profiles import Profile
from reportgen.profiling.recognise import Rule
from reportgen.profiling.spending import Spending
from reportgen.profiling.traits import Evidence, Trait, gather
from reportgen.segments.fit import Segmentation
from reportgen.values import Statement

__all__ = ["Action", "NameWord", "Persona", "Value", "describe_personas"]


@dataclass(frozen=True)
class Persona:
    """Who a segment is, in words that the numbers carry."""

    name: str  # at most 28 characters unless overridden
    generated_name: str
    subtitle: Statement
    description: tuple[Statement, ...]
    value_word: str | None  # Top, High, Mid, Low, Minimal
    state: str | None  # New, One-time, Active, Slowing, Lapsed, Mixed
    traits: tuple[str, ...]
    action_type: str  # "A1" … "A10"
    objective: Statement
    actions: tuple[Action, ...]
    avoid: Statement
    timing: Statement
    value: Value | None  # None: not estimated
    audit: tuple[NameWord, ...]


def describe_personas(  # noqa: PLR0913 - five stages of one run meet here, and the rules that actions may cite
    customers: Customers,
    segmentation: Segmentation,
    profiles: tuple[Profile, ...],
    spending: Spending | None,
    config: Config | None = None,
    *,
    rules: Sequence[Rule] = (),
) -> tuple[Persona, ...]:
    """Name, describe and advise on every segment, in display order.

    Raises ConfigError when a name in ``config.names`` holds a protected word or is used twice.
    """
    config = config or Config()
    evidence = gather(customers, segmentation, profiles, spending, config)
    names = name_segments(evidence, config)
    return tuple(
        _persona(
            evidence, names[place], gather_facts(evidence, names, place, rules[place] if rules else None), place, config
        )
        for place in range(len(profiles))
    )


def _persona(evidence: Evidence, naming: Naming, facts: Facts, place: int, config: Config) -> Persona:
    sentences, actions = read_catalogue("descriptions", config), read_catalogue("actions", config)
    chosen = plan(naming, facts, actions)
    slots = sentences["description"]
    customers, spending = evidence.customers, evidence.spending
    return Persona(
        name=naming.name,
        generated_name=naming.generated_name,
        subtitle=first_known(sentences["subtitle"]["options"], facts, "persona") or Statement("persona.subtitle_tiny"),
        description=from_slots(slots["main"], facts, "persona", slots["most_main"])
        + from_slots(slots["closing"], facts, "persona", 1),
        value_word=naming.value.word if naming.value else None,
        state=naming.state,
        traits=tuple(_words(trait) for trait in naming.traits),
        action_type=chosen.type,
        objective=chosen.objective,
        actions=chosen.actions,
        avoid=chosen.avoid,
        timing=chosen.timing,
        value=value_at_stake(
            actions["types"][chosen.type].get("value"),
            None if spending is None or spending.dominated else spending.segments[place],
            customers.order_facts,
            customers.currency,
        ),
        audit=naming.audit,
    )


def _words(trait: Trait) -> str:
    return printable(f"{trait.word} {trait.noun}")
