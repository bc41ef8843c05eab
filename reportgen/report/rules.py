"""The rules and bars of printed tables, drawn a table at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from weasyprint.draw.color import get_color
from weasyprint.formatting_structure import boxes
from weasyprint.layout.background import Background, BackgroundLayer

_MM = 96 / 25.4  # WeasyPrint's pixels
_BAR, _AXIS, _BARE_AXIS = 2.6 * _MM, 5.6 * _MM, 3 * _MM  # heights: a bar, the mark behind it, the mark alone
_LEAST = 0.3 * _MM  # width of a bar of nothing


class Rule(NamedTuple):
    """A filled strip of a page, in WeasyPrint's pixels."""

    colour: Any
    x: float
    y: float
    width: float
    height: float


class Rules:
    """The rules and bars of a table, or the bar of a cell, in place of one of WeasyPrint's images."""

    def __init__(self, rules: list[Rule]) -> None:
        self._rules = rules

    def draw(self, stream: Any, *_: Any) -> None:
        """Draw on a page's stream."""
        for rule in self._rules:
            stream.set_color(rule.colour)
            stream.rectangle(*rule[1:])
            stream.fill()


def join_rules(document: Any) -> None:
    """Take the borders above and below from the cells of a laid out document, and have each table draw them at once.

    WeasyPrint clips and fills every border of every cell by itself. A table with anything that would cover the rules
    stays as it is. A cell's ``data-bar`` places a bar in the cell's ``color``, ``data-axis`` a mark behind it in its
    ``outline-color``, both in percent of the cell's width: an element for each would cost more than all else in a row.
    """
    for page in document.pages:
        for table in _tables(page._page_box):
            rows = [row for group in table.children for row in group.children]
            cells = [cell for row in rows for cell in row.children]
            bars = {cell: found for cell in cells if (found := list(_bars(cell)))}
            if any(box.background for box in (table, *table.children, *rows, *cells)) or not all(map(_is_plain, cells)):
                for cell, found in bars.items():
                    _give(cell, found)
                continue
            if rules := [rule for cell in cells for rule in _taken(cell)] + [
                bar for cell in bars for bar in bars[cell]
            ]:
                _give(table, _joined(rules))


def _bars(cell: Any) -> Iterator[Rule]:
    """Return the mark and the bar of a cell, from back to front."""
    given = {} if cell.element is None else cell.element.attrib
    if "data-bar" not in given and "data-axis" not in given:
        return
    x, width = cell.content_box_x(), cell.width / 100
    middle = cell.position_y + (cell.border_height() + cell.border_top_width - cell.border_bottom_width) / 2

    def strip(colour: str, start: float, across: float, height: float) -> Rule:
        return Rule(_colour(cell.style, colour), x + start * width, middle - height / 2, across, height)

    if "data-axis" in given:
        height = _AXIS if "data-bar" in given else _BARE_AXIS
        yield strip("outline_color", float(given["data-axis"]) - 0.5, width, height)
    if "data-bar" in given:
        start, length = map(float, given["data-bar"].split())
        yield strip("color", start, max(length * width, _LEAST), _BAR)


def _tables(box: Any) -> Iterator[Any]:
    if isinstance(box, boxes.TableBox) and box.style["border_collapse"] == "separate":
        yield box
    for child in box.children:
        if isinstance(child, boxes.ParentBox) and not isinstance(child, boxes.LineBox):
            yield from _tables(child)


def _is_plain(cell: Any) -> bool:
    style = cell.style
    shown = style["visibility"] == "visible" and (style["empty_cells"] == "show" or not cell.empty)
    solid = {style[f"border_{side}_style"] for side in ("top", "bottom")} <= {"none", "solid"}
    return shown and solid and cell.border_left_width == cell.border_right_width == 0


def _taken(cell: Any) -> Iterator[Rule]:
    """Give the room of a cell's borders to its padding, and return what they looked like."""
    top, bottom = cell.border_top_width, cell.border_bottom_width
    x, width = cell.position_x, cell.border_width()
    if top:
        yield Rule(_colour(cell.style, "border_top_color"), x, cell.position_y, width, top)
    if bottom:
        y = cell.position_y + cell.border_height() - bottom
        yield Rule(_colour(cell.style, "border_bottom_color"), x, y, width, bottom)
    cell.padding_top += top
    cell.padding_bottom += bottom
    cell.border_top_width = cell.border_bottom_width = 0


def _colour(style: Any, name: str) -> Any:
    known = vars(style)
    if name not in known:
        known[name] = get_color(style, name)
    return known[name]


def _joined(rules: list[Rule]) -> list[Rule]:
    """Join what continues the strip before it."""
    found = rules[:1]
    for rule in rules[1:]:
        last = found[-1]
        beside = abs(last.x + last.width - rule.x) < 0.01 and last._replace(x=rule.x, width=rule.width) == rule
        found[-1:] = [last._replace(width=last.width + rule.width)] if beside else [last, rule]
    return found


def _give(owner: Any, rules: list[Rule]) -> None:
    box = owner.rounded_border_box()
    once = ("no-repeat", "no-repeat")
    layer = BackgroundLayer(Rules(rules), (1, 1), (0, 0), once, True, box[:4], (0, 0, 1, 1), [box])
    others = owner.background.layers if owner.background else []
    owner.background = Background(_colour(owner.style, "background_color"), [layer, *others], owner.style)
