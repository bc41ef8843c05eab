"""What makes a scheduler run a report every month: for cron, systemd, GitHub Actions or Airflow."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reportgen.config import Config
from reportgen.errors import ConfigError
from reportgen.mail_settings import mail_is_set_up

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Job:
    """What is to run: words of a command line, the folder to run it in, and the settings that it reads."""

    program: tuple[str, ...]  # how this program is called, such as /usr/bin/reportgen
    files: tuple[str, ...]
    config_file: str  # "" for none
    folder: Path  # absolute
    config: Config
    at: str = "06:17"

    @property
    def words(self) -> tuple[str, ...]:
        """The command that makes every month that is due, and does nothing on other days."""
        settings = ("-c", self.config_file) if self.config_file else ()
        send = ("--send",) if mail_is_set_up(self.config.email, self.config.smtp) else ()
        return (*self.program, "run", *self.files, *settings, "--due", *send)

    @property
    def name(self) -> str:
        """A name for units, workflows and tasks."""
        return f"reportgen-{self.config.email.report_id}"

    @property
    def cron(self) -> str:
        """The five fields of a crontab."""
        hour, minute = self.at.split(":")
        return f"{int(minute)} {int(hour)} * * *"


def schedule_text(kind: str, job: Job) -> str:
    """Return the text for one of SCHEDULES.

    Raises ConfigError where the time is none, the settings name a single month, or a path can't stand on one line.
    """
    if not _TIME.fullmatch(job.at):
        raise ConfigError(f"'{job.at}' is not a time of day", "Write hours and minutes, for example --at 06:17.")
    if job.config.input.period or job.config.input.as_of:
        raise ConfigError(
            "the settings name one month or day, so no other can be due",
            "Remove input.period and input.as_of from them.",
        )
    if any(ord(letter) < 32 for word in (*job.words, str(job.folder)) for letter in word):
        raise ConfigError("a path holds a line break or another control character", "Rename that file or folder.")
    return SCHEDULES[kind](job)


def _cron(job: Job) -> str:
    """Return lines for `crontab -e`; a percent sign would end the command there."""
    command = f"cd {shlex.quote(str(job.folder))} && {shlex.join(job.words)}".replace("%", r"\%")
    mail = f"MAILTO={job.config.email.owner}\n" if job.config.email.owner else ""
    return (
        "# Every day: a month that is due is made, on other days nothing happens; missed days are made up.\n"
        f"# Add with: crontab -e{_secret_told(job, 'above the line')}\n{mail}{job.cron} {command}\n"
    )


def _systemd(job: Job) -> str:
    hour, minute = job.at.split(":")
    secret = job.config.smtp.password_env
    environment = f"# holds {secret}=…, readable by root only\nEnvironmentFile=/etc/{job.name}.env\n" if secret else ""
    return f"""# /etc/systemd/system/{job.name}.service
[Unit]
Description=Customer segments, every month that is due
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
# the user who owns the folder below
User={_owner(job.folder)}
WorkingDirectory={_unit_text(str(job.folder))}
{environment}ExecStart={" ".join(_unit_word(word) for word in job.words)}
# another run is at work: not a failure
SuccessExitStatus=75
TimeoutStartSec=2h

# /etc/systemd/system/{job.name}.timer
# start with: systemctl enable --now {job.name}.timer
[Unit]
Description=Customer segments, every day

[Timer]
OnCalendar=*-*-* {int(hour):02d}:{minute}
# one start after a time without power
Persistent=true
RandomizedDelaySec=10min

[Install]
WantedBy=timers.target
"""


def _github(job: Job) -> str:
    output, secret = shlex.quote(job.config.output), job.config.smtp.password_env
    environment = f"        env:\n          {secret}: ${{{{ secrets.{secret} }}}}\n" if secret else ""
    return f"""# .github/workflows/{job.name}.yml
# Times are UTC; only the default branch is run; a repository without activity for 60 days is not.
# The archive holds customers: it is kept in an object store, never in the repository or in an artifact.
# vars.REPORTGEN_ARCHIVE is its address (s3://…), vars.REPORTGEN_PACKAGE what pip installs.
name: Customer segments
on:
  schedule:
    - cron: "{job.cron}"
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: {job.name}
  cancel-in-progress: false
jobs:
  report:
    runs-on: ubuntu-latest
    timeout-minutes: 120
    env:
      ARCHIVE: ${{{{ vars.REPORTGEN_ARCHIVE }}}}
      PACKAGE: ${{{{ vars.REPORTGEN_PACKAGE }}}}
      AWS_ACCESS_KEY_ID: ${{{{ secrets.AWS_ACCESS_KEY_ID }}}}
      AWS_SECRET_ACCESS_KEY: ${{{{ secrets.AWS_SECRET_ACCESS_KEY }}}}
      AWS_DEFAULT_REGION: ${{{{ vars.AWS_DEFAULT_REGION }}}}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - name: Install
        run: |
          sudo apt-get update
          sudo apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
          python -m pip install "$PACKAGE"
      - name: Fetch the archive
        id: fetch
        run: |
          aws s3 sync "$ARCHIVE" {output}
      - name: Make what is due
{environment}        run: |
          {shlex.join(("reportgen", *job.words[len(job.program) :]))}
      - name: Store the archive
        if: ${{{{ !cancelled() && steps.fetch.outcome == 'success' }}}}
        run: |
          aws s3 sync {output} "$ARCHIVE" --delete --no-follow-symlinks --exclude '.lock*'
"""


def _airflow(job: Job) -> str:
    command = f"cd {shlex.quote(str(job.folder))} && {shlex.join(job.words)}"
    if re.search(r"{[{%#]", command):  # Airflow fills in what it takes for a template
        command = f"{{% raw %}}{command}{{% endraw %}}"
    zone = job.config.input.timezone or "UTC"
    return f"""# dags/{job.name.replace("-", "_")}.py
# One task for all months: --due makes those that are missing, so that no run of the DAG stands for a month.
from datetime import timedelta

import pendulum

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.operators.bash import BashOperator

with DAG(
    dag_id={job.name!r},
    schedule={job.cron!r},
    start_date=pendulum.datetime(2024, 1, 1, tz={zone!r}),
    catchup=False,
    max_active_runs=1,
):
    BashOperator(
        task_id="report",
        bash_command={command!r},
        retries=0,  # mails are retried by the program
        skip_on_exit_code=75,  # another run is at work
        execution_timeout=timedelta(hours=2),{_secret_told(job, "in the environment of the worker")}
    )
"""


SCHEDULES: Mapping[str, Callable[[Job], str]] = {
    "cron": _cron,
    "systemd": _systemd,
    "github": _github,
    "airflow": _airflow,
}


def _secret_told(job: Job, where: str) -> str:
    secret = job.config.smtp.password_env
    return f"\n# {secret} must be set {where}; or let smtp.password_file name a file." if secret else ""


def _owner(folder: Path) -> str:
    try:
        return folder.owner()
    except (KeyError, OSError, NotImplementedError):  # a user without a name, another kind of system
        return "root"


def _unit_text(text: str) -> str:
    """Return text in which systemd fills in nothing."""
    return text.replace("%", "%%")


def _unit_word(word: str) -> str:
    """Return one word of a command line of systemd."""
    word = _unit_text(word).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return word if re.fullmatch(r"[\w@%+=:,./-]+", word) else f'"{word}"'


def absolute(words: Sequence[str], folder: Path) -> tuple[str, ...]:
    """Return paths as seen from anywhere; addresses of databases and stores stay."""
    return tuple(word if "://" in word or not word else str(folder / word) for word in words)
