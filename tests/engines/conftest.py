"""Spark sessions for the tests of this room, set up for tables so small that compiling queries is what costs."""

from __future__ import annotations

import contextlib
import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reportgen.inputs.spark_rows import quiet

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}


@pytest.fixture(scope="session")
def spark_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home of Spark whose workers may write to it; skip, loudly, without pyspark or Java."""
    pyspark = pytest.importorskip("pyspark", reason="pyspark is absent: pip install '.[spark]'")
    if not shutil.which("java"):
        pytest.skip("Java is absent: apt-get install default-jre-headless")
    home = tmp_path_factory.mktemp("spark")
    for part in Path(pyspark.__file__).parent.iterdir():
        (home / part.name).symlink_to(part)
    return home


@pytest.fixture(scope="module")
def spark(request: pytest.FixtureRequest, spark_home: Path) -> Iterator[Any]:
    """Start a session: with two threads, or with the master that a test names."""
    with _session(getattr(request, "param", "local[2]"), spark_home) as session:
        yield session


@contextlib.contextmanager
def _session(master: str, home: Path) -> Iterator[Any]:
    sql = importlib.import_module("pyspark.sql")
    with pytest.MonkeyPatch.context() as patch, quiet():
        patch.setenv("SPARK_HOME", str(home))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")  # whatever this machine is called
        patch.setenv("PYSPARK_PYTHON", sys.executable)  # as `session_for` has it
        builder = sql.SparkSession.builder.master(master).appName("tests")
        for key, value in _SETTINGS.items():
            builder = builder.config(key, value)
        session = builder.getOrCreate()
        try:
            yield session
        finally:
            session.stop()
