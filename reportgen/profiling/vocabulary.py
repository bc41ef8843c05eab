"""The words that names and their evidence are made of, in the language of the report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reportgen.config import Config
from reportgen.locales import locale_file, phrases
from reportgen.profiling.catalogue import Range


@dataclass(frozen=True)
class Vocabulary:
    """Table ``names`` of a locale, whose keys are the codes of ``personas/names.toml``, and the phrases."""

    names: Mapping[str, Any]
    phrases: Mapping[str, str]

    def value(self, word: str, suffix: str = "") -> str:
        """Return the word for spend per customer inside a name: "high-spend"."""
        return str(self.names["value"].get(word, f"{word}{suffix}"))

    def state(self, word: str) -> str:
        """Return the word for a state inside a name: "active"."""
        return str(self.names["state"].get(word, word.lower()))

    def trait(self, word: str) -> str:
        """Return a word such as "frequent"."""
        return str(self.names["trait"].get(word, word.lower()))

    def level(self, word: str, noun: str) -> str:
        """Return a column and where a segment stands on it: "high income"."""
        return self.form("level", word=self.level_word(word), noun=noun)

    def level_word(self, word: str) -> str:
        """Return "high", "low" or "average"."""
        return str(self.names["level_words"].get(word, word.lower()))

    def form(self, name: str, **parts: str) -> str:
        """Return a pattern of the name grammar, filled in."""
        return str(self.names[name]).format(**parts)

    def metric(self, name: str, **parts: str) -> str:
        """Return what the figure behind a word is called in the name audit."""
        return str(self.names["metric"][name]).format(**parts)

    def figure(self, name: str) -> str:
        """Return the name of the index that a trait rests on."""
        return self.metric("index", figure=str(self.names["figure"][name]))

    def inner(self, label: str) -> str:
        """Return a label as it stands inside a sentence: lower case unless an acronym opens it."""
        if self.names["capitals"] or label[1:2].isupper():
            return label
        return label[:1].lower() + label[1:]

    def comparison(self, written: str) -> str:
        """Return the words of a rule: "at least" or "below"."""
        return self.phrases["rule.at_least_word" if written == "at least" else "rule.below_word"]

    def limits(self, limits: Range) -> str:
        """Return a range: "at least 130, below 200"; a limit belongs to the side that is further from 100."""
        low, below = limits
        floor = self.limit("at_least" if low > 100 else "above", low)
        ceiling = self.limit("below" if below > 100 else "at_most", below)
        if low == -math.inf:
            return ceiling
        return floor if below == math.inf else f"{floor}, {ceiling}"

    def limit(self, side: str, value: float) -> str:
        """Return one limit: "at most −0.5"."""
        shown = f"{value:g}".replace("-", "−").replace(".", self.names["decimal"])
        return str(self.names["limit"][side]).format(limit=shown)

    def part(self, side: str, value: float) -> str:
        """Return a limit on a share: "at least 50%"."""
        return str(self.names["limit"][side]).format(limit=f"{value:.0%}".replace("%", self.phrases["format.percent"]))


def read_vocabulary(config: Config) -> Vocabulary:
    """Return the words of the report's language. Raises ConfigError for a language without a file."""
    language = config.report.voice
    return Vocabulary(locale_file(language)["names"], phrases(language))
