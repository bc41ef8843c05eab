"""The theme of a run: ours, or the user's, with the brand's logo, accent colour and font upon it."""

from __future__ import annotations

import colorsys
import io
import logging
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont, TTLibError
from matplotlib.font_manager import fontManager, get_font

from reportgen.brand import LARGEST_FONT, Brand, brand_asset, logo_uri, read_brand
from reportgen.config import Config
from reportgen.errors import ConfigError, did_you_mean
from reportgen.locales import Language, locale_file, phrases
from reportgen.report.theme import Face, Theme, contrast, load_theme
from reportgen.report.wording import currency_affixes

_LEAST = 4.5  # contrast of text (WCAG 2)
_WEIGHTS = {"regular": 400, "semibold": 600, "bold": 700}


def theme_of(config: Config) -> Theme:
    """Return the theme that the settings ask for. Raises ConfigError for a brand that can't be read or used."""
    theme = load_theme(config.report.templates)
    if not config.report.brand:
        return theme
    return _branded(config.report.brand, config.report.templates, config.report.language, config.input.currency)


def _branded(path: str, folder: str, language: str, currency: str) -> Theme:
    brand, theme = read_brand(path), load_theme(folder)
    if brand.logo:
        theme = replace(theme, logo=logo_uri(path, brand.logo))
    if brand.accent:
        theme = _with_accent(theme, brand.accent)
    if brand.font or brand.font_files:
        faces = _faces(path, brand)
        _check_letters(faces, Language(language, folder), currency)
        family = faces[0].family
        fallback = tuple(name for name in theme.text if name != family)
        theme = replace(theme, text=(family, *fallback), display=(family, *fallback), faces=(*faces, *theme.faces))
    return theme


def nearest_readable(colour: str, grounds: tuple[str, ...]) -> str:
    """Return the colour of the same hue, as little lighter or darker as gives text on every ground enough contrast."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    for step in range(256):
        for changed in (lightness - step / 255, lightness + step / 255):
            parts = colorsys.hls_to_rgb(hue, min(max(changed, 0.0), 1.0), saturation)
            candidate = "#" + "".join(f"{round(part * 255):02X}" for part in parts)
            if min(contrast(candidate, ground) for ground in grounds) >= _LEAST:
                return candidate
    return "#000000"


def _with_accent(theme: Theme, accent: str) -> Theme:
    grounds = (theme.light["ground"], theme.light["panel"])
    for ground in grounds:
        if (ratio := contrast(accent, ground)) < _LEAST:
            raise ConfigError(
                f"the brand's accent {accent} has a contrast of {ratio:.2f}:1 on {ground}; text needs {_LEAST}:1",
                f"The nearest colour that can be read is {nearest_readable(accent, grounds)}.",
            )
    bright = nearest_readable(accent, (theme.dark["ground"], theme.dark["panel"], theme.light["cover"]))
    light, dark = {**theme.light, "accent": accent, "mark": bright}, {**theme.dark, "accent": bright, "mark": bright}
    return replace(theme, light=light, dark=dark)


def _faces(path: str, brand: Brand) -> tuple[Face, ...]:
    if brand.font_files is not None:
        named = brand.font_files.model_dump()
        files = {w: brand_asset(path, named[name], LARGEST_FONT) for name, w in _WEIGHTS.items() if named[name]}
    else:
        files = _installed(brand.font)
    family = _family(next(iter(files.values())))
    return tuple(Face(family, weight, file, print_only=weight == 700) for weight, file in files.items())


def _installed(family: str) -> dict[int, Path]:
    fonts = [entry for entry in fontManager.ttflist if entry.name == family and entry.style == "normal"]
    files = {entry.weight: Path(entry.fname) for entry in sorted(fonts, key=lambda font: font.fname, reverse=True)}
    if 400 not in files:
        known = sorted({entry.name for entry in fontManager.ttflist})
        raise ConfigError(
            f"no font '{family}' is installed{did_you_mean(family, known)}",
            "Install it, or name its files under [font_files] in the brand file.",
        )
    return {weight: files[weight] for weight in _WEIGHTS.values() if weight in files}


def _family(path: Path) -> str:
    if path.suffix.lower() not in (".ttf", ".otf"):
        raise ConfigError(f"the font {path.name} can't be used", "Name a TrueType or OpenType file: .ttf or .otf.")
    try:
        family = str(get_font(str(path)).family_name)
    except (RuntimeError, OSError):
        raise ConfigError(f"the font {path.name} can't be read", "Name a TrueType or OpenType file.") from None
    if not re.fullmatch(r"[\w .&+-]{1,80}", family):
        raise ConfigError(f"the font {path.name} has no usable name", "Choose another font.")
    return family


def _check_letters(faces: tuple[Face, ...], language: Language, currency: str) -> None:
    """Raise ConfigError where a font lacks letters, figures or marks that a report in this language needs.

    Arrows, triangles and thin spaces come from our own font where the brand's has none.
    """
    words = "".join(phrases(language).values()) + repr(locale_file(language)["names"])
    needed = {c for c in words + "0123456789" if unicodedata.category(c)[0] in "LNP"} - set("{}|^=\\")
    needed |= {c for affix in currency_affixes(currency, language) for c in affix if currency and not c.isspace()}
    for face in faces:
        known = _characters(face.path)
        if missing := sorted(needed - {chr(code) for code in known}):
            raise ConfigError(
                f"the font {face.path.name} lacks {len(missing)} characters that a report in '{language}' needs: "
                + " ".join(missing[:40]),
                "Choose a font that has them, or leave the font out of the brand file.",
            )


def _characters(path: Path) -> frozenset[int]:
    with _opened(path) as font:
        return frozenset(font.getBestCmap() or {})


def web_font(path: Path, letters: Path) -> bytes:
    """Return a font as WOFF2, cut down to the characters that the font ``letters`` has."""
    from fontTools import subset  # noqa: PLC0415 - slow to import, and only a brand's font needs it

    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # it warns of tables that only font editors read
    options = subset.Options(flavor="woff2", recalc_timestamp=False, notdef_outline=True, layout_features=["*"])
    with _opened(path) as font:
        cut = subset.Subsetter(options)
        cut.populate(unicodes=_characters(letters))
        cut.subset(font)
        out = io.BytesIO()
        font.flavor = "woff2"
        font.save(out)
    return out.getvalue()


def _opened(path: Path) -> Any:
    try:
        return TTFont(path, recalcTimestamp=False, lazy=True)
    except (TTLibError, OSError):
        raise ConfigError(f"the font {path.name} can't be read", "Name a TrueType or OpenType file.") from None
