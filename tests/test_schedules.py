"""Schedules: each is accepted by its own checker, and calls the program with the very words that were meant."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from reportgen.cli.main import run_cli
from reportgen.cli.run import run_command
from reportgen.config import Config, load_config
from reportgen.errors import ConfigError, ExitCode
from reportgen.schedules import SCHEDULES, Job, absolute, schedule_text

MAIL = {
    "email__from": "reports@example.com",
    "email__owner": "owner@example.com",
    "email__to": ["anna@example.org"],
    "smtp__host": "mail.example.com",
    "smtp__user": "mailer",
    "smtp__password_env": "REPORT_PW",
}
NASTY = ("orders of 100% {period}.csv", 'it\'s "ours" & $HOME;.csv', "s3://shop/a b/*.parquet")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with blanks and a percent sign; its reportgen prints its words and where it runs."""
    path = tmp_path / "my 50% shop"
    path.mkdir()
    program = path / "bin" / "reportgen"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nimport os, sys\nopen('called', 'w').write('\\0'.join([os.getcwd(), *sys.argv[1:]]))\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return path


def job_in(folder: Path, config: Config | None = None, files: tuple[str, ...] = NASTY) -> Job:
    return Job(
        program=(str(folder / "bin" / "reportgen"),),
        files=absolute(files, folder),
        config_file=str(folder / "our settings.toml"),
        folder=folder,
        config=config or load_config(None),
    )


def called(folder: Path, command: str, **environment: str) -> list[str]:
    """The words that a shell hands to the program."""
    (folder / "called").unlink(missing_ok=True)
    subprocess.run(["/bin/sh", "-c", command], check=True, cwd=folder, env={**os.environ, **environment})
    return (folder / "called").read_text(encoding="utf-8").split("\0")


def meant(job: Job) -> list[str]:
    return [str(job.folder), *job.words[1:]]


@pytest.mark.skipif(shutil.which("crontab") is None, reason="no cron")
@pytest.mark.parametrize("settings", [{}, MAIL], ids=("alone", "mailed"))
def test_cron_takes_the_lines(folder: Path, settings: dict[str, Any]) -> None:
    job = job_in(folder, load_config(None, **settings))
    text = schedule_text("cron", job)
    (folder / "lines").write_text(text, encoding="utf-8")
    checked = subprocess.run(["crontab", "-n", folder / "lines"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    line = text.splitlines()[-1]
    times, command = line.split(" ", 5)[:5], line.split(" ", 5)[5]
    assert times == ["17", "6", "*", "*", "*"]
    assert not re.search(r"(?<!\\)%", command), "cron would end the command there"
    assert called(folder, command.replace(r"\%", "%")) == meant(job)
    assert ("MAILTO=owner@example.com" in text) == bool(settings)
    assert ("REPORT_PW must be set" in text) == bool(settings)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd")
@pytest.mark.parametrize("settings", [{}, MAIL], ids=("alone", "mailed"))
def test_systemd_takes_the_units(folder: Path, settings: dict[str, Any]) -> None:
    text = schedule_text("systemd", job_in(folder, load_config(None, **settings)))
    parts = re.split(r"^# /etc/systemd/system/(\S+)\n", text, flags=re.M)[1:]
    units = [folder / "units" / name for name in parts[::2]]
    assert [unit.name for unit in units] == ["reportgen-segments.service", "reportgen-segments.timer"]
    units[0].parent.mkdir()
    for unit, content in zip(units, parts[1::2], strict=True):
        unit.write_text(content, encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", *map(str, units)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    complaints = [line for line in checked.stderr.splitlines() if "reportgen" in line or "units/" in line]
    assert (checked.returncode, complaints) == (0, [])
    assert f"WorkingDirectory={str(folder).replace('%', '%%')}\n" in text
    assert "Persistent=true" in text
    assert ("EnvironmentFile=" in text) == bool(settings)


def test_systemd_gets_each_word_as_it_is(folder: Path) -> None:
    job = job_in(folder)
    (line,) = (line for line in schedule_text("systemd", job).splitlines() if line.startswith("ExecStart="))
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line.removeprefix("ExecStart="))
    read = [re.sub(r"\\(.)", r"\1", quoted or plain) for quoted, plain in words]
    assert [word.replace("%%", "%").replace("$$", "$") for word in read] == list(job.words)


@pytest.mark.parametrize("settings", [{}, MAIL], ids=("alone", "mailed"))
def test_github_takes_the_workflow(folder: Path, settings: dict[str, Any]) -> None:
    config = load_config(None, output="my output", **settings)
    job = Job(("reportgen",), NASTY, "our settings.toml", folder, config)
    path = folder / "workflow.yml"
    path.write_text(schedule_text("github", job), encoding="utf-8")
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
    checked = subprocess.run(checker, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    flow = YAML(typ="safe").load(path)
    steps = {step.get("name"): step for step in flow["jobs"]["report"]["steps"]}
    search = f"{folder / 'bin'}:{os.environ['PATH']}"
    assert called(folder, steps["Make what is due"]["run"], PATH=search) == meant(job)
    assert steps["Make what is due"].get("env") == ({"REPORT_PW": "${{ secrets.REPORT_PW }}"} if settings else None)
    assert steps["Store the archive"]["run"].startswith("aws s3 sync 'my output' \"$ARCHIVE\" --delete")
    assert "steps.fetch.outcome == 'success'" in steps["Store the archive"]["if"], "never empty what was not fetched"
    assert flow["concurrency"]["cancel-in-progress"] is False
    assert "upload-artifact" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("settings", [{}, MAIL], ids=("alone", "mailed"))
def test_airflow_gets_one_task(
    folder: Path, settings: dict[str, Any], version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow itself is too large for a test: modules in its place note what it is given."""
    given: dict[str, dict[str, Any]] = {}
    job = job_in(folder, load_config(None, input__timezone="Europe/Berlin", **settings))
    for name, module in airflow_modules(given, version).items():
        monkeypatch.setitem(sys.modules, name, module)
    exec(compile(schedule_text("airflow", job), "dag.py", "exec"), {})  # what Airflow does with the file
    assert (given["DAG"]["catchup"], given["DAG"]["max_active_runs"]) == (False, 1)
    assert given["DAG"]["schedule"] == "17 6 * * *"
    task = given["BashOperator"]
    assert (task["retries"], task["skip_on_exit_code"]) == (0, 75)
    assert called(folder, task["bash_command"]) == meant(job)


def airflow_modules(given: dict[str, dict[str, Any]], version: int) -> dict[str, Any]:
    class Noted:
        def __init__(self, **values: Any) -> None:
            given[type(self).__name__] = values

        def __enter__(self) -> None:
            pass

        def __exit__(self, *_: object) -> None:
            pass

    dag, operator = type("DAG", (Noted,), {}), type("BashOperator", (Noted,), {})
    bash = {2: "airflow.operators.bash", 3: "airflow.providers.standard.operators.bash"}[version]
    where = {bash: ("BashOperator", operator), {2: "airflow", 3: "airflow.sdk"}[version]: ("DAG", dag)}
    names = ["airflow", "airflow.sdk", "airflow.operators", "airflow.providers", "airflow.providers.standard",
             "airflow.providers.standard.operators", "airflow.operators.bash", bash]  # fmt: skip
    modules: dict[str, Any] = {name: ModuleType(name) for name in names}
    for name, (attribute, value) in where.items():
        setattr(modules[name], attribute, value)
    if version == 2:
        modules["airflow.sdk"] = modules["airflow.providers"] = None
    modules["pendulum"] = ModuleType("pendulum")
    modules["pendulum"].datetime = lambda *day, tz: (day, tz)
    return modules


def test_a_template_in_a_path_is_left_alone_by_airflow(folder: Path) -> None:
    text = schedule_text("airflow", job_in(folder, files=("{{ds}}.csv",)))
    assert "{% raw %}" in text


def test_what_is_scheduled_is_a_command_of_this_program(folder: Path) -> None:
    job = job_in(folder, load_config(None, **MAIL))
    context = run_command.make_context("run", list(job.words[2:]), resilient_parsing=False)
    assert isinstance(context, click.Context)
    assert context.params["due"]
    assert context.params["send"]
    assert context.params["files"] == job.files


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"at": "24:00"}, "'24:00' is not a time of day"),
        ({"files": ("a\nb.csv",)}, "line break"),
        ({"config": load_config(None, input__period="2024-10")}, "the settings name one month"),
    ],
    ids=("time", "line break", "one month"),
)
@pytest.mark.parametrize("kind", SCHEDULES)
def test_what_can_t_be_scheduled_is_refused(tmp_path: Path, kind: str, given: dict[str, Any], said: str) -> None:
    values = {"files": ("orders.csv",), "config": load_config(None), "at": "06:17"} | given
    with pytest.raises(ConfigError, match=said):
        schedule_text(kind, Job(("reportgen",), values["files"], "", tmp_path, values["config"], values["at"]))


def test_by_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_cli(["schedule", "cron", "orders/*.csv", "--at", "5:03"]) == ExitCode.GOOD
    out = capsys.readouterr().out
    assert out.splitlines()[-1].startswith(f"3 5 * * * cd {tmp_path} && ")
    assert f"'{tmp_path}/orders/*.csv' --due" in out
    assert run_cli(["schedule", "github", "orders/*.csv"]) == ExitCode.GOOD
    assert "reportgen run 'orders/*.csv' --due" in capsys.readouterr().out
    assert run_cli(["schedule", "cron"]) == ExitCode.USAGE
