"""What is said when the engine fails in the middle of its work: memory, disk, or a file that can't be read."""

from __future__ import annotations

import errno
import os
import tempfile

import duckdb

from reportgen.errors import InputError, OutputError, ReportgenError

_FULL = ("No space left", "max_temp_directory_size", os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT))


def engine_failure(error: BaseException) -> ReportgenError | None:
    """Return one sentence with a way out for a failure that is nobody's mistake, None for any other."""
    if isinstance(error, duckdb.IOException | duckdb.InvalidInputException | duckdb.HTTPException):
        broken = f"the table can't be read to its end: {_first_line(str(error))}"
        return out_of_room(error) or InputError(broken, "Check the file and its disk, and run again.")
    return out_of_room(error) or _of_spark(error)


def out_of_room(error: BaseException) -> ReportgenError | None:
    """Return what is said where the engine ran out of memory or disk, None for any other failure."""
    if not isinstance(error, duckdb.Error):
        return None
    if any(sign in str(error) for sign in _FULL):
        folder = tempfile.gettempdir()
        return OutputError(
            f"the disk that holds {folder} is full: what does not fit into memory is put there",
            "Free some space, name a roomier folder with TMPDIR=/path, or allow more memory with --memory.",
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return InputError(
            "the memory allowed for tables is too little for this one",
            "Allow more with --memory, for example --memory 4GB; `reportgen plan FILE` tells about how much is needed.",
        )
    return None


def _of_spark(error: BaseException) -> ReportgenError | None:
    if not type(error).__module__.startswith(("pyspark.", "py4j.", "grpc.")):
        return None
    return InputError(
        f"Spark stopped in the middle: {_first_line(str(error))}", "See the logs of Spark, and run again."
    )


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "no reason given")[:300].removesuffix(".")
