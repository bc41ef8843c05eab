"""Find templates, design tokens and fonts: ours, or the user's where the user's folder has a file of that name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from reportgen.errors import ConfigError
from reportgen.resources import template

DARK_LETTER = "#0B1117"
_WORDS = ("ink", "soft", "faint", "accent")  # tokens that colour text
_FOLDER_HINT = "Check the folder named in [report] templates; delete the file there to use ours."


@dataclass(frozen=True)
class Face:
    """One font: a path without suffix has .ttf for print and charts, .woff2 for the screen unless ``print_only``.

    A path with a suffix is the one file that a brand gave.
    """

    family: str
    weight: int
    path: Path
    print_only: bool = False

    @property
    def print_file(self) -> Path:
        """The file for print and charts."""
        return self.path if self.given else self.path.with_suffix(".ttf")

    @property
    def given(self) -> bool:
        """Whether the font is a brand's."""
        return self.path.suffix.lower() in (".ttf", ".otf")


@dataclass(frozen=True)
class Theme:
    """Everything the writers know about the look.

    ``light`` and ``dark`` map token names to colours: "ink", "s1" … "s12" for segments, "s1-on" for a letter upon
    them, "h1" … "h7" for the index map, "h1-on" for the figures upon it.
    """

    folder: str  # the user's template folder, "" for none
    light: Mapping[str, str]
    dark: Mapping[str, str]
    palette_size: int
    heat_limits: tuple[float, ...]
    text: tuple[str, ...]  # font families in order of preference
    display: tuple[str, ...]
    faces: tuple[Face, ...]
    logo: str = ""  # data URI

    def colour(self, place: int) -> str:
        """Return the token of the segment at a 0-based place in the palette."""
        return f"s{place % self.palette_size + 1}"

    def file(self, name: str) -> Path:
        """Return the path of a file of the theme."""
        return theme_file(self.folder, name)


@cache
def load_theme(folder: str = "") -> Theme:
    """Read ``theme.toml``, the user's on top of ours. Raises ConfigError for a folder or file that can't be used."""
    if folder and not Path(folder).is_dir():
        raise ConfigError(f"there is no template folder {folder}", "Correct [report] templates, or leave it empty.")
    data = _tokens(template("default/theme.toml"))
    if folder and theme_file(folder, "theme.toml") != template("default/theme.toml"):
        data = _merge(data, _tokens(theme_file(folder, "theme.toml")))
    fonts = data["fonts"]
    _check_colours(data)
    return Theme(
        folder=folder,
        light=_colours(data, "light"),
        dark=_colours(data, "dark"),
        palette_size=min(len(data["segments"]["light"]), len(data["segments"]["dark"])),
        heat_limits=tuple(data["heat"]["limits"]),
        text=(fonts["text"], *fonts["fallback"]),
        display=(fonts["display"], fonts["text"], *fonts["fallback"]),
        faces=tuple(_face(folder, entry) for entry in fonts["faces"]),
    )


def theme_file(folder: str, name: str) -> Path:
    """Return the user's file of that name, or ours. Raises ConfigError where a link leads out of the user's folder."""
    if ".." in Path(name).parts or Path(name).is_absolute():
        raise ConfigError(f"the template name {name} leads out of its folder", "Name files inside the folder.")
    own = Path(folder) / name
    if folder and own.is_file():
        if not own.resolve().is_relative_to(Path(folder).resolve()):
            raise ConfigError(f"the template {own} lies outside its folder", "Copy the file instead of linking to it.")
        return own
    return template(f"default/{name}")


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def letter_on(colour: str) -> str:
    """Return the colour of a letter upon a badge: white where that can be read, else nearly black."""
    return "#FFFFFF" if contrast(colour, "#FFFFFF") >= 4.5 else DARK_LETTER


def _colours(data: Mapping[str, Any], mode: str) -> dict[str, str]:
    tokens = dict(data[mode])
    groups = (("s", data["segments"][mode]), ("h", data["heat"][mode]))
    for prefix, colours in groups:
        for place, colour in enumerate(colours, start=1):
            tokens[f"{prefix}{place}"] = colour
            tokens[f"{prefix}{place}-on"] = letter_on(colour)
    return tokens


def _check_colours(data: Mapping[str, Any]) -> None:
    """Raise ConfigError that lists every colour which is none, or which makes the report hard to read."""
    wrong: list[str] = []
    for mode in ("light", "dark"):
        segments = {f"segment {place}": colour for place, colour in enumerate(data["segments"][mode], 1)}
        shades = {f"heat {place}": colour for place, colour in enumerate(data["heat"][mode], 1)}
        every = {**data[mode], **segments, **shades}
        broken = [name for name, colour in every.items() if not re.fullmatch(r"#[0-9A-Fa-f]{6}", str(colour))]
        wrong += [f"[{mode}] {name} = {every[name]!r} is not a colour such as '#0F43A5'" for name in broken]
        if broken:
            continue
        pairs = [(words, behind, 4.5) for words in _WORDS for behind in ("ground", "panel")]
        pairs += [(name, "ground", 3.0) for name in segments]
        for name, behind, least in pairs:
            ratio = contrast(every[name], every[behind])
            if ratio < least:
                wrong.append(f"[{mode}] {name} on {behind} has a contrast of {ratio:.1f}, needed are {least}")
    if wrong:
        raise ConfigError("the theme's colours can't be used: " + "; ".join(wrong), _FOLDER_HINT)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _tokens(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"the theme {path} can't be read: {error}", _FOLDER_HINT) from None


def _merge(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    merged = dict(ours)
    for key, value in theirs.items():
        both = isinstance(value, dict) and isinstance(ours.get(key), dict)
        merged[key] = _merge(ours[key], value) if both else value
    return merged


def _face(folder: str, entry: Mapping[str, Any]) -> Face:
    path = theme_file(folder, f"{entry['file']}.ttf").with_suffix("")
    needed = (".ttf",) if entry.get("print_only") else (".ttf", ".woff2")
    if absent := [path.name + suffix for suffix in needed if not path.with_suffix(suffix).is_file()]:
        raise ConfigError(f"the theme's fonts lack the file {', '.join(absent)}", _FOLDER_HINT)
    return Face(entry["family"], entry["weight"], path, entry.get("print_only", False))
