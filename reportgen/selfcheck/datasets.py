"""The data sets of the reference results: shipped, built from a formula, or recognised among the user's files."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri
from sklearn.datasets import load_iris, load_wine

from reportgen import resources
from reportgen.errors import InputError

SHIPPED = ("mall", "iris", "wine", "grid_uniform", "grid_normal", "grid_normal_long", "grid_four", "grid_three_unequal")
WORKED = "worked"  # entries that bring their own numbers


@dataclass(frozen=True)
class Known:
    """A public data set that may be given as a file: how it is called, its first line as a pattern, its rows."""

    title: str
    first_line: str
    rows: int


KNOWN: Mapping[str, Known] = {
    "mall": Known("mall customers", r"CustomerID,Gen(der|re),Age,Annual Income \(k\$\),Spending Score \(1-100\)", 200),
    "cdnow_master": Known(
        "CDNOW, full log (CDNOW_master.txt)",
        r"(\s*customer_id\s+date\s.*|\s*\d{5}\s+199[78]\d{4}\s+\d+\s+[\d.]+\s*)",
        69_659,
    ),
    "cdnow_summary": Known(
        "CDNOW, 2,357 customers (cdnow_customers_summary_with_transactions.csv)", r"ID,x,t_x,T,zbar", 2_357
    ),
    "online_retail": Known(
        "UCI Online Retail, all months",
        r"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
        541_909,
    ),
    "wholesale": Known(
        "UCI Wholesale customers",
        r"Channel,Region,Fresh,Milk,Grocery,Frozen,Detergents_Paper,Delicassen",
        440,
    ),
    "purchases": Known("purchases.txt of a marketing course", r"\d+\t[\d.]+\t\d{4}-\d\d-\d\d", 51_243),
    "campaign": Known(
        "Customer Personality Analysis (marketing_campaign.csv)",
        r"\W*ID\W+Year_Birth\W+Education\W+Marital_Status\W.*\WResponse\W*",
        2_240,
    ),
}
_SUFFIXES = (".csv", ".txt", ".tsv", ".gz")


def recognise(given: Sequence[str | Path]) -> tuple[dict[str, tuple[Path, ...]], tuple[Path, ...]]:
    """Sort files, and the files of folders, into known data sets; return them and the files that are none of these.

    Raises InputError for a path that does not exist.
    """
    found: dict[str, list[Path]] = {}
    others = []
    for path in _files(given):
        name = _name(path)
        if name is None:
            others.append(path)
        elif name == "online_retail" or name not in found:
            found.setdefault(name, []).append(path)
    return {name: tuple(paths) for name, paths in found.items()}, tuple(others)


def _files(given: Sequence[str | Path]) -> list[Path]:
    files: list[Path] = []
    for path in map(Path, given):
        if path.is_dir():
            files += sorted(one for one in path.rglob("*") if one.is_file() and one.suffix.lower() in _SUFFIXES)
        elif path.is_file():
            files.append(path)
        else:
            raise InputError(f"there is no file or folder {path}", "Check the path, or run selfcheck without data.")
    return list(dict.fromkeys(files))


def _name(path: Path) -> str | None:
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
            line = stream.readline(4_000).decode("utf-8-sig").rstrip("\r\n")
    except (OSError, EOFError, UnicodeDecodeError):
        return None
    return next((name for name, known in KNOWN.items() if re.fullmatch(known.first_line, line)), None)


def shipped_table(name: str) -> pd.DataFrame:
    """Return a data set that needs no file: flowers, wines, or a grid of points built from normal quantiles."""
    if name in ("iris", "wine"):
        bunch = (load_iris if name == "iris" else load_wine)(as_frame=True)
        return pd.DataFrame(bunch.data).assign(species=bunch.target.astype(str))
    return pd.DataFrame(_GRIDS[name](), columns=["a", "b"])


def mall_file() -> Path:
    """Return the path of the customer table that ships with reportgen."""
    return resources.sample("mall_customers.csv")


def _quantiles(n: int) -> NDArray[np.float64]:
    return np.asarray(ndtri((np.arange(1, n + 1) - 0.5) / n))


def _grid(a: NDArray[np.float64], b: NDArray[np.float64], at: tuple[float, float] = (0, 0)) -> NDArray[np.float64]:
    return np.array([(x, y) for x in a for y in b]) + at


def _blocks(*blocks: tuple[int, tuple[float, float]]) -> NDArray[np.float64]:
    return np.vstack([_grid(_quantiles(side), _quantiles(side), at) for side, at in blocks])


_GRIDS = {
    "grid_uniform": lambda: _grid(np.arange(30) / 29, np.arange(30) / 29),
    "grid_normal": lambda: _blocks((30, (0, 0))),
    "grid_normal_long": lambda: _grid(3 * _quantiles(40), _quantiles(25)),
    "grid_four": lambda: _blocks((15, (0, 0)), (15, (6, 0)), (15, (0, 6)), (15, (6, 6))),
    "grid_three_unequal": lambda: _blocks((25, (0, 0)), (10, (6, 0)), (7, (0, 6))),
}
