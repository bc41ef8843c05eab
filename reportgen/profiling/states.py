"""Where each customer of an order log stands: New, One-time, Active, Slowing or Lapsed (domain.md 4.3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reportgen.inputs.customers import Customers

STATES = ("New", "One-time", "Active", "Slowing", "Lapsed")


def customer_states(customers: Customers) -> NDArray[np.int64] | None:
    """Return the place in STATES of every customer, or None where no usual gap between orders is known."""
    limits = usual_gap(customers)
    if limits is None or customers.recency is None:
        return None
    gap, lapse = limits
    recency = customers.frame[customers.recency].to_numpy(dtype=np.float64)
    once = _ordered_once(customers)
    late = np.digitize(recency, (gap, lapse), right=True)  # 0 up to G, 1 up to D, 2 beyond
    return np.where(once, np.where(recency <= gap, 0, 1), 2 + late)


def usual_gap(customers: Customers) -> tuple[float, float] | None:
    """Return (G, D) in days: the usual gap between orders and the lapse limit, or None."""
    facts = customers.order_facts
    if facts is not None:
        if facts.usual_gap is None or facts.lapse_limit is None:
            return None
        return facts.usual_gap, facts.lapse_limit
    gap_field = next((field.name for field in customers.fields if field.role == "gap_days"), None)
    if gap_field is None or customers.recency is None:
        return None
    gaps = customers.frame[gap_field].dropna()
    if len(gaps) < 30:
        return None
    gap = max(1.0, float(np.median(gaps.to_numpy(dtype=np.float64))))
    return gap, 2 * gap


def _ordered_once(customers: Customers) -> NDArray[np.bool_]:
    column = "order_days" if "order_days" in customers.frame else customers.orders
    if column is None:
        return np.zeros(len(customers.frame), dtype=bool)
    once: NDArray[np.bool_] = customers.frame[column].to_numpy(dtype=np.float64) <= 1
    return once
