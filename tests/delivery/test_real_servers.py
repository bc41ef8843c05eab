"""From a published run through a real relay into a real mailbox, and back."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from mailed_runs import PDF, png, publish
from real_mail import PASSWORD, USER, Servers, missing, running
from shared import MALL

from reportgen.cli.main import run_cli
from reportgen.delivery.outbox import Outbox
from reportgen.errors import ExitCode

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing())]
SETTINGS = """
output = "{folder}/out"
[email]
from = "Kundenberichte für alle <reports@example.com>"
owner = "owner@example.com"
to = [{to}]
[smtp]
host = "localhost"
port = {port}
user = "{user}"
password_file = "password"
ca_file = "{ca_file}"
timeouts = [10, 10, 20]
retry_minutes = []
"""


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with running() as found:
        yield found


def settings(folder: Path, servers: Servers, *to: str) -> str:
    folder.mkdir(exist_ok=True)
    secret = folder / "password"
    secret.write_text(PASSWORD + "\n", encoding="utf-8")
    secret.chmod(0o600)
    readers = ", ".join(f'"{address}"' for address in to)
    values = {"folder": folder, "to": readers, "port": servers.smtp, "user": USER, "ca_file": servers.ca_file}
    (folder / "reportgen.toml").write_text(SETTINGS.format(**values), encoding="utf-8")
    return str(folder / "reportgen.toml")


def test_months_arrive_whole_and_in_one_thread(
    servers: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, out = settings(tmp_path, servers, "anna@example.org", "nobody@example.org"), tmp_path / "out"
    assert run_cli(["doctor", "-c", config]) == ExitCode.FAILED, "one reader is refused"
    told = capsys.readouterr().out
    assert "localhost, valid until" in told
    assert "login          PLAIN (offered: PLAIN)" in told
    assert re.search(r"failed reader +nobody@example.org: RCPT TO: 550 5.1.1 no such reader", told)
    folders = []
    for run in ("2026-08.r1", "2026-09.r1", "2026-10.r1", "2026-10.r2"):
        folder = publish(out, run, corrected=run.endswith("r2"), subject=f"Kundensegmente, {run}: größere Körbe")
        assert run_cli(["send", run, "-c", config, "--retry"]) == ExitCode.GOOD, "nothing is pending yet"
        assert run_cli(["-q", "send", run, "-c", config]) == ExitCode.MAIL_OPEN, "one reader is refused"
        capsys.readouterr()
        records = {record.recipient: record.state for record in Outbox(out).records(run)}
        assert records == {"anna@example.org": "sent", "nobody@example.org": "refused"}
        folders.append(folder)
    mails = servers.mails("anna", 4)
    assert len(mails) == 4
    by_id, hashes = {}, set()
    for raw in mails:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        by_id[str(message["Message-ID"])] = message
        hashes.add(hashlib.sha256(raw[raw.index(b"From: ") :]).hexdigest())
        assert message["Return-path"] == "<owner@example.com>"
        assert message["From"].addresses[0].display_name == "Kundenberichte für alle"
    for folder in folders:
        record = next(one for one in Outbox(out).records(folder.name) if one.state == "sent")
        message = by_id[record.message_id]
        assert record.eml_sha256 in hashes, "not byte for byte below what the relay put on top"
        parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
        said = folder / "email.html"
        page = said.read_text(encoding="utf-8").replace("%%ATTACHMENT_NOTE%%", "The full report is attached as a PDF.")
        assert parts["text/html"].replace("\r\n", "\n").rstrip("\n") == page.rstrip("\n")
        assert parts["image/png"] == png()
        assert parts["application/pdf"] == PDF
        assert ".a line that begins with a full stop" in parts["text/plain"]
        corrected = "[Corrected] " if folder.name.endswith("r2") else ""
        assert message["Subject"] == f"{corrected}Kundensegmente, {folder.name}: größere Körbe"
    with servers.mailbox("anna") as box:
        box.select("INBOX")
        threads = box.thread("REFERENCES", "UTF-8", "ALL")[1][0].decode()
    assert sorted(re.findall(r"\d+", threads)) == ["1", "2", "3", "4"]
    depth, tops = 0, 0
    for character in threads:
        tops += character == "(" and depth == 0
        depth += {"(": 1, ")": -1}.get(character, 0)
    assert tops == 1, threads


def test_a_report_is_made_and_mailed_by_one_command(
    servers: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = settings(tmp_path, servers, "ben@example.org")
    run = ["-q", "run", str(MALL), "-c", config, "--format", "html", "--send"]
    assert run_cli(run) == ExitCode.GOOD
    assert "sent       ben@example.org  end of the mail: 250" in capsys.readouterr().err
    (raw,) = servers.mails("ben", 1)
    assert run_cli(run) == ExitCode.GOOD, "running again mails nothing"
    folder = tmp_path / "out" / "runs" / "mall_customers.r1"
    message = email.message_from_bytes(raw, policy=email.policy.default)
    pictures = [part.get_content() for part in message.walk() if part.get_content_type() == "image/png"]
    assert pictures == [path.read_bytes() for path in sorted((folder / "images").glob("*.png"))]
    assert "200 customers" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert PASSWORD not in "".join(path.read_text("utf-8", "replace") for path in (tmp_path / "out").rglob("*.json"))
