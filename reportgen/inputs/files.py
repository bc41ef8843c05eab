"""Which files a source means: paths, folders, globs and a home folder, each file once and each readable."""

from __future__ import annotations

import filecmp
import glob
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from reportgen.errors import InputError, did_you_mean
from reportgen.inputs.addresses import is_remote, masked
from reportgen.inputs.remote import fetch

_USUAL = (
    ".csv",
    ".tsv",
    ".txt",
    ".dat",
    ".gz",
    ".xlsx",
    ".xls",
    ".xlsb",
    ".ods",
    ".parquet",
    ".json",
    ".jsonl",
    ".ndjson",
    ".feather",
    ".zip",
)


_KEY = re.compile(r"([^=/]+)=(.*)")
_NULL = "__HIVE_DEFAULT_PARTITION__"
_LAKES = {"_delta_log": "a Delta table", "metadata/*.metadata.json": "an Iceberg table", ".hoodie": "a Hudi table"}


@dataclass(frozen=True)
class File:
    """One file of a table: what people call it, and what the names of its folders say (year=2025), null for none."""

    path: Path
    name: str
    keys: tuple[tuple[str, str | None], ...] = ()
    temporary: bool = False  # a copy that doesn't last


def find_files(sources: Sequence[str | os.PathLike[str]], scratch: Path) -> tuple[File, ...]:
    """Return every file once, folders and globs expanded and sorted; InputError if one is missing or given twice.

    Files elsewhere are copied into ``scratch``.
    """
    files = [file for source in sources for file in (_fetched if is_remote(source) else _expand)(source, scratch)]
    if not files:
        raise InputError("no file was given", "Name at least one file that holds a table.")
    _refuse_twins(files)
    return tuple(files)


def _fetched(address: Any, scratch: Path) -> list[File]:
    root, *copies = fetch(address, scratch / f"fetched-{len(list(scratch.iterdir()))}")
    files = [replace(_below(copy, root), temporary=True) for copy in copies]
    kept = [file for file in files if len(files) == 1 or _is_data(file.path, root)]
    if not kept:
        raise InputError(f"{masked(address)} is a folder that holds no table", "Give the address of a file.")
    _refuse_mixture(kept, masked(address))
    return kept


def _expand(source: str | os.PathLike[str], _: Path) -> list[File]:
    given = os.fspath(source)
    if "\0" in given or not given.strip():
        raise InputError("the path of a file is empty or holds a NUL character", "Give the path of a file.")
    path = Path(given).expanduser()
    try:
        if path.is_dir():
            return _inside(path, given)
        if path.exists():
            return [File(path, path.name)]
    except PermissionError:
        raise InputError(
            f"{given} can't be read: there is no permission to look into its folder",
            "Check the path and its permissions.",
        ) from None
    except OSError as error:
        raise InputError(f"{given[:200]} can't be read: {error.strerror}", "Check the path.") from None
    if glob.has_magic(str(path)):
        root = _root(path)
        found = sorted(Path(match) for match in glob.glob(str(path), recursive=True) if Path(match).is_file())
        found = _without_reports(found, root)
        if found:
            return [_below(match, root, short=True) for match in found]
        raise InputError(f"no file matches {given}", "Check the pattern; quote it so that the shell leaves it alone.")
    raise InputError(
        f"there is no file {given}{_beside(path)}", "Check the path; it is looked up from the current folder."
    )


def _root(pattern: Path) -> Path:
    """Return the part of a pattern that stands for itself."""
    first = next(place for place, part in enumerate(pattern.parts) if glob.has_magic(part))
    return Path(*pattern.parts[:first])


def _below(path: Path, root: Path, *, short: bool = False) -> File:
    """Name a file by its way from ``root``; folders called key=value tell the value of a column."""
    inner = path.relative_to(root)
    matches = filter(None, map(_KEY.fullmatch, inner.parts[:-1]))
    keys = tuple((unquote(m[1]), None if m[2] == _NULL else unquote(m[2])) for m in matches)
    return File(path, path.name if short and not keys else inner.as_posix(), keys)


def _beside(path: Path) -> str:
    try:
        return did_you_mean(path.name, (entry.name for entry in path.parent.iterdir() if entry.is_file()))
    except OSError:
        return f"; the folder {path.parent} does not exist either" if not path.parent.exists() else ""


def _inside(folder: Path, given: str) -> list[File]:
    """Return the files of one kind in a folder and its folders; names that begin with _ or . are no data."""
    for mark, what in _LAKES.items():
        if any(folder.glob(mark)):
            raise InputError(
                f"{given} is {what}, whose files also hold rows that were deleted or replaced",
                "Export its current rows to Parquet files, and give their folder.",
            )
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and _is_data(path, folder)]
    found = [_below(path, folder) for path in _without_reports(paths, folder)]
    if not found:
        raise InputError(f"{given} is a folder that holds no table", "Give the path of a file, or of another folder.")
    _refuse_mixture(found, given)
    return found


def _is_data(path: Path, folder: Path) -> bool:
    """Tell files with tables from notes and marks; names that begin with _ or . are no data."""
    hidden = any(part.startswith(("_", ".")) for part in path.relative_to(folder).parts)
    return not hidden and path.suffix.lower() in _USUAL


def _without_reports(paths: Sequence[Path], root: Path) -> list[Path]:
    """Leave out what lies below ``root`` in a folder of reports: lists of customers that were written are no input."""
    folders = {inner for path in paths for inner in path.relative_to(root).parents}
    reports = {inner for inner in folders if any((root / inner / "runs").glob("*/manifest.json"))}
    return [path for path in paths if reports.isdisjoint(path.relative_to(root).parents)]


def _refuse_mixture(files: Sequence[File], given: str) -> None:
    kinds = Counter("".join(f.path.suffixes[-2:]) if f.path.suffix == ".gz" else f.path.suffix for f in files)
    if len(kinds) > 1:
        listed = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(4))
        raise InputError(
            f"{given} is a folder of several kinds of files ({listed})",
            f"Give those of one kind, for example '{given.rstrip('/')}/**/*{kinds.most_common(1)[0][0]}'.",
        )


def _refuse_twins(files: Sequence[File]) -> None:
    by_size: dict[int, list[File]] = {}
    for file in files:
        size = file.path.stat().st_size
        for twin in by_size.setdefault(size, []):
            if file.path.samefile(twin.path):
                raise InputError(f"{file.name} is given twice", "Give every file once; its rows would count twice.")
            alike = file.path.is_file() and file.keys == twin.keys and _holds_rows(file.path)
            if alike and filecmp.cmp(file.path, twin.path, shallow=False):
                raise InputError(
                    f"{file.name} and {twin.name} hold the same bytes", "Give one of them; the rows would count twice."
                )
        by_size[size].append(file)


def _holds_rows(path: Path) -> bool:
    """Tell whether a file is more than one line: those of two days without orders are alike."""
    with path.open("rb") as stream:
        return b"\n" in stream.read(2**16).strip()
