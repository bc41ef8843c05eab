"""Text tables of every dialect: separators, quotes, headers, ragged lines, odd line ends."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reportgen.errors import ConfigError, InputError
from reportgen.inputs import engine, text
from reportgen.inputs.table import Table, open_table
from reportgen.settings import InputConfig


def opened(tmp_path: Path, content: str | bytes, name: str = "t.csv", **config: Any) -> Table:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_table(path, InputConfig(**config))


def cells(table: Table) -> tuple[list[str], list[tuple[Any, ...]]]:
    frame = table.frame.collect()
    return frame.columns, frame.rows()


def codes(table: Table) -> dict[str, int | None]:
    return {finding.code: finding.rows for finding in table.origin.findings}


ROWS = [("a1", "1.50", "x"), ("a2", "2.50", "y"), ("a3", None, "z")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(tmp_path: Path, delimiter: str, newline: str) -> None:
    lines = [delimiter.join(cell or "" for cell in row) for row in [("id", "amount", "name"), *ROWS]]
    table = opened(tmp_path, newline.join(lines) + newline)
    assert cells(table) == (["id", "amount", "name"], ROWS)
    assert table.origin.rows == 3


def test_no_line_end_at_the_end(tmp_path: Path) -> None:
    assert cells(opened(tmp_path, "id,n\na,1\nb,2"))[1] == [("a", "1"), ("b", "2")]


def test_decimal_commas_do_not_win_over_semicolons(tmp_path: Path) -> None:
    table = opened(tmp_path, "Kunde;Umsatz;Rabatt\nA;1,50;0,10\nB;2,75;0,20\nC;3,00;0,30\n")
    assert cells(table)[1][1] == ("B", "2,75", "0,20")


def test_quoted_delimiters_newlines_and_quotes(tmp_path: Path) -> None:
    table = opened(tmp_path, 'id,text\n1,"a, ""b""\nc"\n2,"d"\n')
    assert cells(table)[1] == [("1", 'a, "b"\nc'), ("2", "d")]


def test_newlines_in_quotes_of_a_file_with_other_line_ends(tmp_path: Path) -> None:
    table = opened(tmp_path, 'id,text\r\n1,"a\nb"\r\n2,"c\rd"\r\n')
    assert cells(table)[1] == [("1", "a\nb"), ("2", "c\nd")]


def test_backslash_escapes(tmp_path: Path) -> None:
    table = opened(tmp_path, 'id,text,n\n1,"a \\"b\\", c",5\n2,"d",6\n3,"e",7\n')
    assert cells(table)[1][0] == ("1", 'a "b", c', "5")


def test_single_quotes(tmp_path: Path) -> None:
    table = opened(tmp_path, "'id','text'\n'1','a, b'\n'2','c'\n")
    assert cells(table) == (["id", "text"], [("1", "a, b"), ("2", "c")])


def test_inches_in_unquoted_cells_stay(tmp_path: Path) -> None:
    lines = "\n".join(f'{i};5 1/2" pad;{i}' for i in range(5)) + '\n6;"open;7\n8;x;9\n'
    table = opened(tmp_path, "id;item;n\n" + lines)
    assert cells(table)[1][-2:] == [("6", '"open', "7"), ("8", "x", "9")]


def test_a_quote_that_is_never_closed_costs_one_cell_only(tmp_path: Path) -> None:
    lines = [f'{i},"item {i}",{i}' for i in range(2000)]
    lines[1500] = '1500,"item 1500,1500'
    table = opened(tmp_path, "\n".join(["id,item,n", *lines]))
    assert table.origin.rows == 2000
    assert cells(table)[1][1500] == ("1500", '"item 1500', "1500")


def test_excel_names_the_separator_in_the_first_line(tmp_path: Path) -> None:
    assert cells(opened(tmp_path, "sep=;\r\nid;n\r\na;1\r\nb;2\r\n")) == (["id", "n"], [("a", "1"), ("b", "2")])


def test_runs_of_blanks(tmp_path: Path) -> None:
    table = opened(tmp_path, " id   date  n\r\n 001 19970101  1\r\n 002 19970102 12\r\n", "t.txt")
    assert cells(table) == (["id", "date", "n"], [("001", "19970101", "1"), ("002", "19970102", "12")])


def test_fixed_width_with_blanks_inside_cells_and_empty_cells(tmp_path: Path) -> None:
    lines = [
        "id  name         amount",
        "1   Anna Schmidt   1.50",
        "2   Bo            12.00",
        "3                 7.25",
        "4   Cy van Dam     9.99",
    ]
    table = opened(tmp_path, "\n".join(lines), "t.dat")
    assert cells(table) == (
        ["id", "name", "amount"],
        [("1", "Anna Schmidt", "1.50"), ("2", "Bo", "12.00"), ("3", None, "7.25"), ("4", "Cy van Dam", "9.99")],
    )


def test_no_header(tmp_path: Path) -> None:
    table = opened(tmp_path, "760\t25\t2009-11-06\n860\t50\t2012-09-28\n", "t.txt")
    assert cells(table) == (
        ["column_1", "column_2", "column_3"],
        [("760", "25", "2009-11-06"), ("860", "50", "2012-09-28")],
    )
    assert ("header", "none; the columns are numbered") in table.origin.facts


@pytest.mark.parametrize(
    "first",
    [
        "C-1,anna@example.org,12.50",
        "17850.0,United Kingdom,£5.00",
        "u7,m,01.02.2020",
        "550e8400-e29b-41d4-a716-446655440000,x,1 200,00",
    ],
)
def test_data_is_not_taken_for_a_header(tmp_path: Path, first: str) -> None:
    table = opened(tmp_path, f"{first}\n{first}\n{first}\n".replace(",00", ".00"))
    assert table.origin.rows == 3


@pytest.mark.parametrize(
    "header", ["customer,2019,2020,2021", "id,name,town,2020", "Kunde,Jan 2020,Feb 2020,Q1", "a,b,c,d"]
)
def test_headers_of_years_and_words_are_headers(tmp_path: Path, header: str) -> None:
    table = opened(tmp_path, f"{header}\nA,1,2,3\nB,4,5,6\nC,7,8,9\n")
    assert cells(table)[0] == header.split(",")


def test_a_table_of_words_has_a_header_unless_its_words_return(tmp_path: Path) -> None:
    assert cells(opened(tmp_path, "name,town\nAnna,Rome\nBo,Oslo\n"))[0] == ["name", "town"]
    assert cells(opened(tmp_path, "Anna,Rome\nBo,Oslo\nCy,Rome\nDi,Rome\n", "u.csv"))[0] == ["column_1", "column_2"]


def test_title_lines_above_and_notes_below(tmp_path: Path) -> None:
    body = "".join(f"c{i},{i},{i * 2}\n" for i in range(10))
    table = opened(tmp_path, f"Sales report\nCreated,2024-01-01\n\nid,n,m\n{body}\nSource: shop\n")
    names, rows = cells(table)
    assert names == ["id", "n", "m"]
    assert rows[0] == ("c0", "0", "0")
    assert len(rows) == 10
    assert ("lines above the table", "2") in table.origin.facts
    assert table.origin.dropped == (("footnotes", 1),)
    assert table.origin.rows == 11


@pytest.mark.parametrize(("total", "left"), [("Total,,45.00", 10), ("Summe,,46.00", 11), ("Totally,,45.00", 11)])
def test_a_totals_row_goes_only_if_it_adds_up(tmp_path: Path, total: str, left: int) -> None:
    body = "".join(f"c{i},x,{i}.00\n" for i in range(10))
    table = opened(tmp_path, f"id,kind,amount\n{body}{total}\n")
    assert len(cells(table)[1]) == left
    assert table.origin.rows == 11
    assert table.origin.dropped == ((("totals_row", 1),) if left == 10 else ())
    assert ("totals_row_suspected" in codes(table)) == (total.startswith("Summe"))


def test_totals_with_decimal_comma_and_thousands(tmp_path: Path) -> None:
    table = opened(tmp_path, "Kunde;Umsatz\nA;1.000,50\nB;2.000,25\nC;9,25\nGesamtsumme:;3.010,00\n")
    assert len(cells(table)[1]) == 3


def test_repeated_headers_of_concatenated_files(tmp_path: Path) -> None:
    table = opened(tmp_path, "id,n\na,1\nid,n\nb,2\n id , n\nc,3\n")
    assert cells(table)[1] == [("a", "1"), ("b", "2"), ("c", "3")]
    assert codes(table) == {"repeated_header": 2}
    assert table.origin.rows == 3


def test_short_rows_are_filled_and_long_rows_left_out(tmp_path: Path) -> None:
    table = opened(tmp_path, "id,n,m\na,1,2\nb,3\nc,4,5,6\nd,7,8,,\n")
    assert cells(table)[1] == [("a", "1", "2"), ("b", "3", None), ("d", "7", "8")]
    assert codes(table) == {"short_rows": 1, "unreadable_rows": 1}
    assert table.origin.dropped == (("unreadable_rows", 1),)
    assert table.origin.rows == 4


def test_one_delimiter_too_many_in_every_row(tmp_path: Path) -> None:
    table = opened(tmp_path, "id;n\na;1;\nb;2;\n")
    assert cells(table) == (["id", "n"], [("a", "1"), ("b", "2")])
    assert "empty_columns" in codes(table)


def test_row_names_without_header_as_r_writes_them(tmp_path: Path) -> None:
    table = opened(tmp_path, '"age" "income"\n"1" 20 300\n"2" 30 400\n'.replace(" ", ","))
    assert cells(table) == (["column_1", "age", "income"], [("1", "20", "300"), ("2", "30", "400")])


def test_blank_lines_rows_and_columns(tmp_path: Path) -> None:
    table = opened(tmp_path, "id,n,,x\na,1,,7\n\n,,,\n \t\nb,2,\u00a0,\u3000\n")
    assert cells(table) == (["id", "n", "x"], [("a", "1", "7"), ("b", "2", None)])
    assert table.origin.rows == 2


def test_cells_are_trimmed_of_every_kind_of_blank(tmp_path: Path) -> None:
    assert cells(opened(tmp_path, "id,n\n\u00a0a\u202f, 1 \n\tü ,x\u200b\n"))[1] == [("a", "1"), ("ü", "x")]
    assert cells(opened(tmp_path, "id,n\n a , 1\n\tb,2 \n", "u.csv"))[1] == [("a", "1"), ("b", "2")]


def test_headers_become_unique_short_and_legible(tmp_path: Path) -> None:
    long = "x" * 10_000
    table = opened(
        tmp_path, f'Total,total, Total ,,"a\nb\0c",{long},"q""q",Total (2)\n1,2,3,4,5,6,7,8\n9,9,9,9,9,9,9,9\n'
    )
    assert cells(table)[0] == [
        "Total",
        "total (3)",
        "Total (4)",
        "column_4",
        "a bc",
        "x" * 99 + "…",
        'q"q',
        "Total (2)",
    ]
    assert len([f for f in table.origin.findings if f.code == "duplicate_header"]) == 2


def test_nul_in_cells_is_removed(tmp_path: Path) -> None:
    table = opened(tmp_path, "id,n\na\0b,1\nc,2\n")
    assert cells(table)[1] == [("ab", "1"), ("c", "2")]
    assert "nul_characters" in codes(table)


def test_error_cells_of_spreadsheets_are_empty(tmp_path: Path) -> None:
    table = opened(tmp_path, "id,n\na,#N/A\nb,2\nc,#DIV/0!\n")
    assert cells(table)[1] == [("a", None), ("b", "2"), ("c", None)]
    assert codes(table) == {"error_cells": 2}


def test_cells_of_ten_thousand_characters_and_strange_scripts(tmp_path: Path) -> None:
    rows = [("x" * 10_000, "<script>"), ("=1+1", "مرحبا"), ("😀", "日本語")]
    assert cells(opened(tmp_path, "a,b\n" + "".join(f"{a},{b}\n" for a, b in rows)))[1] == rows


def test_a_very_long_cell_takes_the_slow_road(tmp_path: Path) -> None:
    table = opened(tmp_path, "a,b\n" + "x" * (engine.LONGEST_LINE - 100) + ",1\ny,2\n")
    assert cells(table)[1][1] == ("y", "2")


@pytest.mark.parametrize("delimiter", ["xx", "a", '"', "\n"])
def test_wrong_delimiters_are_refused_with_the_known_ones(tmp_path: Path, delimiter: str) -> None:
    with pytest.raises(ConfigError, match="not a delimiter") as error:
        opened(tmp_path, "a,b\n1,2\n", delimiter=delimiter)
    assert "'tab'" in error.value.hint


@pytest.mark.parametrize(
    ("delimiter", "text"), [("tab", "a,x\tb\n1\t2\n"), ("^", "a^b\n1^2\n"), (";", "a,x;b\n1;2\n"), (" ", "a b\n1 2\n")]
)
def test_the_configured_delimiter_wins(tmp_path: Path, delimiter: str, text: str) -> None:
    assert cells(opened(tmp_path, text, delimiter=delimiter))[1] == [("1", "2")]


def test_a_wrong_delimiter_makes_one_column(tmp_path: Path) -> None:
    assert len(cells(opened(tmp_path, "a,b\n1,2\n", delimiter=";"))[0]) == 1


def test_mostly_unreadable_rows_are_an_error(tmp_path: Path) -> None:
    ragged = "".join(f"{i}" + ",x" * (i % 5 + 3) + "\n" for i in range(50))
    with pytest.raises(InputError, match="more cells than its header"):
        opened(tmp_path, f"a,b\n1,2\n3,4\n5,6\n{ragged}", delimiter=",")


@pytest.mark.parametrize(
    ("content", "message"),
    [("id,n\n", "columns, but no rows"), ("\n \n", "only blank lines"), ("id,n\n,\n", "no rows")],
)
def test_tables_without_rows(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        opened(tmp_path, content)


def test_one_row_and_one_column_are_tables(tmp_path: Path) -> None:
    assert cells(opened(tmp_path, "id,n\na,1\n")) == (["id", "n"], [("a", "1")])
    assert cells(opened(tmp_path, "name\nAnna\n\nBo\n", "u.csv")) == (["name"], [("Anna",), ("Bo",)])


def test_a_row_that_breaks_the_pattern_late_is_read_line_by_line(tmp_path: Path) -> None:
    lines = [f"{i},x{i}" for i in range(30_000)]
    table = opened(tmp_path, "id,x\n" + "\n".join(lines) + "\n30000\n")
    assert table.origin.rows == 30_001


cell = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=12).map(str.strip)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.integers(1, 999).map(str), cell, cell), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_both_roads_read_what_a_csv_writer_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: Any, delimiter: str, quoting: Any
) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(
        [("id", "word", "more"), *rows]
    )
    fast = cells(opened(tmp_path, buffer.getvalue(), delimiter="tab" if delimiter == "\t" else delimiter))

    def refuse(*_: Any) -> None:
        raise text.duckdb.Error

    with monkeypatch.context() as patch:
        patch.setattr(text, "load_csv", refuse)
        slow = cells(opened(tmp_path, buffer.getvalue(), delimiter="tab" if delimiter == "\t" else delimiter))
    assert fast == slow
    blank = engine.BLANKS
    kept = [name for name, used in zip(("id", "word", "more"), (1, 1, 1), strict=True) if used]
    assert fast[0] == kept
    assert fast[1] == [tuple(value.strip(blank) or None for value in row) for row in rows]


@pytest.mark.parametrize("header", ["", "Umsatz;Rabatt\n"])
def test_a_table_of_decimal_commas_only(tmp_path: Path, header: str) -> None:
    assert cells(opened(tmp_path, header + "1,50;2,50\n3,25;4,75\n" * 60))[1][0] == ("1,50", "2,50")


def test_commas_between_digits_may_be_the_delimiter(tmp_path: Path) -> None:
    assert cells(opened(tmp_path, "1,50,7\n3,25,8\n"))[1][0] == ("1", "50", "7")


def test_the_end_mark_of_old_systems_is_no_row(tmp_path: Path) -> None:
    assert cells(opened(tmp_path, "id,n\na,1\nb,2\n\x1a"))[1] == [("a", "1"), ("b", "2")]


def test_wide_tables(tmp_path: Path) -> None:
    width = 1200
    lines = [",".join(f"c{i}" for i in range(width)), *(",".join("1" * width) for _ in range(20))]
    assert cells(opened(tmp_path, "\n".join(lines)))[0][-1] == "c1199"


def test_a_column_named_rowid_does_not_hide_the_foot(tmp_path: Path) -> None:
    body = "".join(f"{9 - i},c{i},{i}\n" for i in range(10))
    table = opened(tmp_path, f"RowID,name,n\n{body}Total,,45\n")
    assert cells(table)[0] == ["RowID", "name", "n"]
    assert len(cells(table)[1]) == 10


@pytest.mark.parametrize("first", ["Anna,2019", "c,3", "x,y,2020-01-01", "m,4,5"])
def test_a_first_row_with_figures_is_data(tmp_path: Path, first: str) -> None:
    other = first.replace("a", "o").replace("c", "d").replace("x", "v").replace("m", "f")
    assert opened(tmp_path, f"{first}\n{other}\n").origin.rows == 2


def test_lists_for_printers_with_rules_and_borders(tmp_path: Path) -> None:
    rule = "-" * 22 + "\n"
    body = "".join(f"|000{i} | 10{i} |{i}2,35- |\n" for i in range(9))
    table = opened(tmp_path, f"Sales list\n\n{rule}|VBELN|KUNNR|NETWR  |\n{rule}{body}{rule}", "sap.txt")
    assert cells(table)[0] == ["VBELN", "KUNNR", "NETWR"]
    assert cells(table)[1][3] == ("0003", "103", "32,35-")
    assert table.origin.rows == 9
    table = opened(tmp_path, "| id | n |\n|:---|---:|\n| a | 1 |\n| b | - |\n", "table.md")
    assert cells(table) == (["id", "n"], [("a", "1"), ("b", "-")])


@pytest.mark.parametrize("text", ["# made by tool\n# v1\nid,n\na,1\nb,2\nc,3\n", "Report\nid,n\na,1\nb,2\nc,3\n"])
def test_remarks_above_a_short_table(tmp_path: Path, text: str) -> None:
    assert cells(opened(tmp_path, text)) == (["id", "n"], [("a", "1"), ("b", "2"), ("c", "3")])


def test_prose_is_one_column(tmp_path: Path) -> None:
    text = "Dear all,\nplease find the table attached, as agreed.\nBest regards\nAnna\n"
    assert len(cells(opened(tmp_path, text, "letter.txt"))[0]) == 1
