"""Spark as the engine: a session, and tables that stay where they lie."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Sequence
from typing import Any

from reportgen.errors import ConfigError, InputError
from reportgen.findings import Finding
from reportgen.inputs.addresses import masked
from reportgen.inputs.engine import Loaded, identifier
from reportgen.inputs.extras import how_to_install, needed
from reportgen.inputs.incoming import plain_cells
from reportgen.inputs.spark_rows import SparkRows, quiet
from reportgen.settings import InputConfig

_FORMATS = {".parquet": "parquet", ".orc": "orc", ".json": "json", ".jsonl": "json", ".csv": "csv", ".txt": "csv"}
_QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
_HINT = "Check the path or the name of the table as Spark sees it, and the logs of Spark."
_NO_JAVA = ConfigError(
    "Spark needs Java 17 or newer, which is not found",
    "Install it (Debian: apt-get install default-jre-headless) or correct JAVA_HOME; sc://… reaches a server without.",
)


def open_with_spark(sources: Sequence[Any], config: InputConfig) -> tuple[SparkRows, Loaded]:
    """Open files, folders, tables of the catalogue, or a frame as rows in Spark, cleaned like those of a typed file.

    Raises ConfigError without pyspark or Java, InputError where Spark can't read the source.
    """
    with quiet():
        frame = _frame(sources, config)
        name = _name(sources)
        try:
            rows, names, findings = _cleaned(frame, name)
            rows.mapped().limit(1).collect()  # tells whether the workers can do it
            count = frame.count()
        except (InputError, ConfigError):
            raise
        except Exception as error:  # whatever Spark and Java raise
            raise _explained(error, name) from None
    if not count:
        raise InputError(f"{name} has no rows", "Check the query, or name another table.")
    return rows, Loaded(name, "", names, count, facts=(("format", "Spark table"),), findings=findings)


def is_spark_frame(source: Any) -> bool:
    """Tell whether this is a data frame of Spark."""
    return type(source).__module__.startswith("pyspark.sql") and hasattr(source, "mapInArrow")


def session_for(engine: str) -> Any:
    """Return the session of an engine's name: ``spark`` (the running or usual one), sc://…, or the address of a master.

    Raises ConfigError without pyspark, without Java, or where nothing answers.
    """
    sql = needed("pyspark.sql", "spark", "Spark")
    needed("sqlglot", "spark", "Spark")
    builder = sql.SparkSession.builder.appName("reportgen")
    running = sql.SparkSession.getActiveSession()
    if running is not None and not engine.startswith("sc://"):
        return running  # of whoever called us, or of a run before; its settings stay
    if engine.startswith("sc://"):
        builder = builder.remote(engine)
    else:
        home = os.environ.get("JAVA_HOME")
        if shutil.which(os.path.join(home, "bin", "java") if home else "java") is None:
            raise _NO_JAVA
        if engine != "spark":
            builder = builder.master(engine)
        if engine.startswith("local") or not {"SPARK_HOME", "SPARK_CONF_DIR"} & {*os.environ}:
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # workers on this machine need our packages
        small = {"spark.sql.shuffle.partitions": str(os.cpu_count() or 1)} if engine.startswith("local") else {}
        for key, value in (_QUIET | small).items():
            builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except ImportError as error:
        raise ConfigError(f"Spark Connect needs more: {_first_line(error)}", how_to_install("spark")) from None
    except Exception as error:
        if "JAVA" in str(error).upper():
            raise _NO_JAVA from None
        raise ConfigError(f"no Spark answers at {masked(engine)}: {_first_line(error)}", "Check its address.") from None


def _frame(sources: Sequence[Any], config: InputConfig) -> Any:
    if len(sources) == 1 and is_spark_frame(sources[0]):
        return sources[0]
    if not all(isinstance(source, str | os.PathLike) for source in sources):
        raise InputError("Spark reads paths, tables and its own frames only", "Leave the engine out for other frames.")
    session = session_for(config.engine)
    paths = [os.fspath(source) for source in sources]
    try:
        if config.query:
            return session.sql(config.query.strip().rstrip(";"))
        if config.table_name:
            return session.table(config.table_name)
        return _reader(session, paths, config)
    except Exception as error:
        raise _explained(error, _name(sources)) from None


def _reader(session: Any, paths: list[str], config: InputConfig) -> Any:
    """Return the files as a frame; a bare name is that of a table."""
    if len(paths) == 1 and "/" not in paths[0] and not os.path.exists(paths[0]) and not _suffix(paths[0]):
        return session.table(paths[0])
    kinds = {_FORMATS.get(_suffix(path) or _suffix_inside(path), "parquet") for path in paths}
    if len(kinds) > 1:
        raise InputError("the files are of several kinds", "Give those of one kind; Spark reads them as one table.")
    (kind,) = kinds
    reader = session.read.format(kind)
    if kind == "csv":
        options = {"header": "true", "sep": config.delimiter or ",", "encoding": config.encoding or "UTF-8"}
        reader = reader.options(**options, escape='"', multiLine="false")
    if kind == "parquet":
        reader = reader.option("mergeSchema", "true")
    return reader.load(paths)


def _suffix(path: str) -> str:
    return next((end for end in _FORMATS if path.lower().removesuffix(".gz").endswith(end)), "")


def _suffix_inside(path: str) -> str:
    """Look into a folder on this machine; elsewhere Parquet is taken for granted."""
    for _, _, names in os.walk(path):
        for name in sorted(names):
            if _suffix(name) and not name.startswith(("_", ".")):
                return _suffix(name)
    return ""


def _cleaned(frame: Any, name: str) -> tuple[SparkRows, tuple[str, ...], tuple[Finding, ...]]:
    raw = SparkRows(frame)
    described = list(zip(raw.columns, raw.types, strict=True))
    cells, names, findings = plain_cells(described, [column for column, _ in described], name)
    return raw.project(", ".join(f"{c} AS {identifier(n)}" for c, n in zip(cells, names, strict=True))), names, findings


def _name(sources: Sequence[Any]) -> str:
    if not isinstance(sources[0], str | os.PathLike):
        return "data frame"
    return os.fspath(sources[0]).rstrip("/").rpartition("/")[2] or "table"


def _explained(error: Exception, name: str) -> InputError:
    lacking = re.search(r"No module named '(\w+)'", str(error))
    if lacking:
        return InputError(
            f"Spark can't read {name}: the Python of its workers has no {lacking[1]}",
            f"Install duckdb and pyarrow there, or name another Python, such as PYSPARK_PYTHON={sys.executable}.",
        )
    return InputError(f"Spark can't read {name}: {masked(_first_line(error))}", _HINT)


def _first_line(error: Exception) -> str:
    lines = (line.strip() for line in str(error).splitlines())
    return next(filter(None, lines), type(error).__name__).removesuffix(".")[:300]
