"""The house rules: floors, one sentence per module, sizes, and documents that agree with the code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from shared import ROOT

from reportgen.cli.group import commands
from reportgen.config import Config
from reportgen.inputs.headers import vocabulary

PACKAGE = ROOT / "reportgen"
MODULES = sorted(PACKAGE.rglob("*.py"))
REFERENCE = ROOT / "docs/reference.md"
DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of code, without signature and docstring."""
    first = function.body[1 if ast.get_docstring(function) and len(function.body) > 1 else 0]
    return (function.end_lineno or 0) - first.lineno + 1


def run_tool(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_only_go_down() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_has_one_sentence_and_fits_on_some_pages(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(source))
    assert docstring, "the module does not say what it is for"
    first = docstring.splitlines()[0]
    assert first.endswith("."), f"not a sentence: {first!r}"
    assert len(source.splitlines()) <= 400, "the module has grown too long; give the second job a module of its own"


def test_functions_are_short() -> None:
    lengths = [
        (body_lines(function), path.name, function.name)
        for path in MODULES
        for function in functions(ast.parse(path.read_text(encoding="utf-8")))
    ]
    long = sorted((entry for entry in lengths if entry[0] > 30), reverse=True)
    assert len(long) <= 0.1 * len(lengths), long
    assert not [entry for entry in long if entry[0] > 60], long[:5]


def test_no_public_function_shares_its_modules_name() -> None:
    for path in MODULES:
        names = {f.name for f in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(f, ast.FunctionDef)}
        assert path.stem not in names, path


def test_the_library_neither_prints_nor_knows_the_command_line() -> None:
    for path in MODULES:
        if path.parent.name == "cli" or path.stem in {"terminal", "__main__"}:
            continue
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(import click|from click|print\()", source, re.MULTILINE), path


@pytest.mark.slow
def test_types_are_sound() -> None:
    run_tool("mypy")


def test_code_is_clean() -> None:
    run_tool("ruff", "check", ".")
    run_tool("ruff", "format", "--check", ".")


def test_the_reference_says_what_the_program_says() -> None:
    stale = "docs/reference.md is out of date; write it anew: PYTHONPATH=. python tests/test_house.py"
    assert REFERENCE.read_text(encoding="utf-8") == reference(), stale
    assert "(docs/reference.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCUMENTS], ids=lambda path: path.name)
def test_documents_link_to_what_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", text)
    missing = [link or source for link, source in links if not (path.parent / (link or source)).exists()]
    assert not [link for link in missing if not link.startswith("http")]


@pytest.mark.parametrize("path", [ROOT / "README.md", *DOCUMENTS], ids=lambda path: path.name)
def test_documents_name_options_that_exist(path: Path) -> None:
    known = {name for command in commands.commands.values() for option in command.params for name in option.opts}
    known |= {"--help", "--version", "--debug", "--quiet"}
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "docs/" not in line]
    said = {option for line in lines for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line)}
    assert said <= known, said - known


def reference() -> str:
    """Return docs/reference.md: help of all commands, all settings, all roles of columns."""
    helps = {name: help_text(name, command) for name, command in {"": commands, **commands.commands}.items()}
    return "\n".join(
        [
            "# Reference\n",
            "[Commands](#commands) · [Settings](#settings) · [Roles of columns](#roles-of-columns)\n",
            "## Commands\n",
            *(f"### reportgen {name}".rstrip() + f"\n\n```\n{text}\n```\n" for name, text in helps.items()),
            "## Settings\n",
            "Of the file that `reportgen init` writes and `-c` reads: `report.language` is `language` in `[report]`.\n",
            "| setting | meaning | default |\n|---|---|---|",
            *settings_reference(),
            "\n## Roles of columns\n",
            "`reportgen check` shows which column got which; `--map ROLE=HEADER` corrects it. A column without a role",
            "keeps its header as its name and takes part. Less plain: `line_amount` is what a row costs, `unit_price`",
            "one piece of it; `recorded_at` is when the row was entered; `gap_days` lie between two orders; `aov` is",
            "the average order value; `holdout` marks a control group.\n",
            *roles_reference(),
            "",
        ]
    )


def roles_reference() -> Iterator[str]:
    """One line per kind of table, and one per way in which columns are treated with care."""
    roles = vocabulary().values()
    for title, held in {
        "In an order log": [role for role in roles if role.table == "transactions"],
        "In a customer table": [role for role in roles if role.table == "customers"],
        "In either": [role for role in roles if role.table == "both"],
        "Personal: in no report": [role for role in roles if role.personal],
        "Protected: describe segments, form none unless you ask": [role for role in roles if role.protected],
    }.items():
        yield f"- {title}: {', '.join(f'`{role.name}`' for role in held)}"


def help_text(name: str, command: click.Command) -> str:
    parent = click.Context(commands, info_name="reportgen", **commands.context_settings)
    context = parent if not name else click.Context(command, parent=parent, info_name=name)
    context.terminal_width, context.max_content_width = 100, 100
    return command.get_help(context)


def settings_reference() -> Iterator[str]:
    """One row per setting: name, meaning, default."""
    for name, field in Config.model_fields.items():
        if isinstance(field.default, BaseModel):
            for key, inner in type(field.default).model_fields.items():
                yield f"| `{name}.{inner.alias or key}` | {inner.description} | {_default(inner)} |"
        else:
            yield f"| `{name}` | {field.description} | {_default(field)} |"


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in value)
    return "" if value in (None, "", {}) else f"`{value}`"


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
