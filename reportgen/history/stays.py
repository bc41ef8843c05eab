"""How long every customer has been in its segment, as SQL over this month and the list of the month before."""

from __future__ import annotations

from collections.abc import Mapping

_ARRIVED = "CASE WHEN n.seen THEN 'returned' ELSE 'new' END"
_CAUSE = "CASE WHEN p.a = n.b THEN 'model' WHEN n.b = n.c THEN 'behaviour' ELSE 'both' END"
_LAST = "CASE WHEN p.a <> '' THEN p.a ELSE p.was_id END", "CASE WHEN p.a <> '' THEN p.a_name ELSE p.was_name END"
_OTHER = "CASE WHEN p.was_id <> n.c THEN p.was_id ELSE '' END", "CASE WHEN p.was_id <> n.c THEN p.was_name ELSE '' END"


def stay_cells(day: str) -> Mapping[str, str]:
    """Return a cell per header for rows n of {now} beside p of {past}; ``day`` is the as-of date, ISO.

    ``status`` is new, returned, stayed, moved, rescored or unscored; ``previous_segment`` the most recent different
    one, ``changed_on`` the as-of date of the month in which the present one began, ``change_cause`` first, behaviour,
    model, both or rescored. A customer that has no segment keeps its last one as previous until it has one again.
    """
    since = "CAST(p.since[1:4] AS INT) * 12 + CAST(p.since[6:7] AS INT)"
    months = f"CAST({int(day[:4]) * 12 + int(day[5:7]) + 1} - ({since}) AS VARCHAR)"
    today = f"'{day}'"
    return {
        "status": _case(("'unscored'", "'unscored'"), _ARRIVED, "'rescored'", "'stayed'", "'moved'"),
        "previous_segment": _case(("''", _LAST[0]), "''", _OTHER[0], "p.was_id", "p.a"),
        "previous_segment_name": _case(("''", _LAST[1]), "''", _OTHER[1], "p.was_name", "p.a_name"),
        "changed_on": _case(("''", "''"), today, today, "p.since", today),
        "change_cause": _case(("''", "''"), "'first'", "'rescored'", "p.cause", _CAUSE),
        "months_in_segment": _case(("''", "''"), "'1'", "'1'", months, "'1'"),
    }


def _case(unscored: tuple[str, str], arrived: str, rescored: str, stayed: str, moved: str) -> str:
    """Return one of these as SQL; ``unscored`` has one for customers who were not there before, and one for others."""
    return (
        f"CASE WHEN p.key IS NULL THEN CASE WHEN n.c = '' THEN {unscored[0]} ELSE {arrived} END "
        f"WHEN n.c = '' THEN {unscored[1]} WHEN p.a = '' THEN {rescored} WHEN p.a = n.c THEN {stayed} ELSE {moved} END"
    )
