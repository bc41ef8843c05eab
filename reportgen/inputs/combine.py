"""Make one table of several parts: columns are matched by header, what a part lacks is null."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from reportgen.errors import InputError
from reportgen.findings import Finding
from reportgen.inputs.engine import Loaded, identifier
from reportgen.inputs.headers import normalise
from reportgen.inputs.layout import looks_like_value

_LOOKED_AT = 500
_NUMBERS = {f"{sign}{size}" for sign in ("", "U") for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")}
_FAMILIES = (_NUMBERS | {"DOUBLE"}, {"DATE", "TIMESTAMP"})  # types that the engine unites without loss of meaning


def unite(con: duckdb.DuckDBPyConnection, parts: Sequence[Loaded]) -> tuple[Finding, ...]:
    """Create the relation "data" from all parts; return what the parts disagree on."""
    if not any(part.left for part in parts):
        raise InputError(
            f"{parts[0].name} has columns, but no rows", "Check the filter of the export, and export it again."
        )
    if len(parts) == 1:
        kind = "VIEW" if parts[0].lazy else "TABLE"
        con.execute(f'ALTER {kind} {identifier(parts[0].relation)} RENAME TO "data"')
        return ()
    matched = [_matched(part, parts[0]) for part in parts]
    findings = [*_without_rows(parts), *_without_header(parts)]
    columns = tuple(dict.fromkeys(name for names in matched for name in names))
    shared = [name for name in columns if all(name in names for names in matched)]
    if not shared:
        raise InputError(
            f"{parts[1].name} has no column in common with {parts[0].name}",
            "Give only files of the same kind; they are read as one table.",
        )
    _refuse_another_kind(parts, matched)
    findings += [*_missing(parts, matched, columns), *_type_changes(con, parts, matched, shared)]
    findings += _create(con, parts, matched, columns)
    return tuple(findings)


def _refuse_another_kind(parts: Sequence[Loaded], matched: list[dict[str, str]]) -> None:
    """Raise InputError for a part that has less than half of its columns in common with the first one."""
    for part, names in zip(parts[1:], matched[1:], strict=True):
        common = sum(name in matched[0] for name in names)
        if 2 * common < min(len(names), len(matched[0])):
            raise InputError(
                f"{part.name} is another kind of table than {parts[0].name}: they have {common} of"
                f" {max(len(names), len(matched[0]))} columns in common",
                "Give only files of the same kind; they are read as one table, one below the other.",
            )


def _matched(part: Loaded, first: Loaded) -> dict[str, str]:
    """Return common name → own name of every column, in the part's order; exact matches win over similar ones."""
    if _lacks_header(part, first):
        return dict(zip(first.columns, part.columns, strict=True))
    known = {normalise(name): name for name in reversed(first.columns)}
    taken = set(part.columns) & set(first.columns)
    matched = {}
    for name in part.columns:
        similar = known.get(normalise(name), name) if normalise(name) else name
        common = name if name in first.columns or similar in taken else similar
        taken.add(common)
        matched[common] = name
    return matched


def _lacks_header(part: Loaded, first: Loaded) -> bool:
    """Tell whether a part continues the first one without repeating its header."""
    return part.numbered and not first.numbered and len(part.columns) == len(first.columns)


def _without_header(parts: Sequence[Loaded]) -> Iterator[Finding]:
    if names := [part.name for part in parts if _lacks_header(part, parts[0])]:
        message = f"{_listed(names)} without a header continued {parts[0].name}, column by column."
        yield Finding("continued_without_header", message)


def _without_rows(parts: Sequence[Loaded]) -> Iterator[Finding]:
    if names := [part.name for part in parts if not part.left]:
        yield Finding("no_rows", f"No rows in {_listed(names)}.")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _missing(parts: Sequence[Loaded], matched: list[dict[str, str]], columns: Sequence[str]) -> list[Finding]:
    findings = []
    for name in columns:
        without = [part.name for part, names in zip(parts, matched, strict=True) if name not in names]
        if without:
            rows = sum(part.rows for part, names in zip(parts, matched, strict=True) if name not in names)
            findings.append(
                Finding(
                    "missing_column",
                    f"The column '{name}' is missing in {_listed(without)}; it counts as empty there.",
                    "warning",
                    name,
                    rows,
                )
            )
    return findings


def _type_changes(
    con: duckdb.DuckDBPyConnection, parts: Sequence[Loaded], matched: list[dict[str, str]], shared: Sequence[str]
) -> list[Finding]:
    """Note columns that hold figures or dates in one part and words in another, judged by the first rows."""
    looks: dict[str, dict[str, str]] = {name: {} for name in shared}
    for part, names in zip(parts, matched, strict=True):
        cells = ", ".join(f"CAST({identifier(names[name])} AS VARCHAR)" for name in shared)
        rows = con.execute(f"SELECT {cells} FROM {identifier(part.relation)} LIMIT {_LOOKED_AT}").fetchall()
        for i, name in enumerate(shared):
            filled = [row[i] for row in rows if row[i] is not None]
            share = sum(map(looks_like_value, filled)) / len(filled) if filled else 0.5
            if share >= 0.95 or share <= 0.05:
                looks[name].setdefault("figures" if share >= 0.95 else "words", part.name)
    return [
        Finding(
            "type_change",
            f"'{name}' holds figures in {look['figures']}, but words in {look['words']}.",
            "warning",
            name,
        )
        for name, look in looks.items()
        if len(look) == 2
    ]


def _create(
    con: duckdb.DuckDBPyConnection, parts: Sequence[Loaded], matched: list[dict[str, str]], columns: Sequence[str]
) -> list[Finding]:
    """Create "data"; a column whose types have nothing in common becomes text."""
    mixed = _mixed(con, parts, matched, columns)
    selects = []
    for part, names in zip(parts, matched, strict=True):
        own = {name: identifier(names[name]) for name in columns if name in names}
        cells = (
            f"{f'CAST({cell} AS VARCHAR)' if name in mixed else cell} AS {identifier(name)}"
            for name, cell in own.items()
        )
        selects.append(f"SELECT {', '.join(cells)} FROM {identifier(part.relation)}")
    lazy = any(part.lazy for part in parts)
    con.execute(f'CREATE {"VIEW" if lazy else "TABLE"} "data" AS ' + " UNION ALL BY NAME ".join(selects))
    if not lazy:
        for part in parts:
            con.execute(f"DROP TABLE {identifier(part.relation)}")
    return [
        Finding("mixed_types", f"'{name}' has several types ({', '.join(kinds)}); it is read as text.", column=name)
        for name, kinds in mixed.items()
    ]


def _mixed(
    con: duckdb.DuckDBPyConnection, parts: Sequence[Loaded], matched: list[dict[str, str]], columns: Sequence[str]
) -> dict[str, list[str]]:
    described = [con.execute(f"DESCRIBE {identifier(part.relation)}").fetchall() for part in parts]
    types = [{row[0]: row[1] for row in rows} for rows in described]
    mixed = {}
    for name in columns:
        found = {kinds[names[name]] for kinds, names in zip(types, matched, strict=True) if name in names}
        if len(found) > 1 and not any(found <= family for family in _FAMILIES):
            mixed[name] = sorted(found)
    return mixed
