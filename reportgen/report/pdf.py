"""The report as an accessible, archivable PDF."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import weasyprint
from markupsafe import Markup

from reportgen.config import Config
from reportgen.errors import OutputError
from reportgen.report.canvas import paint
from reportgen.report.charts import draw_all
from reportgen.report.html import data_uri, fill_template
from reportgen.report.model import Figure, Report
from reportgen.report.theme import Theme, load_theme

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


def render_pdf(report: Report, config: Config = Config(), drawings: Mapping[str, str] | None = None) -> bytes:
    """Return the report as PDF, conforming to PDF/UA-1 and PDF/A-3a; equal reports give equal bytes.

    ``drawings`` are the charts by figure name (``charts.draw_all``) where another writer has drawn them already.
    Raises ConfigError for a template that can't be used, OutputError where a picture or font can't be laid out.
    """
    theme = load_theme(config.report.templates)
    shared = draw_all(report, theme) if drawings is None else drawings

    def picture(figure: Figure) -> Markup:
        source = data_uri(paint(shared[figure.name], theme.light.__getitem__))
        return Markup('<img src="{}" alt="{}">').format(source, figure.alt or figure.title or figure.name)

    page = fill_template(report, theme, "print", picture)
    fetcher = _Fetcher(theme)
    with _errors_raised():
        document = weasyprint.HTML(string=page, url_fetcher=fetcher).render()
        return bytes(document.write_pdf(pdf_variant="pdf/a-3a", pdf_identifier=True, finisher=_declare_universal) or b"")


def _declare_universal(_: Any, pdf: Any) -> None:
    """Add PDF/UA to the metadata, which the archive standard wants uncompressed."""
    for stream in pdf.objects:
        if getattr(stream, "extra", {}).get("Type") == "/Metadata":
            stream.compress = False
            stream.stream = [part.replace(b"</rdf:RDF>", _UNIVERSAL + b"</rdf:RDF>") for part in stream.stream]


class _Fetcher(weasyprint.URLFetcher):  # type: ignore[misc]
    """Opens data URIs and files of the template folders, nothing else: no network, no other file."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(allowed_protocols={"data", "file"}, allow_redirects=False)
        folders = [theme.file("report.html.j2").parent, *(face.path.parent for face in theme.faces)]
        self._folders = [folder.resolve() for folder in (*folders, *([Path(theme.folder)] if theme.folder else []))]

    def fetch(self, url: str, headers: Any = None) -> Any:
        parts = urlsplit(url)
        if parts.scheme == "file":
            path = Path(unquote(parts.path)).resolve()
            if not any(path.is_relative_to(folder) for folder in self._folders):
                raise ValueError(f"{url} lies outside the template folder")
        return super().fetch(url, headers)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def _errors_raised() -> Iterator[None]:
    """Turn what WeasyPrint only logs, such as a picture left out, into an error."""
    logger = logging.getLogger("weasyprint")
    collector = _Collector()
    logger.addHandler(collector)
    try:
        yield
    finally:
        logger.removeHandler(collector)
    if collector.messages:
        raise OutputError(
            f"the PDF would be incomplete: {collector.messages[0][:300]}",
            "If you use a template folder of your own, check what it refers to; otherwise please report this.",
        )
