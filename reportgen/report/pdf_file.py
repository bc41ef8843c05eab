"""The bytes of a PDF that WeasyPrint composed: everything serialised and compressed once."""

from __future__ import annotations

import struct
import zlib
from hashlib import md5
from itertools import accumulate, count
from typing import Any

import pydyf

_LINE_ENDS = (b"\r", b"\n")
_EFFORT = 5  # of compression: 2% more bytes than at 6, for two thirds of the time
_PLAIN = 5  # entries of an element of structure without attributes
_FREE = (0, 0, 65535)  # no object of that number
# What WeasyPrint does not say in the metadata of a PDF/A: that the file is also PDF/UA-1, and what that property means.
_UNIVERSAL = b"""<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the document conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


def finish(_: Any, pdf: Any) -> None:
    """Make a composed PDF also PDF/UA, with lean tags, and written by ``file_of``: a finisher of WeasyPrint's."""
    elements = [item for item in pdf.objects if isinstance(item, dict) and item.get("Type") == "/StructElem"]
    _give_headers_their_scope(pdf, elements)
    _join_words_to_their_elements(pdf, elements)
    for item in pdf.objects:
        extra = getattr(item, "extra", {})
        if extra.get("Type") == "/Metadata":  # which the archive standard wants uncompressed
            item.compress = False
            item.stream = [part.replace(b"</rdf:RDF>", _UNIVERSAL + b"</rdf:RDF>") for part in item.stream]
    pdf.write = lambda output, version, *_: output.write(file_of(pdf, version))


def file_of(pdf: Any, version: str) -> bytes:
    """Return the file: all streams, one more that holds the other objects, and a table of where each object is.

    pydyf would compress the objects twice, as hard as it can, which took a seventh of the time of a report.
    """
    pdf.add_object(pdf.info)
    used = [item for item in pdf.objects if item.free == "n"]
    held = {item.number: _data(item) for item in used if item.compressible}
    file = bytearray(f"%PDF-{version}\n%".encode() + b"\xf0\x9f\x96\xa4\n")
    places: dict[int, tuple[int, int, int]] = {}
    for item in used:
        if item.number not in held:
            places[item.number] = (1, len(file), 0)
            file += _indirect(item.number, _deflated(item) if item.compress else item.data)
    last = len(pdf.objects)
    places |= {number: (2, last, place) for place, number in enumerate(held)}
    digest = pydyf.String(md5(file + b"".join(held.values()), usedforsecurity=False).hexdigest())
    about = {"Root": pdf.catalog.reference, "Info": pdf.info.reference, "ID": pydyf.Array((digest, digest))}
    return bytes(file + _ending(len(file), held, places, about))


def _ending(
    start: int, held: dict[int, bytes], places: dict[int, tuple[int, int, int]], about: dict[str, Any]
) -> bytes:
    """Return the stream of held objects and the table, neither of which ends like a line, which checkers miscount."""
    last = 1 + max(places)
    starts = accumulate((len(data) + 1 for data in held.values()), initial=0)
    head = " ".join(f"{number} {place}" for number, place in zip(held, starts, strict=False)).encode()
    body = b"\n".join((head, *held.values()))
    for spare in count():
        packed = zlib.compress(body + b" " * spare, _EFFORT)
        objects = _indirect(last, _stream(packed, {"Type": "/ObjStm", "N": len(held), "First": len(head) + 1}))
        ends = {last: (1, start, 0), last + 1: (1, start + len(objects), 0)}
        found = {**places, **ends}
        rows = b"".join(struct.pack(">BIH", *found.get(number, _FREE)) for number in range(last + 2))
        table = zlib.compress(rows, _EFFORT)
        if not packed.endswith(_LINE_ENDS) and not table.endswith(_LINE_ENDS):
            break
    about = {"Type": "/XRef", "Size": last + 2, "W": pydyf.Array((1, 4, 2)), **about}
    tail = f"startxref\n{start + len(objects)}\n%%EOF\n".encode()
    return objects + _indirect(last + 1, _stream(table, about)) + tail


def _data(value: Any) -> bytes:
    """Return an object as pydyf does, in half the time."""
    kind = type(value)
    if kind is bytes:
        return bytes(value)
    if kind is pydyf.Dictionary:
        return b"<<%b>>" % b"".join([b"/%b %b" % (key.encode(), _data(item)) for key, item in value.items()])
    if kind is pydyf.Array:
        return b"[%b]" % b" ".join([_data(item) for item in value])
    if kind in (str, int):
        return str(value).encode()
    return bytes(value.data if isinstance(value, pydyf.Object) else pydyf.Array((value,)).data[1:-1])


def _indirect(number: int, data: bytes) -> bytes:
    return b"%d 0 obj\n%b\nendobj\n" % (number, data)


def _stream(packed: bytes, extra: dict[str, Any]) -> bytes:
    return bytes(pydyf.Stream([packed], {**extra, "Filter": "/FlateDecode"}).data)


def _deflated(item: Any) -> bytes:
    """Return a stream compressed, faster than pydyf does and never to bytes that end like a line."""
    item.compress, extra = False, dict(item.extra)
    data = item.data
    content = data[data.index(b"\nstream\n") + 8 : -len(b"\nendstream")]
    packed = zlib.compress(content, _EFFORT)
    if packed.endswith(_LINE_ENDS) and not {"N", "Width"} & set(extra):
        content += b"\0" if "Length1" in extra else b" "  # fonts carry their length, page content ends in white space
        packed = zlib.compress(content, _EFFORT)
        if "Length1" in extra:
            extra["Length1"] = len(content)
    return _stream(packed, extra)


def _give_headers_their_scope(pdf: Any, elements: list[Any]) -> None:
    """Say of every header cell whether it heads a column or a row: no cell refers to the one in the corner."""
    for item in elements:
        if item["S"] == "/TH":
            group = _parent(pdf, _parent(pdf, item))
            item["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"


def _join_words_to_their_elements(pdf: Any, elements: list[Any]) -> None:
    """Let elements hold their words themselves, where WeasyPrint gives every piece of text an element of its own."""
    joined: dict[bytes, tuple[int, bytes]] = {}
    for item in elements:
        words = item["S"] == "/Span" and len(item) == _PLAIN and len(item["K"]) == 1 and isinstance(item["K"][0], int)
        if words and _parent(pdf, item)["Pg"] == item["Pg"]:
            joined[item.reference] = (item["K"][0], item["P"])
            item.free = "f"
    for item in elements:
        item["K"][:] = [joined[kid][0] if kid in joined else kid for kid in item["K"]]
    root = pdf.objects[int(pdf.catalog["StructTreeRoot"].split()[0])]
    numbers = pdf.objects[int(root["ParentTree"].split()[0])]["Nums"]
    for owners in numbers[1::2]:
        if isinstance(owners, list):
            owners[:] = [joined[owner][1] if owner in joined else owner for owner in owners]


def _parent(pdf: Any, element: Any) -> Any:
    return pdf.objects[int(element["P"].split()[0])]


def _page_references(pdf: Any) -> tuple[bytes, ...]:
    """Return how a PDF refers to its pages, which WeasyPrint asks anew for every tag."""
    known, kids = getattr(pdf, "_known_pages", ()), pdf.pages["Kids"]
    if 3 * len(known) != len(kids):
        known = pdf._known_pages = tuple(b"%d 0 R" % number for number in kids[::3])
    return known


pydyf.PDF.page_references = property(_page_references)
