"""Every reference result that `reportgen selfcheck` knows, and how the self-check behaves."""

from __future__ import annotations

import dataclasses
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from shared import MALL, ROOT, SHARED

from reportgen.cli.main import run_cli
from reportgen.errors import ExitCode, InputError
from reportgen.selfcheck.bench import Bench
from reportgen.selfcheck.check import Outcome, SelfCheck, examine, self_check
from reportgen.selfcheck.datasets import KNOWN, SHIPPED, WORKED, recognise
from reportgen.selfcheck.references import Reference, all_references

WHOLESALE_HEADER = "Channel,Region,Fresh,Milk,Grocery,Frozen,Detergents_Paper,Delicassen\n"


@cache
def bench() -> Bench:
    return Bench(recognise([SHARED])[0] if SHARED.is_dir() else {})


def parameters() -> list[object]:
    heavy = {"online_retail"}
    marked = [
        pytest.param(
            reference, id=reference.id, marks=[pytest.mark.slow] if reference.slow or reference.data in heavy else []
        )
        for reference in all_references()
    ]
    return list(marked)


@pytest.mark.parametrize("reference", parameters())
def test_a_reference_result_is_found_again(reference: Reference) -> None:
    outcome = examine(reference, bench(), full=True)
    if outcome.state == "skipped":
        pytest.skip(f"{outcome.why}: set REPORTGEN_SHARED to a folder whose data/ holds it")
    assert outcome.state == "ok", f"{outcome.why} computed {outcome.computed}, expected {reference.expected}"


@pytest.mark.parametrize(
    "reference", [one for one in all_references() if not one.slow and one.data in (*SHIPPED, WORKED)]
)
def test_a_comparison_can_fail(reference: Reference) -> None:
    computed = examine(reference, bench(), full=False).computed
    assert not reference.agrees(spoilt(computed))


def spoilt(value: object) -> object:
    if isinstance(value, list):
        return [*value[:-1], spoilt(value[-1])]
    assert isinstance(value, int | float)
    return value * 1.5 + 1


def test_the_list_is_sound() -> None:
    names = Counter(reference.id for reference in all_references())
    assert max(names.values()) == 1
    assert {reference.data for reference in all_references()} == {*SHIPPED, WORKED, *KNOWN}
    assert all(reference.source for reference in all_references())


def test_either_of_two_answers_and_an_upper_bound() -> None:
    one = all_references()[0]
    verdict = dataclasses.replace(
        one, expected={"k": [2, 3], "verdict": "natural"}, tolerance={"mode": "abs", "value": 0}
    )
    assert verdict.agrees({"k": 3, "verdict": "natural", "more": 1})
    assert not verdict.agrees({"k": 4, "verdict": "natural"})
    assert not verdict.agrees({"k": 3, "verdict": "reproducible"})
    bound = dataclasses.replace(one, expected=100.0, tolerance={"mode": "at_most_rel", "value": 0.001})
    assert bound.agrees(90.0)
    assert not bound.agrees(100.2)
    assert not dataclasses.replace(one, expected=[1, 2]).agrees([1])
    assert not dataclasses.replace(one, expected=1.0).agrees(None)


def test_files_are_recognised_by_their_content(tmp_path: Path) -> None:
    (tmp_path / "some name.csv").write_text(WHOLESALE_HEADER + "1,2,3,4,5,6,7,8\n")
    (tmp_path / "more.csv").write_bytes(b"\xff\xfe\x00")
    found, unknown = recognise([tmp_path, tmp_path / "some name.csv", MALL])
    assert found == {"wholesale": (tmp_path / "some name.csv",), "mall": (MALL,)}
    assert unknown == (tmp_path / "more.csv",)


def test_a_changed_copy_is_not_compared(tmp_path: Path) -> None:
    rows = "".join(f"1,2,{i},{i * 7 % 31 + 1},{i * 3 % 17 + 1},4,5,6\n" for i in range(1, 60))
    (tmp_path / "short.csv").write_text(WHOLESALE_HEADER + rows)
    given, _ = recognise([tmp_path])
    outcome = examine(next(one for one in all_references() if one.data == "wholesale"), Bench(given), full=True)
    assert (outcome.state, outcome.why) == ("skipped", "wholesale: 59 rows instead of 440")


def test_a_file_that_is_no_known_data_set_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no reference results"):
        self_check([ROOT / "README.md"])
    assert run_cli(["-q", "selfcheck", str(tmp_path / "nowhere")]) == ExitCode.FAILED
    assert "nowhere" in capsys.readouterr().err


def test_the_command_prints_a_table_and_the_exit_code_tells(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = next(one for one in all_references() if one.id == "mall.2col.raw.k5.silhouette")
    for computed, state, code in [(0.5539319974, "ok", ExitCode.GOOD), (0.6, "differs", ExitCode.FAILED)]:
        checked = SelfCheck((Outcome(reference, state, computed), Outcome(reference, "skipped", why="slow")), ())
        monkeypatch.setattr("reportgen.selfcheck.check.self_check", lambda *_, checked=checked: checked)
        assert run_cli(["-q", "selfcheck"]) == code
        shown = capsys.readouterr().out
        for part in ("mean silhouette", "public notebooks", "0.5539319974", f"{computed}", state, "Skipped 1: slow"):
            assert part in shown


def test_without_data_the_shipped_results_are_checked_and_agree(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["-q", "selfcheck"]) == ExitCode.GOOD
    shown = capsys.readouterr().out
    many = sum(not one.slow and one.data in (*SHIPPED, WORKED) for one in all_references())
    assert many > 100
    assert f"{many} of {many} results agree." in shown
    assert "slow: needs --full" in shown
    assert "needs UCI Online Retail" in shown


def test_the_list_computes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["selfcheck", "--list"]) == ExitCode.GOOD
    shown = capsys.readouterr().out
    assert "CDNOW" in shown or "cdnow" in shown
    assert "monte_carlo, slow" in shown
