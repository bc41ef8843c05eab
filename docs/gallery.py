"""Rebuild docs/gallery/*.png: pages of the report of data/mall_customers.csv, as pictures for the README."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from reportgen.config import Config
from reportgen.pipeline import run

ROOT = Path(__file__).resolve().parents[1]
PAGES = {1: "cover", 3: "summary", 4: "map", 5: "compared", 7: "segment", 11: "method"}
DOTS_PER_INCH = 80
COLOURS = 128
HEAVIEST = 60_000  # bytes


def main() -> int:
    """Make the report in a temporary folder and turn the chosen pages into small pictures."""
    gallery = ROOT / "docs/gallery"
    gallery.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        done = run(str(ROOT / "data/mall_customers.csv"), Config(output=folder))
        for page, name in PAGES.items():
            command = ["pdftoppm", "-png", "-singlefile", "-r", str(DOTS_PER_INCH), "-f", str(page), "-l", str(page)]
            subprocess.run([*command, done.folder / "report.pdf", Path(folder) / name], check=True)
            target = gallery / f"{name}.png"
            with Image.open(Path(folder) / f"{name}.png") as picture:
                small = picture.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
            small.save(target, optimize=True)
            if target.stat().st_size > HEAVIEST:
                raise SystemExit(f"{target} has {target.stat().st_size:,} bytes: lower the resolution")
    return 0


if __name__ == "__main__":
    sys.exit(main())
