"""Where the files that ship with reportgen are: beside the package in a checkout, inside it once installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def template(name: str, folder: str = "") -> Path:
    """Return the path of a template, catalogue or locale such as ``locales/en.toml``.

    A file of the same name in the user's ``folder`` (``config.report.templates``) wins over ours.
    """
    if folder and (Path(folder) / name).is_file():
        return Path(folder) / name
    return _home("templates") / name


def template_names(kind: str, folder: str = "") -> set[str]:
    """Return the names of the files below ``kind`` ("locales"), ours and those of the user's folder."""
    homes = [_home("templates") / kind, *([Path(folder) / kind] if folder else [])]
    return {path.name for home in homes if home.is_dir() for path in home.iterdir() if path.is_file()}


def sample(name: str) -> Path:
    """Return the path of a data file that ships with reportgen, such as ``mall_customers.csv``."""
    return _home("data") / name


def _home(kind: str) -> Path:
    installed = _PACKAGE / f"_{kind}"
    return installed if installed.is_dir() else _PACKAGE.parent / kind
