"""The mail of one reader as bytes: the same in every build, and read back as it was meant."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mailed_runs import HTML, PDF, png, publish
from pydantic_core import PydanticCustomError

from reportgen.config import load_config
from reportgen.delivery.edition import find_edition
from reportgen.delivery.headers import header_text
from reportgen.delivery.letter import Letter, Picture, preview_page
from reportgen.delivery.mailing import Mailing
from reportgen.delivery.message import Stamp, build, build_plain
from reportgen.errors import InputError
from reportgen.mail_settings import EmailConfig, named_address

STAMP = Stamp(
    "anna@example.org", "2026-10.r1.1f3a9c00", "<2026-10.r1.1f3a9c00.abc@example.com>", "2026-11-02T06:17:00+00:00"
)
CONFIG = load_config(email__from="Reports <reports@example.com>", email__owner="owner@example.com").email


def letter(**changes: Any) -> Letter:
    whole: dict[str, Any] = {
        "html": HTML.format(lang="en", subject="S", preheader="P", name="Loyal"),
        "text": "Plain\n\n%%ATTACHMENT_NOTE%%\n",
        "subject": "Customer segments, October 2026",
        "preheader": "P",
        "pictures": (Picture("map.1f3a9c00@reportgen", "map.png", png()),),
        "corrected": False,
        "attached": "PDF attached",
        "left_out": "PDF left out",
        "lang": "en",
    }
    return Letter(**whole | changes)


def parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def tree(message: Any) -> Any:
    kind = message.get_content_type()
    return (kind, [tree(part) for part in message.iter_parts()]) if message.is_multipart() else kind


def assert_sendable(data: bytes) -> None:
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data), "a bare line end"
    assert max(data) < 128
    assert max(map(len, data.split(b"\r\n"))) <= 998


WITH_PDF = (
    "multipart/mixed",
    [
        ("multipart/alternative", ["text/plain", ("multipart/related", ["text/html", "image/png"])]),
        "application/pdf",
    ],
)


def test_the_parts_are_where_every_program_looks_for_them() -> None:
    message = parsed(build(letter(), STAMP, CONFIG, PDF))
    assert tree(message) == WITH_PDF
    assert tree(parsed(build(letter(), STAMP, CONFIG, None))) == WITH_PDF[1][0]
    related = next(part for part in message.walk() if part.get_content_type() == "multipart/related")
    assert related.get_param("type") == "text/html"
    picture = next(part for part in message.walk() if part.get_content_type() == "image/png")
    assert picture["Content-ID"] == "<map.1f3a9c00@reportgen>"
    assert picture.get_content_disposition() == "inline"
    page = next(part for part in message.walk() if part.get_content_type() == "text/html")
    assert re.findall('cid:([^"]+)', page.get_content()) == ["map.1f3a9c00@reportgen"]
    pdf = next(part for part in message.walk() if part.get_content_type() == "application/pdf")
    assert (pdf.get_filename(), pdf.get_content()) == ("segments-2026-10.pdf", PDF)


def test_headers_say_what_programs_need() -> None:
    message = parsed(build(letter(), STAMP, CONFIG, PDF))
    key = hashlib.sha256(b"anna@example.org").hexdigest()[:12]
    series = hashlib.sha256(b"segments").hexdigest()[:8]
    root = f"<root.{series}.{key}@example.com>"
    assert dict(message.items()) | {"Content-Type": "", "MIME-Version": ""} == {
        "From": "Reports <reports@example.com>",
        "To": "anna@example.org",
        "Date": "Mon, 02 Nov 2026 06:17:00 +0000",
        "Message-ID": STAMP.message_id,
        "In-Reply-To": root,
        "References": root,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply",
        "List-Id": "<segments.example.com>",
        "List-Unsubscribe": "<mailto:owner@example.com?subject=stop%20segments>",
        "X-Reportgen-Run": "2026-10.r1.1f3a9c00",
        "Subject": "Customer segments, October 2026",
        "MIME-Version": "",
        "Content-Type": "",
    }


def test_a_correction_hangs_below_what_it_replaces() -> None:
    stamp = Stamp(**{**vars(STAMP), "replaces": "<2026-10.r1.old@example.com>"})
    message = parsed(build(letter(), stamp, CONFIG, None))
    assert message["In-Reply-To"] == "<2026-10.r1.old@example.com>"
    assert re.fullmatch(r"<root\.\S+> <2026-10\.r1\.old@example\.com>", message["References"])


def test_a_draft_is_left_to_the_program_that_sends_it() -> None:
    message = parsed(build(letter(), STAMP, EmailConfig(), PDF, "draft"))
    assert message["X-Unsent"] == "1"
    assert [name for name in ("From", "Date", "Message-ID", "Auto-Submitted") if name in message] == []


def test_a_test_says_so() -> None:
    message = parsed(build(letter(), STAMP, CONFIG, None, "test"))
    assert message["Subject"] == "[Test] Customer segments, October 2026"
    assert message["X-Reportgen-Test"] == "1"


EDITIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain month": ({}, {}),
    "no PDF": ({}, {"pdf": None}),
    "German": ({"subject": "Kundensegmente, März 2026: größere Körbe", "text": "Größe: 41 %\n"}, {}),
    "Arabic": ({"html": "<p>" + "شرائح العملاء " * 400 + "</p>", "subject": "شرائح العملاء", "lang": "ar"}, {}),
    "one endless line": ({"html": "<p>" + "W" * 5000 + "</p>", "text": "x" * 5000}, {}),
    "looks encoded": ({"subject": "Revenue =?utf-8?q?doubled?= in October"}, {}),
    "no picture": ({"pictures": ()}, {}),
    "long names everywhere": ({"subject": "wort " * 60}, {"domain": "reports." + "sub." * 20 + "example.com"}),
}


@pytest.mark.parametrize("name", EDITIONS)
def test_two_builds_are_equal_and_any_relay_takes_them(name: str) -> None:
    changes, how = EDITIONS[name]
    config = load_config(
        email__from="Kundenberichte für alle <reports@example.com>", email__owner="owner@example.com",
        email__report_name="Kundensegmente für Käufer", email__domain=how.get("domain", ""),
    ).email  # fmt: skip
    one, two = (build(letter(**changes), STAMP, config, how.get("pdf", PDF)) for _ in range(2))
    assert one == two
    assert_sendable(one)
    message = parsed(one)
    assert message["From"].addresses[0].display_name == "Kundenberichte für alle"
    for header in ("Message-ID", "In-Reply-To", "References", "List-Id", "List-Unsubscribe"):
        assert "=?" not in str(message.get(header)), header
    whole = letter(**changes)
    page = next(part for part in message.walk() if part.get_content_type() == "text/html")
    assert page.get_content().replace("\r\n", "\n").rstrip("\n") == whole.html.rstrip("\n")
    assert message["Subject"] == header_text(whole.subject)


STUB = (Picture("map.1f3a9c00@reportgen", "map.png", b"\x89PNG stub"),)
GOLDEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "month": ({}, {}),
    "corrected": ({"subject": "[Corrected] Customer segments, October 2026"}, {"replaces": "<2026-10.r1.a@b.org>"}),
    "german": ({"subject": "Kundensegmente, März 2026: größere Körbe, mehr Umsatz je Käufer", "text": "Größe\n"}, {}),
    "arabic": ({"html": "<p>شرائح العملاء</p>", "text": "شرائح العملاء\n", "subject": "شرائح العملاء"}, {}),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_mails_keep_their_bytes(name: str) -> None:
    """A mail that may have arrived goes out again only as it was, so these bytes change only on purpose.

    After such a change, delete the file and run the test twice.
    """
    changes, stamped = GOLDEN[name]
    data = build(letter(pictures=STUB, **changes), Stamp(**{**vars(STAMP), **stamped}), CONFIG, b"%PDF stub")
    golden = Path(__file__).parent / "golden" / f"{name}.eml"
    if not golden.exists():
        golden.write_bytes(data)
        pytest.fail(f"{golden} was written; look at it")
    assert data == golden.read_bytes()


NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\r\n\v\f\0\x1b\x85\u2028\u2029\u202e\ud800<>=?:;\"@, "),
        st.sampled_from("äé€شر漢😀"),
    ),
    max_size=150,
)  # fmt: skip


@settings(max_examples=200)
@given(subject=NASTY, name=NASTY, body=NASTY, brand=st.sampled_from(["", "Bcc: x@evil.example", "größer"]))
def test_no_text_escapes_its_place(subject: str, name: str, body: str, brand: str) -> None:
    shown = header_text(name, 60)
    config = EmailConfig(sender="reports@example.com", owner="owner@example.com", report_name=shown and brand)
    whole = letter(subject=f"{subject}\r\nBcc: victim@example.org", text=f"{body}\n", html=f"<p>{body}</p>")
    data = build(whole, STAMP, config, None)
    assert_sendable(data)
    message = parsed(data)
    assert "Bcc" not in message
    assert message["To"] == "anna@example.org"
    assert len(message.get_all("Subject", [])) == 1
    assert len(header_text(whole.subject)) <= 120
    got = " ".join(str(message["Subject"]).split())
    assert got == " ".join(header_text(whole.subject).split())
    assert tree(message) == WITH_PDF[1][0]


@settings(max_examples=200)
@given(text=st.one_of(NASTY, st.emails(), st.builds("{} <{}>".format, NASTY, st.emails())))
def test_an_address_is_one_address_or_none(text: str) -> None:
    try:
        name, address = named_address(text, "email.to[0]")
    except PydanticCustomError as error:
        told = error.message()
    else:
        told = ""
    if told:
        assert told.startswith("email.to[0]")
        return
    assert address.count("@") == 1
    assert address.isascii()
    assert address.isprintable()
    stamp = Stamp(address, "2026-10.r1.1f3a9c00", "<a@b.org>", "2026-11-02T06:17:00+00:00")
    data = build_plain(CONFIG, "Subject", "text\n", stamp)
    assert_sendable(data)
    message = parsed(data)
    assert [one.addr_spec for one in message["To"].addresses] == [address]
    sender = EmailConfig(sender=f"{name} <{address}>" if name and "<" not in name else address)
    assert sender.address == address


def test_a_run_without_a_letter_is_told(tmp_path: Path) -> None:
    folder = publish(tmp_path)
    (folder / "email.html").unlink()
    manifest = folder / "manifest.json"
    manifest.write_text(re.sub(r'"email\.html": "\w+", ', "", manifest.read_text()))
    with pytest.raises(InputError, match=r"2026-10\.r1 has no letter: email\.html is missing"):
        Mailing(find_edition(tmp_path), CONFIG)


def test_the_preview_needs_no_network() -> None:
    page = preview_page(letter().with_notes("PDF attached & more"))
    assert "cid:" not in page
    assert "data:image/png;base64," in page
    assert page.count("PDF attached &amp; more") == 2
    assert page.rstrip().endswith("</html>")


def test_months_that_were_made_up_are_named_and_linked() -> None:
    told = replace(letter(), made_up="Made up <too>: {months}.", link="https://intra.example.com/{run}/report.html")
    noted = told.with_notes("PDF attached.", ("2026-08.r1", "2026-09.r2"))
    address = "https://intra.example.com/{}/report.html".format
    links = f'<a href="{address("2026-08.r1")}">2026-08</a>, <a href="{address("2026-09.r2")}">2026-09</a>'
    assert f"Made up &lt;too&gt;: {links}.<br>PDF attached." in noted.html
    lines = ["Made up <too>: 2026-08, 2026-09.", address("2026-08.r1"), address("2026-09.r2"), "", "PDF attached."]
    assert "\n".join(lines) in noted.text
    assert "Made up" not in told.with_notes("PDF attached.").html
    assert "2026-08, 2026-09.<br>" in replace(told, link="").with_notes("", ("2026-08.r1", "2026-09.r2")).html
