"""Rebuild the fonts of the default theme: ``python build.py FOLDER`` with the unpacked npm packages (see README.md)."""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter, parse_unicodes
from fontTools.ttLib import TTFont

# Latin, Latin Extended, Greek, Cyrillic, punctuation, currencies, arrows, triangles, ≥ ≤ ≈ σ.
CHARACTERS = (
    "20-7E,A0-24F,259,2BC,2C6,2C7,2D8-2DD,300-304,306-30C,327,328,370-3FF,400-45F,490,491,4B0,4B1,1E9E,1EA0-1EF9,"
    "2002,2007-200A,2010-2015,2018-2022,2026,202F,2030,2032,2033,2039,203A,2044,2070,2074-2079,2080-2089,20A0-20BF,"
    "2116,2122,2126,2190-2193,2202,2206,2211,2212,221A,221E,2248,2260,2264,2265,25A0,25B2,25B6,25BC,25C0,25CA,25CF,2713"
)
# For pages whose letters are all of western Europe: a third of the size.
WESTERN = (Path(__file__).parent / "western.txt").read_text(encoding="ascii").strip()
FEATURES = ["kern", "liga", "mark", "mkmk", "ccmp", "locl", "lnum", "pnum", "tnum", "sups"]
FACES = {
    "ReportgenSans-Regular": ("source-sans/TTF/SourceSans3-Regular.ttf", "Reportgen Sans"),
    "ReportgenSans-Semibold": ("source-sans/TTF/SourceSans3-Semibold.ttf", "Reportgen Sans"),
    "ReportgenSans-Bold": ("source-sans/TTF/SourceSans3-Bold.ttf", "Reportgen Sans"),
    "ReportgenSerif-Semibold": ("source-serif/TTF/SourceSerif4Display-Semibold.ttf", "Reportgen Serif"),
}


def main(packages: Path) -> None:
    """Subset and rename every face; the licence reserves the name "Source" for unmodified fonts."""
    for name, (source, family) in FACES.items():
        _cut(packages / source, CHARACTERS, name, family, None)
        if not name.endswith("-Bold"):  # bold is for print only
            _cut(packages / source, CHARACTERS, name, family, "woff2")
            _cut(packages / source, WESTERN, name, family, "western.woff2")


def _cut(source: Path, characters: str, name: str, family: str, suffix: str | None) -> None:
    flavor = "woff2" if suffix else None
    options = Options(layout_features=FEATURES, hinting=False, notdef_outline=True, flavor=flavor)
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 14, 16, 17]
    font = TTFont(source, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=parse_unicodes(characters))
    subsetter.subset(font)
    _rename(font, name, family)
    font.flavor = flavor
    font.save(Path(__file__).parent / f"{name}.{suffix or 'ttf'}")


def _rename(font: TTFont, name: str, family: str) -> None:
    style = name.rpartition("-")[2]
    regular = style in ("Regular", "Bold")
    names = {
        1: family if regular else f"{family} {style}",
        2: style if regular else "Regular",
        3: name,
        4: f"{family} {style}",
        6: name,
        16: family,
        17: style,
    }
    for record, text in names.items():
        font["name"].removeNames(nameID=record)
        font["name"].setName(text, record, 3, 1, 0x409)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
