"""Real database servers for the tests, each private to the process that started it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

MYSQL_URL = "mysql://tester:geheim%21@127.0.0.1:{port}/shop"


@dataclass(frozen=True)
class Server:
    """A running server: its address, and a command that runs SQL as its owner."""

    url: str
    sql: Any


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def postgres() -> Iterator[Server]:
    """Start a PostgreSQL cluster in a temporary folder; skip, loudly, where Debian's postgresql is absent."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is absent: apt-get install postgresql")
    bin_ = found[-1].parent
    with _home("postgres") as (home, who):
        port = free_port()
        secret = home / "secret"
        secret.write_text("geheim!\n")
        secret.chmod(0o644)
        data = str(home / "data")
        _run(who, bin_ / "initdb", "-D", data, "-U", "owner", "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8")
        options = f"-k '' -p {port} -c listen_addresses=127.0.0.1 -c fsync=off"
        _run(who, bin_ / "pg_ctl", "-D", data, "-o", options, "-l", home / "log", "-w", "start")
        url = f"postgresql://owner:geheim%21@127.0.0.1:{port}/postgres"
        try:
            yield Server(url, lambda text: subprocess.run(["psql", "-qX", url, "-c", text], check=True))
        finally:
            _run(who, bin_ / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@contextlib.contextmanager
def mariadb() -> Iterator[Server]:
    """Start a MariaDB server in a temporary folder; skip, loudly, where Debian's mariadb-server is absent."""
    server = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
    if not Path(server).exists():
        pytest.skip("MariaDB is absent: apt-get install mariadb-server")
    with _home("mysql") as (home, who):
        port = free_port()
        base = ["--no-defaults", f"--datadir={home / 'data'}"]
        _run(who, "mariadb-install-db", *base, "--auth-root-authentication-method=normal", "--skip-test-db")
        own = [f"--socket={home / 's'}", f"--log-error={home / 'log'}", f"--pid-file={home / 'p'}"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        running = subprocess.Popen([*who, server, *base, f"--port={port}", *own], **quiet)
        as_owner = ["mariadb", "--no-defaults", f"--socket={home / 's'}", "-u", "root", "-e"]
        try:
            _wait(lambda: subprocess.run([*as_owner, "SELECT 1"], capture_output=True, check=False).returncode == 0)
            user = "CREATE USER tester@'%' IDENTIFIED BY 'geheim!'; GRANT ALL ON shop.* TO tester@'%'"
            subprocess.run([*as_owner, f"CREATE DATABASE shop; {user}"], check=True)
            yield Server(MYSQL_URL.format(port=port), lambda text: subprocess.run([*as_owner, text], check=True))
        finally:
            subprocess.run([*as_owner, "SHUTDOWN"], capture_output=True, check=False)
            running.wait(timeout=30)


@contextlib.contextmanager
def _home(user: str) -> Iterator[tuple[Path, list[str]]]:
    """Make a folder of its own for a server, which never runs as root."""
    with tempfile.TemporaryDirectory(prefix=f"{user}-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        home, who = Path(folder), []
        if os.geteuid() == 0:
            shutil.chown(home, user)
            who = ["runuser", "-u", user, "--"]
        yield home, who


def _run(who: list[str], *command: Any) -> None:
    done = subprocess.run(
        [*who, *map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def _wait(ready: Any) -> None:
    until = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < until, "the server does not answer"
        time.sleep(0.1)
