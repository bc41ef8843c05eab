"""Lines of printed text, each set once: WeasyPrint sets every line when it measures it, and anew when it draws it."""

from __future__ import annotations

from math import inf
from operator import itemgetter
from typing import Any

from weasyprint.draw import text
from weasyprint.layout import inline, preferred
from weasyprint.text import line_break
from weasyprint.text.ffi import pango
from weasyprint.text.fonts import FontConfiguration

_split, _draw = line_break.split_first_line, text.draw_first_line
_REST, _WIDTH = 2, 3  # of what WeasyPrint returns: where the next line begins, how wide this one is
_SEPARATORS = frozenset("\n\x0b\x0c\x85\u2028\u2029")
# all that a line's place for words depends on
_LOOK = itemgetter(
    "font_family", "font_size", "font_weight", "font_style", "font_stretch", "font_kerning", "font_variant_ligatures",
    "font_variant_position", "font_variant_caps", "font_variant_numeric", "font_variant_alternates",
    "font_variant_east_asian", "font_feature_settings", "font_variation_settings", "font_language_override", "lang",
    "direction", "white_space", "letter_spacing", "word_spacing", "overflow_wrap", "word_break", "tab_size", "hyphens",
    "hyphenate_character", "hyphenate_limit_chars", "hyphenate_limit_zone", "text_decoration_line",
)  # fmt: skip


class PrintFonts(FontConfiguration):  # type: ignore[misc]
    """The fonts of a document whose lines are kept: equal words in one look are set once and stay as they were set.

    Only for style sheets that cut no line short with an ellipsis, which would change a line that others share.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[tuple[Any, ...], tuple[Any, ...]] = {}


class _Layout(line_break.Layout):  # type: ignore[misc]
    """A line of WeasyPrint's that is ready to be drawn from when it was measured, where its document keeps lines."""

    def set_text(self, words: str, justify: bool = False) -> None:
        super().set_text(words, justify)
        if keeps_lines(self.style) and _SEPARATORS.isdisjoint(words):  # as drawing does, which would set it anew
            pango.pango_layout_set_single_paragraph_mode(self.layout, True)

    def deactivate(self) -> None:
        if self.justification_spacing or not keeps_lines(self.style):
            super().deactivate()

    def reactivate(self, style: Any) -> None:
        if not hasattr(self, "layout"):
            super().reactivate(style)


def keeps_lines(style: Any) -> bool:
    """Tell whether a style is of a document whose lines are kept."""
    return isinstance(style.font_config, PrintFonts)


def _split_once(words: str, style: Any, context: Any, max_width: float | None, *others: Any, **options: Any) -> Any:
    """Return what WeasyPrint's ``split_first_line`` does, known words from those set before.

    Words that fit one line are the same at every width that holds them.
    """
    if others[0] or not keeps_lines(style) or style["text_decoration_line"] != "none":  # others[0]: room between words
        return _split(words, style, context, max_width, *others, **options)
    lines, line = style.font_config.lines, (words, *_LOOK(style))
    room = inf if max_width is None else max_width
    known = lines.get(line)
    if known is not None and known[_WIDTH] <= room:
        return known
    place = (*line, max_width, *others, *options.items())
    if place not in lines:
        found = lines[place] = _split(words, style, context, max_width, *others, **options)
        if found[_REST] is None and found[_WIDTH] <= room:
            lines[line] = found
    return lines[place]


def draw_once(stream: Any, box: Any, overflow: str, ellipsis: Any, matrix: Any) -> Any:
    """Do as WeasyPrint's ``draw_first_line``, which writes down every letter, from what a line wrote before."""
    if overflow == "ellipsis" or ellipsis != "none" or not keeps_lines(box.style):
        return _draw(stream, box, overflow, ellipsis, matrix)
    known = vars(box.pango_layout)
    if letters := known.get("_letters"):
        stream.set_text_matrix(*matrix.values)
        stream.set_font_size(*letters[0])
        stream.stream.append(letters[1])
        return []
    start = len(stream.stream)
    emojis = _draw(stream, box, overflow, ellipsis, matrix)
    written = stream.stream[start:]
    if [line[-2:] for line in written] in ([b"Tm", b"TJ"], [b"Tm", b"Tf", b"TJ"]):  # all in one font
        known["_letters"] = (stream._current_font, written[-1])
    return emojis


line_break.Layout = _Layout
text.draw_first_line = draw_once
inline.split_first_line = preferred.split_first_line = _split_once
