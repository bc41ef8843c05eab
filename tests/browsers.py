"""How tests start a browser."""

from __future__ import annotations

import os
from pathlib import Path

import axe_playwright_python

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = Path(os.environ.get("REPORTGEN_CHROMIUM", "/usr/bin/chromium"))
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
