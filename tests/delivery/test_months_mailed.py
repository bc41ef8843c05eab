"""Months that are mailed as they are published: the newest only, corrected editions, what a killed program left."""

from __future__ import annotations

import email
import email.policy
import shutil
from pathlib import Path

import pytest
from mail_servers import Post, serving
from month_shop import FIRST, SECOND, write_shop

from reportgen.cli.main import run_cli
from reportgen.delivery.outbox import Outbox
from reportgen.errors import ExitCode

SETTINGS = """
output = "{folder}/out"
[segments]
k = 3
k_max = 3
[report]
formats = ["json"]
[email]
from = "reports@example.com"
owner = "owner@example.com"
to = ["anna@example.org", "ben@example.org"]
link = "https://intranet.example.com/{{run}}/report.html"
[smtp]
host = "localhost"
port = {port}
tls = "none"
retry_minutes = []
"""


@pytest.mark.slow
def test_months_are_mailed_once_and_corrected_where_they_were_revised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders, config, out = str(write_shop(tmp_path / "orders.csv")), str(tmp_path / "mail.toml"), tmp_path / "out"
    post = Post(rcpt={"ben@example.org": ["550 5.1.1 not here yet"]})
    with serving(post) as port:
        Path(config).write_text(SETTINGS.format(folder=tmp_path, port=port), encoding="utf-8")
        span = ["-q", "run", orders, "-c", config, "--from", FIRST, "--to", SECOND, "--send"]
        assert run_cli(span) == ExitCode.MAIL_OPEN
        assert Outbox(out).runs() == (f"{SECOND}.r1",), "of several months the newest is mailed"
        assert run_cli(span) == ExitCode.GOOD, "nothing is left to do"
        revise = ["-q", "run", orders, "-c", config, "--period", SECOND, "--revise", "returns were missing", "--send"]
        assert run_cli(revise) == ExitCode.GOOD
        shutil.rmtree(out / "outbox" / f"{SECOND}.r2")  # as if killed right after publishing
        again = ["-q", "run", orders, "-c", config, "--period", SECOND]
        assert run_cli(again) == ExitCode.GOOD
        assert run_cli(again) == ExitCode.GOOD
        capsys.readouterr()
        assert run_cli(["runs", "-o", str(out)]) == ExitCode.GOOD
        listed = capsys.readouterr().out
    assert [line.rstrip().split("  ")[-1].strip() for line in listed.splitlines()[1:]] == [
        "2 sent", "1 sent, 1 refused", "not asked",
    ]  # fmt: skip
    everything = [email.message_from_bytes(got.data, policy=email.policy.default) for got in post.got]
    mails = [mail for mail in everything if mail["To"] != "owner@example.com"]
    assert len(everything) - len(mails) == 1, "the owner hears once that ben was refused"
    assert [str(mail["To"]) for mail in mails] == ["anna@example.org", *["anna@example.org", "ben@example.org"] * 2]
    first, corrected, to_ben = mails[:3]
    words = " ".join(first.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
    assert f"Reports made up at the same time: {FIRST}. https://intranet.example.com/{FIRST}.r1/report.html" in words
    assert "[Corrected]" not in first["Subject"]
    assert corrected["In-Reply-To"] == first["Message-ID"]
    assert to_ben["In-Reply-To"].startswith("<root."), "he never had the first edition"
    for mail in (corrected, to_ben):
        assert mail["Subject"].startswith("[Corrected] ")
        text = " ".join(mail.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
        assert "returns were missing" in text
        assert f"https://intranet.example.com/{SECOND}.r2/report.html" in text
