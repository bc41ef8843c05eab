"""Make a run and print how many seconds of CPU went into stability: resampling, and the test against no structure."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from reportgen import __main__ as process
from reportgen.segments import choose

spent = [0.0]


def timed(step: Callable[..., Any]) -> Callable[..., Any]:
    def inner(*given: Any) -> Any:
        began = time.process_time()
        try:
            return step(*given)
        finally:
            spent[0] += time.process_time() - began

    return inner


if __name__ == "__main__":
    for name in ("resample_all", "with_jaccards", "judge"):
        setattr(choose, name, timed(getattr(choose, name)))  # each is called from there, and none by another
    try:
        process.main()
    finally:
        sys.stdout.write(f"\n{spent[0]}\n")
