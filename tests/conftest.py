"""Shared fixtures."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).resolve().parent))  # tests/shared.py is imported by every room
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")  # where the cores can't be counted, scikit-learn's helper warns

settings.register_profile("laws", deadline=None)  # a busy machine is no defect
settings.register_profile("ci", deadline=None, derandomize=True)  # the same examples in every run
settings.load_profile("ci" if os.environ.get("CI") else "laws")
