"""Calendar months as YYYY-MM."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from reportgen.errors import ConfigError

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
    return tuple(f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(_number(first), _number(last) + 1))


def _number(period: str) -> int:
    return int(period[:4]) * 12 + int(period[5:7]) - 1
