"""One report run from top to bottom: read, analyse, compose, write, publish."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import reportgen
from reportgen.analysis import Analysis, analyse
from reportgen.config import Config, as_config
from reportgen.errors import ConfigError, InputError, ReportgenError
from reportgen.history.archive import Archive, run_label
from reportgen.history.carry_on import EVIDENCE, MonthPlan, plan_month
from reportgen.history.compare import MonthHistory, compare_months, first_month
from reportgen.history.customer_list import read_list, write_assignments, write_lost
from reportgen.history.record import MANIFEST, MonthRecord, make_manifest, manifest_text
from reportgen.inputs.table import Table, open_table
from reportgen.locales import phrases
from reportgen.progress import Listener, part, silent
from reportgen.report.branding import theme_of
from reportgen.report.runs_page import write_runs_page
from reportgen.report.sections import compose
from reportgen.report.writers import write
from reportgen.segments.fit import fit_segments
from reportgen.segments.model import model_id, to_json
from reportgen.segments.scored import evidence_of, evidence_to_json

CUSTOMERS = "customers.csv"

_LOG = logging.getLogger("reportgen.pipeline")


@dataclass(frozen=True)
class Run:
    """A finished run: where its files are and what was found."""

    folder: Path
    files: tuple[Path, ...]
    analysis: Analysis
    new: bool  # False: the same files were there already


def run(
    sources: str | Sequence[str] | Any,
    config: Config | str | Path | None = None,
    progress: Listener = silent,
    *,
    refit: bool = False,
) -> Run:
    """Make a report of one table and publish it as a folder below ``config.output``.

    With ``config.input.period`` the report is of one month: it scores with the model of the month before and says what
    changed, or fits anew if ``refit``; ``{period}`` in a path stands for the month.
    Raises InputError, ConfigError or OutputError; then nothing is left behind.
    """
    config = as_config(config)
    theme_of(config)  # a brand, template folder or language that can't be used is told before the work begins
    phrases(config.report.voice)
    archive = Archive(config.output)
    period = config.input.period
    if refit and not period:
        raise ConfigError("a new fit needs a month to continue from", "Say which month to run: --period 2011-11.")
    plan = plan_month(archive, period, refit) if period else None
    with archive.building() as folder:
        table = _open(sources, config)
        analysis = analyse(table, config, part(progress, 0.0, 0.6), segment=plan.segment if plan else fit_segments)
        _refuse_replay(analysis, sources, period)
        history = _history(analysis, plan, archive) if plan else None
        progress("writing the report", 0.6)
        report = compose(analysis, config, history.change if history else None)
        names = [f"report.{suffix}" if suffix != "xlsx" else "segments.xlsx" for suffix in config.report.formats]
        write(report, *(folder / name for name in names), config=config, progress=part(progress, 0.65, 0.95))
        write_assignments(analysis, folder / CUSTOMERS, period, history.stays if history else ())
        month = _write_month(analysis, plan, history, folder) if plan and history else None
        if month is None:
            _write_text(folder / "model.json", to_json(analysis.segmentation.model))
        manifest = make_manifest(analysis, config, folder, reportgen.__version__, month)
        _write_text(folder / MANIFEST, manifest_text(manifest))
        target, new = archive.publish(folder, period or run_label(analysis.source, manifest["as_of"]))
    _list_runs(archive, config)
    progress("done", 1.0)
    return Run(target, tuple(sorted(target.iterdir())), analysis, new)


def _list_runs(archive: Archive, config: Config) -> None:
    """Bring the list of runs up to date; a finished run stands whether or not that works."""
    try:
        write_runs_page(archive.root, config)
    except (OSError, ReportgenError) as error:
        _LOG.warning("the list of runs was not written: %s", error)


def run_months(
    sources: str | Sequence[str], config: Config, periods: Sequence[str], progress: Listener = silent
) -> Iterator[Run]:
    """Run months one after another, each as if alone; months that are published already are skipped."""
    archive = Archive(config.output)
    todo = [period for period in periods if archive.current(period) is None]
    for place, period in enumerate(todo):
        values = config.model_dump(exclude_unset=True)
        values["input"] = {**values.get("input", {}), "period": period, "as_of": None}
        heard = part(progress, place / len(todo), (place + 1) / len(todo))
        yield run(sources, Config.model_validate(values), heard)


def _open(sources: str | Sequence[str] | Any, config: Config) -> Table:
    """Open the sources, with the month in the place of {period}."""
    period = config.input.period
    if period and isinstance(sources, str):
        sources = sources.replace("{period}", period)
    elif period and isinstance(sources, list | tuple):
        sources = [one.replace("{period}", period) if isinstance(one, str) else one for one in sources]
    return open_table(sources, config.input)


def _refuse_replay(analysis: Analysis, sources: str | Sequence[str] | Any, period: str) -> None:
    """A table of customers knows one day only: it is taken for a month where its name says so."""
    if not period or analysis.customers.kind == "orders":
        return
    named = [sources] if isinstance(sources, str) else sources if isinstance(sources, list | tuple) else []
    if not any(isinstance(one, str) and "{period}" in one for one in named):
        raise InputError(
            f"a customer table holds one day and can't be replayed for {period}",
            "Give a file per month and write {period} where its name has the month: 'customers-{period}.csv'.",
        )


def _history(analysis: Analysis, plan: MonthPlan, archive: Archive) -> MonthHistory:
    before = plan.predecessor
    if before is None:
        return first_month(analysis, plan.period)
    past = read_list(before.run.folder / CUSTOMERS)
    earlier: set[str] = set()
    if analysis.customers.order_facts is None:
        for run_before in archive.before(before.run.period):
            earlier |= set(read_list(run_before.folder / CUSTOMERS).roll.keys)
    return compare_months(analysis, plan, before, past, earlier)


def _write_month(analysis: Analysis, plan: MonthPlan, history: MonthHistory, folder: Path) -> MonthRecord:
    """Write what the next month needs: model and evidence, and who was lost."""
    found, before = analysis.segmentation, plan.predecessor
    if before is not None and found.whole_model == before.model:
        text, evidence = before.model_text, before.evidence
    else:
        parent = model_id(before.model_text) if before is not None and found.kept else found.whole_model.parent
        text = to_json(replace(found.whole_model, parent=parent))
        evidence = before.evidence if before is not None and found.kept else evidence_of(found)
    _write_text(folder / "model.json", text)
    _write_text(folder / EVIDENCE, evidence_to_json(evidence))
    if history.past is not None and before is not None:
        write_lost(history.past, history.gone, before.run.as_of, folder / "lost.csv")
    return MonthRecord(plan.period, plan.mode, model_id(text), before.run.folder.name if before else None)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
