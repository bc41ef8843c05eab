"""The brand file: name, logo, accent colour, font, currency, paper and language of who publishes the report."""

from __future__ import annotations

import base64
import re
import tomllib
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reportgen.errors import ConfigError, did_you_mean

LARGEST_LOGO = 200_000  # bytes
LARGEST_FONT = 5_000_000
_HINT = "See docs/brand.md for what a brand file may hold."
_HARMFUL = {
    "script",
    "foreignobject",
    "iframe",
    "embed",
    "object",
    "audio",
    "video",
    "handler",
    "animate",
    "set",
    "style",
}
_REFERENCES = {"href", "src", "from", "to", "values", "begin"}
_PNG = b"\x89PNG\r\n\x1a\n"


class FontFiles(BaseModel):
    """Font files beside the brand file, TrueType or OpenType."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    regular: str = Field(description="text")
    semibold: str = Field("", description="headings")
    bold: str = Field("", description="emphasis")


class Brand(BaseModel):
    """One brand; paths are relative to its file and stay inside its folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("", max_length=80, description="printed in the masthead")
    logo: str = Field("", description="SVG or PNG, at most 200 kB; a drawing only: no script, style or reference")
    accent: str = Field("", pattern="^(#[0-9A-Fa-f]{6})?$", description="colour such as '#B3202A', 4.5:1 on white")
    font: str = Field("", max_length=80, description="family installed on this machine")
    font_files: FontFiles | None = Field(None, description="regular, semibold, bold: files to use instead of `font`")
    currency: str = Field("", pattern="^([A-Z]{3})?$", description="ISO code of all amounts")
    paper: Literal["A4", "Letter", ""] = Field("", description="A4 or Letter")
    language: str = Field("", max_length=35, description="language of the report")


def read_brand(path: str) -> Brand:
    """Read a brand file. Raises ConfigError that lists every mistake at once."""
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
        return Brand.model_validate(data)
    except OSError as error:
        raise ConfigError(f"the brand file {path} can't be read: {error.strerror}", "Correct [report] brand.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"the brand file {path} is not valid TOML: {error}", "Correct that place.") from None
    except ValidationError as error:
        raise ConfigError(f"the brand file {path}: {'; '.join(_mistakes(error))}", _HINT) from None


def brand_asset(brand_file: str, name: str, largest: int) -> Path:
    """Return the path of a file that a brand names. Raises ConfigError where it lies outside the brand's folder."""
    folder = Path(brand_file).resolve().parent
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", name) or Path(name).is_absolute() or ".." in Path(name).parts:
        raise ConfigError(f"the brand file names {name}, which is not in its folder", "Copy the file beside it.")
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise ConfigError(f"the brand file names {name}, a link out of its folder", "Copy the file beside it.")
    if not path.is_file():
        raise ConfigError(f"the brand file names {name}, which does not exist", f"It is looked for in {folder}.")
    if path.stat().st_size > largest:
        raise ConfigError(f"{name} is larger than {largest // 1000} kB", "Export a smaller file.")
    return path


def logo_uri(brand_file: str, name: str) -> str:
    """Return a logo as a data URI. Raises ConfigError for one that is neither a PNG nor a plain SVG drawing."""
    content = brand_asset(brand_file, name, LARGEST_LOGO).read_bytes()
    if content.startswith(_PNG):
        return "data:image/png;base64," + base64.b64encode(content).decode()
    if found := _harm_in(content):
        raise ConfigError(f"the logo {name} can't be used: {found}", "Export it as plain SVG with paths, or as PNG.")
    return "data:image/svg+xml;base64," + base64.b64encode(content).decode()


def _harm_in(svg: bytes) -> str:
    """Return what makes an SVG more than a drawing, "" for nothing."""
    if b"\0" in svg or re.search(rb"<!(doctype|entity)|<\?xml-stylesheet", svg, re.IGNORECASE):
        return "it declares entities or a style sheet, or is no SVG"
    try:
        root = ElementTree.fromstring(svg.decode("utf-8-sig"))
    except (ElementTree.ParseError, UnicodeDecodeError):
        return "it is neither PNG nor SVG"
    if _local(root.tag) != "svg":
        return "it is neither PNG nor SVG"
    for element in root.iter():
        tag = _local(element.tag)
        if tag in _HARMFUL or tag.startswith("animate"):
            return f"it holds <{tag}>"
        for name, value in element.attrib.items():
            if harm := _harm_of(_local(name), value):
                return f"<{tag}> has {harm}"
    return ""


def _harm_of(name: str, value: str) -> str:
    plain = re.sub(r"\s+", "", value).lower()
    if "\\" in plain:
        return "a backslash, which can hide a reference"
    if name.startswith("on"):
        return f"the event {name}"
    if name in _REFERENCES and not re.fullmatch(r"#[\w.:-]+|data:image/png;base64,[a-z0-9+/=]*", plain):
        return f"the reference {value[:40]!r}"
    if re.search(r"url\((?!['\"]?#)|@import|javascript:|expression\(", plain):
        return f"the reference {value[:40]!r}"
    return ""


def _local(name: object) -> str:
    return str(name).rsplit("}", 1)[-1].lower()


def _mistakes(error: ValidationError) -> list[str]:
    found = []
    for item in error.errors(include_url=False, include_context=False):
        where = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            known = FontFiles.model_fields if len(item["loc"]) > 1 else Brand.model_fields
            found.append(f"unknown key '{where}'{did_you_mean(str(item['loc'][-1]), known)}")
        else:
            found.append(f"{where}: {item['msg'][0].lower()}{item['msg'][1:]}")
    return found
