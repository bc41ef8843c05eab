"""Load whatever a source means into the engine, part by part."""

from __future__ import annotations

import functools
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb

from reportgen.errors import InputError
from reportgen.inputs.addresses import is_database, scheme_of
from reportgen.inputs.contents import Content, recognise
from reportgen.inputs.databases import load_database
from reportgen.inputs.engine import Loaded, Target, identifier, literal
from reportgen.inputs.files import File, find_files
from reportgen.inputs.frames import is_frame, load_arrow, load_frame
from reportgen.inputs.objects import load_json
from reportgen.inputs.parquet import columns_of, load_parquet
from reportgen.inputs.sheets import load_sheet
from reportgen.inputs.steady import look_at, unchanged
from reportgen.inputs.text import load_text
from reportgen.settings import InputConfig


def each_source(source: Any) -> list[Any]:
    """Return the sources one by one: a frame, a path and a list of them are all given in the same way."""
    one = not isinstance(source, list | tuple | set | frozenset | Iterator) or is_frame(source)
    return [source] if one else list(source)


def load_sources(con: duckdb.DuckDBPyConnection, sources: Sequence[Any], config: InputConfig) -> list[Loaded]:
    """Load all sources; InputError names the one that can't be read."""
    with tempfile.TemporaryDirectory(prefix="reportgen-", ignore_cleanup_errors=True) as scratch:
        targets = (Target(con, f"part_{i}", Path(scratch)) for i in itertools.count())
        return [load(target) for load, target in zip(_loaders(sources, config, Path(scratch)), targets, strict=False)]


def name_of(sources: Sequence[Any], parts: Sequence[str]) -> str:
    """Call a table by its folder, else by its part or its first part."""
    if len(sources) == 1 and isinstance(sources[0], str | os.PathLike) and not scheme_of(sources[0]):
        folder = Path(sources[0]).expanduser()
        if folder.is_dir():
            return folder.resolve().name or parts[0]
    return parts[0] if len(parts) == 1 else f"{parts[0]} and {len(parts) - 1} more"


def _loaders(sources: Sequence[Any], config: InputConfig, scratch: Path) -> Iterator[Callable[[Target], Loaded]]:
    if any(not isinstance(item, str | os.PathLike) for item in sources):
        for number, frame in enumerate(sources, start=1):
            name = f"data frame {number}" if len(sources) > 1 else "data frame"
            yield functools.partial(_load_frame, frame=frame, name=name)
        return
    for address in filter(is_database, sources):
        yield functools.partial(load_database, address=address, config=config)
    alike: dict[Any, list[File]] = {}
    paths = [source for source in sources if not is_database(source)]
    for file in find_files(paths, scratch) if paths or not sources else ():
        alike.setdefault(_kind(file), []).append(file)
    for files in alike.values():
        yield functools.partial(_load_files, files=files, config=config)


def _kind(file: File) -> Any:
    """Return what files of one relation share: Parquet files their columns, any other file is its own."""
    if not file.path.is_file() or _head(file.path)[:4] != b"PAR1":
        return file
    return tuple(key for key, _ in file.keys), columns_of(_parquet(file))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(16)
    except OSError:
        return b""  # said where the file is read


def _parquet(file: File) -> Content:
    return Content(file.path, file.name, "parquet", temporary=file.temporary)


def _load_frame(target: Target, *, frame: Any, name: str) -> Loaded:
    if not is_frame(frame):
        hint = "Give a path, a list of paths, or a pandas, Polars, Arrow or DuckDB frame."
        raise InputError(f"a {type(frame).__name__} is not a table", hint)
    return load_frame(target, frame, name)


def _load_files(target: Target, *, files: Sequence[File], config: InputConfig) -> Loaded:
    first = files[0]
    head = _head(first.path) if first.path.is_file() else b""
    for kind, mark in (("sqlite", b"SQLite format 3"), ("duckdb", b"DUCK")):
        if mark in head:
            return load_database(target, f"{kind}:///{quote(str(first.path))}", config)
    if head[:4] == b"PAR1":
        _refuse_unclear_keys(files)
        return load_parquet(target, [_parquet(file) for file in files], tuple(key for key, _ in first.keys))
    return _with_keys(target, _load_file(target, first, config), first)


def _refuse_unclear_keys(files: Sequence[File]) -> None:
    """Raise InputError for a folder of Parquet files called key=a=b, which the engine does not take for a key."""
    for part in (part for file in files if file.keys for part in Path(file.name).parts[:-1] if part.count("=") > 1):
        raise InputError(
            f"the name of the folder {part} has more than one sign of equality",
            f"Rename it to {part.replace('=', '%3D').replace('%3D', '=', 1)}, as those are called that Spark writes.",
        )


def _load_file(target: Target, file: File, config: InputConfig) -> Loaded:
    path = file.path
    if not path.is_file():  # a pipe can be read only once
        with path.open("rb") as pipe, (target.scratch / target.relation).open("wb") as copy:
            shutil.copyfileobj(pipe, copy)
        path = target.scratch / target.relation
    with unchanged([look_at(path, file.name)]):
        return _load_content(target, recognise(path, target.scratch, file.name), config)


def _load_content(target: Target, content: Content, config: InputConfig) -> Loaded:
    match content.format:
        case "text":
            return load_text(target, content, config)
        case "excel":
            return load_sheet(target, content, config)
        case "json":
            return load_json(target, content, config)
        case "parquet":
            return load_parquet(target, [content])
        case "arrow":
            return load_arrow(target, content)


def _with_keys(target: Target, loaded: Loaded, file: File) -> Loaded:
    """Add the columns that the names of the file's folders tell."""
    for key, value in file.keys:
        if key not in loaded.columns:
            default = "NULL" if value is None else literal(value)
            added = f"ADD COLUMN {identifier(key)} VARCHAR DEFAULT {default}"
            target.con.execute(f"ALTER TABLE {identifier(loaded.relation)} {added}")
            loaded = replace(loaded, columns=(*loaded.columns, key))
    return loaded
