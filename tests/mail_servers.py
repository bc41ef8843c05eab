"""Mail servers in this process, each with the faults that a test asks for."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

PASSWORD = "pässword-MARK-7f31"
TOKEN = "token-MARK-99ab"


@dataclass(frozen=True)
class Got:
    """A mail that the server took."""

    sender: str
    recipient: str
    data: bytes


@dataclass
class Post:
    """What the server does. Answers are lists that are used up, by recipient; "" means the usual answer."""

    mail: list[str] = field(default_factory=list)
    rcpt: dict[str, list[str]] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)  # after the dot; also "drop", "stall"
    got: list[Got] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    user: str = "mailer"
    password: str = PASSWORD
    slow: float = 0.0  # seconds before each answer to a mail

    async def handle_MAIL(  # noqa: N802  # the name is aiosmtpd's
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.mail.pop(0) if self.mail else ""
        if not answer:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer or "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        planned = self.rcpt.get(address, [])
        answer = planned.pop(0) if planned else ""
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        planned = self.data.pop(0) if self.data else ""
        if planned and planned[0] in "45":
            return planned
        await asyncio.sleep(self.slow)
        content = envelope.original_content or b""
        self.got.append(Got(str(envelope.mail_from), envelope.rcpt_tos[0], content))
        if planned == "drop":
            server.transport.abort()
        await asyncio.sleep(1.5 if planned == "stall" else self.slow)
        return "250 2.0.0 taken"

    def authenticate(self, server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.logins.append(mechanism)
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            self.user.encode(),
            self.password.encode(),
        )
        return AuthResult(success=good, handled=good)

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:  # noqa: N802
        self.logins.append("XOAUTH2")
        if base64.b64decode(args[1]).decode() == f"user={self.user}\x01auth=Bearer {TOKEN}\x01\x01":
            return AuthResult(success=True)
        await server.push("334 eyJzdGF0dXMiOiI0MDAifQ==")
        await server._reader.readline()
        await server.push("535 5.7.8 bad token")
        return AuthResult(success=False, handled=True)


class _OnFreePort(Controller):
    """Listens from the start, so that no other test can take the port."""

    def __init__(self, *given: Any, **how: Any) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        super().__init__(*given, port=self.socket.getsockname()[1], **how)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self.socket, ssl=self.ssl_context)


@contextlib.contextmanager
def serving(post: Post, **how: Any) -> Iterator[int]:
    """Run an aiosmtpd server on a free port of localhost; yield the port."""
    controller = _OnFreePort(post, hostname="127.0.0.1", **how)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@dataclass(frozen=True)
class Authority:
    """A certificate authority of this test run, and servers that it vouches for."""

    ca_file: str
    good: ssl.SSLContext
    other_name: ssl.SSLContext
    expired: ssl.SSLContext
    unknown: ssl.SSLContext


def make_authority(folder: Path) -> Authority:
    ca, stranger = trustme.CA(), trustme.CA()
    ca_file = folder / "ca.pem"
    ca.cert_pem.write_to_path(str(ca_file))
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)

    def context(issuer: trustme.CA, name: str, **how: Any) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issuer.issue_cert(name, **how).configure_cert(made)
        return made

    return Authority(
        str(ca_file),
        good=context(ca, "localhost"),
        other_name=context(ca, "mail.example.net"),
        expired=context(ca, "localhost", not_before=yesterday - dt.timedelta(days=9), not_after=yesterday),
        unknown=context(stranger, "localhost"),
    )


@contextlib.contextmanager
def scripted(script: dict[str, str], tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[str]]]:
    """Run a server that answers each command with a line of the script; yield its port and the commands it heard.

    "greeting" is said first. "close" hangs up, "stall" says nothing more. Unscripted commands get "250 OK".
    """
    heard: list[str] = []
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)

    def talk(client: socket.socket) -> None:
        with client, client.makefile("rb") as lines:
            client.settimeout(5)
            answer = script.get("greeting", "220 ready")
            while True:
                if answer == "close":
                    return
                if answer == "stall":
                    ended.wait(5)
                    return
                client.sendall(answer.encode() + b"\r\n")
                line = lines.readline().decode("ascii", "replace").strip()
                if not line:
                    return
                heard.append(line)
                verb = line.split(" ")[0].split(":")[0].upper()
                answer = script.get(verb, "221 bye" if verb == "QUIT" else "250 OK")

    def serve() -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError):
                client, _ = listener.accept()
                with contextlib.suppress(OSError):
                    talk(client if tls is None else tls.wrap_socket(client, server_side=True))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        ended.set()
        thread.join()
        listener.close()


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
