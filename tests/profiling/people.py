"""Customers and segmentations made by hand, for tests that need neither a file nor a fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
from shared import MALL
from sklearn.cluster import KMeans

from reportgen.inputs.customers import Customers, Field, OrderFacts
from reportgen.inputs.quality import Quality
from reportgen.inputs.schema import Schema
from reportgen.segments.choose import Choice
from reportgen.segments.features import Feature, FeatureRecipe
from reportgen.segments.fit import Segmentation
from reportgen.segments.model import Assignment, SegmentModel, SegmentRef
from reportgen.segments.projection import Projection
from reportgen.segments.stability import Verdict


def field(name: str, kind: str = "number", label: str = "", **more: object) -> Field:
    values = {
        "label": label or name.capitalize().replace("_", " "),
        "short": (label or name).lower(),
        "unit": "",
        "role": None,
        "protected": False,
        "candidate": True,
        "why": "",
    }
    return Field(name=name, kind=kind, **(values | more))


def customers(frame: pd.DataFrame, fields: Sequence[Field], **more: object) -> Customers:
    frame = frame.copy()
    if "customer" not in frame:
        frame.insert(0, "customer", [f"{row:06d}" for row in range(len(frame))])
    kind = "orders" if more.get("order_facts") else "customers"
    values = {"currency": "", "spend": None, "orders": None, "recency": None, "order_facts": None, "key": "customer"}
    return Customers(
        frame=frame,
        fields=tuple(fields),
        kind=kind,
        schema=Schema(kind, (), None, ""),
        quality=Quality((), ()),
        **(values | more),
    )


def segmentation(people: Customers, labels: Sequence[int], active: Sequence[str]) -> Segmentation:
    """Make a segmentation from labels 0..k-1 (-1: not segmented); only what profiling reads is filled in."""
    label = np.asarray(labels, dtype=np.int64)
    k = int(label.max()) + 1
    nothing = np.zeros(len(label))
    features = tuple(
        Feature(name, people.field(name).label, "", fill, "none", 1.0, None, None, 0.0, 1.0, 0, 0)
        for name in active
        for fill in [float(np.nanmedian(people.frame[name].to_numpy(dtype=float)))]
    )
    centres = tuple(
        tuple(float(np.nanmean(people.frame[name].to_numpy(dtype=float)[label == q])) for name in active)
        for q in range(k)
    )
    refs = tuple(SegmentRef(f"s{q + 1:02d}", chr(65 + q), q, f"s{q + 1:02d}") for q in range(k))
    return Segmentation(
        model=SegmentModel(FeatureRecipe(features), centres, refs, 1, len(label), 0.0),
        assignment=Assignment(label, label, nothing, nothing, nothing),
        choice=Choice(k, True, (), ()),
        verdict=Verdict("natural", len(label), None, None, None, (), None),
        decisions=(),
        fits=(),
        projection=Projection(
            "columns",
            ("", ""),
            ("", ""),
            np.zeros((0, 2)),
            label[:0],
            np.zeros((k, 2)),
            (0.0, 0.0),
            (),
            np.zeros((0, 2)),
            (),
        ),
        silhouette=None,
        silhouette_raw=None,
        inertia_raw=0.0,
        centres_raw=centres,
        unsegmented=int((label < 0).sum()),
    )


def mall(k: int = 5, columns: Sequence[str] = ("income", "score")) -> tuple[Customers, Segmentation]:
    raw = pd.read_csv(MALL)
    frame = pd.DataFrame(
        {
            "customer": raw["CustomerID"].astype(str),
            "gender": raw["Gender"],
            "age": raw["Age"].astype(float),
            "income": raw["Annual Income (k$)"].astype(float),
            "score": raw["Spending Score (1-100)"].astype(float),
        }
    )
    people = customers(
        frame,
        (
            field("gender", "category", "Gender", protected=True, role="P_gender"),
            field("age", "number", "Age", protected=True, role="P_age", unit="years"),
            field("income", "number", "Annual income", short="income", unit="k$", role="income"),
            field("score", "score", "Spending score", role="spending_score"),
        ),
    )
    fit = KMeans(k, n_init=20, random_state=1).fit(frame[list(columns)].to_numpy())
    return people, segmentation(people, by_size(fit.labels_), columns)


def by_size(labels: Sequence[int]) -> np.ndarray:
    """Renumber labels: largest first, ties by first appearance."""
    labels = np.asarray(labels)
    names, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    order = sorted(range(len(names)), key=lambda i: (-sizes[i], first[i]))
    place = {names[i]: rank for rank, i in enumerate(order)}
    return np.array([place[label] for label in labels])


def shop(seed: int = 3, n: int = 900) -> tuple[Customers, Segmentation]:
    """Make customers of an order log with three plain segments: best, one order only, lapsed."""
    random = np.random.default_rng(seed)
    kinds = np.repeat([0, 1, 2], [n // 3, n // 3, n - 2 * (n // 3)])
    orders = np.where(kinds == 0, random.integers(6, 15, n), np.where(kinds == 1, 1, random.integers(2, 5, n)))
    recency = np.where(kinds == 0, random.integers(1, 28, n), np.where(kinds == 1, random.integers(90, 300, n), 300))
    value = np.round(random.gamma(4.0, 12.0, n), 2) + np.where(kinds == 1, 20, 0)
    spend = np.round(orders * value, 2)
    frame = pd.DataFrame(
        {
            "spend": spend,
            "orders": orders.astype(float),
            "recency": recency.astype(float),
            "order_value": spend / orders,
            "order_days": orders.astype(float),
            "tenure_days": recency + 30.0 * orders,
            "gap_days": np.where(orders > 1, 30.0, np.nan),
            "spend_last_year": np.where(recency < 365, spend, 0.0),
            "spend_own_year": spend,
        }
    )
    garden = np.where(kinds == 2, 0.8, 0.2) * spend
    facts = OrderFacts(
        as_of=dt.date(2025, 7, 1),
        first_day=dt.date(2024, 1, 1),
        last_day=dt.date(2025, 6, 30),
        usual_gap=30.0,
        lapse_limit=80.0,
        months=(),
        category_label="Category",
        categories=("Kitchen", "Garden"),
        category_spend=pd.DataFrame({"Kitchen": spend - garden, "Garden": garden}),
        memo=(),
    )
    people = customers(
        frame,
        (
            field("spend", "money", "Total spend", role="total_spent"),
            field("orders", "count", "Orders", role="n_orders"),
            field("recency", "days", "Days since last order", short="recency", role="recency_days"),
            field("order_value", "money", "Average order value", short="order value", role="aov"),
            field("tenure_days", "days", "Days since first order", short="tenure"),
            field("gap_days", "days", "Days between orders", short="gap", role="gap_days"),
        ),
        currency="EUR",
        spend="spend",
        orders="orders",
        recency="recency",
        order_facts=facts,
    )
    return people, segmentation(people, kinds, ("recency", "orders", "spend"))
