"""Where the tests find the real data sets that are too large, or not ours, to be part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("REPORTGEN_SHARED", ROOT.parent / "shared")) / "data"
MALL = ROOT / "data" / "mall_customers.csv"


def shared_data(name: str) -> Path:
    """Return the path of a shared data set; skip the calling test, loudly, where it is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"real data {name!r} is absent: set REPORTGEN_SHARED to the folder that holds data/{name}")
    return path
