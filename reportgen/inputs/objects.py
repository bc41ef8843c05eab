"""Read JSON lines, or a JSON array of objects, into the engine as text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from reportgen.errors import InputError
from reportgen.findings import Finding
from reportgen.inputs.contents import Content
from reportgen.inputs.encoding import detect_encoding
from reportgen.inputs.engine import Loaded, Target, load_rows
from reportgen.inputs.names import clean_names
from reportgen.inputs.sheets import cell_text
from reportgen.inputs.tidy import Raw, remove_clutter
from reportgen.settings import InputConfig

_HINT = "Give JSON lines (one object per line) or an array of objects."


def load_json(target: Target, content: Content, config: InputConfig) -> Loaded:
    """Read objects into a table of text; inner objects become columns with a dot, lists are left out."""
    codec = detect_encoding(content.path, config.encoding).codec
    keys: dict[str, None] = {}
    lists: dict[str, None] = {}
    for record in _records(content, codec):
        for key, value in record.items():
            (lists if isinstance(value, list) else keys)[key] = None
    columns = [key for key in keys if key not in lists]
    if not columns:
        raise InputError(f"{content.name} holds no objects with plain values", _HINT)
    names, findings = clean_names(columns)
    load_rows(target, ([cell_text(record.get(key)) for key in columns] for record in _records(content, codec)), names)
    tidied = remove_clutter(Raw(target.con, target.relation, names, tuple(columns)))
    if lists:
        message = f"Columns that hold lists were left out: {', '.join(lists)}."
        findings = (*findings, Finding("nested_columns", message, "warning"))
    return Loaded(
        content.name,
        target.relation,
        tidied.columns,
        rows=target.count() + sum(tidied.dropped.values()),
        facts=(("format", "JSON"), *content.facts),
        findings=(*findings, *tidied.findings),
        dropped=tuple(tidied.dropped.items()),
    )


def _records(content: Content, codec: str) -> Iterator[dict[str, Any]]:
    """Yield every object, flattened; numbers stay as they are written."""
    with content.path.open(encoding=codec, errors="replace") as stream:
        start = stream.read(4096).lstrip("\ufeff \t\r\n")
        stream.seek(0)
        if _is_lines(start):
            for number, line in enumerate(stream, start=1):
                if line.strip("\ufeff \t\r\n,"):
                    yield _flat(_object(_decode(line, content.name, number), content.name, number))
            return
        whole = _decode(stream.read(), content.name, 1)
    for number, item in enumerate(_largest_list(whole), start=1):
        yield _flat(_object(item, content.name, number))


def _is_lines(start: str) -> bool:
    first = start.split("\n", 1)[0].strip().rstrip(",")
    try:
        return isinstance(json.loads(first), dict) and (("\n" in start) or not start.rstrip().endswith("]}"))
    except ValueError:
        return start.startswith("{") and "\n" not in start  # one very long first line


def _decode(text: str, name: str, number: int) -> Any:
    try:
        return json.loads(text.lstrip("\ufeff"), parse_float=str, parse_int=str, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        where = error.lineno + number - 1 if isinstance(error, json.JSONDecodeError) else number
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise InputError(
            f"{name} is not valid JSON in line {where}: {reason}", "Export it again; it may have been cut off."
        ) from None


def _largest_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    lists = [item for item in value.values() if isinstance(item, list)] if isinstance(value, dict) else []
    return max(lists, key=len) if lists else [value]


def _object(value: Any, name: str, number: int) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{name} holds something else than an object at record {number}", _HINT)
    return value


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{prefix}{key}.")
        elif value not in (None, {}, []):
            flat[prefix + key] = value
        else:
            flat.setdefault(prefix + key, None)
    return flat
