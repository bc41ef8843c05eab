"""Passwords and tokens: where they are kept, without a way to print them."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from pathlib import Path

from reportgen.errors import ConfigError
from reportgen.inputs.extras import how_to_install
from reportgen.mail_settings import SmtpConfig

_PATIENCE = 30  # seconds for a command that knows the secret


class Secret:
    """A text that shows itself only where ``reveal`` is called: in the function that logs in."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not written anywhere")

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def hide_in(self, text: str, *sent: str) -> str:
        """Return what a server said without the secret, or what was ``sent`` of it, that it may have repeated."""
        for form in (*sent, self._text):
            text = text.replace(form, "***") if form else text
        return text


def read_secret(smtp: SmtpConfig) -> Secret | None:
    """Fetch the password, or the token for xoauth2, from the one place that the settings name; None without login.

    Raises ConfigError that names the setting; never with the secret or what a command printed.
    """
    if smtp.transport != "smtp" or smtp.login == "none":
        return None
    if smtp.login == "xoauth2":
        return _checked(_from_command(smtp.token_command, "smtp.token_command"), "smtp.token_command")
    source = smtp.secret_sources[0]
    if source == "password_env":
        text = os.environ.get(smtp.password_env, "")
        if not text:
            raise ConfigError(
                f"smtp.password_env names {smtp.password_env}, which is not set",
                f"Set it where reportgen runs: export {smtp.password_env}=…",
            )
    elif source == "password_file":
        text = _from_file(Path(smtp.password_file).expanduser())
    elif source == "password_command":
        text = _from_command(smtp.password_command, "smtp.password_command")
    else:
        text = _from_keyring(smtp.keyring, smtp.user)
    return _checked(text, f"smtp.{source}")


def _checked(text: str, where: str) -> Secret:
    if not text or "\0" in text:
        raise ConfigError(f"{where} gives an empty text", "Check that it holds the password in its first line.")
    return Secret(text)


def _from_file(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as handle:
            if os.name == "posix" and stat.S_IMODE(os.fstat(handle.fileno()).st_mode) & 0o077:
                raise ConfigError(
                    f"smtp.password_file {path} can be read by others", f"Run: chmod 600 {shlex.quote(str(path))}"
                )
            return handle.readline().rstrip("\r\n")
    except OSError as error:
        why = (error.strerror or "no such file").lower()
        raise ConfigError(f"smtp.password_file {path} can't be read: {why}", "Check path and permissions.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"smtp.password_file {path} is not UTF-8 text", "Write the password in UTF-8.") from None


def _from_command(words: tuple[str, ...], where: str) -> str:
    """Run without a shell; the first line of what it prints, without the line break."""
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False)
        line = done.stdout.partition(b"\n")[0].removesuffix(b"\r").decode("utf-8")
    except subprocess.TimeoutExpired:
        failed = f"has not answered within {_PATIENCE} seconds"
    except OSError as error:
        failed = f"can't be started: {(error.strerror or 'no such program').lower()}"
    except UnicodeDecodeError:
        failed = "printed something that is not UTF-8"
    else:
        if done.returncode == 0:
            return line
        failed = f"ended with exit status {done.returncode}"
    raise ConfigError(f"{where}: {words[0]} {failed}", "Run it by hand as the user that runs reportgen.") from None


def _from_keyring(service: str, user: str) -> str:
    try:
        import keyring  # noqa: PLC0415  # an extra
    except ImportError:
        raise ConfigError("smtp.keyring needs the library keyring", how_to_install("keyring")) from None
    try:
        text: str | None = keyring.get_password(service, user)
    except Exception as error:  # each back end has errors of its own
        why = type(error).__name__
        raise ConfigError(f"smtp.keyring: the key ring can't be opened ({why})", "Unlock it and try again.") from None
    if not text:
        raise ConfigError(
            f"smtp.keyring has no password of {user} for {service}", f"Store it: keyring set {service} {user}"
        )
    return text
