"""Rebuild docs/gallery/*.png: pages of reports on customers and on a month, as pictures for the README."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from reportgen.config import Config, load_config
from reportgen.pipeline import run

ROOT = Path(__file__).resolve().parents[1]
MALL = {1: "cover", 3: "summary", 4: "map", 5: "compared", 7: "segment", 11: "method"}
SHOP = {3: "month", 4: "movement"}
DOTS_PER_INCH = 80
COLOURS = 128
HEAVIEST = 60_000  # bytes


def main() -> int:
    """Make a report on customers and one on a month in a temporary folder, and turn pages into small pictures."""
    (ROOT / "docs/gallery").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        done = run(str(ROOT / "data/mall_customers.csv"), Config(output=f"{folder}/mall"))
        picture(done.folder / "report.pdf", MALL)
        orders = f"{folder}/orders.csv"
        subprocess.run([sys.executable, ROOT / "data/make_orders.py", orders, "--until", "2025-04-30"], check=True)
        for period in ("2025-03", "2025-04"):
            done = run(orders, load_config(output=f"{folder}/shop", input__period=period, report__formats=["pdf"]))
        picture(done.folder / "report.pdf", SHOP)
    return 0


def picture(pdf: Path, pages: dict[int, str]) -> None:
    """Write pages of a PDF as pictures of few colours."""
    for page, name in pages.items():
        command = ["pdftoppm", "-png", "-singlefile", "-r", str(DOTS_PER_INCH), "-f", str(page), "-l", str(page)]
        subprocess.run([*command, pdf, pdf.parent.parent / name], check=True)
        target = ROOT / f"docs/gallery/{name}.png"
        with Image.open(pdf.parent.parent / f"{name}.png") as image:
            small = image.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        small.save(target, optimize=True)
        if target.stat().st_size > HEAVIEST:
            raise SystemExit(f"{target} has {target.stat().st_size:,} bytes: lower the resolution")


if __name__ == "__main__":
    sys.exit(main())
