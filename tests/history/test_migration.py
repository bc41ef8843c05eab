"""Movement between two months: every count and every cent adds up, whatever happened."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from side_by_side import side_by_side, totals

from reportgen.history.dominance import dominance_of
from reportgen.history.migration import Migration, Totals, cause_of, check_identities, migrate, split_movement
from reportgen.history.significance import stuart_maxwell
from reportgen.profiling.suppression import determined
from reportgen.report.flows import _known, flow_of, shown_moves

SEGMENTS = st.sampled_from(["", "s01", "s02", "s03", "s07"])
MEMBER = st.tuples(SEGMENTS, st.integers(-10_000, 10_000_000))
MONTH = st.dictionaries(st.integers(0, 60).map(lambda i: f"c{i:02d}"), MEMBER, min_size=1)


def example() -> tuple[Totals, Totals, Migration]:
    then = {"a": ("s01", 100), "b": ("s01", 50), "c": ("s02", 30), "d": ("", 5), "e": ("s02", 7)}
    now = {"a": ("s01", 150), "b": ("s02", 60), "d": ("s01", 5), "e": ("", 9), "f": ("s02", 11), "g": ("s01", 1)}
    return totals(then), totals(now), migrate(side_by_side(then, now, "abdeg").moves(), ["s02", "s01"])


def test_an_example_by_hand() -> None:
    then, now, found = example()
    check_identities(found, then, now)
    assert found.sides == ("s02", "s01", "")
    assert found.table.tolist() == [[0, 0, 1], [1, 1, 0], [0, 1, 0]]
    assert (found.new.tolist(), found.returned.tolist(), found.lost.tolist()) == ([1, 0, 0], [0, 1, 0], [1, 0, 0])
    assert (found.new_money.sum(), found.returned_money.sum(), found.lost_money.sum()) == (11, 1, 30)
    assert {name: sums.tolist() for name, sums in found.groups.items()} == {
        "stayed": [1, 100, 150],
        "moved": [1, 50, 60],
        "rescored": [1, 5, 5],
        "fell_out": [1, 7, 9],
        "unscored_both": [0, 0, 0],
    }
    assert found.then.tolist() == [2, 2, 1]
    assert found.now.tolist() == [2, 3, 1]
    assert (found.arrived.tolist(), found.left.tolist()) == ([1, 1, 1], [1, 1, 1])


def test_a_wrong_count_is_noticed() -> None:
    then, now, found = example()
    found.table[0, 0] += 1
    with pytest.raises(ArithmeticError, match="customers then"):
        check_identities(found, then, now)
    then, now, found = example()
    found.lost_money[0] += 1
    with pytest.raises(ArithmeticError, match="money"):
        check_identities(found, then, now)


@given(MONTH, MONTH, st.data())
def test_everything_adds_up(
    before: dict[str, tuple[str, int]], after: dict[str, tuple[str, int]], data: st.DataObject
) -> None:
    seen = data.draw(st.sets(st.sampled_from(sorted(after))))
    found = migrate(side_by_side(before, after, seen).moves(), ["s02"])
    check_identities(found, totals(before), totals(after))
    common, new, returned, lost = (int(part.sum()) for part in (found.table, found.new, found.returned, found.lost))
    assert common == len(set(before) & set(after))
    assert returned == len(seen - set(before))
    assert common + lost == len(before)
    assert common + new + returned == len(after)
    assert int(found.then.sum()) == len(before)
    assert int((found.arrived - found.left).sum()) == 0


@given(st.lists(st.tuples(*[st.sampled_from("123")] * 3)))
def test_the_three_way_split_adds_up(labels: list[tuple[str, str, str]]) -> None:
    found = split_movement((*one, 1) for one in labels)
    assert found == split_movement((*one, n) for one, n in Counter(labels).items())
    assert found.seen == sum(x != z for x, _, z in labels)
    assert found.truly_moved == sum(x != y for x, y, _ in labels)
    assert found.relabelled == sum(y != z for _, y, z in labels)
    assert found.stayed + found.seen == found.customers == len(labels)
    frozen = split_movement((x, y, y, 1) for x, y, _ in labels)
    assert (frozen.model, frozen.both, frozen.hidden) == (0, 0, 0)
    assert frozen.behaviour == frozen.seen == frozen.truly_moved
    assert all(cause_of(x, y, y) in ("", "behaviour") for x, y, _ in labels)


TABLES = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 300), min_size=k, max_size=k), min_size=k, max_size=k)
)


@given(TABLES)
def test_sizes_do_not_change_where_moves_cancel_out(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=np.int64)
    assert stuart_maxwell(table + table.T).p == pytest.approx(1.0)
    assert stuart_maxwell(table).p == pytest.approx(stuart_maxwell(table.T).p, abs=1e-9)


FLOWS = st.tuples(
    st.lists(st.lists(st.integers(0, 60), min_size=4, max_size=4), min_size=4, max_size=4),
    *[st.lists(st.integers(0, 40), min_size=4, max_size=4)] * 3,
)


def moves(parts: tuple[list[list[int]], list[int], list[int], list[int]]) -> Migration:
    table, new, returned, lost = (np.array(part, dtype=np.int64) for part in parts)
    return Migration(("s01", "s02", "s03", ""), table, table, table, new, new, returned, returned, lost, lost)


@given(FLOWS)
def test_no_small_number_of_customers_is_printed_or_follows(
    parts: tuple[list[list[int]], list[int], list[int], list[int]],
) -> None:
    found = moves(parts)
    shown = shown_moves(found, 10)
    assert shown.hidden[(shown.counts > 0) & (shown.counts < 10)].all()
    assert not (shown.hidden & (shown.counts == 0)).any()
    given_away = _known(shown.hidden, (shown.open_rows, shown.open_columns))
    for row, column in np.argwhere(given_away):  # only where nothing is left that could be hidden beside it
        assert not ((shown.counts[row] > 0) & ~shown.hidden[row]).any()
        assert not ((shown.counts[:, column] > 0) & ~shown.hidden[:, column]).any()
    assert not (determined(shown.hidden) & ~shown.hidden).any()


@given(FLOWS)
def test_a_flow_that_is_told_adds_up(parts: tuple[list[list[int]], list[int], list[int], list[int]]) -> None:
    found = moves(parts)
    shown = shown_moves(found, 10)
    for place in range(3):
        flow = flow_of(found, shown, place)
        if flow.told == "full":
            assert flow.new is not None
            assert flow.returned is not None
            assert flow.arrived is not None
            assert flow.moved_out is not None
            assert flow.lost is not None
            came, went = flow.new + flow.returned + flow.arrived, flow.moved_out + flow.lost
            assert flow.before + came - went == flow.now
        if flow.told == "joined":
            assert flow.joined is not None
            assert flow.left is not None
            assert flow.before + flow.joined - flow.left == flow.now
        told = (flow.new, flow.returned, flow.arrived, flow.joined, flow.moved_out, flow.lost, flow.left)
        assert not any(0 < part < 10 for part in told if part is not None)


def test_with_enough_customers_everywhere_everything_is_told() -> None:
    found = moves(
        (
            [[500, 40, 30, 0], [20, 400, 0, 0], [0, 15, 300, 0], [0, 0, 0, 0]],
            [50, 60, 0, 0],
            [10, 0, 11, 0],
            [12, 0, 0, 0],
        )
    )
    shown = shown_moves(found, 10)
    assert not shown.hidden.any()
    assert shown.total().value == shown.counts.sum()
    flow = flow_of(found, shown, 0)
    assert (flow.before, flow.new, flow.returned, flow.arrived, flow.moved_out, flow.lost, flow.now) == (
        582,
        50,
        10,
        20,
        70,
        12,
        580,
    )
    assert flow.told == "full"


def test_one_lost_customer_does_not_follow_from_the_sizes() -> None:
    found = moves(
        ([[500, 40, 0, 0], [20, 400, 0, 0], [0, 15, 300, 0], [0, 0, 0, 0]], [50, 60, 0, 0], [0] * 4, [0, 1, 0, 0])
    )
    shown = shown_moves(found, 10)
    assert (shown.column_total(4).suppressed, shown.row_total(4).value) == (True, None)
    assert shown.total().value is None
    assert shown.cell(1, 4).suppressed
    assert shown.cell(1, 1).value is None, "those who stayed hide the one who was lost"
    assert shown.cell(1, 0).value == 20
    assert shown.cell(0, 1).value == 40


def test_money_that_is_mostly_that_of_one_or_two_customers_is_known() -> None:
    """Ten went from s01 to s02 and one of them has most of their money; ten stayed, all alike."""
    cents = [900, *[50] * 9, *[100] * 10]
    then = {f"c{i}": ("s01", cents[i]) for i in range(20)}
    moves = side_by_side(then, {f"c{i}": ("s02" if i < 10 else "s01", cents[i] + 10) for i in range(20)}).moves()
    found = dominance_of(migrate(moves, ("s01", "s02")), moves)
    assert found.cells == {(0, 1)}
    assert found.groups == set(), "every customer's money changed alike"
    cents[10:12] = [4_000, 4_000]
    moves = side_by_side(then, {f"c{i}": ("s02" if i < 10 else "s01", cents[i]) for i in range(20)}).moves()
    found = dominance_of(migrate(moves, ("s01", "s02")), moves)
    assert found.cells == {(0, 0), (0, 1)}
    assert found.groups == {"stayed"}


def test_those_who_came_and_left_are_judged_too() -> None:
    then = {"a": ("s01", 5), "b": ("s01", 5), "x": ("s01", 900)}
    now = {"a": ("s01", 5), "b": ("s01", 5), "y": ("s01", 7), "z": ("s01", 8)}
    moves = side_by_side(then, now, "z").moves()
    found = dominance_of(migrate(moves, ("s01",)), moves)
    assert found.groups == {"lost", "new", "returned"}
    assert found.cells >= {(0, 2), (2, 0), (3, 0)}, "s01 to lost, new to s01, returned to s01"
