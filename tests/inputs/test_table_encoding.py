"""Encodings: detected from the bytes, stated in the origin, overruled by the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reportgen.errors import ConfigError, InputError
from reportgen.inputs.table import Table, open_table
from reportgen.settings import InputConfig

TEXTS = {
    "german": ("Kunde;Straße\n", "Müller;Königsallee 7 · 12,50 €\nGroß;Äußere Gasse\nBjörk;Überseering\n"),
    "french": ("client;ville\n", "Béatrice;Évian\nFrançois;Nîmes\nœuvre;Orléans – centre\n"),
    "spanish": ("cliente;ciudad\n", "Íñigo;Cádiz\nPeña;León\nMuñoz;¿Dónde?\n"),
    "polish": ("klient;miasto\n", "Łukasz;Łódź\nŻaneta;Częstochowa\nJęśli;Kraków\n"),
    "turkish": ("müşteri;şehir\n", "Işık;Muğla\nGülşen;İstanbul\nÇağla;Eskişehir\n"),
    "russian": ("клиент;город\n", "Иванов;Москва\nПетрова;Казань\nСидоров;Тверь\n"),
    "greek": ("πελάτης;πόλη\n", "Γιώργος;Αθήνα\nΜαρία;Πάτρα\nΝίκος;Βόλος\n"),
    "japanese": ("顧客番号;都市\n", "田中さん;東京\nスズキ;大阪市\n佐藤;札幌\n"),
    "chinese": ("客户编号;城市\n", "王小明;北京\n李雷;上海市\n韩梅梅;广州\n"),
    "korean": ("고객번호;도시\n", "김철수;서울\n이영희;부산\n박민수;대구\n"),
}


def opened(tmp_path: Path, content: bytes, **config: Any) -> Table:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    return open_table(path, InputConfig(**config))


@pytest.mark.parametrize(
    ("language", "codec"),
    [
        *[(language, codec) for language in TEXTS for codec in ("utf-8", "utf-8-sig", "utf-16")],
        *[(language, "cp1252") for language in ("german", "french", "spanish")],
        ("polish", "cp1250"),
        ("turkish", "cp1254"),
        ("russian", "cp1251"),
        ("greek", "cp1253"),
        ("japanese", "cp932"),
        ("japanese", "euc_jp"),
        ("chinese", "gb18030"),
        ("korean", "euc_kr"),
        ("german", "utf-16-le"),
        ("french", "utf-16-be"),
        ("spanish", "cp850"),
        ("french", "mac_roman"),
        ("german", "utf-32"),
    ],
)
def test_encodings_are_detected(tmp_path: Path, language: str, codec: str) -> None:
    header, body = TEXTS[language]
    text = header + body
    if codec == "cp850":
        text = text.replace("€", "EUR").replace("–", "-")
    table = opened(tmp_path, text.encode(codec))
    frame = table.frame.collect()
    expected = [tuple(line.split(";")) for line in text.splitlines()]
    assert [tuple(frame.columns), *frame.rows()] == expected
    assert "encoding" in dict(table.origin.facts)


def test_the_choice_is_a_fact(tmp_path: Path) -> None:
    assert dict(opened(tmp_path, "a;b\nü;1\n".encode("cp1252")).origin.facts)["encoding"] == "cp1252"
    assert dict(opened(tmp_path, b"a;b\nu;1\n").origin.facts)["encoding"] == "UTF-8"


def test_a_letter_beyond_ascii_far_down(tmp_path: Path) -> None:
    table = opened(tmp_path, b"a,b\n" + b"x,1\n" * 400_000 + "ü,2\n".encode("cp1252"))
    assert table.frame.collect().rows()[-1] == ("ü", "2")


def test_a_few_broken_bytes_do_not_spoil_the_rest(tmp_path: Path) -> None:
    table = opened(tmp_path, b"a,b\n" + "Grüße äöü,1\n".encode() * 20 + b"caf\xc3,2\n")
    assert table.frame.collect().rows()[0] == ("Grüße äöü", "1")
    assert table.frame.collect().rows()[-1] == ("caf\ufffd", "2")
    assert [finding.code for finding in table.origin.findings] == ["broken_characters"]


def test_bytes_outside_cp1252_are_kept_as_something_visible(tmp_path: Path) -> None:
    assert len(opened(tmp_path, b"a,b\n\x81\x8d\xfc,1\nx,2\n").frame.collect()) == 2


def test_the_configured_encoding_wins(tmp_path: Path) -> None:
    content = "a,b\nş,1\n".encode("cp1254")
    assert opened(tmp_path, content, encoding="cp1254").frame.collect().rows()[0] == ("ş", "1")
    assert opened(tmp_path, content, encoding="latin-1").frame.collect().rows()[0] == ("þ", "1")
    assert opened(tmp_path, "\ufeffa,b\nş,1\n".encode(), encoding="UTF8").frame.columns == ["a", "b"]


def test_an_unknown_encoding_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'cp1252'") as error:
        opened(tmp_path, b"a,b\n1,2\n", encoding="cp12522")
    assert "utf-8" in error.value.hint
    with pytest.raises(ConfigError, match="not a known encoding"):
        opened(tmp_path, b"a,b\n1,2\n", encoding="base64")


def test_an_encoding_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not text in the encoding utf-8") as error:
        opened(tmp_path, b"a,b\n\xfc,2\n", encoding="utf-8")
    assert "input.encoding" in error.value.hint


def test_a_word_that_repeats_does_not_decide_the_encoding(tmp_path: Path) -> None:
    """ "Tamamlandı" would also be fine Czech letters; the few other words are not."""
    text = "Müşteri;Sipariş No;Durum\n" + "7;9;Tamamlandı\n" * 400 + "8;10;İptal\n"
    assert dict(opened(tmp_path, text.encode("cp1254")).origin.facts)["encoding"] == "cp1254"


def test_polish_money_is_no_cube(tmp_path: Path) -> None:
    """The same byte is the end of "zł" and, in Western Europe, a small 3."""
    text = "Nr;Ilość;Cena\n" + "7;9;12,50 zł\n" * 300
    assert dict(opened(tmp_path, text.encode("cp1250")).origin.facts)["encoding"] == "cp1250"
