"""Read delimited and fixed-width text of any dialect and encoding into the engine."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import duckdb

from reportgen.errors import InputError
from reportgen.findings import Finding
from reportgen.inputs.contents import Content
from reportgen.inputs.dialect import Dialect, records, sniff
from reportgen.inputs.encoding import Encoding, detect_encoding, plain_copy, sample_text
from reportgen.inputs.engine import CsvForm, Loaded, Target, load_csv, load_rows
from reportgen.inputs.failures import out_of_room
from reportgen.inputs.layout import SAMPLED_ROWS, Layout, find_layout
from reportgen.inputs.names import clean_names
from reportgen.inputs.tidy import Raw, counted, remove_clutter
from reportgen.settings import InputConfig

_SAMPLE = 2**18  # characters
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=(.)\s*", re.IGNORECASE)  # Excel writes it as the first line of a CSV file


@dataclass(frozen=True)
class _Plan:
    """How the lines of a UTF-8 file become rows."""

    path: Path
    dialect: Dialect
    layout: Layout
    above: int  # lines before the first record
    regular: bool  # the engine may try: one separator, and one line for each record above the data


@dataclass
class _Mended:
    """What the tolerant reader had to mend."""

    rows: int = 0
    short: int = 0
    long: list[int] = field(default_factory=list)


def load_text(target: Target, content: Content, config: InputConfig) -> Loaded:
    """Read one text file into a table of text cells; InputError if it holds no rows or mostly misfits."""
    encoding = detect_encoding(content.path, config.encoding)
    path, findings = _plain(target, content, encoding)
    plan = _plan(path, config)
    if not plan.layout.width:
        raise InputError(f"{content.name} holds only blank lines", "Check the export, and export it again.")
    names, renamed = clean_names(plan.layout.header or [""] * plan.layout.width)
    mended = _load(target, plan, names)
    tidied = remove_clutter(Raw(target.con, target.relation, names, plan.layout.header))
    if mended.long:
        tidied.dropped["unreadable_rows"] = len(mended.long)
    return Loaded(
        content.name,
        target.relation,
        tidied.columns,
        rows=target.count() + sum(tidied.dropped.values()),
        facts=(("format", "text"), *content.facts, *_facts(encoding, plan)),
        findings=(*findings, *renamed, *_mentions(mended, content.name), *tidied.findings),
        dropped=tuple(tidied.dropped.items()),
        numbered=plan.layout.header is None,
    )


def _plain(target: Target, content: Content, encoding: Encoding) -> tuple[Path, list[Finding]]:
    """Return the path of a UTF-8 version of the file, which is the file itself where possible."""
    if encoding.clean:
        return content.path, []
    path = target.scratch / f"{target.relation}.txt"
    nuls, broken = plain_copy(content.path, encoding, path, content.name)
    findings = []
    if nuls:
        message = f"NUL characters in {content.name} were removed ({nuls:,})."
        findings.append(Finding("nul_characters", message, "warning"))
    if broken:
        message = (
            f"Some characters of {content.name} can't be read as {encoding.label} and show as \ufffd ({broken:,})."
        )
        findings.append(Finding("broken_characters", message, "warning"))
    return path, findings


def _plan(path: Path, config: InputConfig) -> _Plan:
    lines = list(io.StringIO(sample_text(path, _SAMPLE), newline="\n"))
    separator = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    above = 1 if separator else 0
    dialect = sniff(lines[above:], config.delimiter or (separator.group(1) if separator else ""))
    sample = list(islice(records(lines[above:], dialect), SAMPLED_ROWS))
    layout = find_layout(sample)
    regular = not dialect.gap and not dialect.cuts
    regular = regular and not any("\n" in cell for row in sample[: layout.skip] for cell in row)
    return _Plan(path, dialect, layout, above, regular)


def _load(target: Target, plan: _Plan, names: tuple[str, ...]) -> _Mended:
    """Let the engine read a regular file; read an irregular one line by line."""
    mended = _Mended()
    if plan.regular:
        dialect, skip = plan.dialect, plan.above + plan.layout.skip
        form = CsvForm(dialect.delimiter, dialect.quote, dialect.escape, skip)
        try:
            load_csv(target, plan.path, names, form)
            return mended
        except duckdb.Error as error:
            if failure := out_of_room(error):
                raise failure from None
            # a line doesn't fit
    load_rows(target, _tolerant(plan, len(names), mended), names)
    return mended


def _tolerant(plan: _Plan, width: int, mended: _Mended) -> Iterator[list[str]]:
    """Yield rows of ``width`` cells: short ones are filled up, longer ones left out unless the surplus is blank."""
    with plan.path.open(encoding="utf-8-sig", newline="\n", errors="replace") as lines:
        for number, row in enumerate(records(islice(lines, plan.above, None), plan.dialect, width), start=1):
            if number <= plan.layout.skip or not row:
                continue
            if len(row) > width and any(cell.strip() for cell in row[width:]):
                mended.long.append(number + plan.above)
                continue
            mended.rows += 1
            mended.short += len(row) < width and sum(bool(cell.strip()) for cell in row) > 1
            yield [*row[:width], *[""] * (width - len(row))]


def _mentions(mended: _Mended, name: str) -> list[Finding]:
    long, findings = len(mended.long), []
    if long > max(1, mended.rows):
        raise InputError(
            f"most lines of {name} have more cells than its header",
            "Check the delimiter and the quotation marks, or set input.delimiter.",
        )
    if long:
        places = ", ".join(map(str, mended.long[:3])) + (" …" if long > 3 else "")
        message = f"{counted(long)} of {name} with more cells than the header left out (record {places})."
        findings.append(Finding("unreadable_rows", message, "warning", rows=long))
    if mended.short:
        message = f"{counted(mended.short)} of {name} with fewer cells than the header; the rest counts as empty."
        findings.append(Finding("short_rows", message, "warning", rows=mended.short))
    return findings


def _facts(encoding: Encoding, plan: _Plan) -> tuple[tuple[str, str], ...]:
    return (("encoding", encoding.label), ("delimiter", plan.dialect.label), *plan.layout.facts)
