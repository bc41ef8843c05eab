"""Settings of the archive: how long the files of old months are kept."""

from __future__ import annotations

from pydantic import Field

from reportgen.settings import Section


class ArchiveConfig(Section):
    """How many months files are kept, counted back from the newest; numbers, model and manifest are kept for ever."""

    customers_months: int = Field(14, ge=2, description="months for which the lists of customers are kept")
    pages_months: int = Field(36, ge=1, description="months for which report.html, report.pdf and the like are kept")
