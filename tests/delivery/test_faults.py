"""A mail server may fail at every step: each reader's state, the exit code, and how often a mail was taken."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import pickle
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_servers import PASSWORD, TOKEN, Authority, Post, free_port, make_authority, scripted, serving
from mailed_runs import mail_config, publish

from reportgen.delivery.answers import (
    SetUpError,
    TooLargeError,
    UnreachableError,
    judge_data,
    judge_recipient,
    judge_sender,
)
from reportgen.delivery.edition import find_edition
from reportgen.delivery.secrets import Secret
from reportgen.delivery.send import Delivery, send_edition
from reportgen.errors import ConfigError, ExitCode

ANNA, BEN, CLEO = "anna@example.org", "ben@example.org", "cleo@example.org"
SECURE = {"smtp__tls": "starttls", "smtp__user": "mailer", "smtp__password_env": "REPORT_PW"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    publish(tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORT_PW", PASSWORD)
    monkeypatch.setenv("REPORT_TOKEN", TOKEN)


def deliver(root: Path, port: int, **settings: Any) -> Delivery:
    return send_edition(find_edition(root), mail_config(root, smtp__port=port, **settings), sleep=lambda _: None)


def states(delivery: Delivery) -> dict[str, str]:
    return {record.recipient.partition("@")[0]: record.state for record in delivery.records}


@dataclass(frozen=True)
class Case:
    """What the server does, the settings, and how anna, ben and cleo end: sent, refused, unknown or pending."""

    ends: str
    post: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    server: dict[str, Any] = field(default_factory=dict)
    problem: type[Exception] | None = None


CASES = {
    "all well": Case("sss"),
    "one of three refused": Case("srs", {"rcpt": {BEN: ["550 5.1.1 nobody"]}}),
    "all refused": Case("rrr", {"rcpt": {ANNA: ["550 no"], BEN: ["551 no"], CLEO: ["553 no"]}}),
    "put off, then taken": Case("sss", {"rcpt": {ANNA: ["451 4.7.1 greylisted"]}}, {"smtp__retry_minutes": [1]}),
    "put off for ever": Case("pss", {"rcpt": {ANNA: ["450 later"] * 3}}, {"smtp__retry_minutes": [1, 5]}),
    "put off at the sender": Case("sss", {"mail": ["451 later"]}, {"smtp__retry_minutes": [1]}),
    "one is against the policy": Case("sps", {"rcpt": {BEN: ["550 5.7.1 not allowed"]}}),
    "sender refused": Case("ppp", {"mail": ["550 5.1.8 bad sender"]}, problem=SetUpError),
    "login wanted": Case("ppp", {"mail": ["530 5.7.0 login first"]}, problem=SetUpError),
    "too large at the sender": Case("sss", {"mail": ["552 5.3.4 too large"]}),
    "too large even so": Case("ppp", {"mail": ["552 too large"] * 2}, problem=TooLargeError),
    "put off after the dot": Case("sss", {"data": ["452 4.3.1 disk full"]}, {"smtp__retry_minutes": [1]}),
    "refused after the dot": Case("rss", {"data": ["554 5.6.0 no"]}),
    "dropped after the dot": Case("uss", {"data": ["drop"]}),
    "stalled after the dot": Case("sus", {"data": ["", "stall"]}, {"smtp__timeouts": [3, 3, 0.5]}),
    "small limit named": Case("sss", server={"data_size_limit": 4000}),
}


@pytest.mark.parametrize("name", CASES)
def test_every_reader_has_the_state_that_the_server_left(name: str, root: Path) -> None:
    case, post = CASES[name], Post(**CASES[name].post)
    with serving(post, **case.server) as port:
        delivery = deliver(root, port, email__to=[ANNA, BEN, CLEO], **case.settings)
        again = deliver(root, port, email__to=[ANNA, BEN, CLEO], **case.settings)
    assert "".join(state[0] for state in states(delivery).values()) == case.ends
    assert delivery.exit_code == (ExitCode.GOOD if case.ends == "sss" else ExitCode.MAIL_OPEN)
    assert type(delivery.problem) is (case.problem or type(None))
    taken = [got.recipient for got in post.got]
    assert len(taken) == len(set(taken)), "somebody got it twice"
    settled = {record.recipient: record.state for record in again.records}
    may_have_it = {address for address, state in settled.items() if state in ("sent", "unknown")}
    assert set(taken) == may_have_it
    assert settled == {record.recipient: "sent" if record.open else record.state for record in delivery.records}, (
        "what is settled stays, what is pending goes on"
    )


def test_without_the_pdf_the_mail_says_so(root: Path) -> None:
    post = Post(mail=["552 5.3.4 too large"])
    with serving(post) as port:
        deliver(root, port)
    assert b"The PDF was left out: 2.1 MB." in post.got[0].data
    assert b"application/pdf" not in post.got[0].data


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_an_encrypted_login_is_made_once(tls: str, authority: Authority, root: Path) -> None:
    post = Post()
    how: dict[str, Any] = {"ssl_context": authority.good, "auth_require_tls": False}
    if tls == "starttls":
        how = {"tls_context": authority.good, "require_starttls": True, "auth_required": True}
    with serving(post, authenticator=post.authenticate, **how) as port:
        given = SECURE | {"smtp__tls": tls, "smtp__ca_file": authority.ca_file}
        delivery = deliver(root, port, email__to=[ANNA, BEN], **given)
    assert states(delivery) == {"anna": "sent", "ben": "sent"}
    assert post.logins == ["PLAIN"]


def test_where_only_login_is_offered_it_is_used(authority: Authority, root: Path) -> None:
    post = Post()
    with serving(
        post, authenticator=post.authenticate, auth_exclude_mechanism=["PLAIN"], tls_context=authority.good
    ) as port:
        delivery = deliver(root, port, smtp__ca_file=authority.ca_file, **SECURE)
    assert states(delivery) == {"anna": "sent"}
    assert post.logins == ["LOGIN"]


@pytest.mark.parametrize("name", ["other_name", "expired", "unknown"])
def test_a_certificate_that_is_not_valid_stops_before_the_login(name: str, authority: Authority, root: Path) -> None:
    post = Post()
    with serving(post, authenticator=post.authenticate, tls_context=getattr(authority, name)) as port:
        delivery = deliver(root, port, smtp__ca_file=authority.ca_file, smtp__retry_minutes=[1], **SECURE)
    assert isinstance(delivery.problem, SetUpError)
    assert "certificate of localhost is not valid" in delivery.problem.message
    assert states(delivery) == {"anna": "pending"}
    assert (post.logins, post.got) == ([], [])
    assert len(delivery.records[0].attempts) == 1, "trying again would not help"


def test_no_password_leaves_without_encryption(root: Path) -> None:
    with scripted({"EHLO": "250 AUTH PLAIN LOGIN"}) as (port, heard):
        delivery = deliver(root, port, **SECURE)
    assert isinstance(delivery.problem, SetUpError)
    assert "offers no encryption" in delivery.problem.message
    assert [line.split(" ")[0] for line in heard] == ["ehlo"]


def test_tls_on_a_port_without_it_is_told(root: Path) -> None:
    with scripted({}) as (port, _):
        delivery = deliver(root, port, **SECURE | {"smtp__tls": "implicit"})
    assert isinstance(delivery.problem, SetUpError)
    assert "does not speak TLS" in delivery.problem.message


def test_a_wrong_password_is_tried_once(authority: Authority, root: Path) -> None:
    post = Post(password="another")
    with serving(post, authenticator=post.authenticate, auth_required=True, tls_context=authority.good) as port:
        delivery = deliver(root, port, smtp__ca_file=authority.ca_file, smtp__retry_minutes=[1], **SECURE)
    assert isinstance(delivery.problem, SetUpError)
    assert "535" in delivery.problem.message
    assert "smtp.user and the password" in delivery.problem.hint
    assert post.logins == ["PLAIN"]
    assert states(delivery) == {"anna": "pending"}


@pytest.mark.parametrize(("token", "state"), [(TOKEN, "sent"), ("another", "pending")])
def test_a_token_logs_in_once(token: str, state: str, authority: Authority, root: Path) -> None:
    post = Post()
    given = {"smtp__auth": "xoauth2", "smtp__user": "mailer", "smtp__tls": "starttls"}
    command = [sys.executable, "-c", f"print('{token}')"]
    with serving(post, authenticator=post.authenticate, auth_required=True, tls_context=authority.good) as port:
        delivery = deliver(root, port, smtp__ca_file=authority.ca_file, smtp__token_command=command, **given)
    assert states(delivery) == {"anna": state}
    assert post.logins == ["XOAUTH2"]
    assert (delivery.problem is None) is (state == "sent")
    assert delivery.problem is None or "535 5.7.8 bad token" in delivery.problem.message


@pytest.mark.parametrize(
    ("greeting", "words"),
    [("421 too busy", "421 too busy"), ("stall", "no answer in time"), ("close", "closed the connection")],
)
def test_a_server_that_does_not_greet_is_tried_again(greeting: str, words: str, root: Path) -> None:
    with scripted({"greeting": greeting}) as (port, _):
        delivery = deliver(root, port, smtp__retry_minutes=[0.1], smtp__timeouts=[0.3, 0.3, 0.3])
    assert isinstance(delivery.problem, UnreachableError)
    assert words in delivery.problem.message
    assert [attempt.phase for attempt in delivery.records[0].attempts] == ["connection"] * 2
    assert states(delivery) == {"anna": "pending"}


def test_a_refused_greeting_needs_a_person(root: Path) -> None:
    with scripted({"greeting": "554 no service for you"}) as (port, _):
        assert isinstance(deliver(root, port).problem, SetUpError)


@pytest.mark.parametrize("answer", ["421 shutting down", "close", "stall"])
def test_before_the_mail_is_asked_for_nothing_is_unknown(answer: str, root: Path) -> None:
    with scripted({"DATA": answer}) as (port, heard):
        delivery = deliver(root, port, smtp__timeouts=[0.3, 0.3, 0.3])
    assert states(delivery) == {"anna": "pending"}
    assert "DATA" in heard


GARBAGE = {
    "words": "hello",
    "nothing": "",
    "a strange code": "999 x",
    "half a code": "25",
    "endless": "250 " + "x" * 9000,
}


@pytest.mark.parametrize("answer", GARBAGE)
@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_server_that_talks_nonsense_gets_no_mail(step: str, answer: str, root: Path) -> None:
    with scripted({step: GARBAGE[answer]}) as (port, heard):
        delivery = deliver(root, port, smtp__timeouts=[0.3, 0.3, 0.3])
    assert states(delivery) == {"anna": "pending"}
    assert not any("Subject" in line for line in heard)


@given(code=st.integers(-1, 999), text=st.text(max_size=40) | st.sampled_from(["5.7.1 no", "5.7.57 x", "4.2.2 full"]))
def test_every_answer_has_a_meaning(code: int, text: str) -> None:
    """Only a yes to the mail itself means sent; only a no that lasts, to the reader or the mail, means refused."""
    outcome = judge_data("end of the mail", code, text)
    assert (outcome.state == "sent") is (200 <= code < 300)
    assert (outcome.state == "refused") is (500 <= code < 600)
    for judge in (judge_sender, judge_recipient):
        problem = judged = None
        try:
            judged = judge(code, text)
        except SetUpError as error:
            problem = error
        if problem is not None:
            assert 500 <= code < 600
            assert problem.hint
        elif judged is None:
            assert 200 <= code < 300
        else:
            assert judged.state == "pending" or (judge is judge_recipient and 500 <= code < 600)


def test_nobody_listens(root: Path) -> None:
    delivery = deliver(root, free_port())
    assert isinstance(delivery.problem, UnreachableError)
    assert "connection refused" in delivery.problem.message
    assert states(delivery) == {"anna": "pending"}


def test_whoever_waits_is_told_why_and_how_long(root: Path) -> None:
    told: list[str] = []
    config = mail_config(root, smtp__port=free_port(), smtp__retry_minutes=[5])
    send_edition(find_edition(root), config, progress=lambda step, _: told.append(step), sleep=lambda _: None)
    assert any("connection refused; 1 still to be mailed, next try in 5 min" in step for step in told), told


def test_the_wait_between_rounds_is_on_the_record(root: Path) -> None:
    waits: list[float] = []
    with serving(Post(rcpt={ANNA: ["451 later"] * 9})) as port:
        config = mail_config(root, smtp__port=port, smtp__retry_minutes=[1, 5, 15])
        delivery = send_edition(find_edition(root), config, sleep=waits.append)
    assert waits == [60, 300, 900]
    assert len(delivery.records[0].attempts) == 4
    assert delivery.records[0].next_try_at == ""


def test_microsoft_365_is_told_apart(root: Path) -> None:
    with scripted({"MAIL": "530 5.7.57 Client not authenticated to send mail"}) as (port, _):
        problem = deliver(root, port).problem
    assert problem is not None
    assert "xoauth2" in problem.hint


PRINTS_AND_FAILS = [sys.executable, "-c", "import os, sys; print(os.environ['REPORT_PW']); sys.exit(3)"]
BAD_SECRETS: dict[str, tuple[dict[str, Any], str]] = {
    "variable not set": ({"smtp__password_env": "NOT_SET"}, "smtp.password_env names NOT_SET, which is not set"),
    "no such file": ({"smtp__password_file": "nowhere"}, "smtp.password_file nowhere can't be read"),
    "command fails": ({"smtp__password_command": PRINTS_AND_FAILS}, "ended with exit status 3"),
    "no such command": ({"smtp__password_command": ["no-such"]}, "smtp.password_command: no-such can't be started"),
    "command says nothing": ({"smtp__password_command": [sys.executable, "-c", ""]}, "gives an empty text"),
    "no such authority": ({"smtp__password_env": "REPORT_PW", "smtp__ca_file": "no.pem"}, "smtp.ca_file no.pem can't"),
}


@pytest.mark.parametrize("name", BAD_SECRETS)
def test_a_secret_that_is_not_there_stops_before_connecting(name: str, root: Path) -> None:
    settings, words = BAD_SECRETS[name]
    with scripted({}) as (port, heard), pytest.raises(ConfigError) as error:
        deliver(root, port, smtp__user="mailer", smtp__tls="starttls", **settings)
    assert words in error.value.message
    assert PASSWORD not in error.value.message + error.value.hint
    assert heard == []


def test_a_password_file_for_all_eyes_is_refused(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "pw"
    file.write_text(PASSWORD + "\n", encoding="utf-8")
    file.chmod(0o640)
    given = {"smtp__user": "mailer", "smtp__tls": "starttls", "smtp__password_file": str(file)}
    with pytest.raises(ConfigError, match="can be read by others"):
        deliver(root, 1, **given)


@pytest.mark.parametrize("source", ["file", "command"])
def test_a_secret_may_be_kept_elsewhere(source: str, authority: Authority, root: Path, tmp_path: Path) -> None:
    file = tmp_path / "pw"
    file.write_text(PASSWORD + "\nsecond line\n", encoding="utf-8")
    file.chmod(0o600)
    post = Post()
    given: dict[str, Any] = {"smtp__user": "mailer", "smtp__tls": "starttls", "smtp__ca_file": authority.ca_file}
    given |= {"smtp__password_file": str(file)} if source == "file" else {"smtp__password_command": ["cat", str(file)]}
    with serving(post, authenticator=post.authenticate, auth_required=True, tls_context=authority.good) as port:
        assert states(deliver(root, port, **given)) == {"anna": "sent"}


def test_the_key_ring_may_hold_it(authority: Authority, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {("mail", "mailer"): PASSWORD}
    ring = SimpleNamespace(get_password=lambda service, user: kept.get((service, user)))
    post = Post()
    given = {"smtp__user": "mailer", "smtp__tls": "starttls", "smtp__ca_file": authority.ca_file}
    monkeypatch.setitem(sys.modules, "keyring", ring)
    with serving(post, authenticator=post.authenticate, auth_required=True, tls_context=authority.good) as port:
        assert states(deliver(root, port, smtp__keyring="mail", **given)) == {"anna": "sent"}
    with pytest.raises(ConfigError, match="no password of mailer for other"):
        deliver(root, 1, smtp__keyring="other", **given)
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError, match=r"smtp\.keyring needs the library keyring"):
        deliver(root, 1, smtp__keyring="mail", **given)


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret(PASSWORD)
    assert PASSWORD not in f"{secret} {secret!r} {[secret]} {vars(type(secret))}"
    with pytest.raises(TypeError, match="not written anywhere"):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)


@contextlib.contextmanager
def everything_logged() -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)


ECHOES = ["235 welcome", "535 5.7.8 not {secret}", "535 {pad}{secret}", "454 later {packed}", "close", "stall"]


@pytest.mark.parametrize("kind", ["password", "token"])
@pytest.mark.parametrize(
    "answer",
    ["235 2.7.0 welcome", "535 5.7.8 not {secret}", "535 {pad}{secret}", "454 later {packed}", "close", "stall"],
)
def test_no_secret_is_left_anywhere(
    answer: str,
    kind: str,
    authority: Authority,
    root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not even where the server repeats it."""
    if kind == "password":
        secret, said, offer, how = PASSWORD, f"\0mailer\0{PASSWORD}", "PLAIN", SECURE
    else:
        secret, said, offer = TOKEN, f"user=mailer\x01auth=Bearer {TOKEN}\x01\x01", "XOAUTH2"
        command = [sys.executable, "-c", "import os; print(os.environ['REPORT_TOKEN'])"]
        how = {"smtp__auth": "xoauth2", "smtp__user": "mailer", "smtp__token_command": command}
    packed = base64.b64encode(said.encode()).decode()
    script = {
        "EHLO": f"250-hello\r\n250 AUTH {offer}",
        "AUTH": answer.format(secret=secret, packed=packed, pad="y" * 190),
    }
    with everything_logged() as lines, scripted(script, authority.good) as (port, heard):
        how = how | {"smtp__tls": "implicit", "smtp__ca_file": authority.ca_file}
        delivery = deliver(root, port, smtp__timeouts=[0.5, 0.5, 0.5], **how)
    assert any(packed in line for line in heard), "the login was not even tried"
    problem = delivery.problem
    shown = "".join(capsys.readouterr()) + "".join(lines) + repr(delivery)
    shown += f"{problem!r} {problem} {problem.hint}" if problem else ""
    shown += "".join(path.read_text("utf-8", "replace") for path in root.rglob("*") if path.is_file())
    marks = (secret, packed, base64.b64encode(secret.encode()).decode(), secret[-9:], f"y{secret[:6]}")
    assert [mark for mark in marks if mark in shown] == []
