"""The worked examples of movement: the numbers that an independent computation gave."""

from __future__ import annotations

import numpy as np
import pytest

from reportgen.history.drift import psi, psi_bound
from reportgen.history.identity import match_segments
from reportgen.history.migration import split_movement
from reportgen.history.significance import holm, mcnemar, stuart_maxwell


def test_psi_and_its_bound() -> None:
    reference, current = [100] * 10, [150, 120, 110, 100, 100, 90, 90, 80, 80, 80]
    assert psi(reference, current) == pytest.approx(0.03997898149059714, abs=1e-12)
    assert psi_bound(reference, current, 0.01) == pytest.approx(0.04333198866692385, abs=1e-12)


def test_stuart_maxwell_and_mcnemar() -> None:
    table = np.array([[820, 40, 20, 10], [35, 610, 45, 12], [15, 60, 480, 30], [5, 8, 25, 285]])
    found = stuart_maxwell(table)
    assert (found.statistic, found.p) == pytest.approx((4.321060015588464, 0.22881751995787014), abs=1e-9)
    assert (found.df, found.movers) == (3, 305)
    stayed = np.diag(table)
    moves = zip(table.sum(axis=0) - stayed, table.sum(axis=1) - stayed, strict=True)
    statistics = [mcnemar(int(arrived), int(left))[0] for arrived, left in moves]
    assert statistics == pytest.approx([1.8, 1.28, 1.1538461538461537, 2.1777777777777776], abs=1e-9)


def test_matching() -> None:
    table = np.array([[910, 50, 0, 0, 40], [30, 420, 350, 0, 0], [0, 0, 20, 480, 0], [0, 0, 0, 190, 10]])
    found = match_segments(table)
    overlaps = {(a, b): jaccard for a, b, jaccard in found.pairs}
    assert overlaps == pytest.approx(
        {(0, 0): 0.883495145631068, (1, 1): 0.49411764705882355, (2, 3): 0.6956521739130435}, abs=1e-9
    )
    assert found.parents == ((2, (1,)), (4, ()))
    assert found.retired == ((3, 3),)
    assert found.splits == ((1, (1, 2)),)
    assert found.merges == ((3, (2, 3)),)


def test_the_three_way_split() -> None:
    a, b, c = ("1111222233", "1122221331", "1221221231")
    found = split_movement((*one, 1) for one in zip(a, b, c, strict=True))
    assert (found.behaviour, found.model, found.both, found.hidden) == (3, 1, 0, 2)
    assert (found.seen, found.truly_moved, found.relabelled) == (4, 5, 3)
    assert found.stayed - found.hidden == 4


def test_holm_is_the_textbook_step_down() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.9, 0.8]) == (1.0, 1.0)
    assert holm([]) == ()


def test_mcnemar_is_exact_for_few_moves() -> None:
    assert mcnemar(0, 0) == (0.0, 1.0)
    assert mcnemar(9, 1)[1] == pytest.approx(22 / 1024)  # 2 (1 + 10) / 2^10


def test_stuart_maxwell_handles_closed_and_empty_groups() -> None:
    pairs = np.zeros((5, 5), dtype=np.int64)
    pairs[:2, :2], pairs[2:4, 2:4] = [[50, 30], [10, 50]], [[40, 9], [25, 40]]
    found = stuart_maxwell(pairs)
    assert found.df == 2
    assert found.statistic == pytest.approx(mcnemar(30, 10)[0] + mcnemar(9, 25)[0])
    assert stuart_maxwell(np.diag([5, 6, 0])).p == 1.0
