"""Libraries that only some sources need, each installed by an extra of this package."""

from __future__ import annotations

import importlib
from typing import Any

from reportgen.errors import ConfigError

EXTRAS = {  # as in pyproject.toml; the libraries are named, since another package is called reportgen on PyPI
    "azure": "adlfs",
    "cloud": "fsspec",
    "databases": "sqlalchemy pymysql",
    "gcs": "gcsfs",
    "keyring": "keyring",
    "postgresql": "adbc-driver-postgresql",
    "s3": "s3fs",
    "spark": "'pyspark[connect]' sqlglot",
}


def needed(module: str, extra: str, what: str) -> Any:
    """Import an optional library; ConfigError with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        library = module.split(".", maxsplit=1)[0].replace("_", "-")
        raise ConfigError(f"{what} needs {library}, which is not installed", how_to_install(extra)) from None


def how_to_install(extra: str) -> str:
    """Return the hint of an error: the command that installs the libraries of an extra."""
    return f"Install it where reportgen is installed: pip install {EXTRAS[extra]}"
