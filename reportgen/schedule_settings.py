"""Settings of the schedule: when a month's data is complete."""

from __future__ import annotations

from pydantic import Field

from reportgen.settings import Section


class ScheduleConfig(Section):
    """When months are due."""

    delay_hours: int = Field(0, ge=0, le=24 * 28, description="hours after the end of a month until its data is there")
