"""Calendar months as YYYY-MM."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reportgen.errors import ConfigError

_MOST_DUE = 12
_PERIOD = re.compile(r"[1-9]\d{3}-(0[1-9]|1[0-2])")


def months_after(earlier: str, later: str) -> int:
    """Return how many months ``later`` comes after ``earlier``."""
    return _number(later) - _number(earlier)


def last_day(period: str) -> dt.date:
    """Return the last calendar day of a month."""
    year, month = int(period[:4]), int(period[5:])
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def months_between(first: str, last: str) -> tuple[str, ...]:
    """Return all months from first to last; ConfigError where one is no month or the last comes first."""
    for period in (first, last):
        if not _PERIOD.fullmatch(period):
            raise ConfigError(f"'{period}' is not a month", "Write months as YYYY-MM, for example 2011-11.")
    if first > last:
        raise ConfigError(f"{first} comes after {last}", "Give the earlier month with --from.")
    return tuple(_name(number) for number in range(_number(first), _number(last) + 1))


def complete_month(now: dt.datetime, timezone: str, delay_hours: int) -> str:
    """Return the newest month that has ended, and ``delay_hours`` with it, in a time zone ("" for UTC).

    Raises ConfigError for a time zone that is unknown.
    """
    try:
        zone = ZoneInfo(timezone) if timezone else dt.UTC
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"'{timezone}' is no time zone that this machine knows", "Name one as in --timezone Europe/Berlin."
        ) from None
    local = (now - dt.timedelta(hours=delay_hours)).astimezone(zone)
    return _name(local.year * 12 + local.month - 2)


def due_months(newest: str | None, complete: str) -> tuple[str, ...]:
    """Return the months after the newest published one up to the newest complete one; that alone if none is published.

    Raises ConfigError for more than a year of them: nobody wants these unasked.
    """
    if newest is not None and newest >= complete:
        return ()
    first = complete if newest is None else _name(_number(newest) + 1)
    months = months_between(first, complete)
    if len(months) > _MOST_DUE:
        raise ConfigError(
            f"{len(months)} months are due, from {months[0]} to {months[-1]}",
            f"Say which ones: --from {months[0]} --to {months[-1]}.",
        )
    return months


def _name(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _number(period: str) -> int:
    return int(period[:4]) * 12 + int(period[5:7]) - 1


def year_before(period: str) -> str:
    """Return the same month a year earlier."""
    return f"{int(period[:4]) - 1:04d}{period[4:]}"


def month_before(period: str) -> str:
    """Return the month before."""
    return _name(_number(period) - 1)
