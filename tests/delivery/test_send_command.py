"""``reportgen send`` and ``reportgen doctor`` as a user meets them."""

from __future__ import annotations

import email
import email.policy
import stat
import sys
from pathlib import Path

import pytest
from mail_servers import Post, free_port, scripted
from mailed_runs import publish
from shared import MALL

from reportgen.cli.main import run_cli
from reportgen.delivery.outbox import Outbox
from reportgen.errors import ExitCode

ANNA, BEN = "anna@example.org", "ben@example.org"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    publish(tmp_path / "output")
    return tmp_path


def settings(port: int, to: str = f'"{ANNA}", "{BEN}"', more: str = "") -> None:
    text = f"""
[email]
from = "reports@example.com"
owner = "owner@example.com"
to = [{to}]
[smtp]
host = "localhost"
port = {port}
tls = "none"
timeouts = [1, 1, 1]
retry_minutes = []
{more}
"""
    Path("mail.toml").write_text(text, encoding="utf-8")


def command(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = run_cli(["-q", *words, "-c", "mail.toml"])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_each_reader_gets_a_line(folder: Path, port: int, post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    settings(port)
    post.rcpt = {BEN: ["451 4.7.1 later"]}
    code, _, err = command("send", capsys=capsys)
    assert code == ExitCode.MAIL_OPEN
    assert err.splitlines() == [
        "sent       anna@example.org  end of the mail: 250 2.0.0 taken",
        "pending    ben@example.org  RCPT TO: 451 4.7.1 later",
        "Hint: the pending ones go on with: reportgen send 2026-10.r1 --retry",
    ]
    code, _, err = command("send", "2026-10", "--retry", capsys=capsys)
    assert code == ExitCode.GOOD
    assert [got.recipient for got in post.got] == [ANNA, BEN]


def test_nothing_is_sent_where_files_are_asked_for(
    folder: Path, port: int, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(port)
    code, out, _ = command("send", "--dry-run", "mails", capsys=capsys)
    assert code == ExitCode.GOOD
    assert len(out.splitlines()) == 2
    code, out, _ = command("send", "--draft", "drafts", "--to", ANNA, capsys=capsys)
    draft = email.message_from_bytes(Path(out.strip()).read_bytes(), policy=email.policy.default)
    assert (draft["To"], draft["X-Unsent"], draft["Date"]) == (ANNA, "1", None)
    assert command("send", "--preview", "mail.html", capsys=capsys)[0] == ExitCode.GOOD
    assert "data:image/png" in Path("mail.html").read_text(encoding="utf-8")
    assert not (folder / "output" / "outbox").exists()
    assert post.got == []


def test_preview_and_draft_need_no_server(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mail.toml").write_text("", encoding="utf-8")
    assert command("send", "--preview", "mail.html", capsys=capsys)[0] == ExitCode.GOOD
    assert command("send", "--draft", "drafts", "--to", ANNA, capsys=capsys)[0] == ExitCode.GOOD


def test_unknown_mails_are_settled_by_a_person(
    folder: Path, port: int, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(port, f'"{ANNA}"')
    post.data = ["drop"]
    code, _, err = command("send", capsys=capsys)
    assert code == ExitCode.MAIL_OPEN
    assert "unknown    anna@example.org  end of the mail: the server closed the connection" in err
    assert "--to ADDRESS --resolve sent (or pending), or --resend" in err
    assert command("send", capsys=capsys)[0] == ExitCode.MAIL_OPEN, "not by itself"
    assert command("send", "--to", ANNA, "--resend", capsys=capsys)[0] == ExitCode.GOOD
    assert [got.data for got in post.got] == [post.got[0].data] * 2
    assert command("send", "--test", BEN, capsys=capsys)[0] == ExitCode.GOOD
    assert len(post.got) == 3


MISTAKES = {
    "no run": (["send", "2026-09"], ExitCode.HELD_BACK, "2026-09 has no published run"),
    "no address": (["send", "--to", "anna@@x"], ExitCode.USAGE, '--to: "anna@@x" is not an e-mail address'),
    "two things": (["send", "--resend", "--retry"], ExitCode.USAGE, "--retry and --resend don't go together"),
    "whom": (["send", "--resolve", "sent"], ExitCode.USAGE, "--resolve needs an address"),
    "twice": (["send", "2026-10", "--period", "2026-10"], ExitCode.USAGE, "RUN and --period both"),
    "never asked": (["send", "--resend", "--to", BEN], ExitCode.USAGE, "was ever asked for"),
    "a file": (["send", "--dry-run", "mail.toml"], ExitCode.USAGE, "mail.toml is a file"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_before_anything_is_connected(
    mistake: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, code, told = MISTAKES[mistake]
    with scripted({}) as (port, heard):
        settings(port)
        got, _, err = command(*words, capsys=capsys)
    assert (got, heard) == (code, [])
    assert told in err


BAD_LISTS = {
    "nobody": ("", "", "email.to is empty"),
    "too many": ('"a@x.org", "b@x.org"', "max_recipients = 1", "email.to has 2 addresses, more than"),
    "no such file": ("", 'to_file = "nowhere.txt"', "nowhere.txt can't be read: no such file"),
    "wrong line": ("", 'to_file = "team.txt"', 'email.to_file line 3: "no address" is not an e-mail address'),
}


@pytest.mark.parametrize("name", BAD_LISTS)
def test_a_bad_list_of_readers_is_told(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("team.txt").write_text("a@x.org\n# a comment\nno address\n", encoding="utf-8")
    to, more, told = BAD_LISTS[name]
    with scripted({}) as (port, heard):
        settings(port, to)
        text = Path("mail.toml").read_text(encoding="utf-8").replace("[smtp]", f"{more}\n[smtp]")
        Path("mail.toml").write_text(text, encoding="utf-8")
        code, _, err = command("send", capsys=capsys)
    assert (code, heard) == (ExitCode.USAGE, [])
    assert told in err


def test_readers_come_from_a_file_too(folder: Path, port: int, post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    Path("team.txt").write_text(f"\ufeff{BEN}  # Ben\n\nAnna <{ANNA}>\n", encoding="utf-8")
    settings(port, f'"{ANNA}"')
    text = Path("mail.toml").read_text(encoding="utf-8").replace("[smtp]", 'to_file = "team.txt"\n[smtp]')
    Path("mail.toml").write_text(text, encoding="utf-8")
    code, _, err = command("send", capsys=capsys)
    assert code == ExitCode.GOOD
    assert "Note: anna@example.org is named twice; it gets one mail" in err
    assert [got.recipient for got in post.got] == [ANNA, BEN]


def test_check_tries_every_step_and_sends_nothing(
    folder: Path, port: int, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(port)
    post.rcpt = {BEN: ["550 5.1.1 nobody"]}
    code, out, _ = command("send", "--check", capsys=capsys)
    assert code == ExitCode.MAIL_OPEN
    assert "ok     reader         anna@example.org" in out
    assert "failed reader         ben@example.org: RCPT TO: 550 5.1.1 nobody" in out
    assert "not encrypted" in out
    assert post.got == []
    assert command("send", "--check", capsys=capsys)[0] == ExitCode.GOOD
    settings(free_port())
    code, out, _ = command("send", "--check", capsys=capsys)
    assert code == ExitCode.MAIL_OPEN
    assert "connection refused" in out
    assert not (folder / "output" / "outbox").exists()


def test_the_doctor_looks_at_the_machine(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mail.toml").write_text('output = "new/folder"\n', encoding="utf-8")
    code, out, _ = command("doctor", capsys=capsys)
    assert code == ExitCode.GOOD
    assert [line.split()[1] for line in out.splitlines() if line.startswith("ok")] == ["look", "Pango", "output"]
    assert "mail           not set up" in out
    assert not Path("new").exists()
    settings(1, "")
    code, out, _ = command("doctor", capsys=capsys)
    assert code == ExitCode.FAILED
    assert "failed mail settings  email.to is empty" in out


SENDMAIL = """#!{python}
import os, sys
open("called", "a").write(repr(sys.argv[1:]) + "\\n")
open("taken", "ab").write(sys.stdin.buffer.read())
print("told you so", file=sys.stderr)
code = {code}
os.kill(os.getpid(), -code) if code < 0 else sys.exit(code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs scripts that can be run")
@pytest.mark.parametrize(
    ("code", "state"),
    [(0, "sent"), (75, "pending"), (67, "refused"), (68, "refused"), (-9, "unknown"), (64, "pending")],
)
def test_the_sendmail_command_tells_by_its_exit_code(
    code: int, state: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = folder / "sendmail"
    program.write_text(SENDMAIL.format(python=sys.executable, code=code), encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    settings(25, f'"{ANNA}"', f'transport = "sendmail"\nsendmail_command = ["{program}", "-v"]')
    got, _, err = command("send", capsys=capsys)
    assert got == (ExitCode.GOOD if code == 0 else ExitCode.MAIL_OPEN)
    assert [record.state for record in Outbox(folder / "output").records("2026-10.r1")] == [state]
    assert Path("called").read_text() == f"['-v', '-i', '-f', 'owner@example.com', '--', '{ANNA}']\n"
    assert b"\r" not in Path("taken").read_bytes()
    assert ("told you so" in err) is (code != 0) or code == 0
    again = command("send", capsys=capsys)[0]
    assert len(Path("called").read_text().splitlines()) == (2 if state == "pending" else 1)
    assert again == got


@pytest.mark.skipif(sys.platform == "win32", reason="needs files that can be run")
def test_a_sendmail_command_that_is_no_program_leaves_the_mail_pending(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = folder / "sendmail"
    program.write_bytes(b"\x7fELF nonsense")
    program.chmod(0o755)
    settings(25, f'"{ANNA}"', f'transport = "sendmail"\nsendmail_command = ["{program}"]')
    code, _, err = command("send", capsys=capsys)
    assert code == ExitCode.MAIL_OPEN
    assert "sendmail: can't be started" in err
    assert [record.state for record in Outbox(folder / "output").records("2026-10.r1")] == ["pending"]


def test_no_sendmail_command_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings(25, f'"{ANNA}"', 'transport = "sendmail"\nsendmail_command = ["no-such-sendmail"]')
    code, _, err = command("send", capsys=capsys)
    assert code == ExitCode.MAIL_OPEN
    assert "there is no command no-such-sendmail" in err


@pytest.mark.slow
def test_a_run_is_mailed_when_it_is_published_and_goes_on_when_run_again(
    folder: Path, port: int, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", str(MALL), "--format", "html", "-o", "shop"]
    settings(port, "")
    assert command(*words, "--send", capsys=capsys)[0] == ExitCode.USAGE
    assert not Path("shop").exists(), "wrong settings are told before the work begins"
    settings(port)
    assert command(*words, capsys=capsys)[0] == ExitCode.GOOD
    assert post.got == []
    post.rcpt = {BEN: ["450 later"]}
    assert command(*words, "--send", capsys=capsys)[0] == ExitCode.MAIL_OPEN
    assert [got.recipient for got in post.got] == [ANNA, "owner@example.com"]
    notice = email.message_from_bytes(post.got.pop().data, policy=email.policy.default)
    assert notice["Subject"] == "Not every mail of mall_customers.r1 is sent"
    assert "ben@example.org: pending (RCPT TO: 450 later)" in notice.get_content()
    code, _, err = command(*words, capsys=capsys)
    assert code == ExitCode.GOOD
    assert "sent       ben@example.org" in err, "what is pending goes on"
    assert command(*words, "--send", capsys=capsys)[0] == ExitCode.GOOD
    assert [got.recipient for got in post.got] == [ANNA, BEN]
