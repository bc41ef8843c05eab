"""Where tables go that do not fit into memory: a folder for its owner's eyes only, that goes with its process."""

from __future__ import annotations

import atexit
import contextlib
import functools
import itertools
import os
import re
import shutil
import socket
import sys
import tempfile
from pathlib import Path

_PREFIX = f"reportgen-spill-{re.sub(r'[^A-Za-z0-9]', '', socket.gethostname())}-"
_numbers = itertools.count(1)


def spill_folder() -> Path:
    """Return a folder for one connection, in that of the process; the engine makes it when it needs it."""
    folder = _of_process(tempfile.gettempdir(), os.getpid())
    with contextlib.suppress(OSError):  # told where it is needed
        folder.mkdir(mode=0o700, exist_ok=True)  # systems clean their temporary folders
    return folder / str(next(_numbers))


@functools.cache
def _of_process(root: str, process: int) -> Path:
    """Make the folder of a process, which removes it when it ends; those that were killed could not."""
    _sweep(Path(root))
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{process}-", dir=root))
    except OSError:
        return Path(root) / f"{_PREFIX}{process}"
    atexit.register(_remove, folder, process)
    return folder


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # not one that was forked from it
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(root: Path) -> None:
    """Remove what killed processes of this user left on this machine; containers that share a disk differ in name."""
    if sys.platform == "win32":  # pragma: no cover - there is no harmless way to ask there
        return
    for folder in root.glob(f"{_PREFIX}*"):
        process = folder.name.removeprefix(_PREFIX).partition("-")[0]
        try:
            mine = not folder.is_symlink() and folder.stat().st_uid == os.getuid()
            if mine and process.isdigit() and not _lives(int(process)):
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # another start was faster


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return process != os.getpid()  # ours has no folder yet: it is that of one which had our number
