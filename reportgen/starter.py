"""A commented settings file, filled with what was detected in an input."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from reportgen.config import Config
from reportgen.inputs.addresses import masked
from reportgen.inputs.customers import Customers
from reportgen.inputs.read import read_customers


def settings_text(files: Sequence[str], config: Config) -> str:
    """Return TOML: every setting with its meaning and default, the detected column roles filled in."""
    customers = read_customers(files, config)
    names = [_comment(masked(name)) for name in files]
    lines = [
        f"# Settings of reportgen for {', '.join(names)}.",
        f"# Use: reportgen run {' '.join(names)} -c reportgen.toml",
        "# A line that begins with # shows a default; remove the # to change it.",
        "",
    ]
    lines += _settings(Config, config)
    for name, field in Config.model_fields.items():
        value = getattr(config, name)
        if isinstance(value, BaseModel):
            lines += ["", f"[{name}]  # {type(value).__doc__}", *_settings(type(value), value)]
            lines += _detected_roles(customers) if name == "input" else []
        elif isinstance(value, dict):
            lines += ["", f"[{name}]  # {field.description}"]
    return "\n".join(lines) + "\n"


def _settings(model: type[BaseModel], values: BaseModel) -> Iterator[str]:
    for name, field in model.model_fields.items():
        value = getattr(values, name)
        if isinstance(value, BaseModel | dict):
            continue
        default = field.get_default(call_default_factory=False)
        yield f"# {field.description}"
        yield f"{'# ' if value == default or value is None else ''}{field.alias or name} = {_toml(value)}"


def _detected_roles(customers: Customers) -> Iterator[str]:
    yield ""
    yield "[input.map]  # role = header; detected, correct what is wrong"
    named: dict[str, list[str]] = {}
    for column in customers.schema.columns:
        if column.role is not None:
            named.setdefault(column.role, []).append(_toml(column.name))
    for role, headers in named.items():
        yield (
            f"{role} = {headers[0]}" if len(headers) == 1 else f"# {role}: {_comment(', '.join(headers))}, as detected"
        )


def _toml(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
