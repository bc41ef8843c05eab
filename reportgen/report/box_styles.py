"""What the boxes of printed pages take from their styles, worked out once per style instead of once per box."""

from __future__ import annotations

from typing import Any

from weasyprint.draw.color import get_color
from weasyprint.layout import absolute, background, block, inline, page, percent, table
from weasyprint.text import line_break

from reportgen.report.lines import PrintFonts, keeps_lines

__all__ = ["PrintFonts"]  # of a document that works out its styles once

_SIDES = ("top", "right", "bottom", "left")
_BORDERS = tuple(f"border_{side}_width" for side in _SIDES)
_SIZES = tuple(f"{bound}{way}" for way in ("width", "height") for bound in ("", "min_", "max_"))
_LENGTHS = (*_SIZES, *(f"{edge}_{side}" for edge in ("margin", "padding") for side in _SIDES))
_CORNERS = tuple(f"border_{corner}_radius" for corner in ("top_left", "top_right", "bottom_right", "bottom_left"))
_SQUARE = dict.fromkeys(_CORNERS, (0, 0))

_resolve, _paint, _strut = percent.resolve_percentages, background.layout_box_backgrounds, line_break.strut


def _resolve_once(box: Any, containing_block: Any) -> None:
    """Do as WeasyPrint's ``resolve_percentages``: lengths without a percentage are the same in every block."""
    known = vars(box.style)
    if "_lengths" not in known:
        known["_lengths"] = _lengths(box.style) if keeps_lines(box.style) else {}
    if known["_lengths"]:
        vars(box).update(known["_lengths"])
    else:
        _resolve(box, containing_block)


def _lengths(style: Any) -> dict[str, Any]:
    """Return the used lengths of a style; none where they depend on the block around."""
    given = {name: style[name] for name in _LENGTHS}
    depends = any(value != "auto" and getattr(value, "unit", "") != "px" for value in given.values())
    if depends or style["border_collapse"] == "collapse" or style["box_sizing"] != "content-box":
        return {}
    used = {name: value if value == "auto" else value.value for name, value in given.items()}
    used |= {name: 0 for name in ("min_width", "min_height") if used[name] == "auto"}
    return used | {name: style[name] for name in _BORDERS}


def _paint_once(page: Any, box: Any, get_image: Any, layout_children: bool = True, style: Any = None) -> None:
    """Do as WeasyPrint's ``layout_box_backgrounds``, which asks every box for a dozen things that few boxes have."""
    known = vars(box.style)
    if "_bare" not in known:
        known["_bare"] = keeps_lines(box.style) and _is_bare(box.style)
    placed = isinstance(box, absolute.AbsolutePlaceholder)  # stands for a box
    if style is not None or box is page or placed or not layout_children or not known["_bare"]:
        _paint(page, box, get_image, layout_children, style)
        return
    vars(box).update(_SQUARE)
    for child in box.all_children():
        _paint_once(page, child, get_image)
    box.background = None


def _is_bare(style: Any) -> bool:
    """Tell whether a style has no background, border image or round corner."""
    images = {
        kind for kind, _ in (style["border_image_source"], style["mask_border_source"], *style["background_image"])
    }
    clear = style["visibility"] == "hidden" or get_color(style, "background_color").alpha == 0
    square = all((0, "px") in style[corner] for corner in _CORNERS)
    return images == {"none"} and clear and square and not style["box_shadow"]


def _strut_once(style: Any) -> Any:
    """Return what WeasyPrint's ``strut`` does: height and baseline of an empty line."""
    known = vars(style)
    if "_strut" not in known:
        found = _strut(style)
        if not keeps_lines(style):
            return found
        known["_strut"] = found
    return known["_strut"]


for module in (absolute, block, inline, page, table):
    module.resolve_percentages = _resolve_once
background.layout_box_backgrounds = _paint_once
inline.strut = _strut_once
