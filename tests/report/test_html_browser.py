"""The report in a real browser: nothing overflows, nothing leaves the page, nobody is shut out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import handmade_reports as samples
import pytest
from browsers import AXE

from reportgen.report.html import render_html

pytestmark = pytest.mark.slow
OVERFLOWING = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > wide + 1
    && !e.closest('.scroll, .art')).map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 40));
}"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("html")
    reports = {"mall": samples.mall(), "shop12": samples.shop(12), "hostile": samples.hostile()}
    for name, report in reports.items():
        (folder / f"{name}.html").write_text(render_html(report), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in reports}


def open_page(browser: Any, path: Path, width: int, scheme: str = "light") -> tuple[Any, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(path.as_uri())
    assert complaints == []
    return page, requests


@pytest.mark.parametrize("name", ["mall", "shop12", "hostile"])
def test_nothing_overflows(browser: Any, pages: dict[str, Path], name: str) -> None:
    page, _ = open_page(browser, pages[name], 320)
    wide = {}
    for width in (320, 375, 768, 1100, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        wide[width] = page.evaluate(OVERFLOWING)
    page.close()
    assert wide == {key: [] for key in wide}


def test_nothing_is_requested_from_anywhere(browser: Any, pages: dict[str, Path]) -> None:
    page, requests = open_page(browser, pages["mall"], 1280)
    assert [url for url in requests if not url.startswith("data:")] == [pages["mall"].as_uri()]
    page.close()


def test_our_fonts_are_used(browser: Any, pages: dict[str, Path]) -> None:
    page, _ = open_page(browser, pages["mall"], 1280)
    loaded = page.evaluate(
        "document.fonts.ready.then(f => [...f].filter(x => x.status == 'loaded').map(x => x.family))"
    )
    assert {family.strip('"') for family in loaded} == {"Reportgen Sans", "Reportgen Serif"}
    page.close()


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [("mall", 320, "light"), ("mall", 768, "dark"), ("mall", 1280, "light"), ("hostile", 1280, "dark")],
)
def test_axe_finds_nothing(browser: Any, pages: dict[str, Path], name: str, width: int, scheme: str) -> None:
    page, _ = open_page(browser, pages[name], width, scheme)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = page.evaluate("axe.run(document)")["violations"]
    page.close()
    assert [(v["id"], [n["html"][:160] for n in v["nodes"][:3]]) for v in violations] == []


def test_the_keyboard_reaches_the_report_and_every_link(browser: Any, pages: dict[str, Path]) -> None:
    page, _ = open_page(browser, pages["mall"], 1280)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"
    links = page.evaluate("[...document.querySelectorAll('.contents a')].map(a => !!document.querySelector(a.hash))")
    assert links
    assert all(links)
    page.close()


def test_dark_mode_recolours_charts_and_text(browser: Any, pages: dict[str, Path]) -> None:
    seen = {}
    for scheme in ("light", "dark"):
        page, _ = open_page(browser, pages["mall"], 1280, scheme)
        seen[scheme] = page.evaluate(
            "[getComputedStyle(document.body.parentElement).backgroundColor,"
            " getComputedStyle(document.querySelector('.linked_bars svg path')).fill]"
        )
        page.close()
    assert seen["light"] == ["rgb(255, 255, 255)", "rgb(15, 67, 165)"]
    assert seen["dark"] == ["rgb(16, 22, 29)", "rgb(116, 124, 236)"]
