"""A month in which nothing changed, for tests that change one thing about it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from analyses import mall_like

from reportgen.history.compare import Change
from reportgen.history.migration import Migration, Split
from reportgen.history.significance import stuart_maxwell

ZERO = np.zeros(6, dtype=np.int64)


def change(**more: Any) -> Change:
    """Five segments of the analysis, in which nobody moved."""
    analysis = mall_like()
    refs = {ref.id: ref for ref in analysis.segments}
    sizes = [fit.size for fit in analysis.segmentation.fits]
    table = np.diag(np.array([*sizes, 0], dtype=np.int64))
    still = Migration((*refs, ""), table, table * 0, table * 0, *[ZERO] * 6)
    calm = Change(
        period="2024-11",
        previous="2024-10",
        mode="frozen",
        names=refs,
        migration=still,
        split=Split(200, 200, 0, 0, 0, 0),
        idle=None,
        homogeneity=stuart_maxwell(table),
        sizes=(),
        drift=(),
        advice=(),
        lineage=(),
        has_money=False,
    )
    return dataclasses.replace(calm, **more)
