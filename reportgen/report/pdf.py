"""The report as an accessible, archivable PDF."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import weasyprint
from markupsafe import Markup

from reportgen.config import Config
from reportgen.errors import OutputError
from reportgen.report.canvas import paint
from reportgen.report.charts import draw_all
from reportgen.report.html import data_uri, fill_template
from reportgen.report.model import Figure, Report
from reportgen.report.theme import Theme, load_theme

_UNIVERSAL = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
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
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""


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
        xmp = "data:application/xml," + quote(_UNIVERSAL)
        return bytes(document.write_pdf(pdf_variant="pdf/a-3a", xmp_metadata=[xmp], pdf_identifier=True) or b"")


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
