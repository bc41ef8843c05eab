"""Addresses of databases or of files elsewhere, which never show a password."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import unquote, urlsplit

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+._-]*)://")
_SECRET = re.compile(r"(?<=://)[^/\s@'\"]*:[^\s'\"]*@|(?<=[?&])(password|pwd|token|secret|key|sig)=[^&\s'\"]*", re.I)
_DATABASES = {
    "postgresql", "postgres", "sqlite", "duckdb", "mysql", "mariadb", "mssql", "oracle", "redshift", "snowflake",
    "bigquery", "trino", "presto", "databricks", "clickhouse", "cockroachdb", "db2", "vertica", "teradata", "hana",
}  # fmt: skip


def scheme_of(source: Any) -> str:
    """Return what stands before ``://`` in lower case; "" for a path or a frame."""
    match = _SCHEME.match(source) if isinstance(source, str) else None
    return match[1].lower() if match else ""


def is_database(source: Any) -> bool:
    """Tell whether this is the address of a database; ``scheme+driver`` is, whatever the scheme."""
    dialect, _, driver = scheme_of(source).partition("+")
    return dialect in _DATABASES or bool(driver)


def is_remote(source: Any) -> bool:
    """Tell whether this is the address of files elsewhere."""
    return bool(scheme_of(source)) and not is_database(source)


def masked(text: str, address: str = "") -> str:
    """Return a text without the secrets of any address in it, nor the password of ``address`` standing alone."""
    for secret in _secrets(address):
        text = text.replace(secret, "***")
    return _SECRET.sub(lambda match: f"{match[1]}=***" if match[1] else "***@", text)


def _secrets(address: str) -> list[str]:
    try:
        password = urlsplit(address).password or ""
    except ValueError:
        password = ""
    known = {password, unquote(password), os.environ.get("REPORTGEN_DATABASE_PASSWORD", "")}
    return sorted((secret for secret in known if len(secret) > 2), key=len, reverse=True)
