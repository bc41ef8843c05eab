"""Exim and Dovecot on loopback ports, with files of their own: a real way from sending to reading."""

from __future__ import annotations

import contextlib
import imaplib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import trustme
from mail_servers import free_port

USER, PASSWORD = "mailer", "real-pass-MARK"
_EXIM = """
primary_hostname = localhost
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
daemon_smtp_ports = {smtp}
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = {folder}/server.pem
tls_privatekey = {folder}/server.key
message_size_limit = 20M
acl_smtp_rcpt = check
host_lookup =
domainlist ours = example.org : example.com
keep_environment =
begin acl
check:
  deny message = encrypt first
       !encrypted = *
  deny message = log in first
       !authenticated = *
  deny message = 5.1.1 no such reader
       local_parts = nobody
  accept domains = +ours
  deny message = 5.7.1 no relaying
begin routers
readers:
  driver = accept
  domains = +ours
  local_parts = anna : ben : owner
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = {folder}/mail/$local_part_data
  maildir_format
  envelope_to_add
  return_path_add
  user = Debian-exim
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
  server_advertise_condition = ${{if def:tls_in_cipher}}
"""
_DOVECOT = """
protocols = imap
base_dir = {folder}/run
log_path = {folder}/log/dovecot
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
mail_location = maildir:{folder}/mail/%n
first_valid_uid = 1
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imap}
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=Debian-exim gid=Debian-exim home={folder}/mail/%n
}}
"""


def missing() -> str:
    """Say why the servers can't be run here, "" where they can."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "exim4 and dovecot need root"
    lacking = [name for name in ("exim4", "dovecot") if shutil.which(name, path=_path()) is None]
    return f"not installed: {', '.join(lacking)} (.ci/setup test)" if lacking else ""


def _path() -> str:
    return os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))


@dataclass(frozen=True)
class Servers:
    """Where they listen, and whom to trust."""

    smtp: int
    imap: int
    ca_file: str

    def mails(self, reader: str, wanted: int) -> list[bytes]:
        """Return all mails of a reader, waiting until there are as many as wanted."""
        ended = time.monotonic() + 20
        while True:
            with self.mailbox(reader) as box:
                count = int((box.select("INBOX")[1][0] or b"0").decode())
                if count >= wanted or time.monotonic() > ended:
                    found = [box.fetch(str(number + 1), "(BODY.PEEK[])")[1][0] for number in range(count)]
                    return [part[1] for part in found if isinstance(part, tuple)]
            time.sleep(0.2)

    @contextlib.contextmanager
    def mailbox(self, reader: str) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4_SSL("localhost", self.imap, ssl_context=self._context()) as box:
            box.login(reader, PASSWORD)
            yield box

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file)


@contextlib.contextmanager
def running() -> Iterator[Servers]:
    """Start both in a folder of their own, yield where they are, stop both by their own process ids.

    pytest's folders are for root only, and exim gives root up.
    """
    with tempfile.TemporaryDirectory(prefix="reportgen-mail-") as name:
        Path(name).chmod(0o711)
        with _running(Path(name)) as servers:
            yield servers


@contextlib.contextmanager
def _running(folder: Path) -> Iterator[Servers]:
    servers = Servers(free_port(), free_port(), str(folder / "ca.pem"))
    _write_files(folder, servers)
    commands = (
        ["exim4", "-C", str(folder / "exim.conf"), "-bdf", "-oP", str(folder / "exim.pid")],
        ["dovecot", "-F", "-c", str(folder / "dovecot.conf")],
    )
    started = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"PATH": _path()})
        for command in commands
    ]
    try:
        _wait_for(servers.smtp, folder)
        _wait_for(servers.imap, folder)
        yield servers
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(10)


def _write_files(folder: Path, servers: Servers) -> None:
    values = {"folder": folder, "smtp": servers.smtp, "imap": servers.imap, "user": USER, "password": PASSWORD}
    ca = trustme.CA()
    ca.cert_pem.write_to_path(servers.ca_file)
    certificate = ca.issue_cert("localhost")
    (folder / "server.pem").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    (folder / "server.key").write_bytes(certificate.private_key_pem.bytes())
    (folder / "exim.conf").write_text(_EXIM.format(**values), encoding="utf-8")
    (folder / "dovecot.conf").write_text(_DOVECOT.format(**values), encoding="utf-8")
    for name in ("spool", "log", "mail", "server.key"):
        if "." not in name:
            (folder / name).mkdir()
        shutil.chown(folder / name, "Debian-exim", "Debian-exim")
    (folder / "server.key").chmod(0o640)


def _wait_for(port: int, folder: Path) -> None:
    ended = time.monotonic() + 15
    while time.monotonic() < ended:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    logs = "\n".join(path.read_text("utf-8", "replace")[-2000:] for path in (folder / "log").glob("*"))
    raise AssertionError(f"nobody listens on {port}:\n{logs}")
