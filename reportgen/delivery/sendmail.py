"""Handing over mails to the ``sendmail`` command of this machine."""

from __future__ import annotations

import shutil
import subprocess
from types import TracebackType
from typing import Self

from reportgen.delivery.answers import Outcome, plain_answer, set_up_error
from reportgen.delivery.smtp import Commit
from reportgen.mail_settings import SmtpConfig

_REFUSED = (67, 68)  # EX_NOUSER, EX_NOHOST of sysexits.h
_LATER = 75  # EX_TEMPFAIL
_BY_HAND = "Run the command by hand to see what it lacks."


class SendmailCommand:
    """The command, once per mail; it queues and tries again by itself."""

    def __init__(self, smtp: SmtpConfig) -> None:
        self._words = smtp.sendmail_command
        self._patience = smtp.timeouts[2]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def limit(self) -> int | None:
        """Return None: the command does not say which size it takes."""
        return None

    def hand_over(self, sender: str, recipient: str, message: bytes, commit: Commit) -> Outcome:
        """Run the command; its exit code tells how that ended. Raises SetUpError where it can't be run or used."""
        self.check()
        words = [*self._words, "-i", "-f", sender, "--", recipient]
        commit()
        try:
            done = subprocess.run(
                words, input=message.replace(b"\r\n", b"\n"), capture_output=True, timeout=self._patience, check=False
            )
        except subprocess.TimeoutExpired:
            return Outcome("unknown", "sendmail", None, f"had not ended after {self._patience:g} seconds")
        except OSError as error:
            raise set_up_error("sendmail", None, f"can't be started: {error.strerror}", _BY_HAND) from None
        return self._judge(done.returncode, plain_answer(done.stderr or done.stdout))

    def check(self) -> None:
        """Raise SetUpError where there is no such command."""
        if shutil.which(self._words[0]) is None:
            raise set_up_error(
                "sendmail", None, f"there is no command {self._words[0]}", "Name it with smtp.sendmail_command."
            )

    def _judge(self, code: int, text: str) -> Outcome:
        if code == 0:
            return Outcome("sent", "sendmail", 0, text)
        if code < 0:
            return Outcome("unknown", "sendmail", code, text or "was killed")
        if code == _LATER:
            return Outcome("pending", "sendmail", code, text)
        if code in _REFUSED:
            return Outcome("refused", "sendmail", code, text)
        raise set_up_error("sendmail", code, text, _BY_HAND)
