"""From the revenue of one month to that of the next: every step, and a sum that is exact to the cent."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.config import load_config
from reportgen.inputs.customers import BridgePart, RevenueBridge
from reportgen.inputs.read import read_customers
from reportgen.inputs.table import open_table

Row = tuple[str, str, str]  # customer, day, amount


def bridge_of(folder: Path, rows: list[Row]) -> RevenueBridge | None:
    """The base: thirty customers who buy on the first and last days of both months, so that both are complete."""
    steady = [(f"k{i:02d}", day, "10.00") for i in range(30) for day in (*FIRST, *LAST)]
    path = folder / "orders.csv"
    lines = [f"{name},o{place},{day},{amount}" for place, (name, day, amount) in enumerate([*steady, *rows])]
    path.write_text("\n".join(["customer_id,order_id,order_date,order_total", *lines]) + "\n")
    config = load_config(input__as_of="2024-11-30")
    facts = read_customers(open_table(str(path), config.input), config).order_facts
    assert facts is not None
    return facts.bridge


FIRST = ("2024-09-02", "2024-09-28", "2024-10-01", "2024-10-30")
LAST = ("2024-11-01", "2024-11-29")


def test_every_step_of_a_small_shop(tmp_path: Path) -> None:
    found = bridge_of(
        tmp_path,
        [
            ("new", "2024-11-10", "7.05"),
            ("back", "2024-09-10", "3.00"), ("back", "2024-11-10", "5.00"),
            ("gone", "2024-10-10", "20.01"),
            ("more", "2024-10-10", "10.00"), ("more", "2024-11-10", "10.00"), ("more", "2024-11-11", "16.00"),
            ("refund", "2024-09-10", "50.00"), ("refund", "2024-11-10", "-9.99"),
        ],
    )  # fmt: skip
    assert found is not None
    assert (found.earlier, found.later) == ("2024-10", "2024-11")
    assert (found.before, found.after) == (63_001, 62_806)
    assert found.new == BridgePart(1, 705, True)
    assert found.returned == BridgePart(1, 500, True)
    assert found.gone == BridgePart(1, -2_001, True)
    assert found.refunds == BridgePart(1, -999, True)
    assert found.kept == BridgePart(31, 1_600)
    assert found.kept_orders == 1_000, "62 orders instead of 61 at 10.00 each"


def test_no_bridge_where_a_month_is_missing_or_partial(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    rows = [f"k{i:02d},o{i}{day},2024-10-{day:02d},10.00" for i in range(30) for day in range(1, 31)]
    rows += [f"k{i:02d},p{i},2024-11-02,10.00" for i in range(30)]
    path.write_text("\n".join(["customer_id,order_id,order_date,order_total", *rows]) + "\n")
    config = load_config()
    facts = read_customers(open_table(str(path), config.input), config).order_facts
    assert facts is not None
    assert facts.bridge is None


DAYS = [f"2024-{month:02d}-{day:02d}" for month in (9, 10, 11) for day in (3, 14, 27)]
ORDERS = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(DAYS), st.integers(-3_000, 9_000)), min_size=1, max_size=25
)


@given(ORDERS)
@settings(max_examples=12)
def test_the_steps_add_up_to_the_cent(tmp_path_factory, orders: list[tuple[str, str, int]]) -> None:  # type: ignore[no-untyped-def]
    rows = [(name, day, f"{cents / 100:.2f}") for name, day, cents in orders]
    found = bridge_of(tmp_path_factory.mktemp("bridge"), rows)
    assert found is not None
    steps = found.new.cents + found.returned.cents + found.gone.cents + found.refunds.cents + found.kept.cents
    assert found.after - found.before == steps
    assert found.new.cents >= 0
