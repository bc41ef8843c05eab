"""Small files with one defect each, written as their makers would have written them."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

Maker = Callable[[Path], Path]
EVIL = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "=CMD|' /C calc'!A0",
    "@SUM(1+1)",
    "+1+cmd",
    "-2+3+cmd",
    "'; DROP TABLE customers;--",
    "{{ 7*7 }}{% raw %}",
    "&lt;b&gt;",
    "🦄👩‍👩‍👧",
    "עברית \u202eabc",
    "中文漢字 かな 한국",
    "x" * 10_000,
    "a\u0000b\u0007c",
    "line\nbreak",
    "</svg></style><b>bold</b>",
    '" onmouseover="x',
    "javascript:alert(3)",
)
EVIL_HEADERS = ("<b>spend</b><script>alert(9)</script>", "=CMD|calc!A1", "{{town}} <img src=x> 🦄 " + "y" * 10_000)


def customers(n: int = 60) -> pd.DataFrame:
    """Three groups of customers, plain to see."""
    rng = np.random.default_rng(3)
    group = np.arange(n) % 3
    return pd.DataFrame(
        {
            "customer_id": [f"C{i:04d}" for i in range(n)],
            "spend": np.round(100 + 200 * group + rng.normal(0, 15, n), 2),
            "orders": 3 + 5 * group + rng.integers(0, 3, n),
            "visits": np.round(300 - 90 * (group == 1) + rng.normal(0, 20, n)),
        }
    )


def orders(n: int = 300, buyers: int = 60) -> pd.DataFrame:
    """A log of orders without any structure."""
    rng = np.random.default_rng(5)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, n), unit="D")
    return pd.DataFrame(
        {
            "order_id": [f"O{i}" for i in range(n)],
            "customer_id": [f"C{i}" for i in rng.integers(0, buyers, n)],
            "order_date": days.strftime("%Y-%m-%d"),
            "amount": np.round(rng.gamma(2, 30, n), 2),
        }
    )


def table(frame: pd.DataFrame) -> Maker:
    def make(folder: Path) -> Path:
        frame.to_csv(folder / "in.csv", index=False)
        return folder / "in.csv"

    return make


def changed(n: int = 60, **columns: object) -> Maker:
    return table(customers(n).assign(**columns))


def content(data: bytes, name: str = "in.csv") -> Maker:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


def lines(header: str, *rows: str) -> Maker:
    return content("\n".join((header, *rows, "")).encode())


def absent(folder: Path) -> Path:
    return folder / "in.csv"


def empty_folder(folder: Path) -> Path:
    (folder / "in.csv").mkdir()
    return folder / "in.csv"


def cut_off(folder: Path) -> Path:
    data = gzip.compress(customers(2_000).to_csv(index=False).encode())
    return content(data[: len(data) // 2], "in.csv.gz")(folder)


def broken_encoding(folder: Path) -> Path:
    text = customers().assign(town="Zürich").to_csv(index=False).encode()
    return content(text.replace("ü".encode(), b"\xff\x81", 5))(folder)


def not_finite(folder: Path) -> Path:
    frame = customers(120).astype({"orders": float})
    frame.loc[0:5, "spend"] = np.nan
    frame.loc[6:7, "spend"] = (np.inf, -np.inf)
    frame.loc[9, "orders"] = np.inf
    frame.loc[10, "visits"] = 1e300
    frame.to_parquet(folder / "in.parquet")
    return folder / "in.parquet"


def sparse_counts(n: int = 300) -> pd.DataFrame:
    counts = np.random.default_rng(5).poisson(0.15, (n, 40))
    return pd.DataFrame(counts, columns=[f"product_{i}" for i in range(40)])


def hostile(n: int = 108) -> pd.DataFrame:
    """Ids, towns and headers that would like to be code."""
    plain = customers(n)
    spend, orders, visits = EVIL_HEADERS
    return pd.DataFrame(
        {
            "customer_id": [f"{EVIL[i % len(EVIL)]}{i}" for i in range(n)],
            spend: plain["spend"],
            orders: plain["orders"],
            visits: np.random.default_rng(1).integers(0, 90, n),
            "town": [EVIL[(i // 3) % 5] for i in range(n)],
            "mood": [EVIL[8 + (i // 3) % 5] for i in range(n)],
        }
    )
