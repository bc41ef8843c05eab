"""Libraries that only some sources need, each installed by an extra of this package."""

from __future__ import annotations

import importlib
from typing import Any

from reportgen.errors import ConfigError


def needed(module: str, extra: str, what: str) -> Any:
    """Import an optional library; ConfigError with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        library = module.split(".", maxsplit=1)[0].replace("_", "-")
        raise ConfigError(
            f"{what} needs {library}, which is not installed", f"Install it: pip install 'reportgen[{extra}]'"
        ) from None
