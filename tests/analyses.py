"""Analyses to write reports from: customers made by hand, everything found about them found by the real rooms."""

from __future__ import annotations

import dataclasses
import datetime as dt
from functools import cache

import numpy as np
import pandas as pd

from reportgen.analysis import Analysis
from reportgen.config import Config
from reportgen.findings import Finding
from reportgen.inputs.customers import Customers, Field, FieldKind, Month, OrderFacts
from reportgen.inputs.quality import Quality, Reconciled
from reportgen.inputs.schema import Column, Schema
from reportgen.profiling.association import associate
from reportgen.profiling.personas import describe_personas
from reportgen.profiling.profiles import profile_segments
from reportgen.profiling.recognise import find_rules
from reportgen.profiling.spending import spending_profiles
from reportgen.segments.fit import fit_segments


def field(name: str, kind: FieldKind, unit: str = "", protected: bool = False, candidate: bool = True) -> Field:
    label = name.replace("_", " ").capitalize()
    return Field(name, label, label.lower(), kind, unit, None, protected, candidate, "a usable number")


def column(name: str, protected: bool = False, filled: int = 200) -> Column:
    return Column(name, None, "number", None, "", protected, False, filled, 50, 1.0, "numbers in every row")


def schema(*columns: Column, kind: str = "customers") -> Schema:
    return Schema(kind, columns, None, "One row per customer: every id occurs once.")  # type: ignore[arg-type]


@cache
def mall_like(sizes: tuple[int, ...] = (80, 38, 36, 24, 22), protected: str = "describe") -> Analysis:
    """Five clear groups on income and score, with age and gender as descriptors; no money, no dates."""
    rng = np.random.default_rng(1)
    centres = [(55, 50), (87, 82), (88, 17), (26, 21), (25, 79)]
    parts = [rng.normal(centres[i], 4, (size, 2)) for i, size in enumerate(sizes)]
    values = np.round(np.vstack(parts), 0).clip(1)
    n = len(values)
    frame = pd.DataFrame(
        {
            "customer": [f"c{i:04d}" for i in range(n)],
            "annual_income": values[:, 0],
            "spending_score": values[:, 1],
            "age": np.round(rng.normal(40, 12, n)).clip(18, 70),
            "gender": pd.Series(np.where(rng.random(n) < 0.55, "Female", "Male"), dtype="object"),
        }
    )
    fields = (
        field("annual_income", "number", "k$"),
        field("spending_score", "score"),
        field("age", "number", "years", protected=True, candidate=False),
        field("gender", "category", protected=True, candidate=False),
    )
    quality = Quality(
        (Reconciled("read", "Read from file", "", n, customers=n), Reconciled("used", "In this report", "=", n)),
        (Finding("note", "The header 'Genre' was read as gender."),),
    )
    customers = Customers(
        frame,
        fields,
        "customers",
        schema(column("annual_income"), column("spending_score"), column("age", True), column("gender", True)),
        quality,
        "CustomerID",
        "",
        None,
        None,
        None,
        None,
    )
    config = Config.model_validate({"privacy": {"protected": protected}, "segments": {"k": 5, "min_size": 2}})
    return analysis_of("mall.csv", customers, config)


@cache
def log_like(n: int = 400) -> Analysis:
    """An order log of a shop with big and small customers, categories and months, amounts in pounds."""
    rng = np.random.default_rng(2)
    big = np.arange(n) < n // 4
    orders = np.where(big, rng.poisson(12, n) + 4, rng.poisson(1, n) + 1).astype(float)
    value = np.exp(rng.normal(np.where(big, 5.5, 4.0), 0.4))
    spend = np.round(orders * value, 2)
    recency = np.where(big, rng.integers(1, 60, n), rng.integers(20, 350, n)).astype(float)
    frame = pd.DataFrame(
        {
            "customer": [f"k{i:05d}" for i in range(n)],
            "monetary": spend,
            "frequency": orders,
            "recency": recency,
            "order_days": orders,
            "tenure_days": recency + 100,
            "gap_days": np.where(orders > 1, 30.0, np.nan),
            "spend_last_year": spend,
            "spend_own_year": spend,
        }
    )
    fields = (
        field("monetary", "money", "GBP"),
        field("frequency", "count"),
        field("recency", "days"),
    )
    garden = np.where(big, 0.7, 0.3) * spend
    facts = OrderFacts(
        as_of=dt.date(2011, 12, 10),
        first_day=dt.date(2010, 12, 1),
        last_day=dt.date(2011, 12, 9),
        usual_gap=30.0,
        lapse_limit=95.0,
        months=(
            Month("2010-11", 90, 120, 30_000.0, 40, True),
            Month("2011-10", 100, 140, 41_000.0, 60, True),
            Month("2011-11", 110, 160, 52_000.0, 70, True),
            Month("2011-12", 40, 50, 9_000.0, 30, False),
        ),
        category_label="Department",
        categories=("Garden", "Kitchen"),
        category_spend=pd.DataFrame({"Garden": garden, "Kitchen": spend - garden}),
        memo=(("Shipping", 812.5),),
    )
    total = float(spend.sum())
    quality = Quality(
        (
            Reconciled("read", "Read from file", "", 9000, 3000, total + 1500.0),
            Reconciled("guests", "Without a customer", "-", 900, 250, 1500.0),
            Reconciled("used", "In this report", "=", 8100, int(orders.sum()), total, n),
        ),
        (),
    )
    customers = Customers(
        frame,
        fields,
        "orders",
        schema(column("CustomerID"), kind="orders"),
        quality,
        "CustomerID",
        "GBP",
        "monetary",
        "frequency",
        "recency",
        facts,
    )
    return analysis_of("orders.csv", customers, Config())


def analysis_of(source: str, customers: Customers, config: Config) -> Analysis:
    segmentation = fit_segments(customers, config)
    profiles = profile_segments(customers, segmentation, config)
    spending = spending_profiles(customers, segmentation, config)
    rules = find_rules(customers, segmentation, config)
    personas = describe_personas(customers, segmentation, profiles, spending, config)
    model = segmentation.model
    named = tuple(dataclasses.replace(ref, name=p.name) for ref, p in zip(model.segments, personas, strict=True))
    segmentation = dataclasses.replace(segmentation, model=dataclasses.replace(model, segments=named))
    associations = associate(customers, segmentation, config)
    return Analysis(source, customers, segmentation, profiles, spending, personas, rules, associations=associations)
