"""Scoring with a model of an earlier month."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from analyses import mall_like

from reportgen.errors import InputError
from reportgen.segments.model import from_json, to_json
from reportgen.segments.scored import evidence_from_json, evidence_of, evidence_to_json, score_segments


def test_scoring_the_month_of_the_fit_gives_its_segments() -> None:
    analysis = mall_like()
    fitted = analysis.segmentation
    evidence = evidence_from_json(evidence_to_json(evidence_of(fitted)))
    assert evidence == evidence_of(fitted)
    scored = score_segments(analysis.customers, from_json(to_json(fitted.model)), evidence)
    assert (scored.assignment.label == fitted.assignment.label).all()
    assert scored.model == fitted.model
    assert (scored.choice, scored.verdict, scored.fits) == (fitted.choice, fitted.verdict, fitted.fits)
    assert scored.kept
    assert scored.whole_model is scored.model


def test_a_segment_without_customers_is_kept_but_not_shown() -> None:
    analysis = mall_like()
    fitted = analysis.segmentation
    gone = 1
    frame = analysis.customers.frame[fitted.assignment.label != gone].reset_index(drop=True)
    customers = dataclasses.replace(analysis.customers, frame=frame)
    scored = score_segments(customers, fitted.model, evidence_of(fitted))
    left = [ref for place, ref in enumerate(fitted.model.segments) if place != gone]
    assert list(scored.model.segments) == left
    assert scored.whole_model == fitted.model
    assert scored.assignment.label.max() == len(left) - 1
    old = fitted.assignment.label[fitted.assignment.label != gone]
    assert (scored.assignment.label == np.where(old > gone, old - 1, old)).all()
    assert len(scored.fits) == len(left)


def test_a_table_that_lacks_a_column_of_the_model_is_refused() -> None:
    analysis = mall_like()
    frame = analysis.customers.frame.drop(columns="annual_income")
    customers = dataclasses.replace(analysis.customers, frame=frame)
    with pytest.raises(InputError, match="annual_income"):
        score_segments(customers, analysis.segmentation.model, evidence_of(analysis.segmentation))


def test_customers_of_one_segment_alone_are_refused() -> None:
    analysis = mall_like()
    frame = analysis.customers.frame[analysis.segmentation.assignment.label == 0].reset_index(drop=True)
    customers = dataclasses.replace(analysis.customers, frame=frame)
    with pytest.raises(InputError, match="all customers fall into one segment"):
        score_segments(customers, analysis.segmentation.model, evidence_of(analysis.segmentation))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": "reportgen.evidence/2"}', '{"schema": "reportgen.evidence/1"}']
)
def test_damaged_evidence_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="evidence"):
        evidence_from_json(text)
