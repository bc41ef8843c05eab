"""Find out how a text file is encoded, and make a plain UTF-8 copy of it where the engine needs one."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from reportgen.errors import ConfigError, InputError, did_you_mean

_CHUNK = 2**20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with byte order mark"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_KNOWN = (
    "utf-8",
    "utf-16",
    "cp1252",
    "latin-1",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp850",
    "mac_roman",
    "cp932",
    "gb18030",
    "euc_kr",
    "big5",
)


@dataclass(frozen=True)
class Scan:
    """What one pass over the bytes has found."""

    head: bytes
    utf8: bool
    nul: bool
    newlines: bool  # all line ends are alike, and none is a lone carriage return
    odd: bytes  # lines that hold bytes beyond ASCII, up to a limit


@dataclass(frozen=True)
class Encoding:
    """The codec of a file; ``clean`` files go to the engine as they are."""

    codec: str
    label: str
    errors: str
    clean: bool


def detect_encoding(path: Path, wanted: str) -> Encoding:
    """Return how a file is encoded, from all its bytes; ConfigError for an unknown name in ``wanted``."""
    scan = _scan(path)
    codec, label, errors = _forced(wanted, scan) if wanted else _detected(scan)
    utf8 = codec in ("utf-8", "utf-8-sig")
    clean = utf8 and scan.utf8 and not scan.nul and scan.newlines
    return Encoding(codec, label, errors, clean)


def sample_text(path: Path, size: int) -> str:
    """Return the beginning of a UTF-8 file, up to the end of a line where there is one."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        text = stream.read(size)
        more = bool(stream.read(1))
    end = text.rfind("\n") + 1
    return (text[:end] if more and end else text).replace("\r\n", "\n")


def plain_copy(path: Path, encoding: Encoding, target: Path, name: str) -> tuple[int, int]:
    """Write a UTF-8 copy with plain line ends and no NULs; return how many NULs and broken characters there were."""
    nuls = broken = 0
    try:
        with (
            path.open(encoding=encoding.codec, errors=encoding.errors) as source,
            target.open("w", encoding="utf-8", errors="replace", newline="\n") as copy,
        ):
            while block := source.read(_CHUNK):
                nuls += block.count("\0")
                broken += block.count("\ufffd")
                copy.write(block.replace("\0", ""))
    except UnicodeError as error:
        raise InputError(
            f"{name} is not text in the encoding {encoding.label}: {error}",
            "Leave the setting input.encoding out to have it detected, or name another one.",
        ) from None
    return nuls, broken


def _scan(path: Path) -> Scan:
    head, odd = b"", bytearray()
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8 = True
    nul = False
    returns = pairs = feeds = 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if chunk.endswith(b"\r"):
                chunk += stream.read(1)
            head = head or chunk[:65536]
            nul = nul or b"\0" in chunk
            returns, pairs, feeds = (
                returns + chunk.count(b"\r"),
                pairs + chunk.count(b"\r\n"),
                feeds + chunk.count(b"\n"),
            )
            if chunk.isascii() and not decoder.getstate()[0]:
                continue
            utf8 = utf8 and _decodes(decoder, chunk)
            if len(odd) < 2**18:
                odd += b"\n".join(line for line in chunk.splitlines() if not line.isascii())[: 2**18]
    utf8 = utf8 and _decodes(decoder, b"", final=True)
    return Scan(head, utf8, nul, returns == pairs and pairs in (0, feeds), bytes(odd))


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _forced(wanted: str, scan: Scan) -> tuple[str, str, str]:
    try:
        codec = codecs.lookup(wanted).name
        "".encode(codec)
    except LookupError:
        raise ConfigError(
            f"input.encoding = {wanted!r} is not a known encoding{did_you_mean(wanted, _KNOWN)}",
            f"Known ones are {', '.join(_KNOWN)} and every other codec of Python.",
        ) from None
    if codec == "utf-8" and scan.head.startswith(codecs.BOM_UTF8):
        codec = "utf-8-sig"
    return codec, wanted, "strict"


def _detected(scan: Scan) -> tuple[str, str, str]:
    for mark, codec, label in _BOMS:
        if scan.head.startswith(mark):
            return codec, label, "replace"
    units = max(1, len(scan.head) // 2)
    low, high = scan.head[0::2].count(0) / units, scan.head[1::2].count(0) / units
    if max(low, high) > 0.3 and min(low, high) < 0.05:
        return ("utf-16-le" if high > low else "utf-16-be"), "UTF-16 without byte order mark", "replace"
    if scan.utf8:
        return "utf-8", "UTF-8", "replace"
    repaired = scan.odd.decode("utf-8", "replace")
    broken = repaired.count("\ufffd")
    if sum(char > "\x7f" for char in repaired) >= 6 * broken:  # far more well-formed characters than broken ones
        return "utf-8", "UTF-8 with broken characters", "replace"
    codec = _likeliest(scan.odd)
    return codec, codec, "replace"


_Usual = Callable[[str], bool]


def _letters(usual: str) -> _Usual:
    wanted = frozenset(usual + usual.upper())
    return lambda char: char in wanted


def _is_kana(char: str) -> bool:
    return "ぁ" <= char <= "ヺ" or char in "ー、。・「」（）　￥〜～"


def _in_rows(char: str, codec: str, first: int, last: int) -> bool:
    """Tell whether a character stands in the part of a double-byte code that holds the common ones."""
    code = char.encode(codec, "replace")
    return len(code) == 2 and first <= code[0] <= last


# Which characters are usual in the languages that a code page serves; the order decides between equals.
_CANDIDATES: tuple[tuple[str, _Usual], ...] = (
    ("cp1252", _letters("äöüßéèêëàâáãåæçñíìîïóòôõøœúùû€£°§–—’‘“”„…«»•®™\xa0¿¡ºª²¼½¾")),
    ("cp1250", _letters("äöüßéóąćęłńśźż€–’“”„…§°\xa0")),  # Polish
    ("cp1250", _letters("äöüßáéíóúčďěňřšťůžýľô€–’“”„…§°\xa0")),  # Czech, Slovak
    ("cp1250", _letters("äöüßáéíóúőű€–’“”„…§°\xa0")),  # Hungarian
    ("cp1254", _letters("äöüßéçğışİâîû€–’“”…°\xa0")),
    ("cp1250", _letters("äöüßéáíóúąćęłńśźżčďěňřšťůžýőűăâîşţľô€–’“”„…§°\xa0")),  # several languages
    ("cp1251", lambda char: "а" <= char.lower() <= "я" or char in "ёЁіїєґ№€–—«»…\xa0"),
    ("cp1253", lambda char: "Ά" <= char <= "ώ" or char in "€–’«»\xa0"),
    ("cp850", _letters("äöüßéèêëàâáçñíìîïóòôúùûåæø")),
    ("mac_roman", _letters("äöüßéèêëàâáãåæçñíìîïóòôøœúùû€£–—’‘“”„…«»")),
    ("cp932", lambda char: _is_kana(char) or "\uff61" <= char <= "\uff9f" or _in_rows(char, "cp932", 0x88, 0x97)),
    ("euc_kr", lambda char: "가" <= char <= "힣"),
    ("gb18030", lambda char: char in "，。、：；（）《》“”　￥" or _in_rows(char, "gb18030", 0xB0, 0xD7)),
    ("big5", lambda char: _in_rows(char, "big5", 0xA4, 0xC6)),
    ("euc_jp", lambda char: _is_kana(char) or _in_rows(char, "euc_jp", 0xB0, 0xCF)),
)


def _likeliest(odd: bytes) -> str:
    """Return the encoding under which the most characters are usual ones, capitals inside words being unusual.

    Cells that repeat must not outvote the rest: different characters count as much as all of them.
    """
    best, best_score = "latin-1", 0.0
    for codec, usual in _CANDIDATES:
        text = odd.decode(codec, "replace")
        strange = [char for char in text if char > "\x7f"]
        humps = sum(a.islower() and b.isupper() and max(a, b) > "\x7f" for a, b in pairwise(text))
        shares = [sum(map(usual, chars)) / max(1, len(chars)) for chars in (strange, sorted(set(strange)))]
        score = sum(shares) / 2 - humps / 2 / max(1, len(strange))
        if score > best_score + 0.02:
            best, best_score = codec, score
    return best
