"""Which files a source means: paths, globs and a home folder, each once and each readable."""

from __future__ import annotations

import filecmp
import glob
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from reportgen.errors import InputError, did_you_mean

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


def find_files(sources: Sequence[str | os.PathLike[str]]) -> tuple[Path, ...]:
    """Return every file once, globs expanded and sorted; InputError if one is missing, a folder or given twice."""
    files = [path for source in sources for path in _expand(source)]
    if not files:
        raise InputError("no file was given", "Name at least one file that holds a table.")
    _refuse_twins(files)
    return tuple(files)


def _expand(source: str | os.PathLike[str]) -> list[Path]:
    given = os.fspath(source)
    if "\0" in given or not given.strip():
        raise InputError("the path of a file is empty or holds a NUL character", "Give the path of a file.")
    if "://" in given:
        raise InputError(
            f"{given} is an address; files are not fetched from the network", "Download the file and give its path."
        )
    path = Path(given).expanduser()
    try:
        if path.is_dir():
            raise InputError(f"{given} is a folder", _inside(path))
        if path.exists():
            return [path]
    except PermissionError:
        raise InputError(
            f"{given} can't be read: there is no permission to look into its folder",
            "Check the path and its permissions.",
        ) from None
    except OSError as error:
        raise InputError(f"{given[:200]} can't be read: {error.strerror}", "Check the path.") from None
    if glob.has_magic(str(path)):
        found = sorted(Path(match) for match in glob.glob(str(path), recursive=True) if Path(match).is_file())
        if found:
            return found
        raise InputError(f"no file matches {given}", "Check the pattern; quote it so that the shell leaves it alone.")
    raise InputError(
        f"there is no file {given}{_beside(path)}", "Check the path; it is looked up from the current folder."
    )


def _beside(path: Path) -> str:
    try:
        return did_you_mean(path.name, (entry.name for entry in path.parent.iterdir() if entry.is_file()))
    except OSError:
        return f"; the folder {path.parent} does not exist either" if not path.parent.exists() else ""


def _inside(folder: Path) -> str:
    try:
        suffixes = Counter(
            "".join(entry.suffixes[-2:]) if entry.suffix == ".gz" else entry.suffix
            for entry in sorted(folder.iterdir())
            if entry.suffix.lower() in _USUAL
        )
    except OSError:
        return "Give the files inside it."
    if not suffixes:
        return "It holds no table either; give the path of a file."
    return f"Give the files inside it, for example '{folder / '*'}{suffixes.most_common(1)[0][0]}'."


def _refuse_twins(files: list[Path]) -> None:
    by_size: dict[int, list[Path]] = {}
    for path in files:
        for twin in by_size.setdefault(path.stat().st_size, []):
            if path.samefile(twin):
                raise InputError(f"{path.name} is given twice", "Give every file once; its rows would count twice.")
            if path.is_file() and _holds_rows(path) and filecmp.cmp(path, twin, shallow=False):
                raise InputError(
                    f"{path.name} and {twin.name} hold the same bytes", "Give one of them; the rows would count twice."
                )
        by_size[path.stat().st_size].append(path)


def _holds_rows(path: Path) -> bool:
    """Tell whether a file is more than one line: those of two days without orders are alike."""
    with path.open("rb") as stream:
        return b"\n" in stream.read(2**16).strip()
