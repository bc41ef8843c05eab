"""One report run from top to bottom: read, analyse, compose, write, publish."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import reportgen
from reportgen.analysis import Analysis, analyse, describe, read_in_language
from reportgen.config import Config, as_config
from reportgen.delivery.after_run import Sending, check_settings, mail_run
from reportgen.delivery.notices import make_notice, notify_owner
from reportgen.delivery.outbox import replacing
from reportgen.delivery.send import Delivery
from reportgen.errors import ConfigError, HeldBack, InputError, OutputError, ReportgenError
from reportgen.history.archive import Archive, run_label
from reportgen.history.carry_on import EVIDENCE, MonthPlan, plan_month, require_list
from reportgen.history.circumstances import Stopwatch
from reportgen.history.compare import MonthHistory, compare_months, first_month
from reportgen.history.customer_list import write_assignments, write_lost, write_month_list
from reportgen.history.doubts import Checked, check_input, check_names, refuse_replay
from reportgen.history.list_forms import LISTS
from reportgen.history.memory import look_back
from reportgen.history.record import MANIFEST, MonthRecord, make_manifest, manifest_text, sha256_of
from reportgen.history.rerun import Identity, already_done, identify
from reportgen.history.retention import prune
from reportgen.inputs.customers import Customers
from reportgen.inputs.steady import unchanged
from reportgen.inputs.table import Origin, Table, open_table
from reportgen.locales import phrases
from reportgen.progress import Listener, of_rows, part, silent
from reportgen.report.branding import theme_of
from reportgen.report.model import Report
from reportgen.report.month_files import write_month_files
from reportgen.report.notes import notes_of, refuse_doubtful
from reportgen.report.runs_page import write_runs_page
from reportgen.report.sections import compose
from reportgen.report.writers import FILES, write
from reportgen.segments.model import model_id, to_json
from reportgen.segments.scored import evidence_of, evidence_to_json

_LOG = logging.getLogger("reportgen.pipeline")


@dataclass(frozen=True)
class Decision:
    """What a person decides for one call.

    A new fit; which gates of the input may stop nothing; the reason to publish a month again; to go on after a failure;
    of what is run, to mail nothing, the newest month, or all.
    """

    refit: bool = False
    accept: tuple[str, ...] = ()
    revise: str = ""
    keep_going: bool = False
    send: Sending = ""


_AS_EVER = Decision()


@dataclass(frozen=True)
class _Given:
    """The sources of a run, and the table they were opened as where several months share it.

    ``made_up`` are the runs of earlier months that its mail tells of, as nobody was mailed them.
    """

    sources: Any
    table: Table | None = None
    made_up: tuple[str, ...] = ()

    @property
    def monthly(self) -> bool:
        """Whether there is a file per month."""
        return any(isinstance(one, str) and "{period}" in one for one in self.each())

    def each(self, period: str = "{period}") -> tuple[Any, ...]:
        """Return the sources, however many there are, with the month in the place of {period}."""
        several = self.sources if isinstance(self.sources, list | tuple) else (self.sources,)
        return tuple(one.replace("{period}", period) if isinstance(one, str) else one for one in several)

    def open(self, config: Config) -> Table:
        """Return the table of the month."""
        if self.table is not None:
            return self.table
        if self.monthly and not config.input.period:
            raise ConfigError(
                "{period} in the name of a file stands for a month, and none is given",
                "Say which: --period 2011-11, several with --from and --to, or --due.",
            )
        found = self.each(config.input.period)
        return open_table(found if isinstance(self.sources, list | tuple) else found[0], config.input)


@dataclass(frozen=True)
class _Month:
    """What is known of a month before its report is made. ``mailed`` is the day of an earlier edition's mails."""

    given: _Given
    origin: Origin
    customers: Customers
    plan: MonthPlan
    now: Identity
    checked: Checked
    number: int
    decision: Decision
    mailed: str | None

    @property
    def correction(self) -> str:
        """Why an edition that is published is replaced, "" where none is."""
        return self.decision.revise.strip().rstrip(".") if self.plan.done is not None else ""


@dataclass(frozen=True)
class Run:
    """A finished run: where its files are and what was found; ``notes`` are for whoever started it.

    ``delivery`` is how its mails stand, None where there was nothing to mail.
    """

    folder: Path
    files: tuple[Path, ...]
    analysis: Analysis | None  # None where the month was published before, of the same input: nothing was computed
    new: bool  # False: the same files were there already
    notes: tuple[str, ...] = ()
    delivery: Delivery | None = None


@dataclass(frozen=True)
class FailedMonth:
    """A month of several that has no report."""

    period: str
    error: ReportgenError


def run(
    sources: str | Sequence[str] | Any,
    config: Config | str | Path | None = None,
    progress: Listener = silent,
    decision: Decision = _AS_EVER,
) -> Run:
    """Make a report of one table and publish it as a folder below ``config.output``.

    With ``config.input.period`` the report is of one month: it scores with the model of the month before and says what
    changed. A month that is published already is not run again unless its input has changed and ``decision`` gives a
    reason to revise it.
    Raises InputError, ConfigError, HeldBack, BusyError or OutputError; then nothing is published and nothing left.
    """
    return _make(_Given(sources), as_config(config), progress, decision)


def _make(given: _Given, config: Config, progress: Listener, decision: Decision) -> Run:
    theme_of(config)  # a brand, template folder or language that can't be used is told before the work begins
    phrases(config.report.voice)
    check_names(decision.accept)
    if decision.send:
        check_settings(config)
    archive = Archive(config.output)
    if config.input.period:
        try:
            finished = _run_month(archive, given, config, progress, decision)
        except (HeldBack, InputError) as stop:
            _tell_owner(archive, config, stop)
            raise
    elif decision.refit or decision.revise or decision.accept:
        asked = "a new fit" if decision.refit else "a corrected edition" if decision.revise else "what to accept"
        raise ConfigError(f"{asked} needs a month", "Say which month to run: --period 2011-11.")
    else:
        finished = _run_once(archive, given, config, progress)
    _list_runs(archive, config)
    delivery = mail_run(finished.folder, config, progress, decision.send)
    progress("done", 1.0)
    return replace(finished, delivery=delivery)


def _run_once(archive: Archive, given: _Given, config: Config, progress: Listener) -> Run:
    """Make a report that stands alone."""
    with archive.building() as folder:
        progress("reading the input", 0.0)
        table = given.open(config)
        found = of_rows(table.origin.rows, 0.6, 0.85)
        analysis, rest = analyse(table, config, part(progress, 0.0, found)), part(progress, found, 1.0)
        report = compose(analysis, config)
        _write_report(report, config, folder, rest)
        _write_letter(report, config, folder)
        rest(f"listing {analysis.customers.count:,} customers", 0.8)
        with unchanged(table.files):
            write_assignments(analysis, folder / LISTS[config.report.customers])
        _write_text(folder / "model.json", to_json(analysis.segmentation.model))
        manifest = make_manifest(analysis, config, folder, reportgen.__version__)
        _write_text(folder / MANIFEST, manifest_text(manifest))
        target, new = archive.publish(folder, run_label(analysis.source, manifest["as_of"]))
    return Run(target, _files_of(target), analysis, new)


def _run_month(archive: Archive, given: _Given, config: Config, progress: Listener, decision: Decision) -> Run:
    """Make the report of one month, unless it is published already."""
    watch, period = Stopwatch(progress), config.input.period
    with archive.locked(period) as damaged:
        notes = tuple(f"{name} is damaged; it was renamed to .bad-{name} and is ignored" for name in damaged)
        plan = plan_month(archive, period, decision.refit)
        watch("reading the input", 0.0)
        table = given.open(config)
        customers = read_in_language(table, config, part(watch, 0.05, of_rows(table.origin.rows, 0.2, 0.5)))
        refuse_replay(customers, period, given.monthly)
        now = identify(customers, config, plan)
        asked = (*(FILES[one] for one in config.report.formats), LISTS[config.report.customers])
        if already_done(plan.done, now, decision.revise, asked):
            assert plan.done is not None
            return Run(plan.done.folder, _files_of(plan.done.folder), None, False, notes)
        require_list(plan)
        checked = check_input(customers, archive, config, decision.accept)
        refuse_doubtful(checked)
        archive.check_space()
        number = archive.next_number(period)
        with replacing(archive.root, period, number, config.mails) as mailed, archive.building() as folder:
            month = _Month(given, table.origin, customers, plan, now, checked, number, decision, mailed)
            with unchanged(table.files):
                analysis = _build_month(month, archive, config, folder, watch)
            target, _ = archive.publish(folder, period)
        _prune(archive, config)
    return Run(target, _files_of(target), analysis, True, notes)


def _build_month(month: _Month, archive: Archive, config: Config, folder: Path, watch: Stopwatch) -> Analysis:
    """Write every file of a month into a folder, the manifest last."""
    plan, now, period = month.plan, month.now, config.input.period
    read = of_rows(month.origin.rows, 0.2, 0.5)
    analysis = describe(month.origin, month.customers, config, part(watch, read, 0.6), segment=plan.segment)
    watch("comparing with the month before", 0.6)
    history = _history(analysis, plan, archive)
    report = compose(analysis, config, history.change, notes_of(month.checked, month.number, month.correction))
    _write_report(report, config, folder, part(watch, 0.65, 1.0))
    run_id = now.run_id(config, reportgen.__version__)
    _write_letter(report, config, folder, run_id, (month.mailed, month.correction) if month.mailed else None)
    write_month_list(history.engine, analysis, folder / LISTS[config.report.customers], period)
    model = _write_month(analysis, plan, history, folder)
    history.engine.close()
    write_month_files(analysis, config, history.change, period, folder)
    if month.customers.everyone is not None:
        month.customers.everyone.engine.close()  # the next of several months reads the same table
    record = MonthRecord(
        period=period,
        revision=month.number,
        revised=month.decision.revise,
        run_id=run_id,
        input_identity=now.names,
        settings=now.settings,
        model=model,
        previous=plan.predecessor.run.reference if plan.predecessor else None,
        judged=month.checked.record(),
        volatile={
            **watch.told(month.given.each(period)),
            "email_requested": bool(month.decision.send),
            "made_up": month.given.made_up,
        },
    )
    manifest = make_manifest(analysis, config, folder, reportgen.__version__, record)
    _write_text(folder / MANIFEST, manifest_text(manifest))
    return analysis


def _prune(archive: Archive, config: Config) -> None:
    """Remove what is old; a finished run stands whether or not that works."""
    try:
        prune(archive, config.archive)
    except (OSError, ReportgenError) as error:
        _LOG.warning("old files were not removed: %s", error)


def _write_report(report: Report, config: Config, folder: Path, progress: Listener) -> None:
    progress("writing the report", 0.0)
    paths = [folder / FILES[suffix] for suffix in config.report.formats if suffix != "email"]
    if not paths:
        return
    try:
        write(report, *paths, config=config, progress=part(progress, 0.1, 0.75))
    except OutputError as error:  # the file that it names is a draft; the archive tells which disk is full
        raise error.__cause__ if isinstance(error.__cause__, OSError) else error from None


def _write_letter(
    report: Report, config: Config, folder: Path, run_id: str = "", corrected: tuple[str, str] | None = None
) -> None:
    """Write what the e-mail shows, where mail is set up; its pictures take a twentieth of a run."""
    if config.mails:
        from reportgen.report.letter import write_letter  # noqa: PLC0415 - only runs that are mailed need it

        write_letter(report, folder, config, run_id=run_id, corrected=corrected)


def _files_of(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(folder.iterdir()))


def _tell_owner(archive: Archive, config: Config, stop: ReportgenError) -> None:
    """Say why a month was not published; a series that never had a report has nobody who waits for one."""
    newest = archive.newest()
    if newest is None and not isinstance(stop, HeldBack):
        return
    notice = make_notice(config.input.period, stop, newest.period if newest else None, sys.argv)
    notify_owner(archive.root, config, notice)


def _list_runs(archive: Archive, config: Config) -> None:
    """Bring the list of runs up to date; a finished run stands whether or not that works."""
    try:
        write_runs_page(archive.root, config)
    except (OSError, ReportgenError) as error:
        _LOG.warning("the list of runs was not written: %s", error)


def run_months(
    sources: str | Sequence[str],
    config: Config,
    periods: Sequence[str],
    progress: Listener = silent,
    decision: Decision = _AS_EVER,
) -> Iterator[Run | FailedMonth]:
    """Run months one after another, each as if alone; months that are published already are skipped.

    Raises the error of the first month that fails, as later months compare with it; with ``decision.keep_going`` months
    whose input is to blame are yielded as failed, and the next compare across the gap.
    """
    archive = Archive(config.output)
    todo = [period for period in periods if archive.current(period) is None]
    given = _Given(sources)
    if len(todo) > 1 and not given.monthly:
        given = replace(given, table=given.open(config))
    made: list[str] = []
    for place, period in enumerate(todo):
        values = config.model_dump(exclude_unset=True)
        values["input"] = {**values.get("input", {}), "period": period, "as_of": None}
        heard = part(progress, place / len(todo), (place + 1) / len(todo))
        try:
            unsent = decision.send == "newest" and period != periods[-1]
            one = replace(decision, send="") if unsent else decision
            told = replace(given, made_up=tuple(made) if one.send == "newest" else ())
            finished = _make(told, Config.model_validate(values), heard, one)
            made.append(finished.folder.name)
            yield finished
        except (InputError, HeldBack) as error:
            if not decision.keep_going:
                raise
            yield FailedMonth(period, error)


def mail_newest(config: Config, progress: Listener = silent) -> Delivery | None:
    """Go on with the mails of the newest month where some are left, None where none are."""
    newest = Archive(config.output).newest()
    return mail_run(newest.folder, config, progress) if newest else None


def _history(analysis: Analysis, plan: MonthPlan, archive: Archive) -> MonthHistory:
    before, listed = plan.predecessor, require_list(plan)
    if before is None or listed is None:
        return first_month(analysis, plan)
    memory = look_back(archive, plan.period, before.run, by_list=analysis.customers.order_facts is None)
    return compare_months(analysis, plan, before, listed, memory)


def _write_month(analysis: Analysis, plan: MonthPlan, history: MonthHistory, folder: Path) -> dict[str, Any]:
    """Write what the next month needs, model and evidence, and who was lost; return what the model is."""
    found, kept, before = analysis.segmentation, plan.kept, plan.predecessor
    if kept is not None and found.whole_model == kept.model:
        text, evidence = kept.model_text, kept.evidence
    else:
        parent = model_id(kept.model_text) if kept is not None and found.kept else found.whole_model.parent
        text = to_json(replace(found.whole_model, parent=parent))
        evidence = kept.evidence if kept is not None and found.kept else evidence_of(found)
    _write_text(folder / "model.json", text)
    _write_text(folder / EVIDENCE, evidence_to_json(evidence))
    if before is not None:
        whole = analysis.customers.everyone is not None
        write_lost(history.engine, before.run.as_of, folder / "lost.csv", whole)
    return {
        "id": model_id(text),
        "sha256": sha256_of(folder / "model.json"),
        "mode": plan.mode,
        "later_than_period": plan.successor is not None,
    }


def _write_text(path: Path, text: str) -> None:
    """Write a file with the same bytes on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")
