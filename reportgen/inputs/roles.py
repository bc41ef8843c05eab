"""Which column plays which role: values first, headers second, corrected by the user (domain.md 13.6)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reportgen.errors import ConfigError, did_you_mean
from reportgen.inputs.facts import Facts
from reportgen.inputs.header_parts import composed
from reportgen.inputs.headers import Role, normalise, spellings, vocabulary
from reportgen.inputs.platforms import Platform
from reportgen.inputs.value_tests import is_dates, is_gender, is_guids, is_words, order_names, passes, passing

TableKind = Literal["customers", "orders"]
How = Literal["map", "platform", "strong", "parts", "weak", "values"]

CUSTOMER_KEYS = ("customer_id", "customer_email", "customer_phone")
AMOUNTS = ("order_total", "line_amount", "unit_price")
_SHARED = (
    "prediction",
    "holdout",
    "existing_segment",
    "address",
    "coordinates",
)  # several columns may have these, as protected roles may
_KEY_ENDINGS = ("id", "ids", "nr", "no", "number", "nummer", "numer", "numero", "key", "code", "guid", "uuid")
_NUMBERED = re.compile(r"column_\d+")


@dataclass(frozen=True)
class Given:
    """A role given to a column, and on what ground."""

    role: str
    how: How
    share: float  # of known cells that pass the value test


@dataclass
class Casting:
    """The roles of one table while they are given away."""

    facts: Sequence[Facts]
    kind: TableKind
    given: dict[int, Given] = field(default_factory=dict)
    rejected: dict[int, str] = field(default_factory=dict)  # position -> role whose strong header the values contradict

    def has(self, *roles: str) -> bool:
        """Whether some column has one of these roles."""
        return any(given.role in roles for given in self.given.values())

    def column(self, role: str) -> Facts | None:
        """Return the column with this role, or None."""
        return next((self.facts[i] for i, given in sorted(self.given.items()) if given.role == role), None)

    def give(self, facts: Facts, role: Role, how: How) -> None:
        """Give a role to a column that has none."""
        self.given[facts.position] = Given(role.name, how, passing(role.values, facts))

    def free(self, facts: Facts) -> bool:
        """Whether a column has cells and no role."""
        return facts.known > 0 and facts.position not in self.given

    @property
    def roles(self) -> list[Role]:
        """The roles of this kind of table, in order of precedence."""
        other = "customers" if self.kind == "orders" else "transactions"
        return [role for role in vocabulary().values() if role.table != other]


def cast_roles(
    facts: Sequence[Facts], kind: TableKind, wanted: Mapping[str, str], platform: Platform | None
) -> Casting:
    """Give roles to columns for one kind of table.

    ``wanted`` (role = header) wins, then the platform's own mapping, then protected roles, strong headers, headers
    that name the role by their parts, weak headers, and last values alone. Raises ConfigError for unknown roles or
    headers in ``wanted``.
    """
    casting = Casting(facts, kind)
    _give_wanted(casting, wanted)
    if platform is not None and platform.kind == kind:
        _give_platform(casting, platform)
    _give_protected(casting)
    _give_strong(casting)
    _give_composed(casting)
    _give_weak(casting)
    _give_by_values(casting)
    return casting


def is_log(casting: Casting) -> bool:
    """Whether roles given for a log make one: date, amount and customer, and an order id or customers that repeat."""
    keys = [key for key in map(casting.column, CUSTOMER_KEYS) if key is not None]
    if not keys or not casting.has("order_date") or not casting.has(*AMOUNTS):
        return False
    return casting.has("order_id") or keys[0].repeats


def headerless(facts: Iterable[Facts]) -> bool:
    """Whether the columns are only numbered, because the file has no header."""
    return all(_NUMBERED.fullmatch(f.name) for f in facts)


def _give_wanted(casting: Casting, wanted: Mapping[str, str]) -> None:
    by_header = {normalise(f.name): f for f in casting.facts} | {f.name: f for f in casting.facts}
    mistakes = []
    for name, header in wanted.items():
        role, column = vocabulary().get(name), by_header.get(header) or by_header.get(normalise(header))
        if role is None:
            mistakes.append(f"'{name}' is no role{did_you_mean(name, vocabulary())}")
        if column is None:
            names = [f.name for f in casting.facts]
            mistakes.append(f"'{header}' is no column{did_you_mean(header, names)}")
        if role is not None and column is not None:
            casting.give(column, role, "map")
    if mistakes:
        raise ConfigError(
            f"input.map: {'; '.join(mistakes)}",
            "Write role = header, e.g. --map customer_id=Kunde; `reportgen check FILE` lists columns and roles.",
        )


def _give_platform(casting: Casting, platform: Platform) -> None:
    for facts in casting.facts:
        role = vocabulary().get(platform.roles.get(normalise(facts.name), ""))
        if role and casting.free(facts) and not casting.has(role.name) and passes(role.values, facts):
            casting.give(facts, role, "platform")


def _give_protected(casting: Casting) -> None:
    """Every column that tells of age, gender and the like (domain.md 11.5); gender even without a header."""
    for facts in filter(casting.free, casting.facts):
        role = _matching(facts, [role for role in casting.roles if role.protected])
        if role is not None:
            casting.give(facts, role, "strong" if _is_strong(role, facts) else "weak")
        elif is_gender(facts):
            casting.give(facts, vocabulary()["P_gender"], "values")


def _matching(facts: Facts, roles: Iterable[Role]) -> Role | None:
    found = [
        role for role in roles if (_is_strong(role, facts) or _is_weak(role, facts)) and passes(role.values, facts)
    ]
    return min(found, key=lambda role: not _is_strong(role, facts), default=None)


def _is_strong(role: Role, facts: Facts) -> bool:
    return any(word in role.strong for word in spellings(facts.name))


def _is_weak(role: Role, facts: Facts) -> bool:
    return any(word in role.weak for word in spellings(facts.name))


def _suits(role: Role, facts: Facts) -> bool:
    """Whether the values of a column suit a role; "Name" is an order number or a person (domain.md 13.6)."""
    if normalise(facts.name) == "name" and role.name in ("order_id", "customer_id", "customer_name", "product_name"):
        return role.name == ("order_id" if order_names(facts) else "customer_name")
    if role.values == "integer" and facts.signs:  # 12 € is no number of orders
        return False
    return passes(role.values, facts)


def _give_strong(casting: Casting) -> None:
    for role in casting.roles:
        columns = [f for f in casting.facts if casting.free(f) and _is_strong(role, f)]
        for facts in columns:
            if not _suits(role, facts):
                casting.rejected[facts.position] = role.name
        _give_best(casting, role, [f for f in columns if _suits(role, f)], "strong")


def _give_composed(casting: Casting) -> None:
    for role in casting.roles:
        columns = [f for f in casting.facts if casting.free(f) and role.name in composed(f.name) and _suits(role, f)]
        _give_best(casting, role, columns, "parts")


def _give_weak(casting: Casting) -> None:
    for name in _by_need(casting):
        role = vocabulary()[name]
        columns = [f for f in casting.facts if casting.free(f) and _is_weak(role, f) and _suits(role, f)]
        if role.name == "customer_id":
            columns = [f for f in columns if _may_be_weak_key(casting, f)]
        _give_best(casting, role, columns, "weak")


def _may_be_weak_key(casting: Casting, facts: Facts) -> bool:
    """Whether "user" or "contact" may name customers: unique in a customer table; in a log more than a yes or no."""
    if casting.kind == "customers":
        return facts.distinct >= 0.9 * facts.filled
    known = casting.has("customer_email", "customer_phone")
    return facts.distinct > 2 and (facts.repeats or not known)


def _by_need(casting: Casting) -> list[str]:
    """The roles in the order in which weak headers are given to them: what a table can't do without comes first."""
    need = []
    if not casting.has(*CUSTOMER_KEYS):
        need.append("customer_id")
    if casting.kind == "orders":
        need += ["order_date"] if not casting.has("order_date") else []
        need += ["order_total"] if not casting.has(*AMOUNTS) else []
    return [*need, *(role.name for role in casting.roles if role.name not in need and not role.protected)]


def _give_best(casting: Casting, role: Role, columns: list[Facts], how: How) -> None:
    if role.name in _SHARED:
        for facts in columns:
            casting.give(facts, role, how)
    elif columns and not casting.has(role.name):
        casting.give(min(columns, key=lambda facts: _preference(casting.kind, role, facts)), role, how)


def _preference(kind: TableKind, role: Role, facts: Facts) -> tuple[bool, int, int, int]:
    """Sort key among several columns for a role: in a log keys that repeat, then priority, filled cells, position."""
    alone = kind == "orders" and role.name == "customer_id" and not facts.repeats
    ranks = [role.priority.index(word) for word in spellings(facts.name) if word in role.priority]
    return alone, min(ranks, default=len(role.priority)), -facts.filled, facts.position


def _give_by_values(casting: Casting) -> None:
    """Without a telling header: e-mail, currency, a sole date, a unique id; in a header-less log all that is clear."""
    unknown = [f for f in casting.facts if casting.free(f) and not _has_header(f)]
    for name in ("customer_email", "currency"):
        role = vocabulary()[name]
        found = [f for f in unknown if passes(role.values, f) and (name != "currency" or _codes(f))]
        _give_best(casting, role, found, "values")
    unknown = [f for f in unknown if casting.free(f)]
    if casting.kind == "orders":
        dates = [f for f in unknown if is_dates(f)]
        if len(dates) == 1 and not casting.has("order_date"):
            casting.give(dates[0], vocabulary()["order_date"], "values")
        if headerless(casting.facts):
            _give_numbered(casting, [f for f in unknown if casting.free(f)])
    elif not casting.has(*CUSTOMER_KEYS):
        keys = [f for f in unknown if _may_be_key(f)]
        _give_best(casting, vocabulary()["customer_id"], keys, "values")


def _has_header(facts: Facts) -> bool:
    listed = any(_is_strong(role, facts) or _is_weak(role, facts) for role in vocabulary().values())
    return listed or bool(composed(facts.name))


def _codes(facts: Facts) -> bool:
    return facts.distinct <= 20 and all(re.fullmatch(r"[A-Za-z]{3}|[€$£]", value) for value, _ in facts.sample)


def _may_be_key(facts: Facts) -> bool:
    """Whether values alone make a customer key: unique, in every row, and GUIDs or named like a number or code."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", facts.name)
    named = bool(words) and words[-1].casefold() in _KEY_ENDINGS
    unique = facts.filled == facts.rows == facts.distinct and facts.rows > 1
    return unique and passes("id", facts) and (is_guids(facts) or named)


def _give_numbered(casting: Casting, columns: list[Facts]) -> None:
    """A header-less log: one date, one whole-number or code column that repeats (customer), one column of amounts.

    The amount is the only column with fractions, or the only other one; a column of few whole numbers beside it is
    the quantity. Nothing is given where two columns could be the same thing.
    """
    whole = [f for f in columns if f.repeats and passes("id", f) and (is_words(f) or f.whole == f.known)]
    fractions = [f for f in columns if f.numeric >= 0.95 and f.whole < f.known]
    key = max(whole, key=lambda f: f.distinct, default=None)
    if key is None or not casting.has("order_date") or casting.has(*CUSTOMER_KEYS, *AMOUNTS):
        return
    others = [f for f in columns if f is not key and f not in fractions]
    if len(fractions) > 1 or any(20 * f.distinct > key.distinct for f in others):
        return
    amounts = fractions or [f for f in others if f.numeric >= 0.95]
    if len(amounts) != 1:
        return
    casting.give(key, vocabulary()["customer_id"], "values")
    casting.give(amounts[0], vocabulary()["order_total"], "values")
    units = [f for f in others if f is not amounts[0] and f.integral]
    if len(units) == 1:
        casting.give(units[0], vocabulary()["quantity"], "values")


def personal_headers(facts: Facts, given: Collection[str]) -> bool:
    """Whether a column is personal: by its role, by a strong header, or because it holds e-mail addresses."""
    named = any(role.personal and (role.name in given or (_is_strong(role, facts) and passes(role.values, facts)))
                for role in vocabulary().values())  # fmt: skip
    return named or passes("email", facts)
