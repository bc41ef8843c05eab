"""Recognise what a file is from its first bytes, unpack it where it is packed, refuse it where it is no table."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from reportgen.errors import InputError

Format = Literal["text", "json", "excel", "parquet", "arrow"]


@dataclass(frozen=True)
class Content:
    """A file that is ready to be read, unpacked if need be; ``name`` is what the user calls it."""

    path: Path
    name: str
    format: Format
    facts: tuple[tuple[str, str], ...] = ()
    temporary: bool = False


_SAVE_AS_CSV = "Open it where it was made and save or export the table as CSV, Excel or Parquet."
_EXPORT_CSV = "Export the table as CSV, Excel or Parquet first."

# First bytes of files that people give by mistake, what they are, and the way out.
_NOT_TABLES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", _SAVE_AS_CSV),
    (b"\x89PNG", "a PNG picture", "Give the file that holds the numbers, not a picture of them."),
    (b"\xff\xd8\xff", "a JPEG picture", "Give the file that holds the numbers, not a picture of them."),
    (b"GIF8", "a GIF picture", "Give the file that holds the numbers, not a picture of them."),
    (b"{\\rtf", "an RTF document", _SAVE_AS_CSV),
    (b"Rar!", "a RAR archive", "Unpack it and give the file inside."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it and give the file inside."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it and give the file inside."),
    (b"\x89HDF", "an HDF5 file", _EXPORT_CSV),
    (b"\x93NUMPY", "a NumPy array", _EXPORT_CSV),
    (b"Obj\x01", "an Avro file", _EXPORT_CSV),
    (b"ORC", "an ORC file", _EXPORT_CSV),
    (b"$FL2", "an SPSS file", _EXPORT_CSV),
    (b"<stata_dta>", "a Stata file", _EXPORT_CSV),
    (b"\x7fELF", "a program", "Give a file that holds a table."),
    (b"MZ\x90", "a program", "Give a file that holds a table."),
)
_MARKUP = re.compile(rb"\s*<(!doctype html|html|head|body|table|meta|div|style)\b", re.IGNORECASE)
_XML = re.compile(rb"\s*<(\?xml|[A-Za-z][\w:-]*[ >])")
_JSON = re.compile(rb"(\xef\xbb\xbf)?\s*(\{\s*[\"}]|\[\s*[{\]])")
_PACKED: dict[bytes, tuple[str, Callable[[Path, str], Any]]] = {
    b"\x1f\x8b": ("gzip", gzip.open),
    b"BZh": ("bzip2", bz2.open),
    b"\xfd7zXZ": ("xz", lzma.open),
}


def recognise(path: Path, scratch: Path, name: str = "") -> Content:
    """Return what a file holds, unpacked into ``scratch`` if it was packed; InputError says what it is if no table."""
    name = name or path.name
    try:
        with path.open("rb") as stream:
            head = stream.read(8192)
    except OSError as error:
        raise _unreadable(path, error) from None
    if not head:
        raise InputError(f"{name} is empty", "Check that the export has finished, and export it again.")
    for magic, (packing, opener) in _PACKED.items():
        if head.startswith(magic):
            return _unpack(opener(path, "rb"), name, packing, scratch)
    if head.startswith(b"PK\x03\x04"):
        return _zip(path, name, scratch)
    return Content(path, name, _format(head, path, name), temporary=path.parent == scratch)


def _format(head: bytes, path: Path, name: str) -> Format:
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"ARROW1"):
        return "arrow"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _ole(path, name)
    if head.startswith(b"\x09\x08") or head.startswith(b"\x09\x04"):  # a bare BIFF stream, as very old programs write
        return "excel"
    for magic, what, hint in _NOT_TABLES:
        if head.startswith(magic):
            raise InputError(f"{name} is {what}, not a table", hint)
    if _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise InputError(
            f"{name} is an HTML page, not a table",
            "Save it as .xlsx or CSV in a spreadsheet program; a download may have saved a login page instead.",
        )
    if _XML.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise InputError(f"{name} is an XML document, not a table", _SAVE_AS_CSV)
    if _JSON.match(head):
        return "json"
    _refuse_binary(head, name)
    return "text"


def _refuse_binary(head: bytes, name: str) -> None:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or max(head[0::2].count(0), head[1::2].count(0)) > 0.3 * len(head):
        return  # UTF-16, where every other byte may be anything
    strange = sum(
        head.count(bytes([code])) for code in range(32) if code not in b"\t\n\x0b\x0c\r\x1a\x1b\x1c\x1d\x1e\x1f"
    )
    if strange > 0.02 * len(head) + 2:
        raise InputError(f"{name} holds binary data, not a table", "Give a CSV, Excel, Parquet or JSON file.")


def _unpack(stream: IO[bytes], name: str, packing: str, scratch: Path) -> Content:
    target = scratch / f"unpacked-{len(list(scratch.iterdir()))}"
    try:
        with stream, target.open("wb") as copy:
            shutil.copyfileobj(stream, copy, 2**20)
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise _unreadable(Path(name), error) from None
        raise InputError(
            f"{name} is a damaged {packing} file: it ends too early or holds wrong data",
            "Copy or download it again; it seems to have been cut off.",
        ) from None
    inner = recognise(target, scratch, name)
    return Content(inner.path, name, inner.format, (("compression", packing), *inner.facts), temporary=True)


def _zip(path: Path, name: str, scratch: Path) -> Content:
    try:
        archive = zipfile.ZipFile(path)
        members = [
            info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX/")
        ]
        names = {info.filename for info in members}
        office = archive.read("mimetype").decode("ascii", "replace") if "mimetype" in names else ""
    except (zipfile.BadZipFile, OSError, zlib.error, EOFError, RuntimeError) as error:
        if isinstance(error, PermissionError):
            raise _unreadable(path, error) from None
        raise InputError(
            f"{name} is damaged: it begins like a ZIP or Excel file, but its end is missing",
            "Copy or download it again.",
        ) from None
    if names & {"xl/workbook.xml", "xl/workbook.bin"} or "opendocument.spreadsheet" in office:
        return Content(path, name, "excel", temporary=path.parent == scratch)
    for folder, what in (("word/", "a Word document"), ("ppt/", "a PowerPoint presentation")):
        if any(member.startswith(folder) for member in names):
            raise InputError(f"{name} is {what}, not a table", _SAVE_AS_CSV)
    if office:
        raise InputError(f"{name} is an OpenDocument file, but not a spreadsheet", _SAVE_AS_CSV)
    if len(members) != 1:
        raise InputError(
            f"{name} is a ZIP archive of {len(members)} files", "Unpack it and give the files that make up one table."
        )
    if members[0].flag_bits & 1:
        raise InputError(f"{name} is protected by a password", "Unpack it and give the file inside.")
    return _unpack(archive.open(members[0]), name, "zip", scratch)


def _ole(path: Path, name: str) -> Format:
    data = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise InputError(
            f"{name} is protected by a password", "Open it in a spreadsheet program and save a copy without password."
        )
    if "WordDocument".encode("utf-16-le") in data:
        raise InputError(f"{name} is a Word document, not a table", _SAVE_AS_CSV)
    if any(entry.encode("utf-16-le") in data for entry in ("Workbook", "Book")):
        return "excel"
    raise InputError(f"{name} is an old Office file without a workbook, not a table", _SAVE_AS_CSV)


def _unreadable(path: Path, error: OSError) -> InputError:
    reason = (
        "there is no permission to read it" if isinstance(error, PermissionError) else (error.strerror or str(error))
    )
    return InputError(f"{path.name} can't be read: {reason}", "Check the path and its permissions, then try again.")
