"""Write the order log of a made-up shop with known segments and known events.

    python data/make_orders.py orders.csv [--until 2025-12-31]

Five kinds of customers, and what happens to them from 2024 on:

| kind | customers | buys |
|---|---|---|
| fortnightly | 150 | every two weeks for about 35, since 2018 |
| occasional | 240 | every two months for about 20, since 2018 |
| paused | 120 | as occasional ones, from 2016 to 2021 |
| old | 200 | once, late in 2021, for about 25 |
| newcomers | 25 a month | once, for about 25 |

| month | event |
|---|---|
| 2024-03 | prices rise by 15 % |
| 2024-09 | a bad month: every second order fails to come |
| 2024-10 | 120 of the occasional ones begin to buy weekly for about 600 |
| 2024-10 | no newcomers from here on |
| 2025-04 | the paused ones buy again as before, and the fortnightly ones weekly for about 600 |
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np

START, END = dt.date(2016, 1, 1), dt.date(2025, 12, 31)
PRICES_RISE, RISE = dt.date(2024, 3, 1), 1.15
BAD_MONTH = "2024-09"
UPTURN, UPTURNED = dt.date(2024, 10, 1), 120
FIRST_NEWCOMERS, LAST_NEWCOMERS = dt.date(2023, 7, 1), dt.date(2024, 9, 30)
SPRING = dt.date(2025, 4, 1)
HEADER = ("order_id", "customer_id", "order_date", "category", "order_total")
CATEGORIES = ("Coffee", "Tea", "Cups", "Machines")

Order = tuple[dt.date, str, str, float]


def orders() -> list[Order]:
    """Return all orders (day, customer, category, amount), oldest first."""
    rng = np.random.default_rng(2024)
    found: list[Order] = []
    for customer, visits in _customers(rng):
        for day, amount in visits:
            value = amount * float(rng.lognormal(0, 0.25)) * (RISE if day >= PRICES_RISE else 1.0)
            category = CATEGORIES[int(rng.choice(4, p=(0.4, 0.3, 0.2, 0.1)))]
            fails = f"{day:%Y-%m}" == BAD_MONTH and rng.random() < 0.5
            if not fails:
                found.append((day, customer, category, round(value, 2)))
    return sorted(found)


def _customers(rng: np.random.Generator) -> Iterator[tuple[str, list[tuple[dt.date, float]]]]:
    for i in range(150):
        yield f"F{i:04d}", _visits(rng, (dt.date(2018, 1, 1), SPRING), 14, 35.0) + _visits(rng, (SPRING, END), 7, 600.0)
    for i in range(240):
        turn = UPTURN if i < UPTURNED else END
        before = _visits(rng, (dt.date(2018, 1, 1), turn), 60, 20.0)
        yield f"M{i:04d}", before + (_visits(rng, (turn, END), 7, 600.0) if turn < END else [])
    for i in range(120):
        yield (
            f"P{i:04d}",
            _visits(rng, (START, dt.date(2021, 12, 31)), 60, 20.0) + _visits(rng, (SPRING, END), 60, 20.0),
        )
    for i in range(200):
        yield f"A{i:04d}", [(dt.date(2021, 7, 1) + dt.timedelta(days=int(rng.integers(0, 180))), 25.0)]
    days = (LAST_NEWCOMERS - FIRST_NEWCOMERS).days + 1
    for i in range(25 * 15):
        yield f"N{i:04d}", [(FIRST_NEWCOMERS + dt.timedelta(days=int(rng.integers(0, days))), 25.0)]


def _visits(
    rng: np.random.Generator, between: tuple[dt.date, dt.date], every: float, amount: float
) -> list[tuple[dt.date, float]]:
    """Return the days of a customer who buys every so many days, half of that to one and a half of it apart."""
    day, last = between
    found = []
    day += dt.timedelta(days=int(rng.integers(0, round(every))))
    while day <= last:
        found.append((day, amount))
        day += dt.timedelta(days=max(1, round(float(rng.uniform(0.5, 1.5)) * every)))
    return found


def write_orders(path: Path, until: dt.date = END) -> None:
    """Write the log as it stands at the end of a day."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for number, (day, customer, category, amount) in enumerate(orders(), start=1):
            if day <= until:
                writer.writerow((f"O{number:06d}", customer, day.isoformat(), category, f"{amount:.2f}"))


def main() -> None:
    """Write the log that the command line asks for."""
    parser = argparse.ArgumentParser(description="Write the order log of a made-up shop with known events.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--until", type=dt.date.fromisoformat, default=END, metavar="DATE", help="last day")
    given = parser.parse_args()
    write_orders(given.path, given.until)


if __name__ == "__main__":
    main()
