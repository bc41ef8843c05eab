"""Files that must stay as they are while a report is made of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reportgen.errors import InputError
from reportgen.inputs.failures import engine_failure


@dataclass(frozen=True)
class Seen:
    """A file as it was when it was opened; ``name`` is what people call it."""

    path: Path
    name: str
    mark: tuple[int, int, int]  # size, time of the last change, number on its disk


def look_at(path: Path, name: str) -> Seen:
    """Remember how a file is now."""
    return Seen(path, name, _mark(path))


@contextlib.contextmanager
def unchanged(files: Iterable[Seen]) -> Iterator[None]:
    """Raise InputError where a file was changed or taken away meanwhile: nobody knows which of its rows were read.

    Failures of the engine are told in one sentence.
    """
    try:
        yield
    except Exception as error:
        _refuse_changed(files)
        told = engine_failure(error)
        if told is None:
            raise
        raise told from error
    _refuse_changed(files)


def _refuse_changed(files: Iterable[Seen]) -> None:
    for file in files:
        try:
            changed = "was changed" if _mark(file.path) != file.mark else ""
        except OSError:
            changed = "was taken away"
        if changed:
            raise InputError(
                f"{file.name} {changed} while it was read, so that no report of it can be right",
                "Run again when it is complete and stays as it is, or on a copy.",
            ) from None


def _mark(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino
