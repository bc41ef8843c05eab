"""Check the HTML of a letter before it is published: what a mail program would not show, or hold against it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

WARN, LARGEST = 80_000, 100_000  # bytes; Gmail clips at 102 kB
WIDEST = 552  # CSS pixels of an image
SLOT = "%%ATTACHMENT_NOTE%%"  # what is said about the PDF, known when it is sent
RUN_SLOT = "%%RUN%%"  # the name of the run's folder, known when it is published
_FORBIDDEN = {"script", "link", "svg", "form", "iframe", "object", "embed", "video", "audio", "base", "input"}


class _Page(HTMLParser):
    """The tags of a page with their attributes, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words += data


def check_letter(html: str, cids: Sequence[str]) -> tuple[str, ...]:
    """Return what is wrong with the HTML of a letter, nothing when it is sound.

    ``cids`` are the ids of the pictures that travel with it.
    """
    page = _Page(html)
    return (*_whole(html, page), *_parts(page), *_images(page, cids))


def _whole(html: str, page: _Page) -> Iterator[str]:
    size = len(html.encode())
    if size > LARGEST:
        yield f"{size:,} bytes of HTML, more than {LARGEST:,}"
    if '<meta charset="utf-8">' not in html[:1024]:
        yield "the character set does not stand in the first 1024 bytes"
    if page.words.count(SLOT) != 1:
        yield f"{SLOT} stands there {page.words.count(SLOT)} times instead of once"
    styles = sum(tag == "style" for tag, _ in page.tags)
    if styles != 1:
        yield f"{styles} style elements instead of one"


def _parts(page: _Page) -> Iterator[str]:
    for tag, attributes in page.tags:
        if tag in _FORBIDDEN:
            yield f"a <{tag}> element"
        if tag == "th" and not attributes.get("scope"):
            yield "a <th> without scope"
        for name, value in attributes.items():
            if name.startswith("on"):
                yield f"the event {name}"
            if name in ("src", "background", "srcset") and not value.startswith("cid:"):
                yield f"{name}={value[:60]!r} is not part of the message"
            if name == "href" and not re.match(r"(https?|mailto):", value):
                yield f"the link {value[:60]!r}"
            if name == "style" and "url(" in value:
                yield f"a style that fetches something: {value[:60]!r}"


def _images(page: _Page, cids: Sequence[str]) -> Iterator[str]:
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    for attributes in images:
        if not attributes.get("alt", "").strip():
            yield "an image without words"
        if not attributes.get("width", "").isdigit() or int(attributes["width"]) > WIDEST:
            yield f"an image {attributes.get('width', '')!r} wide"
    if Counter(attributes.get("src", "").removeprefix("cid:") for attributes in images) != Counter(cids):
        yield "the images are not those that travel with the letter, each once"
