"""The letter in a real browser: on telephones and desks, in light and dark, without styles and without pictures."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from analyses import log_like, mall_like
from browsers import AXE
from letters import HOSTILE, LINK, Page, about, letter_of, many_segments, named

from reportgen.config import load_config
from reportgen.report.sections import compose

pytestmark = pytest.mark.slow

WIDTHS = (320, 375, 600, 900)
MODES = ("light", "dark", "no style", "no images")
KINDS = ("normal", "many", "long names", "right to left")

# Every element with words of its own, with the colours it is read in; "" where nothing is wrong.
PALE = """() => {
  const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const parse = s => s.match(/[\\d.]+/g).map(Number);
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
  return [...document.querySelectorAll('body *')].filter(e => [...e.childNodes].some(n => n.nodeType == 3
      && n.textContent.trim()) && e.getClientRects().length).map(e => {
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    return ratio < 4.5 ? `${e.tagName}.${e.className} ${ratio.toFixed(2)} ${e.textContent.slice(0, 30)}` : ''; })
    .filter(Boolean);
}"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root, config = tmp_path_factory.mktemp("letters"), load_config(**LINK)
    long = ("W" * 200, "Donaudampfschifffahrtsgesellschaftskapitänsmütze", "x" * 60)
    german = load_config(report__language="de", **LINK)
    made = {
        "normal": (compose(log_like(), config), config),
        "many": (compose(many_segments(), config), config),
        "long names": (compose(named(log_like(), long), german), german),
        "right to left": (compose(named(mall_like(), HOSTILE[15:17]), config), config),
    }
    return {kind: letter_of(report, root / kind, settings) for kind, (report, settings) in made.items()}


def as_shown(folder: Path, mode: str) -> str:
    html = (folder / "email.html").read_text(encoding="utf-8")
    if mode == "no style":
        html = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
    for image in about(folder)["images"]:
        picture = base64.b64encode((folder / image["file"]).read_bytes()).decode()
        html = html.replace(
            f"cid:{image['cid']}", "cid:lost" if mode == "no images" else f"data:image/png;base64,{picture}"
        )
    return html


def open_letter(browser: Any, folder: Path, mode: str, width: int) -> Any:
    phone = width < 500
    scheme = "dark" if mode == "dark" else "light"
    size = {"width": width, "height": 800}
    page = browser.new_page(viewport=size, color_scheme=scheme, is_mobile=phone, has_touch=phone)
    page.route("**/*", lambda route: route.abort())
    page.set_content(as_shown(folder, mode))
    return page


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wider_than_the_window(browser: Any, folders: dict[str, Path], kind: str, mode: str) -> None:
    wide = {}
    for width in WIDTHS:
        page = open_letter(browser, folders[kind], mode, width)
        wide[width] = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        images = page.evaluate("[...document.images].map(i => i.getBoundingClientRect().width)")
        assert all(image <= 552 for image in images)
        page.close()
    assert wide == {width: [width, width] for width in WIDTHS}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_all_words_can_be_read(browser: Any, folders: dict[str, Path], kind: str, scheme: str) -> None:
    page = open_letter(browser, folders[kind], scheme, 600)
    assert page.evaluate(PALE) == []
    page.close()


@pytest.mark.parametrize("mode", MODES)
def test_nothing_is_lost(browser: Any, folders: dict[str, Path], mode: str) -> None:
    for folder in folders.values():
        page = open_letter(browser, folder, mode, 320)
        seen = "".join(page.evaluate("document.body.innerText").split())
        page.close()
        words = ["".join(words.split()) for words in Page(folder).words]
        hidden = "".join(about(folder)["preheader"].split())
        assert [one for one in words if one not in seen and one != hidden] == []


def test_axe_finds_nothing(browser: Any, folders: dict[str, Path]) -> None:
    found = {}
    for scheme in ("light", "dark"):
        for kind in ("normal", "right to left"):
            page = open_letter(browser, folders[kind], scheme, 600)
            page.evaluate(AXE.read_text(encoding="utf-8"))
            violations = page.evaluate("axe.run(document)")["violations"]
            page.close()
            found[kind, scheme] = {v["id"]: v["nodes"][0]["html"][:200] for v in violations}
            for known in ("landmark-one-main", "region"):  # mail programs have the landmarks
                found[kind, scheme].pop(known, None)
    assert {key: rules for key, rules in found.items() if rules} == {}
