"""Figures of a sample replaced by those of all customers, as far as the engine can tell them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reportgen.inputs.customers import Customers
from reportgen.inputs.sql import engine_over, identifier
from reportgen.profiling.concentration import Concentration, concentrate_groups
from reportgen.profiling.customer_value import CustomerValue
from reportgen.profiling.profiles import NumericTrait, Profile
from reportgen.profiling.recognise import Rule
from reportgen.profiling.rfm import RfmView
from reportgen.profiling.spending import SegmentSpending, Spending, printable_states
from reportgen.profiling.suppression import hide_small_cells
from reportgen.profiling.tally import Tally
from reportgen.segments.fit import Segmentation

_WIDTH = 0.002  # of the logarithm: customers whose spend differs by less are one point of the Lorenz curve


def profiles_of_all(profiles: tuple[Profile, ...], tally: Tally) -> tuple[Profile, ...]:
    """Return profiles with the sizes and means of all; medians, quartiles, effects and curves stay the sample's."""
    everyone = int(tally.sizes.sum())
    return tuple(
        replace(
            profile,
            size=int(tally.sizes[place]),
            share=int(tally.sizes[place]) / everyone,
            numeric=tuple(_trait(trait, tally, place) for trait in profile.numeric),
        )
        for place, profile in enumerate(profiles)
    )


def _trait(trait: NumericTrait, tally: Tally, place: int) -> NumericTrait:
    if trait.field not in tally.numbers:
        return trait
    known, sums, weights = tally.numbers[trait.field]
    n = int(known[place])
    if trait.mean is None or not weights[place] > 0:
        return replace(trait, n=n)
    mean, base = float(sums[place] / weights[place]), float(sums.sum() / weights.sum())
    index = None if trait.index is None or not base > 0 else 100 * mean / base
    return replace(trait, n=n, mean=mean, base_mean=base, index=index)


def spending_of_all(spending: Spending, customers: Customers, tally: Tally, least: int) -> Spending:
    """Return spending with the sums of all; medians, quartiles and the mix of categories stay the sample's."""
    k = len(spending.segments)
    parts = [*spending.segments, spending.base]
    flags = [np.arange(k) == place for place in range(k)] + [np.ones(k, dtype=bool)]
    exact = [_measured(part, tally, members, least) for part, members in zip(parts, flags, strict=True)]
    if tally.states is not None:
        hidden = hide_small_cells(tally.states.T.copy(), least)
        exact = [
            replace(part, states=printable_states(tally.states.T, hidden, None if place == k else place, least))
            for place, part in enumerate(exact)
        ]
    curve = spending.concentration and _concentration(customers)
    return replace(spending, base=exact[k], segments=tuple(exact[:k]), concentration=curve)


def _measured(part: SegmentSpending, tally: Tally, members: np.ndarray, least: int) -> SegmentSpending:
    def total(name: str) -> float | None:
        return float(tally.money[name][members].sum()) if name in tally.money else None

    n, everyone = int(tally.sizes[members].sum()), int(tally.sizes.sum())
    revenue, everything = total("spend") or 0.0, float(tally.money["spend"].sum())
    orders, bought, again = total("orders"), total("bought"), total("again")
    few = bought is None or again is None or any(0 < some < least for some in (again, bought - again))
    largest = np.sort(tally.largest[members].ravel())[-2:]
    own_year = total("own_year")
    if own_year is None and part.spend_own_year is not None:
        own_year = part.spend_own_year * n / part.customers
    return replace(
        part,
        customers=n,
        revenue=revenue,
        revenue_share=revenue / everything,
        index=100 * (revenue / n) / (everything / everyone),
        spend_mean=revenue / n,
        orders=None if orders is None else int(orders),
        orders_per_customer=None if orders is None else orders / n,
        order_value=revenue / orders if orders else None,
        repeat_rate=again / bought if not few and again is not None and bought else None,
        spend_last_year=total("last_year"),
        spend_own_year=own_year,
        drifting=None if tally.states is None else int(tally.states[members][:, 3:].sum()),
        dominated=bool(revenue > 0 and (largest[-1] > 0.5 * revenue or largest.sum() > 0.85 * revenue)),
    )


def _concentration(customers: Customers) -> Concentration | None:
    """Measure concentration on all customers, those who spend alike taken together."""
    assert customers.everyone is not None
    assert customers.spend is not None
    engine = engine_over(customers.everyone.frame)
    spend = f"greatest(coalesce({identifier(customers.spend)}, 0), 0)"
    group = f"CASE WHEN {spend} > 0 THEN floor(ln({spend}) / {_WIDTH}) END"
    rows = engine.ask(f"SELECT {group} AS g, count(*), fsum({spend}) FROM {{source}} GROUP BY g ORDER BY g NULLS FIRST")
    engine.close()
    groups = np.array([(n, float(f"{total:.12g}")) for _, n, total in rows], dtype=np.float64)
    return concentrate_groups(groups[:, 0], groups[:, 1])


def rfm_of_all(view: RfmView, customers: Customers) -> RfmView:
    """Return the classic view with the counts and revenue of all; medians and limits stay the sample's."""
    assert customers.everyone is not None
    r, f, m = (identifier(name or "") for name in (customers.recency, customers.orders, customers.spend))
    recency = f"5 - ({' + '.join(f'({r} > {cut!r})::INT' for cut in view.cuts.recency)})"
    passed = " + ".join(f"({f} > {cut!r})::INT" for cut in view.cuts.frequency)
    frequency = f"least(1 + {passed}, greatest({f}, 1)::INT)"
    engine = engine_over(customers.everyone.frame)
    rows = engine.ask(f"SELECT {recency} AS r, {frequency} AS f, count(*), fsum({m}) FROM {{source}} GROUP BY ALL")
    engine.close()
    found = {(int(row[0]), int(row[1])): (int(row[2]), float(row[3] or 0)) for row in rows if None not in row[:2]}
    cells = tuple(
        replace(cell, customers=found.get((cell.recency, cell.frequency), (0, 0.0))[0]) for cell in view.cells
    )
    members: dict[str, tuple[int, float]] = {}
    for cell in cells:
        n, money = found.get((cell.recency, cell.frequency), (0, 0.0))
        members[cell.group] = (members.get(cell.group, (0, 0.0))[0] + n, members.get(cell.group, (0, 0.0))[1] + money)
    everyone, everything = (sum(pair[i] for pair in members.values()) for i in (0, 1))
    groups = tuple(
        replace(
            group,
            customers=members[group.name][0],
            share=members[group.name][0] / everyone,
            revenue_share=None if group.revenue_share is None else float(f"{members[group.name][1] / everything:.12g}"),
        )
        for group in view.groups
    )
    return replace(view, cells=cells, groups=groups)


def rules_of_all(rules: tuple[Rule, ...], customers: Customers, segmentation: Segmentation) -> tuple[Rule, ...]:
    """Return the rules with the number of all customers whom they pick; catch and purity stay the sample's."""
    assert customers.everyone is not None
    fills = {feature.name: feature.fill for feature in segmentation.model.recipe.features}
    signs = {"at least": ">=", "below": "<"}
    tests = [
        " AND ".join(
            f"coalesce({identifier(one.field)}, {fills[one.field]!r}) {signs[one.comparison]} {one.limit!r}"
            for one in rule.conditions
        )
        for rule in rules
    ]
    if not any(tests):
        return rules
    engine = engine_over(customers.everyone.frame)
    counts = engine.ask(f"SELECT {', '.join(f'count_if({test})' if test else '0' for test in tests)} FROM {{source}}")[
        0
    ]
    engine.close()
    return tuple(
        replace(rule, matched=int(count)) if test else rule
        for rule, test, count in zip(rules, tests, counts, strict=True)
    )


def value_of_all(value: CustomerValue, tally: Tally) -> CustomerValue:
    """Return the estimate with totals for all customers."""
    segments = tuple(
        replace(segment, total=segment.per_customer * int(size))
        for segment, size in zip(value.segments, tally.sizes, strict=False)
    )
    return replace(value, segments=segments)
