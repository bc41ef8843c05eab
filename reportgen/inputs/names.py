"""Column names that are unique, non-empty, legible and short."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reportgen.findings import Finding

_LONGEST = 100
_UNSEEN = re.compile("[\u0000-\u001f\u007f-\u009f\u200b\u2028\u2029\u2060\ufeff\ufffe\uffff]+")


def clean_names(header: Sequence[str]) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Return one name per header cell and what had to be changed; names differ in more than upper and lower case."""
    names: list[str] = []
    findings: list[Finding] = []
    taken: set[str] = set()
    spoken_for = {legible(cell).casefold() for cell in header}
    for number, cell in enumerate(header, start=1):
        wanted = legible(cell)
        name = _free(wanted or f"column_{number}", taken, spoken_for)
        if wanted and name != wanted:
            findings.append(
                Finding(
                    "duplicate_header",
                    f"The header '{wanted}' occurs more than once; this one is called '{name}'.",
                    column=name,
                )
            )
        elif len(wanted) < len(" ".join(cell.split()).strip("\ufeff\"' ")) - 2:
            findings.append(
                Finding(
                    "header_cleaned",
                    f"The header of column {number} was cleaned and shortened to '{name}'.",
                    column=name,
                )
            )
        taken.add(name.casefold())
        names.append(name)
    return tuple(names), tuple(findings)


def legible(cell: str) -> str:
    """Return a header cell as people should read it: one line, no invisible characters, at most 100 long."""
    text = " ".join(_UNSEEN.sub(" ", cell).split())
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _free(name: str, taken: set[str], spoken_for: set[str]) -> str:
    if name.casefold() not in taken:
        return name
    number = 2
    while (candidate := f"{name} ({number})").casefold() in taken | spoken_for:
        number += 1
    return candidate
