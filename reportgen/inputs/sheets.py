"""Read one sheet of an Excel or OpenDocument workbook into the engine, as unambiguous text."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import python_calamine as calamine

from reportgen.errors import ConfigError, InputError, did_you_mean
from reportgen.findings import Finding
from reportgen.inputs.contents import Content
from reportgen.inputs.engine import Loaded, Target, load_rows
from reportgen.inputs.layout import SAMPLED_ROWS, find_layout
from reportgen.inputs.names import clean_names
from reportgen.inputs.tidy import Raw, remove_clutter
from reportgen.settings import InputConfig

_NAME_SHEET = "Name the sheet that holds the table with input.sheet."
Cells = Sequence[Sequence[Any]]


def load_sheet(target: Target, content: Content, config: InputConfig) -> Loaded:
    """Read the largest visible sheet, or the one that ``config.sheet`` names."""
    sheet, cells, notes = _open(content, config.sheet)
    rows = _as_text(cells)
    layout = find_layout(rows[:SAMPLED_ROWS])
    if not layout.width:
        raise InputError(f"{content.name} has no filled cell on sheet '{sheet}'", _NAME_SHEET)
    names, renamed = clean_names(layout.header or [""] * layout.width)
    load_rows(target, rows[layout.skip :], names)
    tidied = remove_clutter(Raw(target.con, target.relation, names, layout.header))
    return Loaded(
        content.name,
        target.relation,
        tidied.columns,
        rows=target.count() + sum(tidied.dropped.values()),
        facts=(("format", "workbook"), *content.facts, ("sheet", sheet), *layout.facts),
        findings=(*notes, *renamed, *tidied.findings),
        dropped=tuple(tidied.dropped.items()),
        numbered=layout.header is None,
    )


def _open(content: Content, wanted: str) -> tuple[str, Cells, list[Finding]]:
    try:
        with calamine.CalamineWorkbook.from_path(str(content.path)) as book:
            return _choose(book, content.name, wanted)
    except calamine.PasswordError:
        hint = "Open it in a spreadsheet program and save a copy without password."
        raise InputError(f"{content.name} is protected by a password", hint) from None
    except (calamine.CalamineError, OSError, ValueError) as error:
        hint = "Open it in a spreadsheet program and save it again, or save the sheet as CSV."
        raise InputError(f"{content.name} is a damaged workbook: {error}", hint) from None


def _choose(book: calamine.CalamineWorkbook, name: str, wanted: str) -> tuple[str, Cells, list[Finding]]:
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    every = [sheet.name for sheet in sheets]
    if wanted:
        found = next((sheet for sheet in every if sheet.casefold() == wanted.casefold()), None)
        if found is None:
            listed = ", ".join(f"'{sheet}'" for sheet in every)
            raise ConfigError(f"{name} has no sheet '{wanted}'{did_you_mean(wanted, every)}", f"It has {listed}.")
        return found, book.get_sheet_by_name(found).to_python(), []
    hidden = [sheet.name for sheet in sheets if sheet.visible != calamine.SheetVisibleEnum.Visible]
    visible = [sheet for sheet in every if sheet not in hidden] or every
    tables = {sheet: book.get_sheet_by_name(sheet).to_python() for sheet in visible}
    sizes = {sheet: sum(cell != "" for row in cells for cell in row) for sheet, cells in tables.items()}
    if not any(sizes.values()):
        raise InputError(f"{name} has no sheet with cells", "Give a workbook that holds a table.")
    best = max(sizes, key=lambda sheet: sizes[sheet])
    notes = []
    if others := [sheet for sheet, size in sizes.items() if size and sheet != best]:
        message = f"Of {name} the largest sheet '{best}' was read, not {', '.join(others)}."
        notes.append(Finding("other_sheets", message))
    if hidden and visible != every:
        notes.append(Finding("hidden_sheets", f"Hidden sheets of {name} were not read: {', '.join(hidden)}."))
    return best, tables[best], notes


def _as_text(cells: Cells) -> list[list[str]]:
    """Write every cell as text; a column with any time of day shows it in every date."""
    timed: set[int] = set()
    for row in cells:
        timed.update(i for i, cell in enumerate(row) if isinstance(cell, dt.datetime) and cell.time() != dt.time())
    return [[cell_text(cell, i in timed) for i, cell in enumerate(row)] for row in cells]


def cell_text(cell: Any, timed: bool = False) -> str:
    """Return a typed cell as canonical text: ISO dates, a decimal point, whole numbers without one."""
    match cell:
        case None:
            text = ""
        case str():
            text = cell if cell.isprintable() else cell.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
        case bool():
            text = "true" if cell else "false"
        case float():
            text = _number_text(cell)
        case dt.datetime():
            text = cell.replace(microsecond=0).isoformat(" ") if timed else cell.date().isoformat()
        case dt.date():
            text = f"{cell.isoformat()} 00:00:00" if timed else cell.isoformat()
        case dt.time():
            text = cell.isoformat()
        case dt.timedelta():
            minutes, seconds = divmod(round(cell.total_seconds()), 60)
            text = f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
        case _:
            text = str(cell)
    return text


def _number_text(value: float) -> str:
    if not math.isfinite(value):
        return ""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{Decimal(f'{value:.15g}'):f}"  # a spreadsheet's own precision: 0.1 + 0.2 shows as 0.3
