"""Labels that reportgen gives to columns of its own making, in the language of the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reportgen.config import Config
from reportgen.inputs.customers import Customers, Field
from reportgen.inputs.labels import short_word
from reportgen.locales import locale_file, phrases

_DATES = ("signup_date", "first_order_date", "last_order_date")  # roles that become a number of days
_SHARE = "share of "


def in_language(customers: Customers, config: Config) -> Customers:
    """Return customers whose made-up labels are in the report's language; labels of the file and the user stay."""
    words = phrases(config.report.voice)
    capitals = bool(locale_file(config.report.voice)["names"]["capitals"])
    days = words["format.days"].split("|")[-1]
    fields = []
    for field in customers.fields:
        unit = days if field.kind == "days" and field.unit == "days" else field.unit
        label = "" if field.name in config.labels else _label(field, customers, words)
        fields.append(_named(replace(field, unit=unit), label, capitals))
    return replace(customers, fields=tuple(fields))


def _label(field: Field, customers: Customers, words: Mapping[str, str]) -> str:
    """Return our label for a field, "" where the label comes from the file."""
    if customers.order_facts is not None:
        category = field.name.removeprefix(_SHARE)
        if field.name.startswith(_SHARE) and category in customers.order_facts.categories:
            shown = words["level.other"] if category == "Other" else category
            return words["field.category_share"].replace("{category}", shown)
        return words.get(f"field.{field.name}", "") if not field.role or field.kind != "category" else ""
    return words[f"field.{field.role}"] if field.role in _DATES and field.kind == "days" else ""


def _named(field: Field, label: str, capitals: bool) -> Field:
    short = short_word(label) if label else field.short
    label = label or field.label
    if capitals and label.casefold().endswith(short.casefold()):
        short = label[len(label) - len(short) :]
        short = short[:1].upper() + short[1:]  # nouns keep their capital letter
    return replace(field, label=label, short=short)
