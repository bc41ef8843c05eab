"""The owner hears why a month was not published: once, in plain text, without a customer in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from mail_servers import Post, free_port, serving
from mailed_runs import mail_config

from reportgen.config import load_config
from reportgen.delivery.notices import make_notice, notify_owner
from reportgen.errors import HeldBack, InputError

STOP = HeldBack(
    "the input for October 2024 is doubtful",
    "Correct the input; if it is right, run again with --accept rows",
    ("rows", "stale"),
    ("rows        stopped   10 rows are dated in October 2024.",),
)
COMMAND = [
    "/usr/bin/reportgen",
    "run",
    "my orders.csv",
    "--password=hush",
    "postgresql://me:hush@host/shop",
    "--period",
    "2024-10",
]
DAY = 86_400


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1730500000")
    return monkeypatch


def test_a_notice_says_what_stopped_what_stays_and_what_to_do() -> None:
    notice = make_notice("2024-10", STOP, "2024-09", COMMAND)
    assert notice.subject == "October 2024 was not published (rows, stale)"
    for said in (
        "10 rows are dated",
        "September 2024 remains the newest report.",
        "--accept rows",
        "reportgen run 'my orders.csv' '--password=***' ",
        "--period 2024-10",
    ):
        assert said in notice.text
    assert "hush" not in notice.text
    assert "There is no report yet." in make_notice("2024-10", STOP, None, COMMAND).text
    assert "command" not in make_notice("2024-10", STOP, None, ["notebook.py", "secret"]).text


def test_what_an_input_error_quotes_from_the_file_is_not_told() -> None:
    error = InputError("7 values of id are found twice, such as 'anna@example.com'", "Keep one row per customer.")
    assert "anna" not in make_notice("2024-10", error, None, COMMAND).text


def test_the_same_is_told_again_after_seven_days_only(tmp_path: Path, clock: pytest.MonkeyPatch) -> None:
    config, notice = load_config(None), make_notice("2024-10", STOP, None, COMMAND)
    assert notify_owner(tmp_path, config, notice)
    clock.setenv("SOURCE_DATE_EPOCH", str(1730500000 + 7 * DAY - 1))
    assert not notify_owner(tmp_path, config, notice)
    other = HeldBack(STOP.message, STOP.hint, ("rows",), STOP.details)
    assert notify_owner(tmp_path, config, make_notice("2024-10", other, None, COMMAND)), "for another reason"
    assert notify_owner(tmp_path, config, make_notice("2024-11", STOP, None, COMMAND)), "for another month"
    clock.setenv("SOURCE_DATE_EPOCH", str(1730500000 + 7 * DAY))
    assert notify_owner(tmp_path, config, notice)
    assert len(list((tmp_path / "notices").iterdir())) == 3


def test_a_folder_that_can_t_be_written_hides_no_error(tmp_path: Path) -> None:
    (tmp_path / "notices").write_text("a file in the way", encoding="utf-8")
    assert notify_owner(tmp_path, load_config(None), make_notice("2024-10", STOP, None, COMMAND))


def test_the_owner_is_mailed_and_mailed_again_where_that_failed(tmp_path: Path, clock: pytest.MonkeyPatch) -> None:
    notice = make_notice("2024-10", STOP, "2024-09", COMMAND)
    dead = mail_config(tmp_path, email__owner="owner@example.org", smtp__port=free_port())
    notify_owner(tmp_path, dead, notice)
    post = Post()
    with serving(post) as port:
        config = mail_config(tmp_path, email__owner="owner@example.org", smtp__port=port)
        assert notify_owner(tmp_path, config, notice)
        assert not notify_owner(tmp_path, config, notice)
    (mail,) = post.got
    assert mail.recipient == "owner@example.org"
    assert b"Subject: October 2024 was not published" in mail.data
    assert b"Auto-Submitted: auto-generated" in mail.data
    assert b"10 rows are dated in October 2024." in mail.data
