"""What every section writes from: the analysis, the voice of the locale, and shares that total 100."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reportgen.analysis import Analysis
from reportgen.config import Config
from reportgen.history.compare import Change
from reportgen.history.trend import MonthFigures, figures_of
from reportgen.inputs.customers import FieldKind
from reportgen.inputs.quality import Reconciled
from reportgen.locales import Language
from reportgen.profiling.personas import Persona
from reportgen.profiling.profiles import Profile
from reportgen.profiling.recognise import Rule
from reportgen.profiling.spending import SegmentSpending, Spending
from reportgen.report.flows import ShownMoves, shown_moves
from reportgen.report.model import GridColumn, Sentence
from reportgen.report.notes import Note
from reportgen.report.wording import apportion, month_name, say
from reportgen.segments.fit import SegmentFit
from reportgen.segments.model import SegmentRef
from reportgen.values import Kind, Quantity, Statement, text

DESCRIBED_FROM = 10  # a smaller segment gets one row, no figures
SMALL_BELOW = 30

_KINDS: dict[FieldKind, Kind] = {"money": "money", "days": "days", "share": "share", "flag": "share"}


@dataclass(frozen=True)
class Told:
    """One segment with everything known about it; ``share`` and ``revenue_share`` total 100 over the segments."""

    place: int
    ref: SegmentRef
    profile: Profile
    persona: Persona
    fit: SegmentFit
    rule: Rule
    money: SegmentSpending | None
    share: Quantity
    revenue_share: Quantity

    @property
    def small(self) -> bool:
        """Whether its figures are to be read as a direction only."""
        return self.profile.size < SMALL_BELOW


@dataclass(frozen=True)
class Story:
    """The material of one report."""

    analysis: Analysis
    config: Config
    segments: tuple[Told, ...]
    change: Change | None = None  # since the month before
    moves: ShownMoves | None = None  # of that change, as far as they may be told
    notes: tuple[Note, ...] = ()  # on the data of a monthly report
    trend: tuple[MonthFigures, ...] = ()  # of earlier months and this one, oldest first

    @property
    def language(self) -> Language:
        """The language of the report, with the user's words for it."""
        return self.config.report.voice

    @property
    def money(self) -> bool:
        """Whether the report speaks of totals and means of money."""
        return self.spending is not None

    @property
    def spending(self) -> Spending | None:
        """What the segments spend; None where the file does not tell, or the figures would give one customer away."""
        found = self.analysis.spending
        return None if found is None or found.dominated else found

    @property
    def dependable(self) -> bool:
        """Whether the segments would be found again, as far as it was judged."""
        return self.analysis.segmentation.verdict.kind != "constructed"

    @property
    def better_k(self) -> int | None:
        """The number of segments that would come back, where another one was asked for that does not."""
        choice = self.analysis.segmentation.choice
        found = [item.k for item in choice.evidence if item.dependable]
        better = max(found, default=choice.k)
        return better if choice.forced and not self.dependable and better != choice.k else None

    @property
    def size(self) -> int:
        """Customers in segments."""
        return sum(told.profile.size for told in self.segments)

    @property
    def described(self) -> tuple[Told, ...]:
        """Segments with enough members to be described."""
        return tuple(told for told in self.segments if told.profile.size >= DESCRIBED_FROM)

    def few(self, customers: int) -> bool:
        """Whether a figure of so many customers must not be printed."""
        return 0 < customers < self.config.privacy.min_cell

    def part_of(self, customers: int, everyone: int) -> Quantity:
        """Return a share of customers in whole percent, hidden where either side of it is too small."""
        part = customers / everyone if everyone else None
        hidden = any(self.few(size) for size in (customers, everyone - customers))
        return Quantity(part, "share", decimals=0, suppressed=hidden)

    def say(self, key: str, **values: Quantity) -> Sentence:
        """Return the sentence of a phrase of the locale."""
        return say(Statement(key, tuple(values.items())), self.language)

    def word(self, key: str, **values: Quantity) -> str:
        """Return the words of a phrase where no source is kept: headings, labels, notes below a figure."""
        return self.say(key, **values).text

    def lead(self, words: str) -> str:
        """Return the bold opening of an item, with the colon as the language sets it."""
        return words + self.word("format.colon")

    def chained(self, words: Iterable[str]) -> str:
        """Return short notes one after another, with the semicolon as the language sets it."""
        return f"{self.word('format.semicolon')} ".join(words)

    def tell(self, told: Told, statement: Statement) -> Sentence:
        """Return a statement about one segment, with its two shares as they stand everywhere else in the report."""
        shown = {told.profile.share: told.share}
        if told.money is not None:
            shown[told.money.revenue_share] = told.revenue_share
        values = tuple(
            (name, shown.get(q.value, q) if q.kind == "share" and isinstance(q.value, float) else q)
            for name, q in statement.values
        )
        return say(replace(statement, values=values), self.language)

    def cash(self, value: float | None, decimals: int | None = None) -> Quantity:
        """Return an amount in the report's currency."""
        return Quantity(value, "money", self.analysis.customers.currency, decimals)

    def measure(self, kind: FieldKind, unit: str, value: float | None, decimals: int | None = None) -> Quantity:
        """Return a value of a field; a mean of counts is an ordinary number."""
        shown = _KINDS.get(kind, "number")
        unit = self.analysis.customers.currency or unit if shown == "money" else unit
        return Quantity(value, shown, "" if shown in ("share", "days") else unit, decimals)

    def kind(self, field: str) -> FieldKind:
        """Return the kind of a field of the customer table."""
        return next((known.kind for known in self.analysis.customers.fields if known.name == field), "number")

    def amount(self, value: float | None, everyone: float | None) -> Quantity:
        """Return an amount with the decimals that suit the same measure of all customers."""
        return self.cash(value, 2 if everyone is not None and abs(everyone) < 100 else 0)

    def heading(self, label: str, kind: FieldKind, unit: str) -> str:
        """Return the label of a table row with its unit; amounts carry their sign, shares their percent."""
        return label if kind in ("money", "share", "flag") or not unit else f"{label}, {unit}"

    def inner(self, label: str) -> Quantity:
        """Return a column's label as it stands inside a sentence."""
        short = next((known.short for known in self.analysis.customers.fields if known.label == label), label)
        return text(short)

    def month(self, month: str, short: bool = False) -> Quantity:
        """Return the name of a month such as 2011-11."""
        return Quantity(month_name(month, self.language, short), "text")

    def columns(self, *labels: str) -> tuple[GridColumn, ...]:
        """Return grid columns from keys of ``col``; "name:text" overrules that figures stand on the right."""
        pairs = [label.partition(":") for label in labels]
        return tuple(GridColumn(self.word(f"col.{key}"), show or "number") for key, _, show in pairs)  # type: ignore[arg-type]

    def line(self, code: str) -> Reconciled | None:
        """Return the line of the reconciliation with this code: "read", "guests", "used"."""
        lines = self.analysis.customers.quality.reconciliation
        return next((line for line in lines if line.code == code), None)

    def level(self, name: str) -> Quantity:
        """Return a level or a category; those of our own making in the report's language."""
        own = name.lower() if name in ("Other", "Missing", "Yes", "No") else ""
        return text(self.word(f"level.{own}") if own else name)

    @property
    def rows(self) -> tuple[int, int]:
        """Rows read from all files, and rows this report rests on."""
        read, used = self.line("read"), self.line("used")
        n = used.rows if used and used.rows is not None else self.size
        return (read.rows if read and read.rows is not None else n), n


def make_story(analysis: Analysis, config: Config, change: Change | None = None, notes: tuple[Note, ...] = ()) -> Story:
    """Put each segment's findings side by side and round the shares."""
    spending = analysis.spending if analysis.spending and not analysis.spending.dominated else None
    shares = _total_100([profile.share for profile in analysis.profiles])
    money: Sequence[SegmentSpending | None] = spending.segments if spending else [None] * len(analysis.profiles)
    revenue = (
        _total_100([part.revenue_share for part in spending.segments])
        if spending
        else [Quantity(None, "share")] * len(shares)
    )
    segments = tuple(
        Told(place, ref, profile, persona, fit, rule, part, share, brought)
        for place, (ref, profile, persona, fit, rule, part, share, brought) in enumerate(
            zip(
                analysis.segments,
                analysis.profiles,
                analysis.personas,
                analysis.segmentation.fits,
                analysis.rules,
                money,
                shares,
                revenue,
                strict=True,
            )
        )
    )
    if change is None:
        return Story(analysis, config, segments, notes=notes)
    least = config.privacy.min_cell
    trend = (*change.months, figures_of(analysis, change.period, least))
    return Story(analysis, config, segments, change, shown_moves(change.migration, least), notes, trend)


def joined(*sentences: Sentence) -> Sentence:
    """Return one paragraph of several sentences, with the sources of each."""
    return Sentence(
        " ".join(sentence.text for sentence in sentences),
        tuple(source for sentence in sentences for source in sentence.sources),
    )


def common_decimals(values: Sequence[float | None]) -> int:
    """Return the decimals that suit a column of numbers: three figures for its largest value, whole from 100 up."""
    known = [abs(value) for value in values if value is not None and math.isfinite(value)]
    largest = max(known, default=0.0)
    if largest >= 100 or all(value == int(value) for value in known):
        return 0
    return 1 if largest >= 1 else 2


def whole(shares: Sequence[float | None]) -> list[Quantity]:
    """Return whole percentages; parts that are known to total 100 do so after rounding too."""
    known = [share for share in shares if share is not None]
    if len(known) == len(shares) and abs(sum(known) - 1) < 1e-6:
        return [Quantity(share, "share", decimals=0) for share in apportion(known)]
    return [Quantity(share, "share", decimals=0) for share in shares]


def number(value: float | None, decimals: int | None = None) -> Quantity:
    """Return a plain number."""
    return Quantity(value, "number", "", decimals)


def index(value: float | None) -> Quantity:
    """Return an index, 100 being the average of all customers."""
    return Quantity(value, "index")


def ratio(value: float | None, base: float | None) -> Quantity:
    """Return value / base, or a dash where the base is not positive."""
    if value is None or base is None or base <= 0:
        return Quantity(None, "ratio")
    return Quantity(value / base, "ratio")


def _total_100(shares: Sequence[float]) -> list[Quantity]:
    """Whole percent, or one decimal where a share is below 3%."""
    fine = min(shares, default=1.0) < 0.03
    return [Quantity(share, "share", decimals=int(fine)) for share in apportion(shares, 3 if fine else 2)]
