"""Settings: how they are read from ``reportgen.toml``, flags and a brand file."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, Field, ValidationError, model_validator

from reportgen.archive_settings import ArchiveConfig
from reportgen.brand import read_brand
from reportgen.errors import ConfigError, did_you_mean
from reportgen.gate_settings import GatesConfig
from reportgen.mail_settings import EmailConfig, SmtpConfig
from reportgen.schedule_settings import ScheduleConfig
from reportgen.settings import TOLD, InputConfig, PrivacyConfig, ReportConfig, Section, SegmentsConfig

_BESIDE = (("report", "brand"), ("email", "to_file"), ("smtp", "ca_file"), ("smtp", "password_file"))


class Config(Section):
    """All settings; a run is a function of the data and of this."""

    input: InputConfig = InputConfig()
    segments: SegmentsConfig = SegmentsConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    report: ReportConfig = ReportConfig()
    gates: GatesConfig = GatesConfig()
    email: EmailConfig = EmailConfig()
    smtp: SmtpConfig = SmtpConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    archive: ArchiveConfig = ArchiveConfig()
    names: dict[str, str] = Field(
        default_factory=dict, description="segment id = name that you prefer, e.g. s01 = 'Core'"
    )
    labels: dict[str, str] = Field(default_factory=dict, description="header = how the report calls it")
    output: str = Field("output", description="folder that receives one folder per run")

    @property
    def mails(self) -> bool:
        """Whether a run has a letter: where [email] says anything, or the format "email" is asked for."""
        return "email" in self.report.formats or self.email != EmailConfig()

    @model_validator(mode="before")
    @classmethod
    def _brand_first(cls, data: Any) -> Any:
        """What the brand file says holds where the settings say nothing."""
        if not isinstance(data, dict):
            return data
        tables = {name: _told(data.get(name)) for name in ("report", "input")}
        path = tables["report"].get("brand")
        if not isinstance(path, str) or not path:
            return data
        brand = read_brand(path)
        said = {
            "report": {"organisation": brand.name, "paper": brand.paper, "language": brand.language},
            "input": {"currency": brand.currency},
        }
        merged = {n: {k: v for k, v in said[n].items() if v} | tables[n] for n in tables}
        return {**data, **{name: table for name, table in merged.items() if table}}

    @model_validator(mode="after")
    def _k_within_reach(self) -> Self:
        if self.segments.k is None and self.segments.k_max < 2:
            raise ValueError("k_max must be at least 2")
        return self


def load_config(path: str | Path | None = None, **overrides: Any) -> Config:
    """Read a TOML file (all defaults without one) and apply overrides such as ``segments__k=5``.

    Overrides that are None are ignored, so that command-line flags left unset fall through to the file.
    Raises ConfigError that lists every mistake at once.
    """
    data = _read_toml(Path(path)) if path is not None else {}
    _beside(path, data)
    for dotted, value in overrides.items():
        if value is None:
            continue
        *tables, key = dotted.split("__")
        node = data
        for table in tables:
            node = node.setdefault(table, {})
        node[key] = node.get(key, {}) | value if isinstance(value, dict) else value
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        raise _explain(error, path) from None


def as_config(given: Config | str | Path | None) -> Config:
    """Return settings given as such, as the path of a settings file, or not at all (the defaults)."""
    if isinstance(given, Config):
        return given
    if given is None or isinstance(given, str | Path):
        return load_config(given)
    raise ConfigError(
        f"settings can't be {type(given).__name__}", 'Give rg.load_config("reportgen.toml", segments__k=5) or a path.'
    )


def _told(table: Any) -> dict[str, Any]:
    """Return the settings that were given, not those that are defaults."""
    given = table.model_dump(exclude_unset=True) if isinstance(table, BaseModel) else table
    return dict(given) if isinstance(given, dict) else {}


def _beside(path: str | Path | None, data: dict[str, Any]) -> None:
    """Files named in a settings file are looked for beside that file."""
    for name, key in _BESIDE:
        table = data.get(name)
        if path is not None and isinstance(table, dict) and isinstance(table.get(key), str) and table[key]:
            table[key] = str(Path(path).parent / Path(table[key]).expanduser())


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"there is no configuration file {path}", "Create one with: reportgen init FILE") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} is not valid TOML: {error}", "Correct that place; see https://toml.io for the syntax."
        ) from None
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}", "Check the path and its permissions.") from None


def _explain(error: ValidationError, path: str | Path | None) -> ConfigError:
    mistakes = []
    for item in error.errors(include_url=False, include_context=False):
        where = ".".join(str(part) for part in item["loc"]) or "configuration"
        if item["type"] == TOLD:
            mistakes.append(item["msg"])
        elif item["type"] == "model_type":
            mistakes.append(f"'{where}' is a table of settings, so write [{where}] on a line of its own")
        elif item["type"] == "extra_forbidden":
            mistakes.append(f"unknown setting '{where}'{_meant(item['loc'])}")
        else:
            value = "" if re.search("password|token", where) else f" = {item['input']!r}"
            why = item["msg"].removeprefix("Value error, ")
            mistakes.append(f"{where}{value}: {why[0].lower()}{why[1:]}")
    source = f"{path}: " if path is not None else ""
    return ConfigError(
        source + "; ".join(mistakes),
        "`reportgen init FILE` writes a file that explains every setting.",
    )


def _meant(loc: tuple[int | str, ...]) -> str:
    """Return which setting was meant: one of that name in a table, else the closest beside it."""
    key = str(loc[-1])
    tables = {name: field.annotation for name, field in Config.model_fields.items()}
    inside = [name for name, model in tables.items() if key in getattr(model, "model_fields", {})]
    return f" (did you mean '{inside[0]}.{key}'?)" if inside else did_you_mean(key, _keys_beside(loc))


def _keys_beside(loc: tuple[int | str, ...]) -> list[str]:
    model: Any = Config
    for part in loc[:-1]:
        field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
        model = field.annotation if field is not None else None
    fields = model.model_fields if hasattr(model, "model_fields") else {}
    return [field.alias or name for name, field in fields.items()]
