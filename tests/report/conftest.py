"""The browser that pages and letters are opened in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browsers import ARGUMENTS, CHROMIUM


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Chromium; skip, loudly, without it or Playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: no browser tests")
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: set REPORTGEN_CHROMIUM to run the browser tests")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()
