"""Settings: their meaning, their defaults, and how they are read from ``reportgen.toml``."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from reportgen.brand import read_brand
from reportgen.errors import ConfigError, did_you_mean
from reportgen.locales import Language

Format = Literal["html", "pdf", "xlsx", "json"]
AlgorithmSetting = Literal["kmeans", "auto", "gaussian", "ward", "prototypes", "bernoulli"]
_MONTH = re.compile(r"[1-9]\d{3}-(0[1-9]|1[0-2])")
SectionName = Literal[
    "cover",
    "summary",
    "movement",
    "map",
    "compared",
    "segments",
    "spending",
    "rhythm",
    "method",
    "data",
    "names",
    "terms",
]


class Section(BaseModel):
    """A table of the configuration file; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class InputConfig(Section):
    """How the file is read. Everything is detected; these settings overrule."""

    kind: Literal["auto", "customers", "orders"] = Field("auto", description="one row per customer, or a log of orders")
    map: dict[str, str] = Field(default_factory=dict, description="role = header, e.g. customer_id = 'Kunde'")
    category_amounts: tuple[str, ...] = Field(
        (), description="columns of a customer table that hold the spend per category; empty: recognised by header"
    )
    encoding: str = Field("", description="text encoding, e.g. 'cp1252'; empty: detected")
    delimiter: str = Field("", max_length=4, description="column separator; empty: detected")
    sheet: str = Field("", description="Excel sheet; empty: the one that holds the largest table")
    decimal: Literal["auto", "comma", "point"] = Field("auto", description="decimal mark when it can't be told")
    dates: Literal["auto", "dmy", "mdy", "ymd"] = Field(
        "auto", description="order of day and month when it can't be told"
    )
    timezone: str = Field("", description="IANA zone of the shop; dates with an offset are converted to it")
    currency: str = Field("", pattern="^([A-Z]{3})?$", description="ISO code of all amounts, e.g. 'EUR'")
    as_of: dt.date | None = Field(None, description="the day the report looks back from; empty: last order + 1 day")
    period: str = Field(
        "",
        pattern=r"^([1-9]\d{3}-(0[1-9]|1[0-2]))?$",
        description="month of a monthly report, e.g. '2011-11': later rows are as if they were not there, and the "
        "report says what changed since the month before",
    )

    @model_validator(mode="before")
    @classmethod
    def _looks_back_from_the_end_of_the_month(cls, data: Any) -> Any:
        """A month is looked at from its last day."""
        period = data.get("period") if isinstance(data, dict) else None
        if not isinstance(period, str) or not _MONTH.fullmatch(period):
            return data
        year, month = int(period[:4]), int(period[5:])
        last = dt.date(year, month, calendar.monthrange(year, month)[1])
        given = data.get("as_of")
        if given not in (None, "", last, last.isoformat()):
            raise ValueError(f"period {period} looks back from {last}; leave as_of out")
        return {**data, "as_of": last}


class SegmentsConfig(Section):
    """How segments are formed."""

    k: int | None = Field(None, ge=2, le=25, description="number of segments; empty: chosen on evidence")
    k_max: int = Field(8, ge=2, le=25, description="largest number of segments to consider")
    features: tuple[str, ...] = Field((), description="columns that form the segments; empty: chosen, with reasons")
    exclude: tuple[str, ...] = Field((), description="columns that never form segments")
    scale: Literal["standard", "none"] = Field("standard", description="standard: z-scores; none: units as they are")
    transform: Literal["auto", "none"] = Field("auto", description="auto: logarithms for skewed columns")
    algorithm: AlgorithmSetting = Field(
        "kmeans",
        description="kmeans; auto: chosen by the columns, with a reason; gaussian: ellipses; ward: a tree; "
        "prototypes: numbers and words together; bernoulli: classes of yes/no answers",
    )
    seed: Annotated[int, Field(ge=0, lt=2**32)] = Field(1, description="start value of all random numbers")
    min_size: int = Field(10, ge=2, description="smallest number of customers in a segment")


class PrivacyConfig(Section):
    """What is done with age, gender and other protected columns."""

    protected: Literal["describe", "hide", "use"] = Field(
        "describe",
        description="describe: shown per segment; hide: left out everywhere; use: may form segments",
    )
    min_cell: int = Field(10, ge=1, description="counts below this are not printed, nor anything derived")


class ReportConfig(Section):
    """What the report looks like."""

    title: str = Field("", max_length=120, description="title; empty: made from the findings")
    organisation: str = Field("", max_length=80, description="printed in the masthead; empty: the file's name")
    language: str = Field("en", max_length=35, description="language: en, de, fr, es, or a file of yours in locales/")
    paper: Literal["A4", "Letter"] = Field("A4", description="paper of the PDF")
    formats: tuple[Format, ...] = Field(get_args(Format), description="files to write")
    templates: str = Field("", description="folder whose files replace templates of the same name")
    brand: str = Field("", description="brand file: name, logo, colour, font, currency, paper, language")
    sections: tuple[SectionName, ...] = Field(get_args(SectionName), description="sections to print, in this order")

    @field_validator("sections")
    @classmethod
    def _once(cls, sections: tuple[SectionName, ...]) -> tuple[SectionName, ...]:
        if not sections or len(set(sections)) < len(sections):
            raise ValueError("name at least one section, and none twice")
        return sections

    @property
    def voice(self) -> Language:
        """The language together with the folder that may hold words for it."""
        return Language(self.language, self.templates)


class Config(Section):
    """All settings; a run is a function of the data and of this."""

    input: InputConfig = InputConfig()
    segments: SegmentsConfig = SegmentsConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    report: ReportConfig = ReportConfig()
    names: dict[str, str] = Field(
        default_factory=dict, description="segment id = name that you prefer, e.g. s01 = 'Core'"
    )
    labels: dict[str, str] = Field(default_factory=dict, description="header = how the report calls it")
    output: str = Field("output", description="folder that receives one folder per run")

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
    """A brand named in a settings file is looked for beside that file."""
    report = data.get("report")
    if path is not None and isinstance(report, dict) and isinstance(report.get("brand"), str) and report["brand"]:
        report["brand"] = str(Path(path).parent / report["brand"])


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
        if item["type"] == "extra_forbidden":
            mistakes.append(f"unknown setting '{where}'{_meant(item['loc'])}")
        else:
            mistakes.append(f"{where} = {item['input']!r}: {item['msg'][0].lower()}{item['msg'][1:]}")
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
    return list(model.model_fields) if hasattr(model, "model_fields") else []
