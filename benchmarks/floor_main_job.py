"""The floor of the main job: the same libraries, k-means for k = 2..10, four charts, a bare HTML file and its PDF."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import babel.numbers  # noqa: F401  the same libraries as the product, as its users would import them
import duckdb  # noqa: F401
import jinja2  # noqa: F401
import narwhals  # noqa: F401
import pandas as pd
import pydantic  # noqa: F401
import weasyprint
import xlsxwriter  # noqa: F401
from matplotlib.figure import Figure
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler


def chart(x: pd.Series, y: pd.Series, colour: list[int] | None = None) -> str:
    figure = Figure(figsize=(6, 3.5))
    axes = figure.subplots()
    if colour is None:
        axes.bar(x, y)
    else:
        axes.scatter(x, y, c=colour)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    return buffer.getvalue()[buffer.getvalue().index("<svg") :]


def main(source: str, target: Path) -> None:
    table = pd.read_csv(source)
    columns = ["Annual Income (k$)", "Spending Score (1-100)"]
    scaled = StandardScaler().fit_transform(table[columns])
    fits = {k: KMeans(k, n_init=10, random_state=1).fit(scaled) for k in range(2, 11)}
    labels = fits[5].labels_
    table["segment"] = labels
    ks = pd.Series(list(fits))
    charts = [
        chart(table[columns[0]], table[columns[1]], list(labels)),
        chart(ks, pd.Series([fit.inertia_ for fit in fits.values()])),
        chart(pd.Series(range(5)), table.groupby("segment")[columns[0]].mean()),
        chart(pd.Series(range(5)), table.groupby("segment")[columns[1]].mean()),
    ]
    html = "<h1>Segments</h1>" + "".join(charts) + table.groupby("segment")[columns].mean().to_html()
    (target / "floor.html").write_text(html, encoding="utf-8")
    weasyprint.HTML(string=html).write_pdf(target / "floor.pdf")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
