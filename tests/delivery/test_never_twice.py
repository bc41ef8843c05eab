"""Nobody gets a mail twice, however often senders are started, killed or run side by side."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mail_servers import Post, serving
from mailed_runs import mail_config, publish
from shared import ROOT

from reportgen.cli.main import run_cli
from reportgen.delivery.after_run import mail_run
from reportgen.delivery.by_hand import resend, resolve, send_test
from reportgen.delivery.edition import find_edition
from reportgen.delivery.message import recipient_key
from reportgen.delivery.on_disk import write_dry_run
from reportgen.delivery.outbox import Outbox, Tally, replacing
from reportgen.delivery.send import Choice, Delivery, send_edition
from reportgen.errors import BusyError, ConfigError, ExitCode, HeldBack, ReportgenError
from reportgen.progress import silent

ANNA, BEN = "anna@example.org", "ben@example.org"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    publish(tmp_path / "out")
    return tmp_path / "out"


def send(root: Path, port: int, run: str = "", choice: Choice | None = None, **settings: Any) -> Delivery:
    config = mail_config(root, smtp__port=port, **settings)
    return send_edition(find_edition(root, run), config, choice or Choice(), sleep=lambda _: None)


def states(delivery: Delivery) -> list[str]:
    return [record.state for record in delivery.records]


def in_state(root: Path, state: Any, run: str = "2026-10.r1") -> None:
    """Put the first record of a run into a state, as a sender left it."""
    outbox = Outbox(root)
    outbox.write(run, replace(outbox.records(run)[0], state=state))


def test_sending_again_sends_nothing(root: Path, port: int, post: Post) -> None:
    for _ in range(3):
        assert send(root, port).exit_code == ExitCode.GOOD
    assert len(post.got) == 1
    assert len({got.data for got in post.got}) == 1


def test_an_address_written_otherwise_is_the_same_reader(root: Path, port: int, post: Post) -> None:
    delivery = send(root, port, email__to=[ANNA, "Anna@EXAMPLE.org"])
    assert delivery.notes == ("Anna@example.org is named twice; it gets one mail",)
    send(root, port, email__to=["ANNA@example.org"])
    assert [got.recipient for got in post.got] == [ANNA]


def test_a_mail_found_in_the_middle_of_sending_is_unknown(root: Path, port: int, post: Post) -> None:
    send(root, port, choice=Choice(only_open=True))  # makes the folder
    with pytest.raises(ReportgenError):
        send(root, port, email__max_recipients=1, email__to=[ANNA, BEN])
    send(root, port)
    in_state(root, "sending")
    delivery = send(root, port)
    assert states(delivery) == ["unknown"]
    assert delivery.records[0].attempts[-1].text == "the program was stopped in the middle"
    assert delivery.exit_code == ExitCode.MAIL_OPEN
    assert len(post.got) == 1


def test_an_address_added_later_is_asked_for_by_hand(root: Path, port: int, post: Post) -> None:
    send(root, port)
    assert len(send(root, port, email__to=[ANNA, BEN]).records) == 1
    assert states(send(root, port, choice=Choice(to=(BEN,)))) == ["sent"]
    assert [got.recipient for got in post.got] == [ANNA, BEN]


def test_who_was_taken_off_the_list_gets_nothing_more(root: Path, port: int, post: Post) -> None:
    post.rcpt = {ANNA: ["450 later"] * 2, BEN: ["450 later"]}
    send(root, port)
    send(root, port, choice=Choice(to=(BEN,)))
    delivery = send(root, port, email__to=["cleo@example.org"])
    assert delivery.notes == (f"{ANNA} is no longer in email.to: that mail stays unsent (--to sends it)",)
    assert states(delivery) == ["pending", "sent"], "ben was asked for by hand"
    assert delivery.exit_code == ExitCode.GOOD, "nobody is owed a mail"
    config = mail_config(root, smtp__port=port, email__to=["cleo@example.org"])
    assert mail_run(root / "runs" / "2026-10.r1", config, silent) is None
    send(root, port, choice=Choice(to=(ANNA,)), email__to=["cleo@example.org"])
    assert [got.recipient for got in post.got] == [BEN]


def test_one_address_first_and_everyone_later(root: Path, port: int, post: Post) -> None:
    send(root, port, choice=Choice(to=(BEN,)), email__to=[ANNA, BEN])
    send(root, port, email__to=[ANNA, BEN])
    assert sorted(got.recipient for got in post.got) == [ANNA, BEN]


def test_what_a_person_settled_counts(root: Path, port: int, post: Post) -> None:
    send(root, port, email__to=[ANNA])
    with pytest.raises(ConfigError, match="is sent, not unknown"):
        resolve(find_edition(root), [ANNA], "pending")
    with pytest.raises(ConfigError, match="was ever asked for"):
        resolve(find_edition(root), [BEN], "pending")
    in_state(root, "unknown")
    resolve(find_edition(root), [ANNA], "pending")
    assert states(send(root, port)) == ["sent"]
    assert len(post.got) == 2
    in_state(root, "unknown")
    assert [record.state for record in resolve(find_edition(root), [ANNA], "sent")] == ["sent"]


def test_from_unknown_only_the_very_same_mail_goes_out_again(root: Path, port: int, post: Post) -> None:
    send(root, port)
    in_state(root, "unknown")
    with pytest.raises(ReportgenError, match="would not be the same as the first time"):
        resend(find_edition(root), mail_config(root, smtp__port=port, email__report_name="Other"), [ANNA])
    assert states(resend(find_edition(root), mail_config(root, smtp__port=port), [ANNA])) == ["sent"]
    assert [got.data for got in post.got] == [post.got[0].data] * 2


def test_from_sent_a_copy_goes_out(root: Path, port: int, post: Post) -> None:
    config = mail_config(root, smtp__port=port)
    send(root, port)
    for _ in range(2):
        resend(find_edition(root), config, [ANNA])
    ids = [line for got in post.got for line in got.data.decode().splitlines() if line.startswith("Message-ID")]
    name = f"Message-ID: <2026-10.r1.1f3a9c00.{recipient_key(ANNA)}"
    assert ids == [f"{name}@example.com>", f"{name}.copy1@example.com>", f"{name}.copy2@example.com>"]


def test_a_test_counts_for_nothing(root: Path, port: int, post: Post) -> None:
    config = mail_config(root, smtp__port=port)
    for _ in range(2):
        assert send_test(find_edition(root), config, ANNA).state == "sent"
    assert Outbox(root).runs() == ()
    assert states(send(root, port)) == ["sent"]
    assert [b"Subject: [Test] " in got.data for got in post.got] == [True, True, False]
    assert b".test2@example.com>" in post.got[1].data


def test_a_revision_is_a_corrected_mail_and_replaces_what_is_open(root: Path, port: int, post: Post) -> None:
    post.rcpt = {BEN: ["450 later"]}
    send(root, port, email__to=[ANNA, BEN])
    with replacing(root, "2026-10", 1) as mailed:
        assert mailed is None
    with replacing(root, "2026-10", 2) as mailed:
        assert mailed is not None
        with pytest.raises(BusyError):
            send(root, port, email__to=[ANNA, BEN])
    assert [record.superseded for record in Outbox(root).records("2026-10.r1")] == [False, True]
    publish(root, "2026-10.r2", corrected=True)
    send(root, port, email__to=[ANNA, BEN])
    texts = [(got.recipient, got.data.decode()) for got in post.got]
    assert [recipient for recipient, _ in texts] == [ANNA, ANNA, BEN]
    first = f"<2026-10.r1.1f3a9c00.{recipient_key(ANNA)}@example.com>"
    assert f"In-Reply-To: {first}" in texts[1][1]
    assert all("Subject: [Corrected] " in text for _, text in texts[1:])
    assert "In-Reply-To: <root." in texts[2][1], "ben never had the first one"
    assert [record.superseded for record in Outbox(root).records("2026-10.r1")] == [False, True]
    with pytest.raises(HeldBack, match=r"2026-10\.r1 was replaced by 2026-10\.r2"):
        send(root, port, "2026-10.r1")


def test_an_edition_that_was_replaced_while_a_sender_waited_stays_unsent(root: Path, port: int, post: Post) -> None:
    edition = find_edition(root)
    publish(root, "2026-10.r2")
    with pytest.raises(HeldBack, match=r"2026-10\.r1 was replaced by 2026-10\.r2"):
        send_edition(edition, mail_config(root, smtp__port=port))
    assert post.got == []


def test_who_had_a_mail_and_not_its_copy_is_corrected_all_the_same(root: Path, port: int, post: Post) -> None:
    send(root, port)
    post.rcpt = {ANNA: ["550 5.1.1 no longer here"]}
    resend(find_edition(root), mail_config(root, smtp__port=port), [ANNA])
    assert [record.state for record in Outbox(root).records("2026-10.r1")] == ["refused"]
    with replacing(root, "2026-10", 2) as mailed:
        assert mailed is not None


def test_a_large_mail_is_told_of(tmp_path: Path, port: int, post: Post) -> None:
    publish(tmp_path, pdf=b"%PDF-1.7\n" + b"stub " * 800_000)
    delivery = send(tmp_path, port)
    assert states(delivery) == ["sent"]
    assert delivery.notes == (
        "each mail has 5.5 MB, which some servers refuse; without the PDF: email.attach_pdf = false",
    )


def test_months_of_yesterday_are_not_mailed_by_themselves(root: Path, port: int, post: Post) -> None:
    post.rcpt = {ANNA: ["450 later"]}
    send(root, port)
    publish(root, "2026-11.r1")
    late = send(root, port, "2026-10", Choice(only_open=True))
    assert late.notes == ("2026-10 is no longer the newest month: 1 pending mails stay unsent (--even-late)",)
    assert (late.exit_code, post.got) == (ExitCode.MAIL_OPEN, [])
    assert states(send(root, port, "2026-10", Choice(even_late=True))) == ["sent"]


def test_a_run_that_is_no_month_can_be_mailed(tmp_path: Path, port: int, post: Post) -> None:
    publish(tmp_path, "Kundenübersicht-2026.r3")
    assert states(send(tmp_path, port)) == ["sent"]
    assert f"Message-ID: <Kunden-bersicht-2026.r3.1f3a9c00.{recipient_key(ANNA)}@" in post.got[0].data.decode()
    assert b'filename="segments-Kunden-bersicht-2026.pdf"' in post.got[0].data


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_damaged_run_is_not_mailed(damage: str, root: Path) -> None:
    file = root / "runs" / "2026-10.r1" / "email.html"
    if damage == "missing":
        file.unlink()
    else:
        file.write_text(file.read_text() + " ")
    with pytest.raises(HeldBack, match="has no published run"):
        find_edition(root)


def test_a_dry_run_writes_the_very_bytes(root: Path, port: int, post: Post, tmp_path: Path) -> None:
    post.rcpt = {ANNA: ["450 later"]}
    send(root, port)
    config = mail_config(root, smtp__port=port)
    files = write_dry_run(find_edition(root), config, tmp_path / "mails")
    send(root, port)
    assert [file.read_bytes() for file in files] == [post.got[0].data]
    assert write_dry_run(find_edition(root), config, tmp_path / "none") == ()


def test_a_dry_run_leaves_nothing_behind(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    config = mail_config(root, email__to=[ANNA, BEN])
    one, two = (write_dry_run(find_edition(root), config, tmp_path / name) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert len(one) == 2
    assert not (root / "outbox").exists()


def test_a_second_sender_waits_for_nobody(root: Path, port: int, post: Post) -> None:
    with Outbox(root).locked(), pytest.raises(BusyError) as busy:
        send(root, port)
    assert busy.value.exit_code == ExitCode.BUSY
    assert str(os.getpid()) in busy.value.message
    assert post.got == []
    with Outbox(root).locked():
        delivery = mail_run(root / "runs" / "2026-10.r1", mail_config(root, smtp__port=port), silent, "all")
    assert delivery is not None
    assert delivery.exit_code == ExitCode.BUSY, "the run stands, its mails wait"


def test_a_record_that_cannot_be_read_stops_everything(root: Path, port: int, post: Post) -> None:
    send(root, port)
    (root / "outbox" / "2026-10.r1" / f"{recipient_key(ANNA)}.json").write_text("{", encoding="utf-8")
    with pytest.raises(ReportgenError, match="can't be read"):
        send(root, port)
    assert len(post.got) == 1


def test_ctrl_c_leaves_a_state_to_go_on_from(root: Path, port: int, post: Post) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    post.rcpt = {ANNA: ["450 later"]}
    config = mail_config(root, smtp__port=port, smtp__retry_minutes=[1])
    delivery = send_edition(find_edition(root), config, sleep=interrupted)
    assert delivery.exit_code == ExitCode.INTERRUPTED
    assert states(delivery) == ["pending"]
    assert states(send(root, port)) == ["sent"]


def test_only_the_owner_may_read_the_outbox(root: Path, port: int) -> None:
    send(root, port)
    assert (root / "outbox").stat().st_mode & 0o077 == 0
    records = list((root / "outbox" / "2026-10.r1").glob("*.json"))
    assert [path.stat().st_mode & 0o077 for path in records] == [0]
    said = json.loads(records[0].read_text(encoding="utf-8"))
    assert said["schema"] == "reportgen.outbox/1"
    assert len(said["eml_sha256"]) == 64


def test_runs_are_counted_by_state(root: Path, port: int, post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    post.rcpt, post.data = {BEN: ["550 no"]}, ["", "drop"]
    send(root, port, email__to=[ANNA, BEN, "cleo@example.org"])
    assert Outbox(root).tally("2026-10.r1") == Tally(sent=1, refused=1, unknown=1, pending=0)
    assert Outbox(root).told() == {"2026-10.r1": "1 sent, 1 refused, 1 unknown"}
    assert run_cli(["runs", "-o", str(root)]) == ExitCode.GOOD
    assert "1 sent, 1 refused, 1 unknown" in capsys.readouterr().out


SENDERS = """
import os, signal, sys, threading
from pathlib import Path
from mailed_runs import mail_config
from reportgen.delivery.edition import find_edition
from reportgen.delivery.send import send_edition
import email_validator
root, port = Path(sys.argv[1]), int(sys.argv[2])
for line in sys.stdin:
    run, readers, moment = line.split()
    child = os.fork()
    if child == 0:
        threading.Timer(float(moment), os.kill, (os.getpid(), signal.SIGKILL)).start()
        config = mail_config(root, smtp__port=port, email__to=readers.split(","))
        try:
            send_edition(find_edition(root, run), config)
        finally:
            os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_senders_killed_at_any_moment_never_send_twice(tmp_path: Path) -> None:
    """Two senders side by side, killed at random moments, 40 rounds; then one clean run."""
    choose = random.Random(5)
    readers = [f"reader{number}@example.org" for number in range(6)]
    post = Post(slow=0.004)
    killed = 0
    with serving(post) as port:
        command = [sys.executable, "-c", SENDERS, str(tmp_path), str(port)]
        paths = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
        senders = [
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                env=os.environ | {"PYTHONPATH": paths},
            )
            for _ in range(2)
        ]  # fmt: skip
        try:
            for number in range(40):
                run = f"shop{number}.r1"
                publish(tmp_path, run, pdf=None)
                for sender in senders:
                    assert sender.stdin
                    sender.stdin.write(f"{run} {','.join(readers)} {choose.uniform(0.0, 0.25)}\n")
                    sender.stdin.flush()
                killed += sum(int(sender.stdout.readline()) == -signal.SIGKILL for sender in senders if sender.stdout)
        finally:
            for sender in senders:
                sender.communicate()
        for number in range(40):
            send(tmp_path, port, f"shop{number}", email__to=readers)
    taken = Counter((got.recipient, got.data.split(b"Message-ID: <")[1].split(b".r1")[0].decode()) for got in post.got)
    assert max(taken.values()) == 1, "somebody got a mail twice"
    ends: Counter[str] = Counter()
    for number in range(40):
        for record in Outbox(tmp_path).records(f"shop{number}.r1"):
            ends[record.state] += 1
            if record.state == "sent":
                assert taken[record.recipient, f"shop{number}"] == 1
    assert ends["sent"] + ends["unknown"] == 240, ends
    assert ends["sent"] > 150, ends
    assert killed >= 5, "the machine was too fast for the random moments"
