"""The library as README shows it, and the mistakes that people make with it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from shared import MALL

import reportgen as rg
from reportgen.errors import ConfigError


def test_settings_may_be_a_path_or_an_object(tmp_path: Path) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text("[segments]\nk = 4\n", encoding="utf-8")
    table = pd.read_csv(MALL)
    assert len(rg.analyse(table, str(settings)).segments) == 4
    assert len(rg.analyse(table, rg.load_config(settings, segments__k=3)).segments) == 3
    with pytest.raises(ConfigError, match="dict"):
        rg.analyse(table, {"k": 4})


def test_a_setting_without_its_table_is_found() -> None:
    with pytest.raises(ConfigError, match=r"did you mean 'segments\.k'"):
        rg.load_config(k=5)


def test_a_report_is_written_where_it_is_told(tmp_path: Path) -> None:
    report = rg.compose(rg.analyse(MALL))
    assert rg.write(report, tmp_path / "a.json") == (tmp_path / "a.json",)
    with pytest.raises(ConfigError, match="no file"):
        rg.write(report)


def test_asking_for_more_segments_than_come_back_says_how_many_do(tmp_path: Path) -> None:
    report = rg.compose(rg.analyse(MALL, rg.load_config(segments__k=7)))
    assert report.title == "7 segments were requested; 5 come back reliably"


def test_the_data_appendix_says_how_the_file_was_read(tmp_path: Path) -> None:
    target = tmp_path / "a.html"
    rg.write(rg.compose(rg.analyse(MALL)), target)
    told = target.read_text(encoding="utf-8")
    assert "How the file was read" in told
    assert "delimiter: comma" in told
