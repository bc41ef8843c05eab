"""The whole story of one run as numbers: who the customers are, which segments, what they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reportgen.config import Config, as_config
from reportgen.inputs.customers import Customers
from reportgen.inputs.read import read_customers
from reportgen.inputs.steady import unchanged
from reportgen.inputs.table import Origin, Table, open_table
from reportgen.inputs.translate import in_language
from reportgen.profiling.association import Association, associate, fairness_findings
from reportgen.profiling.customer_value import CustomerValue, estimate_value
from reportgen.profiling.levels import NOTHING_COUNTED
from reportgen.profiling.of_all import profiles_of_all, rfm_of_all, rules_of_all, spending_of_all, value_of_all
from reportgen.profiling.personas import NameWord, Persona, describe_personas
from reportgen.profiling.profiles import Profile, profile_segments
from reportgen.profiling.recognise import Rule, find_rules
from reportgen.profiling.rfm import RfmCuts, RfmView, rfm_view
from reportgen.profiling.spending import Spending, spending_profiles
from reportgen.profiling.tally import tally_everyone, with_questions
from reportgen.progress import Listener, of_rows, part, silent
from reportgen.segments.baseline import learn_baseline
from reportgen.segments.fit import Segmentation, fit_segments
from reportgen.segments.model import Ruler, SegmentModel, SegmentRef
from reportgen.segments.robustness import Variation, robustness_panel

Segmenter = Callable[[Customers, Config, Listener], Segmentation]


@dataclass(frozen=True)
class Analysis:
    """Everything found; segments in display order. No pictures, no layout."""

    source: str  # name of the input
    customers: Customers
    segmentation: Segmentation
    profiles: tuple[Profile, ...]
    spending: Spending | None
    personas: tuple[Persona, ...]
    rules: tuple[Rule, ...]
    rfm: RfmView | None = None  # only for a log of orders
    value: CustomerValue | None = None  # only for a log of orders
    reading: tuple[tuple[str, str], ...] = ()  # how the file was read: ("encoding", "cp1252"), …
    robustness: tuple[Variation, ...] = ()  # what one change to the analysis does to the segments, weakest first
    associations: tuple[Association, ...] = ()  # how columns go with the segments; those that describe come first

    @property
    def segments(self) -> tuple[SegmentRef, ...]:
        """The segments with their names, in display order."""
        return self.segmentation.model.segments


def analyse(
    source: Any,
    config: Config | str | Path | None = None,
    progress: Listener = silent,
    *,
    segment: Segmenter = fit_segments,
) -> Analysis:
    """Find and describe the segments of a table: a path, several paths, a glob, a data frame or an opened Table.

    ``segment`` finds the segments: a fit, or the scores of a model that is kept. Names that its segments have already
    stay, and so do the limits that the model keeps.

    Raises InputError when no honest answer can be given, ConfigError when the settings don't fit the table.
    """
    config = as_config(config)
    progress("reading the input", 0.0)
    table = source if isinstance(source, Table) else open_table(source, config.input)
    with unchanged(table.files):
        read = of_rows(table.origin.rows, 0.3, 0.8)
        customers = read_in_language(table, config, part(progress, 0.05, read))
        return describe(table.origin, customers, config, part(progress, read, 1.0), segment=segment)


def read_in_language(table: Table, config: Config, progress: Listener = silent) -> Customers:
    """Return one row per customer, with labels in the language of the report. Raises as ``analyse`` does."""
    return in_language(read_customers(table, config, progress), config)


def describe(
    origin: Origin, customers: Customers, config: Config, progress: Listener, *, segment: Segmenter = fit_segments
) -> Analysis:
    """Find and describe the segments of customers that were read; see ``analyse``."""
    customers = with_questions(customers, config)
    segmentation = segment(customers, config, part(progress, 0.0, 0.8))
    progress("describing the segments", 0.8)
    customers = _ruled(customers, segmentation.model.ruler)
    given = config.names
    config = _keeping_names(config, segmentation)
    profiles, spending, rfm, value = _measured(customers, segmentation, config)
    rules = find_rules(customers, segmentation, config)
    if customers.everyone is not None:
        rules = rules_of_all(rules, customers, segmentation)
    personas = describe_personas(customers, segmentation, profiles, spending, config, rules=rules)
    personas = _with_own_audit(personas, segmentation, given)
    associations = associate(customers, segmentation, config)
    noticed = (*fairness_findings(associations), *(spending.findings if spending else ()))
    warned = replace(segmentation, findings=(*segmentation.findings, *noticed))
    return Analysis(
        source=origin.lasting if config.input.period else origin.name,
        customers=customers,
        segmentation=_with_names(_born(_with_ruler(warned, customers, rfm, config), personas, given, config), personas),
        profiles=profiles,
        spending=spending,
        personas=personas,
        rules=rules,
        rfm=rfm,
        value=value,
        reading=() if config.input.period else origin.facts,  # rows of later months must not change a byte
        robustness=() if segmentation.kept else robustness_panel(customers, segmentation, config),
        associations=associations,
    )


def _measured(
    customers: Customers, segmentation: Segmentation, config: Config
) -> tuple[tuple[Profile, ...], Spending | None, RfmView | None, CustomerValue | None]:
    """Describe the segments, with the figures of all customers where the frame is a sample of them."""
    tally = tally_everyone(customers, segmentation, config)
    profiles = profile_segments(customers, segmentation, config, tally.levels if tally else NOTHING_COUNTED)
    spending = spending_profiles(customers, segmentation, config)
    rfm = rfm_view(customers, _cuts(segmentation.model.ruler))
    value = estimate_value(customers, segmentation.assignment.label, segmentation.k, config.segments.seed)
    if tally is None:
        return profiles, spending, rfm, value
    return (
        profiles_of_all(profiles, tally),
        spending_of_all(spending, customers, tally, config.privacy.min_cell) if spending else None,
        rfm_of_all(rfm, customers) if rfm else None,
        value_of_all(value, tally) if value else None,
    )


def _with_names(segmentation: Segmentation, personas: tuple[Persona, ...]) -> Segmentation:
    names = {ref.id: persona.name for ref, persona in zip(segmentation.model.segments, personas, strict=True)}
    whole = segmentation.unshown
    return replace(
        segmentation,
        model=_renamed(segmentation.model, names),
        unshown=None if whole is None else _renamed(whole, names),
    )


def _born(
    segmentation: Segmentation, personas: tuple[Persona, ...], given: Mapping[str, str], config: Config
) -> Segmentation:
    """Keep with the segments that a monthly report finds first when that was, and what their names were given for."""
    period, users = config.input.period, {key.casefold() for key in given}
    if segmentation.kept or not period:
        return segmentation
    segments = tuple(
        ref
        if ref.born
        else replace(ref, born=period, words=() if ref.id.casefold() in users else _naming_words(persona))
        for ref, persona in zip(segmentation.model.segments, personas, strict=True)
    )
    return replace(segmentation, model=replace(segmentation.model, segments=segments))


def _naming_words(persona: Persona) -> tuple[str, ...]:
    return tuple(word for word in (persona.value_word, persona.state) if word and word != "Mixed")


def _renamed(model: SegmentModel, names: Mapping[str, str]) -> SegmentModel:
    segments = tuple(replace(segment, name=names.get(segment.id, segment.name)) for segment in model.segments)
    return replace(model, segments=segments)


def _keeping_names(config: Config, segmentation: Segmentation) -> Config:
    """Let segments that were named before keep their name, unless the user gives them another."""
    kept = {ref.id: ref.name for ref in segmentation.model.segments if ref.name != ref.id}
    return config.model_copy(update={"names": kept | config.names}) if kept else config


def _with_own_audit(
    personas: tuple[Persona, ...], segmentation: Segmentation, given: Mapping[str, str]
) -> tuple[Persona, ...]:
    """A name that is kept from an earlier month rests on the words of that month, unless they are the same now."""
    users = {key.casefold() for key in given}
    return tuple(
        replace(persona, audit=_audit_of(persona)) if ref.id.casefold() not in users and ref.name != ref.id else persona
        for persona, ref in zip(personas, segmentation.model.segments, strict=True)
    )


def _audit_of(persona: Persona) -> tuple[NameWord, ...]:
    same = persona.name == persona.generated_name
    return tuple(replace(word, overridden=False) for word in persona.audit if same)


def _ruled(customers: Customers, ruler: Ruler | None) -> Customers:
    """Let the usual gap and the lapse limit stay what they were at the fit."""
    facts = customers.order_facts
    if ruler is None or facts is None:
        return customers
    kept = replace(facts, usual_gap=ruler.usual_gap, lapse_limit=ruler.lapse_limit)
    return replace(customers, order_facts=kept)


def _cuts(ruler: Ruler | None) -> RfmCuts | None:
    return RfmCuts(*ruler.rfm_cuts) if ruler is not None and ruler.rfm_cuts else None


def _with_ruler(segmentation: Segmentation, customers: Customers, rfm: RfmView | None, config: Config) -> Segmentation:
    """Keep with a new model of a monthly report what later months measure with."""
    if segmentation.kept or not config.input.period:
        return segmentation
    facts, model = customers.order_facts, segmentation.model
    cuts = (rfm.cuts.recency, rfm.cuts.frequency, rfm.cuts.monetary) if rfm else ()
    ruler = Ruler(facts.usual_gap, facts.lapse_limit, cuts) if facts else Ruler(rfm_cuts=cuts)
    as_of = config.input.as_of
    kept = replace(
        model,
        ruler=ruler,
        baseline=learn_baseline(model.recipe, customers),
        map=segmentation.projection.frame,
        as_of=as_of.isoformat() if as_of else model.as_of,
    )
    return replace(segmentation, model=kept)
