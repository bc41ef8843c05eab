"""``reportgen init``: write a settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reportgen.cli.options import input_options, load
from reportgen.errors import ConfigError, OutputError


@click.command("init")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@input_options
@click.option("--to", "target", default="reportgen.toml", show_default=True, metavar="FILE", help="File to write.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def init_command(files: tuple[str, ...], config_file: str | None, target: str, force: bool, **flags: Any) -> None:
    """Write a commented settings file from what is detected in the input."""
    from reportgen.inputs.addresses import masked
    from reportgen.starter import settings_text

    config = load(config_file, flags)
    path = Path(target)
    if path.exists() and not force:
        raise ConfigError(f"{path} exists already", "Replace it with --force, or name another file with --to.")
    text = settings_text(files, config)
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(
            f"{path} can't be written: {(error.strerror or 'no permission').lower()}", "Name another file with --to."
        ) from None
    click.echo(f"{path} written. Next: reportgen run {' '.join(map(masked, files))} -c {path}")
