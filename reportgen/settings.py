"""The tables of the settings file, each with the meaning of its settings in place."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from reportgen.locales import Language

Format = Literal["html", "pdf", "xlsx", "json", "email"]
CustomersForm = Literal["csv", "parquet", "folder"]
AlgorithmSetting = Literal["kmeans", "auto", "gaussian", "ward", "prototypes", "bernoulli"]
_ENGINE = re.compile(r"duckdb|spark|yarn|local\[.+\]|(spark|sc|k8s)://.+")
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

TOLD = "told"  # the type of a validation error whose message names the setting itself


class Section(BaseModel):
    """A table of the configuration file; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


def told(message: str) -> PydanticCustomError:
    """Return a validation error whose message is shown as it is: it names the setting, and repeats no secret."""
    return PydanticCustomError(TOLD, "{message}", {"message": message})


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
    engine: str = Field(
        "duckdb",
        description="where the table is asked: duckdb, here; spark, or its address: spark://host:7077, sc://host",
    )
    table_name: str = Field("", description="table of a database, e.g. 'orders' or 'shop.orders'")
    query: str = Field("", description="what to ask of a database, e.g. 'select … from orders where …'")
    as_of: dt.date | None = Field(None, description="the day the report looks back from; empty: last order + 1 day")
    period: str = Field(
        "",
        description="month of a monthly report, e.g. '2011-11': later rows are as if they were not there, and the "
        "report says what changed since the month before",
    )
    sample: int = Field(
        200_000,
        ge=1_000,
        description="customers that are looked at one by one; of more than so many a sample chosen by their ids, while "
        "sizes, totals and means are those of all",
    )
    memory: str = Field(
        "",
        pattern=r"^(\d+(\.\d+)? ?(MB|GB|TB))?$",
        description="most memory that tables may take, e.g. '2GB'; what is beyond is put on disk; empty: 3GB, or "
        "1GB per processor where that is more, but at most half of the machine's",
    )

    @field_validator("engine")
    @classmethod
    def _known_engine(cls, engine: str) -> str:
        if not _ENGINE.fullmatch(engine):
            raise ValueError("say duckdb, spark, or an address of Spark such as spark://host:7077 or sc://host")
        return engine

    @model_validator(mode="before")
    @classmethod
    def _looks_back_from_the_end_of_the_month(cls, data: Any) -> Any:
        """A month is looked at from its last day."""
        period = data.get("period") if isinstance(data, dict) else None
        if not isinstance(period, str) or not period:
            return data
        if not _MONTH.fullmatch(period):
            raise told(f"input.period: '{period[:40]}' is not a month; write it as 2011-11")
        year, month = int(period[:4]), int(period[5:])
        last = dt.date(year, month, calendar.monthrange(year, month)[1])
        given = data.get("as_of")
        if given not in (None, "", last, last.isoformat()):
            raise told(f"period {period} looks back from {last}; leave as_of out")
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
    formats: tuple[Format, ...] = Field(
        ("html", "pdf", "xlsx", "json"), description="files to write; email: the mail too, without sending it"
    )
    customers: CustomersForm = Field(
        "csv",
        description="list of all customers: csv; parquet; folder: Parquet files below segment=…/, as Spark, DuckDB and "
        "pandas read them",
    )
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
