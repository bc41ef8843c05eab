"""The whole story of one run as numbers: who the customers are, which segments, what they mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reportgen.config import Config, as_config
from reportgen.inputs.customers import Customers
from reportgen.inputs.read import read_customers
from reportgen.inputs.table import Table, open_table
from reportgen.inputs.translate import in_language
from reportgen.profiling.association import Association, associate, fairness_findings
from reportgen.profiling.customer_value import CustomerValue, estimate_value
from reportgen.profiling.personas import Persona, describe_personas
from reportgen.profiling.profiles import Profile, profile_segments
from reportgen.profiling.recognise import Rule, find_rules
from reportgen.profiling.rfm import RfmView, rfm_view
from reportgen.profiling.spending import Spending, spending_profiles
from reportgen.progress import Listener, part, silent
from reportgen.segments.fit import Segmentation, fit_segments
from reportgen.segments.model import SegmentRef
from reportgen.segments.robustness import Variation, robustness_panel


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


def analyse(source: Any, config: Config | str | Path | None = None, progress: Listener = silent) -> Analysis:
    """Find and describe the segments of a table: a path, several paths, a glob, a data frame or an opened Table.

    Raises InputError when no honest answer can be given, ConfigError when the settings don't fit the table.
    """
    config = as_config(config)
    progress("reading the input", 0.0)
    table = source if isinstance(source, Table) else open_table(source, config.input)
    customers = in_language(read_customers(table, config, part(progress, 0.05, 0.3)), config)
    segmentation = fit_segments(customers, config, part(progress, 0.3, 0.85))
    progress("describing the segments", 0.85)
    profiles = profile_segments(customers, segmentation, config)
    spending = spending_profiles(customers, segmentation, config)
    rules = find_rules(customers, segmentation, config)
    personas = describe_personas(customers, segmentation, profiles, spending, config, rules=rules)
    associations = associate(customers, segmentation, config)
    noticed = (*fairness_findings(associations), *(spending.findings if spending else ()))
    warned = replace(segmentation, findings=(*segmentation.findings, *noticed))
    return Analysis(
        source=table.origin.name,
        customers=customers,
        segmentation=_with_names(warned, personas),
        profiles=profiles,
        spending=spending,
        personas=personas,
        rules=rules,
        rfm=rfm_view(customers),
        value=estimate_value(customers, segmentation.assignment.label, segmentation.k, config.segments.seed),
        robustness=robustness_panel(customers, segmentation, config),
        associations=associations,
    )


def _with_names(segmentation: Segmentation, personas: tuple[Persona, ...]) -> Segmentation:
    model = segmentation.model
    named = tuple(
        replace(segment, name=persona.name) for segment, persona in zip(model.segments, personas, strict=True)
    )
    return replace(segmentation, model=replace(model, segments=named))
