"""Published runs with a letter, small and literal, and settings to mail them."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from pathlib import Path
from typing import Any

from reportgen.config import Config, load_config
from reportgen.history.record import MANIFEST, SCHEMA

RUN_ID = "1f3a9c00aa55aa55"
PDF = b"%PDF-1.7\n" + b"stub " * 400 + b"\n%%EOF\n"


def png(width: int = 4, height: int = 2) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\x00\x72\xb2" * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


HTML = """<!DOCTYPE html>
<html lang="{lang}" dir="ltr"><head><meta charset="utf-8"><title>{subject}</title></head>
<body><div style="display:none">{preheader}</div><h1>{subject}</h1>
<p>Revenue grew by 4 %. {name}</p><img src="cid:map.1f3a9c00@reportgen" width="552" alt="Share of revenue: 41 %">
<p>%%ATTACHMENT_NOTE%%</p></body></html>
"""
TEXT = "{subject}\n\nRevenue grew by 4 %. {name}\n.a line that begins with a full stop\n\n%%ATTACHMENT_NOTE%%\n"


def publish(
    root: Path,
    run: str = "2026-10.r1",
    *,
    pdf: bytes | None = PDF,
    corrected: bool = False,
    name: str = "Loyal big spenders",
    subject: str = "Customer segments, October 2026: revenue grew",
    lang: str = "en",
    pictures: int = 1,
) -> Path:
    """Lay a run into an archive, as the pipeline publishes it."""
    folder = root / "runs" / run
    (folder / "images").mkdir(parents=True)
    words = {"lang": lang, "subject": subject, "preheader": "Four segments kept their size.", "name": name}
    files = {"email.html": HTML.format(**words), "email.txt": TEXT.format(**words)}
    about = {
        "subject": ("[Corrected] " if corrected else "") + subject,
        "preheader": words["preheader"],
        "images": [
            {"cid": f"{'map' if place == 0 else f'flow{place}'}.1f3a9c00@reportgen", "file": f"images/p{place}.png",
             "alt": "Share of revenue: 41 %"}
            for place in range(pictures)
        ],
        "corrected": corrected,
        "attached": "The full report is attached as a PDF.",
        "left_out": "The PDF was left out: 2.1 MB.",
        "lang": lang,
    }  # fmt: skip
    files["email.json"] = json.dumps(about)
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    for place in range(pictures):
        (folder / f"images/p{place}.png").write_bytes(png(4 + place))
    if pdf is not None:
        (folder / "report.pdf").write_bytes(pdf)
    hashes = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    label, _, revision = run.rpartition(".r")
    manifest = {
        "schema": SCHEMA, "period": label, "revision": int(revision), "run_id": RUN_ID, "as_of": "2026-10-31",
        "model": {"id": "m0", "mode": "frozen"}, "customers": 200, "segments": {"s01": name}, "files": hashes,
    }  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def mail_config(root: Path, **given: Any) -> Config:
    """Settings with one reader, for a server without encryption; all of it can be overruled."""
    settings: dict[str, Any] = {
        "output": str(root),
        "email__from": "Reports <reports@example.com>",
        "email__owner": "owner@example.com",
        "email__to": ["anna@example.org"],
        "smtp__host": "localhost",
        "smtp__tls": "none",
        "smtp__timeouts": [1, 1, 1],
        "smtp__retry_minutes": [],
    }
    return load_config(**settings | given)
