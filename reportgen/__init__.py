"""The public names of reportgen, loaded when first used."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Config": "reportgen.config",
    "load_config": "reportgen.config",
    "open_table": "reportgen.inputs.table",
    "analyse": "reportgen.analysis",
    "Analysis": "reportgen.analysis",
    "compose": "reportgen.report.sections",
    "Report": "reportgen.report.model",
    "write": "reportgen.report.writers",
    "run": "reportgen.pipeline",
    "Decision": "reportgen.pipeline",
    "ReportgenError": "reportgen.errors",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    """Import the module that owns a public name on first use, so that ``--help`` stays fast."""
    if name not in _HOMES:
        raise AttributeError(f"module 'reportgen' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
