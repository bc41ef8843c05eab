"""Templates of the user's: what they may use is documented, what they may not is refused."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from handmade_reports import mall
from shared import ROOT

from reportgen.config import Config
from reportgen.errors import ConfigError
from reportgen.report.html import render_html
from reportgen.settings import ReportConfig

INTRODUCTION = """\
Files in the folder named by `[report] templates` replace ours, file by file: `report.html.j2` and `blocks.html.j2`,
`screen.css`, `print.css` with `print-letter.css` and `print-tight.css`, for the e-mail `mail.html.j2`, `mail.txt.j2`,
`mail.css`, `mail-phone.css` and `mail-dark.css`, then `theme.toml` (read on top of ours, key by key), `personas/*.toml`
and `locales/<code>.toml` (a language of ours: read on top of it; another one: a full copy of `en.toml`, translated,
with `formats = "<code>"` above the first table where Babel does not know the code). Templates are Jinja in a sandbox:
they lay out; they can't read files, reach internals or leave the folder. Values are escaped. A template that fails is
an error with file and line."""
DOCUMENT = ROOT / "docs/templates.md"
FUNCTIONS = (
    ("report", "the Report below"),
    ("mode", '"screen" for HTML, "print" for the PDF'),
    ("css", "colours, fonts and style sheet, ready for a `<style>` element"),
    ("cover", "the picture of the cover as a data URI, or nothing"),
    ("logo", "the brand's logo as a data URI, or nothing"),
    ("date", "the as-of date in words, or nothing"),
    ("created", "the date for the metadata of the PDF"),
    ("tight", "how closely sections must be set to fit their pages: id to 1, 2 or 3"),
    ("word(key)", "a word of the frame: entry `key` of `[phrases.layout]` of the language"),
    ("fmt(quantity)", "a quantity in the style of a table cell"),
    ("unit(quantity)", "the unit that belongs beside it, or nothing"),
    ("rows(grid)", "the rows of a grid laid out: text, bars, shades, colours"),
    ("slim(grid, rows)", "whether short words and figures fit columns of set widths, which print lays out faster"),
    ("colour(segment)", "the colour class of a segment"),
    ("picture(figure)", "the drawing of a figure"),
    ("kind(block)", 'the name of the class of a block, such as "Grid"'),
    ("text|short(n)", "a text on one line, cut to n characters (120)"),
    ("text|bound", "a title whose last two words stay on one line"),
    ("text|soft", "a text in which words of 30 letters and more may break"),
)

MAIL_FUNCTIONS = (
    ("report", "the Report; `letter` is its Section for the e-mail, `blocks` the blocks to show"),
    ("brand", "the name at the top; `subject` and `preheader` are lines, `link` an address or nothing"),
    ("corrected", "the lines of a correction, or none; `footer` the lines at the foot"),
    ("attachment_note", "must stand there once: sending puts a sentence on the PDF in its place"),
    ("say(key)", "a word of the frame: entry `key` of `[phrases.letter]` of the language"),
    ("colon", "the colon as the language sets it"),
    ("fmt(quantity), kind(block), colour(segment)", "as above; `hexcode(class)` is the colour itself"),
    ("css, kept", "HTML: the style sheet that goes into the elements, and the one for telephones and the dark"),
    ("pictures", "HTML: the pictures by name of their figure, with `cid`"),
    ("bars(grid)", "HTML: the rows of a table laid out, its bars on one scale"),
    ("named(words)", "HTML: the segment of that name, or nothing"),
    ("ink, ground, panel, accent", "HTML: colours, `direction` the direction of writing"),
    ("wrap(words, sign), heading(title)", "text: lines of at most 76 columns"),
    ("facts(block), table(grid), letter_of(words)", "text: tiles, a table, the letter of the segment of that name"),
)


def document() -> Iterator[str]:
    """The lines of docs/templates.md, from the classes of reportgen/report/model.py."""
    yield "# Templates"
    yield ""
    yield from INTRODUCTION.splitlines()
    yield ""
    yield "`python tests/report/test_templates.py` writes this page."
    yield ""
    yield "| variable or function | what it is |"
    yield "|---|---|"
    yield from (f"| `{name}` | {what} |" for name, what in FUNCTIONS)
    yield ""
    yield "| in the e-mail | what it is |"
    yield "|---|---|"
    yield from (f"| `{name}` | {what} |" for name, what in MAIL_FUNCTIONS)
    yield from _classes(ROOT / "reportgen/report/model.py", None)
    yield from _classes(ROOT / "reportgen/segments/model.py", {"SegmentRef"})
    yield from _classes(ROOT / "reportgen/values.py", {"Quantity", "Statement"})


def _classes(path: Path, wanted: set[str] | None) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef) or (wanted is not None and node.name not in wanted):
            continue
        yield ""
        yield f"## {node.name}"
        yield ""
        yield re.sub(r"``", "`", " ".join((ast.get_docstring(node) or "").split()))
        yield ""
        for field in node.body:
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                _, _, comment = lines[field.lineno - 1].partition("  # ")
                yield f"- `{field.target.id}`: `{ast.unparse(field.annotation)}`" + (f", {comment}" if comment else "")


def page(folder: Path, name: str, template: str) -> str:
    (folder / name).write_text(template, encoding="utf-8")
    return render_html(mall(), Config(report=ReportConfig(templates=str(folder))))


def test_the_page_on_templates_agrees_with_the_code() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == "\n".join(document()) + "\n"


def test_every_documented_function_is_there(tmp_path: Path) -> None:
    names = {re.split(r"[(|]", name)[0] for name, _ in FUNCTIONS} - {"text"}
    tests = "".join(f"{{% if {name} is undefined %}}no {name}{{% endif %}}" for name in sorted(names))
    assert page(tmp_path, "report.html.j2", tests + "{{ 'x'|short(9)|soft }}").strip() == "x"


@pytest.mark.parametrize(
    "template",
    [
        "{{ report.__class__.__mro__ }}",
        "{{ report|attr('__class__') }}",
        "{{ fmt.__globals__ }}",
        "{{ fmt.__code__ }}",
        "{{ ''.__class__ }}",
        "{{ '{0.__class__}'.format(report) }}",
        "{% include '/etc/hostname' %}",
        "{% include '../secret.txt' %}",
        "{% include 'link.txt' %}",
        "{% import 'os' as os %}",
        "{{ range(10000000)|list }}",
        "{{ report.sections[0].nothing }}",
        "{{ open('/etc/hostname').read() }}",
        "{{ self._TemplateReference__context }}",
        "{{ report.segments.append(1) }}",
        "{{ cycler.__init__.__globals__.os }}",
    ],
)
def test_a_template_can_neither_reach_internals_nor_files(tmp_path: Path, template: str) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(ConfigError):
        page(folder, "report.html.j2", template)


@pytest.mark.parametrize(
    ("template", "line"), [("a\n{{ 1 / 0 }}", 2), ("a\n\n{{ nothing }}", 3), ("{% if %}", 1), ("\n{{ report.x.y }}", 2)]
)
def test_a_broken_template_is_named_with_its_line(tmp_path: Path, template: str, line: int) -> None:
    with pytest.raises(ConfigError, match=rf"report\.html\.j2 fails in line {line}: "):
        page(tmp_path, "report.html.j2", template)


def test_an_error_in_a_macro_names_the_file_of_the_macro(tmp_path: Path) -> None:
    ours = (ROOT / "templates/default/blocks.html.j2").read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match=r"blocks\.html\.j2 fails in line \d+"):
        page(tmp_path, "blocks.html.j2", ours.replace("{{ block.caption }}", "{{ block.captain }}"))


if __name__ == "__main__":
    DOCUMENT.write_text("\n".join(document()) + "\n", encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT} written\n")
