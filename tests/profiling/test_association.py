"""Which columns are tested, which are only ranked, and which protected ones are warned of."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest
from profiling.people import customers, field, segmentation
from shared import MALL

from reportgen.analysis import analyse
from reportgen.config import Config
from reportgen.profiling.association import Association, associate, fairness_findings

N = 300


@functools.cache
def shop(**more: object):
    """Three segments on visits and spend; other columns follow from these, go with them, or are pure chance."""
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1, 2], 100)
    visits = np.round(rng.normal(10, 2, N) + 10 * labels)
    spend = rng.normal(100, 10, N) + 40 * (labels == 1)
    frame = pd.DataFrame(
        {
            "visits": visits,
            "spend": spend,
            "both": visits + 3 * spend,
            "twice": visits * 2 + rng.normal(0, 1, N),
            "band": np.where(visits > 22, "often", "seldom"),
            "distance": rng.normal(5, 1, N) + 0.8 * (labels == 2),
            "chance": rng.normal(0, 1, N),
            "colour": rng.choice(["red", "blue"], N),
            "age": rng.normal(40, 10, N) + 12 * (labels == 2),
            "gender": np.where(rng.random(N) < 0.2 + 0.3 * labels, "f", "m"),
            "blank": np.nan,
        }
    )
    kinds = {"band": "category", "colour": "category", "gender": "category"}
    fields = [field(name, kinds.get(name, "number"), protected=name in ("age", "gender")) for name in frame]
    people = customers(frame, fields, **more)
    return people, segmentation(people, labels, ["visits", "spend"])


def by_name(found: tuple[Association, ...]) -> dict[str, Association]:
    return {one.field: one for one in found}


def test_only_true_descriptors_are_tested() -> None:
    found = by_name(associate(*shop()))
    assert {name for name, one in found.items() if one.p is not None} == {
        "distance", "chance", "colour", "age", "gender",
    }  # fmt: skip
    assert {name for name, one in found.items() if one.relation == "follows"} == {"both", "twice", "band"}
    assert {name for name, one in found.items() if one.relation == "formed"} == {"visits", "spend"}
    assert all((one.p is None) == (one.adjusted is None) == (one.test is None) for one in found.values())
    assert "blank" not in found


def test_holm_counts_all_tested_columns_and_chance_is_not_claimed() -> None:
    found = by_name(associate(*shop()))
    assert found["gender"].adjusted == pytest.approx(5 * found["gender"].p, rel=1e-9)
    assert found["age"].adjusted == pytest.approx(4 * found["age"].p, rel=1e-9)
    assert found["age"].beyond_chance
    assert found["distance"].beyond_chance
    assert not found["chance"].beyond_chance
    assert not found["colour"].beyond_chance
    assert found["colour"].links == found["chance"].links == ()
    assert {link.place for link in found["age"].links} == {0, 1, 2}
    assert max(found["age"].links, key=lambda link: link.v).place == 2
    assert {link.level for link in found["gender"].links} == {"f", "m"}


def test_a_sum_of_active_columns_is_found_even_where_it_goes_with_neither() -> None:
    people, segments = shop()
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 1, N), rng.normal(0, 1, N)
    frame = people.frame.assign(a=a, b=b, c=rng.normal(0, 1, N), sum=a + b)
    fields = [field(name) for name in ("a", "b", "c", "sum")]
    people = customers(frame[["a", "b", "c", "sum"]], fields)
    three = segmentation(people, segments.assignment.label, ["a", "b"])
    assert abs(np.corrcoef(a, a + b)[0, 1]) < 0.75
    found = by_name(associate(people, three))
    assert (found["sum"].relation, found["c"].relation) == ("follows", "describes")


def test_what_a_log_counts_follows_from_the_orders() -> None:
    people, _ = shop()
    log = dataclasses.replace(people, order_facts=object())  # type: ignore[arg-type]
    found = by_name(associate(log, shop()[1]))
    assert found["chance"].relation == "follows"
    assert found["colour"].relation == "describes"


def test_a_model_of_somebody_else_and_average_order_value_are_no_descriptors() -> None:
    people, segments = shop()
    roles = {"spend": "total_spent", "chance": "aov", "distance": "prediction", "colour": "existing_segment"}
    fields = tuple(dataclasses.replace(f, role=roles.get(f.name)) for f in people.fields)
    found = by_name(associate(dataclasses.replace(people, fields=fields), segments))
    assert [found[name].relation for name in ("chance", "distance", "colour")] == ["follows"] * 3


def test_protected_columns_are_warned_of_by_size_and_hidden_on_request() -> None:
    people, segments = shop()
    warnings = fairness_findings(associate(people, segments))
    assert {warning.column for warning in warnings} == {"age", "gender"}
    assert all(warning.severity == "warning" for warning in warnings)
    hide = Config.model_validate({"privacy": {"protected": "hide"}})
    hidden = associate(people, segments, hide)
    assert not {"age", "gender"} & set(by_name(hidden))
    assert fairness_findings(hidden) == ()
    few = tuple(dataclasses.replace(one, n=99) for one in associate(people, segments))
    assert fairness_findings(few) == ()


def test_small_cells_give_no_link() -> None:
    people, segments = shop()
    rare = np.where(np.arange(N) < 106, "x", "y")
    rare[:100] = "y"
    rare[200:230] = "x"
    frame = people.frame.assign(colour=rare)  # 6 members of the second segment are x
    found = by_name(associate(dataclasses.replace(people, frame=frame), segments))["colour"]
    assert found.beyond_chance
    assert not any(link.place == 1 for link in found.links)


def test_rows_in_another_order_and_another_unit_give_the_same() -> None:
    people, segments = shop()
    order = np.random.default_rng(9).permutation(N)
    mixed = dataclasses.replace(people, frame=people.frame.iloc[order].reset_index(drop=True))
    label = segments.assignment.label[order]
    again = associate(mixed, segmentation(mixed, label, ["visits", "spend"]))
    assert again == associate(people, segments)


def test_mall() -> None:
    analysis = analyse(MALL, Config.model_validate({"segments": {"k": 5}}))
    found = by_name(analysis.associations)
    assert found["Age"].effect == pytest.approx(0.20233325096648558, abs=1e-9)
    assert found["Age"].adjusted == pytest.approx(2 * found["Age"].p)
    assert (found["Gender"].effect, found["Gender"].p) == pytest.approx((0.0, 0.6931640962057115), abs=1e-9)
    assert [f.column for f in analysis.segmentation.findings if f.code == "protected_association"] == ["Age"]
