"""When no honest answer exists: what is asked of the user, and which files are refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reportgen.config import Config
from reportgen.errors import InputError
from reportgen.inputs.currencies import currency_code
from reportgen.inputs.facts import Facts
from reportgen.inputs.headers import normalise, spellings, vocabulary
from reportgen.inputs.readings import Reading
from reportgen.inputs.roles import AMOUNTS, CUSTOMER_KEYS, Casting
from reportgen.inputs.value_tests import is_dates
from reportgen.inputs.words import word_set

_ONE_CURRENCY = ("convertedamount", "grandtotalbase")  # amounts that the shop has converted already
_OTHER_THINGS = {
    "product_id": "a product",
    "product_name": "a product",
    "line_id": "an order line",
    "order_id": "an order",
    "country": "a country",
    "store": "a store",
    "category": "a category",
    "channel": "a channel",
}
_MOST_LISTED = 12


def refuse_log(casting: Casting, source: str, readings: Mapping[int, Reading]) -> None:
    """Raise InputError unless a log names customer, date and amount."""
    if not casting.has(*CUSTOMER_KEYS):
        _refuse_one_customer(casting, source)
    missing = []
    if not casting.has(*CUSTOMER_KEYS):
        missing.append(("the customer", "customer_id"))
    if not casting.has("order_date"):
        missing.append(("the date of the order", "order_date"))
    if not casting.has(*AMOUNTS):
        missing.append(("the amount", "order_total"))
    if missing:
        lacking = " or ".join(what for what, _ in missing) + _contradicted(casting)
        raise InputError(
            f"{source} looks like a log of orders, but no column clearly holds {lacking}; "
            f"seen: {seen(casting.facts, readings)}",
            f"Name it with {' '.join(f'--map {role}=HEADER' for _, role in missing)}.{_named(casting)}"
            f"{' If each row is one customer, say --kind customers.' * casting.has(*CUSTOMER_KEYS)}",
        )


def _refuse_one_customer(casting: Casting, source: str) -> None:
    keys = (casting.facts[place] for place, role in sorted(casting.rejected.items()) if role in CUSTOMER_KEYS)
    alone = next((facts for facts in keys if facts.distinct == 1 and facts.filled == facts.rows), None)
    if alone is not None:
        raise InputError(
            f"{source} holds the orders of a single customer: '{alone.name}' is the same in every row",
            "Segments divide many customers: give the orders of all of them, or name the column that tells them apart"
            " with --map customer_id=HEADER.",
        )


def _named(casting: Casting) -> str:
    """Return the way out where only names tell customers apart."""
    name = casting.column("customer_name")
    if name is None or casting.has(*CUSTOMER_KEYS):
        return ""
    return f" Only if no two customers share a name, customer_id='{name.name}' will do."


def refuse_customers(casting: Casting, source: str, readings: Mapping[int, Reading], config: Config) -> None:
    """Raise InputError unless rows may be customers and at least two columns say something about them in numbers."""
    if not casting.has(*CUSTOMER_KEYS) and config.input.kind != "customers":
        other = next(filter(None, map(_other_thing, casting.facts)), None)
        if other:
            raise InputError(
                f"{source} is not about customers: {other}; seen: {seen(casting.facts, readings)}",
                "Give a table with one row per customer or a log of orders; if this is one, name the customer's column "
                "with --map customer_id=HEADER, or say --kind customers.",
            )
    usable = [f for f in casting.facts if _usable(f, casting, readings[f.position], config)]
    if len(usable) >= 2 or config.segments.features:
        return
    found = "1 column" if usable else "no column"
    raise InputError(
        f"{source} has {found} of numbers that tell customers apart, at least 2 are needed; "
        f"seen: {seen(casting.facts, readings)}",
        "Give a table with one row per customer and numbers about each, or a log of orders; if a role was missed, "
        "name it with --map ROLE=HEADER.",
    )


def _usable(facts: Facts, casting: Casting, reading: Reading, config: Config) -> bool:
    given = casting.given.get(facts.position)
    role = vocabulary()[given.role] if given else None
    never = role is not None and (
        role.name in ("prediction", "holdout", "existing_segment")
        or (role.protected and config.privacy.protected != "use")
        or (role.personal and not role.protected)
    )
    dated = reading.kind == "date" and role is not None
    return not never and facts.distinct > 1 and (reading.kind == "number" or dated)


def _other_thing(facts: Facts) -> str | None:
    """Return what a row is if it is plainly no customer: a day, a product, an order."""
    words, dated = set(spellings(facts.name)), is_dates(facts)
    unique = facts.filled == facts.distinct == facts.rows > 1
    if dated and unique:
        return f"every row is a date in '{facts.name}'"
    if dated and words & word_set("plain_dates"):
        return f"every row belongs to a date in '{facts.name}', which is no date in the life of a customer"
    if not unique:
        return None
    if words & word_set("periods"):
        return f"every row is a period in '{facts.name}'"
    thing = next((thing for role, thing in _OTHER_THINGS.items() if vocabulary()[role].strong & words), None)
    return f"every row is {thing} in '{facts.name}'" if thing else None


def seen(facts: Iterable[Facts], readings: Mapping[int, Reading]) -> str:
    """Return the columns and how they were read, for messages."""
    listed = [f"{f.name} ({readings[f.position].kind}{', always the same' * (f.distinct == 1)})" for f in facts]
    more = f" and {len(listed) - _MOST_LISTED} more" if len(listed) > _MOST_LISTED else ""
    return ", ".join(listed[:_MOST_LISTED]) + more


def _contradicted(casting: Casting) -> str:
    named = [
        f"'{casting.facts[i].name}' is named like one, but its values say no"
        for i, role in sorted(casting.rejected.items())
        if role in ("order_date", *AMOUNTS, *CUSTOMER_KEYS)
    ]
    return f" ({'; '.join(named)})" if named else ""


def ask_about(facts: Facts, reading: Reading, source: str) -> InputError:
    """Return the question about a column that can be read in two ways."""
    if reading.doubt == "decimal":
        example = next(value for value, _ in facts.sample if "," in value or "." in value)
        return InputError(
            f"{source}: '{facts.name}' can be read in two ways, e.g. {example} as a whole number with a thousands mark "
            "or as a number with three decimals",
            "Say --decimal point or --decimal comma, whichever is its decimal mark (input.decimal in reportgen.toml).",
        )
    example = next((value for value, _ in facts.sample if _swappable(value)), facts.sample[0][0])
    return InputError(
        f"{source}: '{facts.name}' can be read in two ways, e.g. {example} with the day or the month first",
        "Say --dates dmy, --dates mdy or --dates ymd (input.dates in reportgen.toml).",
    )


def _swappable(value: str) -> bool:
    parts = value.replace("/", "-").replace(" ", "-").replace(".", "-").split("-")
    return len(parts) > 1 and parts[0] != parts[1]


def one_currency(casting: Casting, source: str, relevant: Iterable[Facts], config: Config) -> str:
    """Return the code or sign of all amounts, "" if unknown; InputError if there are several."""
    if config.input.currency:
        return config.input.currency
    money = [f for f in relevant if _is_money(f, casting)]
    column = casting.column("currency")
    found: dict[str, str] = {}
    if column is not None and not any(normalise(f.name) in _ONE_CURRENCY for f in money):
        found = {currency_code(value) or "": column.name for value, _ in column.sample if currency_code(value)}
    for facts in money:
        signs = {currency_code(sign) or sign: facts.name for sign in facts.signs if sign[-1] not in "%‰"}
        found = found | signs if len(signs) > 1 or not found else found
    if len(found) > 1:
        raise InputError(
            f"{source} holds several currencies in '{next(iter(found.values()))}': {', '.join(sorted(found)[:8])}; "
            "amounts in different currencies are never added up",
            "Give one file per currency, or convert the amounts and say --currency EUR (or another code).",
        )
    return next(iter(found), "")


def _is_money(facts: Facts, casting: Casting) -> bool:
    given = casting.given.get(facts.position)
    return bool(facts.signs) or (given is not None and vocabulary()[given.role].values == "amount")
