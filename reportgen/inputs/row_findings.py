"""What is said about rows of a customer table that are not in the report."""

from __future__ import annotations

from reportgen.findings import Finding
from reportgen.inputs.words import counted


def without_key(count: int, key: str) -> Finding:
    """Say how many rows name no customer."""
    message = f"{counted(count, 'row has', 'rows have')} no {key} and can't be used."
    return Finding("no_key", message, "warning", key, count)


def repeated(count: int) -> Finding:
    """Say how many rows were written twice."""
    message = f"{counted(count, 'row repeats', 'rows repeat')} another row exactly, which counts once."
    return Finding("duplicate_rows", message, rows=count)


def prospects(count: int) -> Finding:
    """Say how many customers never bought anything."""
    message = (
        f"{counted(count, 'customer has', 'customers have')} no spend or no order: prospects, who form no segment."
    )
    return Finding("prospects", message, rows=count)
