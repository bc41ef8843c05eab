"""The tables of a monthly run for other programs: segments.csv, migration.csv and drift.csv."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from reportgen.analysis import Analysis
from reportgen.config import Config
from reportgen.history import drift_list, trend
from reportgen.history.cells import harmless
from reportgen.history.compare import Change
from reportgen.report.flows import ShownMoves, shown_moves

MIGRATION = "migration.csv"
_HEADER = ("from_id", "from", "to_id", "to", "customers", "revenue_then", "revenue_now")


def write_month_files(analysis: Analysis, config: Config, change: Change | None, period: str, folder: Path) -> None:
    """Write the figures of the month and, where there is a month before, who moved and what drifted.

    UTF-8, LF, point decimals. What a page must not print is an empty cell. Raises OSError.
    """
    least = config.privacy.min_cell
    texts = {trend.FILE: trend.figures_text(trend.figures_of(analysis, period, least))}
    if change is not None:
        money = change.has_money and analysis.spending is not None and not analysis.spending.dominated
        texts[MIGRATION] = migration_text(change, shown_moves(change.migration, least), money)
        texts[drift_list.FILE] = drift_list.drift_text(change.drift)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")


def migration_text(change: Change, shown: ShownMoves, money: bool) -> str:
    """Return a row for every pair of segments with customers; ``money`` tells whether amounts may be told.

    The ids ``new``, ``returned`` and ``lost`` stand for those who were not, or are no more, among the customers; an
    empty id for customers without a segment.
    """
    moves = change.migration
    sides = [(side, change.names[side].name if side in change.names else "") for side in moves.sides]
    rows, columns = [*sides, ("new", ""), ("returned", "")], [*sides, ("lost", "")]
    m = len(sides)
    then = {m: moves.new * 0, m + 1: moves.returned * 0}
    now = {m: moves.new_money, m + 1: moves.returned_money}
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    for i, origin in enumerate(rows):
        for j, target in enumerate(columns):
            if not shown.counts[i, j]:
                continue
            before = moves.lost_money[i] if j == m else then[i][j] if i >= m else moves.money_then[i, j]
            after = 0 if j == m else now[i][j] if i >= m else moves.money_now[i, j]
            told = not shown.hidden[i, j]
            shown_money = told and money and (i, j) not in change.dominance.cells
            amounts = (f"{before / 100:.2f}", f"{after / 100:.2f}") if shown_money else ("", "")
            names = (origin[0], harmless(origin[1]), target[0], harmless(target[1]))
            writer.writerow((*names, shown.counts[i, j] if told else "", *amounts))
    return out.getvalue()
