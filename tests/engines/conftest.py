"""One Spark session for all tests of this room, set up for tables so small that compiling queries is what costs."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

import pytest

from reportgen.inputs.spark_rows import quiet


@pytest.fixture(scope="session")
def spark() -> Any:
    """Start a session with two workers' threads; skip, loudly, without pyspark or Java."""
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is absent: pip install '.[spark]'")
    if not shutil.which("java"):
        pytest.skip("Java is absent: apt-get install default-jre-headless")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.memory": "1g",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
    }
    os.environ["PYSPARK_PYTHON"] = sys.executable  # as `session_for` has it
    builder = sql.SparkSession.builder.master("local[2]").appName("tests")
    for key, value in settings.items():
        builder = builder.config(key, value)
    with quiet():
        return builder.getOrCreate()
