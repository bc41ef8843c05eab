"""What this machine must provide, tried out."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from reportgen.config import Config
from reportgen.delivery.check import Step, check_mail
from reportgen.errors import ReportgenError
from reportgen.locales import phrases
from reportgen.report.branding import theme_of

_LEAST_SPACE = 200_000_000  # bytes


def examine(config: Config) -> Iterator[Step]:
    """Yield one step per thing that a run or its mail needs; mail only where an address is named in the settings."""
    yield _tried("look and language", lambda: _look(config), "Correct [report] in the settings.")
    yield _tried(
        "Pango", _pango, "Debian, Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    )
    yield _tried("output folder", lambda: _folder(Path(config.output).expanduser()), "Name another with --output.")
    if config.email.model_fields_set or config.smtp.model_fields_set:
        yield from _mail(config)
    else:
        yield Step("note", "mail", "not set up", "Tables [email] and [smtp] of the settings file; give it with -c.")


def _tried(what: str, attempt: Callable[[], str], hint: str) -> Step:
    try:
        return Step("ok", what, attempt())
    except ReportgenError as error:
        return Step("failed", what, error.message, error.hint)
    except (OSError, ImportError) as error:
        return Step("failed", what, str(error).splitlines()[0][:200] or type(error).__name__, hint)


def _look(config: Config) -> str:
    phrases(config.report.voice)
    theme = theme_of(config)
    missing = [face.print_file.name for face in theme.faces if not face.print_file.is_file()]
    if missing:
        raise FileNotFoundError(f"fonts are missing: {', '.join(missing)}")
    return f"{len(theme.faces)} fonts, language {config.report.language}"


def _pango() -> str:
    weasyprint = importlib.import_module("weasyprint")
    return f"WeasyPrint {weasyprint.__version__}"


def _folder(folder: Path) -> str:
    """Try to write where runs go, or where that folder would be made; leave nothing."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    handle, name = tempfile.mkstemp(prefix=".reportgen-", dir=there)
    os.close(handle)
    with contextlib.suppress(OSError):
        os.unlink(name)
    free = shutil.disk_usage(there).free
    if free < _LEAST_SPACE:
        raise OSError(f"only {free / 1e6:,.0f} MB are free on the disk of {there}")
    return f"{folder}, {free / 1e9:,.1f} GB free"


def _mail(config: Config) -> Iterator[Step]:
    try:
        yield from check_mail(config)
    except ReportgenError as error:
        yield Step("failed", "mail settings", error.message, error.hint)
