"""``reportgen completion``: print the completion script of a shell."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion_command(context: click.Context, /, shell: str) -> None:
    """Print the completion script of a shell; put `eval "$(reportgen completion bash)"` into its start file."""
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None  # the choice above lists what click has
    click.echo(script(context.find_root().command, {}, "reportgen", "_REPORTGEN_COMPLETE").source())
