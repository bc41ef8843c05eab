"""Fetch files from object stores and other file systems that fsspec knows."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Any

from reportgen.errors import ConfigError, InputError
from reportgen.inputs.addresses import masked, scheme_of
from reportgen.inputs.extras import how_to_install, needed

_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "abfs": "azure", "abfss": "azure", "az": "azure"}
_CHECK = "Check the address, the credentials in the environment, and the network."


def fetch(address: str, target: Path) -> tuple[Path, ...]:
    """Copy a file, a folder or the matches of a glob below ``target``, as they lie there; return it with the copies.

    The first path is the root below which the names of folders count. Raises InputError without secrets.
    """
    extra = _EXTRAS.get(scheme_of(address), "cloud")
    core = needed("fsspec.core", extra, masked(address))
    try:
        system, path = core.url_to_fs(address)
        root, found = _matches(system, path)
    except ImportError as error:
        hint = how_to_install(extra) if extra != "cloud" else "Install the library it names."
        raise ConfigError(f"{masked(address)} needs a library: {error}", hint) from None
    except Exception as error:  # each file system raises its own
        raise _explained(error, address) from None
    if not found:
        raise InputError(f"there is no file {masked(address)}", _CHECK)
    copies = [target]
    for file in found:
        copy = target / file.removeprefix(root).lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            system.get_file(file, str(copy))
        except Exception as error:
            raise _explained(error, address) from None
        copies.append(copy)
    return tuple(copies)


def _matches(system: Any, path: str) -> tuple[str, list[str]]:
    """Return the folder that stands for itself, with the files below it that are meant."""
    if glob.has_magic(path):
        parts = path.split("/")
        first = next(place for place, part in enumerate(parts) if glob.has_magic(part))
        return "/".join(parts[:first]), sorted(found for found in system.glob(path) if not system.isdir(found))
    if system.isdir(path):
        return path, sorted(system.find(path))
    return path.rpartition("/")[0], [path] if system.exists(path) else []


def _explained(error: Exception, address: str) -> InputError:
    reason = masked((str(error).splitlines() or [type(error).__name__])[0], address).removesuffix(".")
    return InputError(f"{masked(address)} can't be read: {reason or type(error).__name__}", _CHECK)
