"""The letter: complete and true in HTML and in plain text, whatever the names, and nothing in it that mail hides."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from analyses import mall_like
from letters import HOSTILE, LINK, Page, about, letter_of, many_segments, named, report_of
from month_shop import FIRST, SECOND, run_month, write_shop
from PIL import Image

from reportgen.config import load_config
from reportgen.errors import ConfigError, ReportgenError
from reportgen.report.checks import check_numbers, check_report
from reportgen.report.data import render_json
from reportgen.report.letter_checks import check_letter
from reportgen.report.letter_text import columns_of, wrap
from reportgen.report.sections import compose
from reportgen.report.wording import format_quantity, shorten

KINDS = ("mall", "log", "many")
LANGUAGES = ("en", "de", "fr", "es")


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One letter of each kind in English, of the log in every language, and one of a month."""
    root = tmp_path_factory.mktemp("letters")
    made = {}
    for name, kind, code in [*((k, k, "en") for k in KINDS), *((f"log-{c}", "log", c) for c in LANGUAGES[1:])]:
        config = load_config(report__language=code, **LINK)
        report = report_of(kind, config)
        made[name] = letter_of(report, root / name, config)
        (made[name] / "report.json").write_text(render_json(report), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("months")
    shop = write_shop(root / "shop.csv")
    more = {"report__formats": ("json", "email"), "email__owner": "owner@example.com"}
    return {period: run_month(shop, root / "out", period, **more).folder for period in (FIRST, SECOND)}


ALL = (*KINDS, *(f"log-{code}" for code in LANGUAGES[1:]), FIRST, SECOND)


@pytest.fixture(params=ALL)
def folder(request: pytest.FixtureRequest, letters: dict[str, Path], months: dict[str, Path]) -> Path:
    return (letters | months)[request.param]


def text_of(folder: Path) -> str:
    return (folder / "email.txt").read_text(encoding="utf-8")


def figures_in(words: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.,\u202f]\d+)*", words))


def test_the_page_passes_the_check_that_guards_publishing(folder: Path) -> None:
    html = (folder / "email.html").read_text(encoding="utf-8")
    assert check_letter(html, [image["cid"] for image in about(folder)["images"]]) == ()
    assert len(html.encode()) < 60_000


def test_no_line_of_the_text_is_too_long(folder: Path) -> None:
    assert max(map(columns_of, text_of(folder).splitlines())) <= 76


def test_page_and_text_state_the_same_figures(folder: Path) -> None:
    page = Page(folder)
    assert figures_in(page.text) == figures_in(text_of(folder) + about(folder)["preheader"])


def test_every_figure_is_in_the_data_of_the_report(folder: Path) -> None:
    document = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    letter, language = document["letter"], document["language"]
    told = json.dumps(letter, ensure_ascii=False)
    quantities = [*letter["facts"], *(c for t in letter["tables"].values() for row in t["rows"] for c in row["cells"])]
    told += " ".join(figure(one, language) for one in quantities if one.get("kind") != "text")
    page = Page(folder)
    foot = page.words.index(next(words for words in page.words if "%%ATTACHMENT_NOTE%%" in words))
    said = figures_in(" ".join((*page.words[:foot], *page.alts)))
    listed = {str(n) for n in range(1, 4)}  # the numbers of the points
    dates = figures_in(" ".join(page.words[:4]))  # brand and period
    assert said - figures_in(told) - listed - dates == set()


def figure(cell: dict[str, Any], language: str) -> str:
    from reportgen.values import Quantity  # noqa: PLC0415

    if cell.get("hidden"):
        return ""
    quantity = Quantity(cell["value"], cell["kind"], cell.get("unit", ""))
    one = Quantity(cell["value"], cell["kind"], cell.get("unit", ""), 1)
    whole = Quantity(cell["value"], cell["kind"], cell.get("unit", ""), 0)
    return " ".join(format_quantity(q, language) for q in (quantity, one, whole))


def test_every_segment_is_named_in_page_and_text(letters: dict[str, Path]) -> None:
    for kind in ("mall", "log"):
        names = [ref.name for ref in report_of(kind, load_config()).segments]
        for words in (Page(letters[kind]).text, " ".join(text_of(letters[kind]).split())):
            assert [name for name in names if name not in words] == []


def test_the_letter_says_what_its_values_say(letters: dict[str, Path]) -> None:
    from dataclasses import replace  # noqa: PLC0415

    for kind in KINDS:
        report = report_of(kind, load_config())
        assert report.letter is not None
        alone = replace(report, sections=(replace(report.letter, kind="page"),), tables=())
        assert check_report(alone) == ()
        assert check_numbers(replace(report, sections=(*report.sections, replace(report.letter, kind="page")))) == ()


def test_the_largest_twelve_of_many_segments_stand_alone_and_shares_total_100() -> None:
    report = compose(many_segments(), load_config())
    assert report.letter is not None
    table = next(block for block in report.letter.blocks if getattr(block, "name", "") == "letter-segments")
    assert len(table.rows) == 13
    assert table.rows[-1].cells[0].value == "13 more segments"
    hidden = sum(told.size for told in many_segments().profiles if told.size < 10)
    shown = [row.cells[1].value for row in table.rows]
    assert hidden > 0
    assert sum(value for value in shown if value is not None) <= 1 + 1e-9
    sizes = sorted((profile.size for profile in many_segments().profiles), reverse=True)
    assert f"{sum(sizes[12:])} customers" in table.rows[-1].notes


def test_pictures_are_small_and_on_white(folder: Path) -> None:
    images = about(folder)["images"]
    assert 1 <= len(images) <= 2
    for image in images:
        content = (folder / image["file"]).read_bytes()
        with Image.open(io.BytesIO(content)) as picture:
            assert picture.format == "PNG"
            assert 1104 <= picture.width <= 1120
            assert len(picture.getcolors() or ()) <= 64
            shown = picture.convert("RGB")
            assert {shown.getpixel((x, 0)) for x in range(0, shown.width, 40)} == {(255, 255, 255)}
        assert len(content) <= (150_000 if folder.name == "many" else 60_000)
        assert image["cid"].endswith("@reportgen")
        assert len(image["alt"]) > 20


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    config = load_config(**LINK)
    folders = [letter_of(report_of("log", config), tmp_path / name, config) for name in ("a", "b")]
    first, second = ({p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in folders)
    assert first == second
    assert len(first) == 5


def test_a_month_tells_what_changed_and_who_moved(months: dict[str, Path]) -> None:
    words = Page(months[SECOND]).text
    assert "November 2024, compared with October 2024" in words
    assert "The largest moves" in words
    assert "pp" in words
    assert {image["file"] for image in about(months[SECOND])["images"]} == {"images/months.png", "images/alluvial.png"}
    assert "October 2024, the first month" in Page(months[FIRST]).text


def test_a_run_lists_its_letter_and_one_without_mail_has_none(months: dict[str, Path], tmp_path: Path) -> None:
    manifest = json.loads((months[SECOND] / "manifest.json").read_text(encoding="utf-8"))
    files = {entry["name"] for entry in manifest["files"]} if isinstance(manifest["files"], list) else manifest["files"]
    assert {"email.html", "email.txt", "email.json", "images/alluvial.png"} <= set(files)
    plain = run_month(write_shop(tmp_path / "shop.csv"), tmp_path / "out", FIRST).folder
    assert not [path.name for path in plain.iterdir() if path.name.startswith(("email", "images"))]


@pytest.mark.parametrize("start", range(0, len(HOSTILE), 5))
def test_names_of_any_kind_are_only_words(tmp_path: Path, start: int) -> None:
    names = HOSTILE[start : start + 5]
    clean = [shorten(name) for name in names]
    config = load_config(email__report_name="<b>Report</b> & co", email__brand='"Brand" <script>', **LINK)
    plain = letter_of(compose(mall_like(), config), tmp_path / "plain", config)
    folder = letter_of(compose(named(mall_like(), names), config), tmp_path / "named", config)
    page, text = Page(folder), text_of(folder)
    for name in clean:
        assert letters_of(name) in letters_of(page.text)
        assert letters_of(name) in letters_of(text)
    assert page.tags == Page(plain).tags
    assert "script" not in page.tags
    assert max(map(columns_of, text.splitlines())) <= 76
    for line in (about(folder)["subject"], about(folder)["preheader"]):
        assert re.sub("[\u00a0\u200c\u200d\u202f\u2066-\u2069]", " ", line).isprintable()
        assert len(line) > 40
    for words in ((folder / "email.html").read_text(encoding="utf-8"), text):
        assert words.count("%%ATTACHMENT_NOTE%%") == 1
        assert words.count("%%RUN%%") == 1


def letters_of(words: str) -> str:
    """What must be there of a name: all but white space, marks of direction, and the signs of our own marks."""
    return re.sub(r"[\s\u2066-\u2069\u200b]|%%", "", words)


@pytest.mark.parametrize(
    ("defect", "said"),
    [
        (("<h1", "<script></script><h1"), "<script>"),
        (("<h1", '<img src="https://x.example/p.gif" alt="x" width="1"><h1'), "not part of the message"),
        (("<h1", '<td background="http://x.example/b.png"></td><h1'), "not part of the message"),
        (('width="552"', 'width="900"'), "900"),
        ((' scope="col"', ""), "without scope"),
        (("%%ATTACHMENT_NOTE%%", ""), "0 times"),
        (("<h1", "<form></form><h1"), "<form>"),
        (("<h1", '<a href="javascript:alert(1)">x</a><h1'), "javascript"),
        (("</style>", "</style><style>p{}</style>"), "2 style elements"),
        (("<h1", '<p onclick="x()"></p><h1'), "onclick"),
        (("<h1", '<td style="background:url(x.png)"></td><h1'), "fetches"),
        (("cid:map", "cid:other"), "travel"),
        (("<h1", "x" * 100_000 + "<h1"), "bytes of HTML"),
        (("<head>", "<head>" + "<!-- -->" * 200), "character set"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_check_finds_what_mail_programs_would_not_show(
    letters: dict[str, Path], defect: tuple[str, str], said: str
) -> None:
    html = (letters["mall"] / "email.html").read_text(encoding="utf-8")
    cids = [image["cid"] for image in about(letters["mall"])["images"]]
    assert defect[0] in html
    problems = check_letter(html.replace(*defect, 1), cids)
    assert any(said in problem for problem in problems), problems


def test_a_template_that_spoils_the_letter_stops_it(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    config = load_config(report__templates=str(tmp_path / "templates"))
    own = tmp_path / "templates/mail.html.j2"
    own.write_text("a\n{{ nothing }}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mail\.html\.j2 fails in line 2"):
        letter_of(report_of("mall", config), tmp_path / "a", config)
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare/mail.html.j2").write_text("<html><head></head><body>hello</body></html>", encoding="utf-8")
    config = load_config(report__templates=str(tmp_path / "bare"))
    with pytest.raises(ReportgenError, match="mail programs would not show"):
        letter_of(report_of("mall", config), tmp_path / "b", config)
    assert list((tmp_path / "b").iterdir()) == []


def test_a_letter_too_long_for_gmail_does_without_who_the_segments_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_config(**LINK)
    whole = letter_of(report_of("mall", config), tmp_path / "whole", config)
    assert "Who they are" in Page(whole).text
    monkeypatch.setattr("reportgen.report.letter.LARGEST", (whole / "email.html").stat().st_size - 1)
    cut = letter_of(report_of("mall", config), tmp_path / "cut", config)
    assert "Who they are" not in Page(cut).text
    assert (cut / "email.html").stat().st_size < (whole / "email.html").stat().st_size


def test_a_corrected_letter_says_so_everywhere(tmp_path: Path) -> None:
    config = load_config(**LINK)
    folder = letter_of(report_of("log", config), tmp_path, config, corrected=("2024-12-02", "late orders came in."))
    assert about(folder)["corrected"] is True
    assert about(folder)["subject"].startswith("[Corrected] ")
    for words in (Page(folder).text, text_of(folder)):
        assert "Corrected: this replaces the edition mailed on 2 December 2024." in words
        assert "What changed: late orders came in." in words


def test_what_is_said_about_the_pdf_depends_on_the_pdf(tmp_path: Path) -> None:
    config = load_config(**LINK)
    without = about(letter_of(report_of("mall", config), tmp_path / "without", config))
    assert (without["attached"], without["left_out"]) == ("", "")
    (tmp_path / "with").mkdir()
    (tmp_path / "with/report.pdf").write_bytes(b"x" * 12_340_000)
    said = about(letter_of(report_of("mall", config), tmp_path / "with", config))
    assert said["attached"] == "The full report is attached as a PDF."
    assert "12.3 MB" in said["left_out"]


@pytest.mark.parametrize(
    ("settings", "subject"),
    [
        ({}, "Customer segments, 10 December 2011"),
        ({"email__report_name": "The very long name of a report on segments"},
         "The very long name of a report on segments, 10 December 2011"),
        ({"email__subject": "fixed", "email__brand": "Northgate"}, "Customer segments: Northgate"),
        ({"email__report_name": "R"},
         "R, 10 December 2011: Top-spend slowing, frequent is 25% of customers and 92% of revenue"),
    ],
    ids=["too-long", "much-too-long", "fixed", "headline"],
)  # fmt: skip
def test_subjects_name_report_month_and_finding_where_they_fit(
    tmp_path: Path, settings: dict[str, Any], subject: str
) -> None:
    config = load_config(**settings)
    folder = letter_of(report_of("log", config), tmp_path, config)
    assert about(folder)["subject"] == subject
    preheader = about(folder)["preheader"]
    assert 40 <= len(preheader) <= 110
    assert preheader not in subject
    assert preheader.startswith("As of 10 December 2011") == (settings.get("email__subject") == "fixed")


def test_the_link_is_there_only_where_it_is_set(tmp_path: Path, letters: dict[str, Path]) -> None:
    config = load_config(email__owner="owner@example.com")
    without = Page(letter_of(report_of("mall", config), tmp_path, config))
    assert "a" not in without.tags
    assert Page(letters["mall"]).tags.count("a") == 1
    assert "https://reports.example.com/%%RUN%%/report.html" in text_of(letters["mall"]).splitlines()


def test_a_letter_names_the_run_that_it_is_of(letters: dict[str, Path], months: dict[str, Path]) -> None:
    assert re.fullmatch("[0-9a-f]{8}", about(letters["mall"])["run"])
    manifest = json.loads((months[SECOND] / "manifest.json").read_text(encoding="utf-8"))
    run = about(months[SECOND])["run"]
    assert manifest["run_id"].startswith(run)
    assert f"Run {run}" in text_of(months[SECOND])
    assert {image["cid"].partition(".")[2] for image in about(months[SECOND])["images"]} == {f"{run}@reportgen"}


def test_the_foot_says_why_and_how_to_stop(letters: dict[str, Path], tmp_path: Path) -> None:
    assert "To stop it, write to owner@example.com." in Page(letters["mall"]).text
    config = load_config(report__formats=("email",))
    assert "reply to this mail" in Page(letter_of(report_of("mall", config), tmp_path, config)).text


@pytest.mark.parametrize(
    ("words", "sign", "lines"),
    [
        ("one two three", "", ["one two", "three"]),
        ("one two three", "1.", ["1. one two", "   three"]),
        ("seven\u00a07 days", "", ["seven\u00a07", "days"]),
        ("顧客顧客顧客", "", ["顧客顧客顧", "客"]),
        ("abcdefghijklmno", "A", ["A abcdefgh", "  ijklmno"]),
    ],
)
def test_lines_are_broken_by_columns(words: str, sign: str, lines: list[str]) -> None:
    assert wrap(words, sign, 10).splitlines() == lines


def test_a_subject_says_the_month_once(months: dict[str, Path]) -> None:
    subject = about(months[SECOND])["subject"]
    assert subject.startswith("Customer segments")
    assert subject.count("November 2024") == 1
