"""The choice of k: every branch of the wording, forced k, small samples and data that is no data."""

from __future__ import annotations

import tomllib
from types import SimpleNamespace

import numpy as np
import pytest
from shared import ROOT

from reportgen.errors import InputError
from reportgen.segments.algorithms import KMeansFit
from reportgen.segments.choose import Chosen, choose_k
from reportgen.segments.evidence import Trial
from reportgen.segments.reasons import Decision, explain
from reportgen.segments.resample import Strength
from reportgen.segments.stability import grade
from reportgen.settings import SegmentsConfig

from .grids import by_row, mall, planted, standard


def chosen(z: np.ndarray, **options: int) -> Chosen:
    return choose_k(by_row(np.asarray(z, float)), SegmentsConfig(), **options)


def trial(k: int, *, strength: float = 0.95, jaccard: float = 0.95, silhouette: float = 0.4, **more: object) -> Trial:
    sizes = np.repeat(np.arange(k), 5 if more.get("small") else 50)
    fit = KMeansFit(sizes, np.zeros((k, 2)), 1.0, 50, 1.0, 0.0, 1.0)
    return Trial(
        fit=fit,
        silhouette=silhouette,
        calinski_harabasz=None,
        davies_bouldin=None,
        large_enough=not more.get("small"),
        strength=Strength(strength, float(more.get("error", 0.01)), 50),
        boot=SimpleNamespace(
            agreement=more.get("agreement", 0.95), instability=more.get("instability", 0.02), instability_error=0.001
        ),
        jaccards=np.full((4, k), jaccard),
    )


def keys(trials: list[Trial], best: int | None, chosen_k: int, *, forced: bool = False) -> list[str]:
    by_k = {t.k: t for t in trials}
    decision = Decision(by_k[chosen_k], forced, by_k[best] if best else None, tuple(trials))
    return [reason.key.removeprefix("choice.") for reason in explain(decision)]


def test_everything_agrees():
    assert keys([trial(2), trial(3, silhouette=0.5, instability=0.01)], 3, 3) == ["agree"]


def test_repeatability_within_chance_is_no_disagreement():
    assert keys([trial(2, instability=0.0195), trial(3, silhouette=0.5, instability=0.02)], 3, 3) == ["agree"]


def test_finer_divisions_separate_better_but_do_not_return():
    assert keys([trial(3), trial(4, silhouette=0.5, strength=0.6)], 3, 3) == ["finer_not_repeated"]
    assert keys([trial(3), trial(4, silhouette=0.5, jaccard=0.6)], 3, 3) == ["finer_unsteady"]
    assert keys([trial(3), trial(4, silhouette=0.5, small=True)], 3, 3) == ["finer_small"]


def test_a_coarser_division_is_more_clear_cut():
    assert keys([trial(2, silhouette=0.6), trial(3)], 3, 3) == ["coarser"]


def test_another_division_is_more_repeatable():
    assert keys([trial(2, instability=0.001), trial(3, silhouette=0.5)], 3, 3) == ["steadiest"]


def test_on_the_border_of_reliable():
    line = trial(3, silhouette=0.5, strength=0.79, error=0.01)
    assert line.dependable
    assert keys([trial(2), line], 3, 3) == ["agree", "on_the_line"]
    assert not trial(3, strength=0.79, error=0.01, jaccard=0.8).dependable
    assert not trial(3, strength=0.81, error=0.01, agreement=0.7).dependable


def test_nothing_is_dependable():
    assert keys([trial(2, strength=0.6), trial(3, strength=0.4)], None, 2) == ["none_dependable", "working_tiers"]


def test_forced_numbers_say_what_they_are_worth():
    good, weak = trial(3), trial(5, jaccard=0.5)
    assert keys([good, weak], 3, 5, forced=True) == ["forced_unsteady", "evidence_says"]
    assert keys([good, weak], 3, 3, forced=True) == ["forced_dependable"]
    assert keys([trial(2), good], 3, 2, forced=True) == ["forced_dependable", "evidence_says"]
    assert keys([good, trial(5, strength=0.6)], 3, 5, forced=True) == ["forced_not_repeated", "evidence_says"]
    assert keys([weak, trial(6, small=True)], None, 6, forced=True) == ["forced_small", "none_dependable"]


def test_the_range_tried_leaves_out_a_forced_number_beyond():
    trials = tuple(trial(k, strength=0.5) for k in (2, 3, 4, 25))
    reason = explain(Decision(trials[-1], True, None, trials))[1]
    assert {name: quantity.value for name, quantity in reason.values} == {"low": 2, "high": 4}


def test_every_reason_has_english_words_with_the_right_placeholders():
    phrases = tomllib.loads((ROOT / "templates" / "locales" / "en.toml").read_text("utf-8"))["phrases"]["choice"]
    source = "".join(path.read_text("utf-8") for path in (ROOT / "reportgen" / "segments").glob("*.py"))
    assert all(f'"choice.{key}"' in source for key in phrases)
    found = [*chosen(standard(mall(3))).choice.reasons, *chosen(mall(2)[:60]).choice.reasons]
    found += chosen(np.random.default_rng(1).normal(size=(120, 2)), forced=4).choice.reasons
    for reason in found:
        phrase = phrases[reason.key.removeprefix("choice.")]
        assert all("{" + name in phrase for name, _ in reason.values)


def test_below_one_hundred_customers_nothing_is_judged():
    found = chosen(standard(mall(2))[:99])
    assert found.verdict.kind == "unjudged"
    assert found.findings[0].code == "few_customers"
    assert all(evidence.prediction_strength is None for evidence in found.choice.evidence)
    assert found.choice.reasons[0].key == "choice.few_customers"
    assert found.fit.sizes.min() >= 10
    assert np.isnan(found.agreement).all()
    assert {segment.grade for segment in found.stability} == {""}


def test_between_one_and_three_hundred_customers_the_sample_is_called_small():
    assert "small_sample" in [finding.code for finding in chosen(standard(mall(2))).findings]


def test_twelve_customers_still_get_segments():
    z = np.random.default_rng(1).normal(size=(12, 2))
    assert chosen(z).choice.k == 2
    assert chosen(z, forced=3).choice.k == 3


def test_twenty_five_segments_can_be_forced():
    found = chosen(np.random.default_rng(1).normal(size=(300, 3)), forced=25, k_max=3)
    assert (found.choice.k, found.verdict.kind, found.choice.forced) == (25, "constructed", True)
    assert [evidence.k for evidence in found.choice.evidence] == [2, 3, 25]
    assert len(found.stability) == 25
    assert all(segment.sls_a is not None for segment in found.stability)


def test_more_segments_than_kinds_of_customers_are_refused():
    z = np.repeat(np.random.default_rng(1).normal(size=(7, 3)), 40, axis=0)
    with pytest.raises(InputError, match="only 7 customers differ"):
        chosen(z, forced=8)
    found = chosen(z, forced=7)
    assert found.fit.inertia == pytest.approx(0, abs=1e-20)
    assert found.choice.evidence[-1].gap is None
    assert max(evidence.k for evidence in chosen(z).choice.evidence) == 7


def test_identical_customers_are_refused():
    with pytest.raises(InputError, match="identical"):
        chosen(np.ones((200, 3)))


NOISE = np.random.default_rng(1).normal(size=(200, 2))


@pytest.mark.parametrize(
    "z",
    [
        np.c_[NOISE, np.zeros(200)],
        np.c_[NOISE, NOISE[:, 0], NOISE.sum(axis=1)],
        np.round(NOISE),
        np.concatenate([np.zeros((180, 2)), NOISE[:20]]),
        np.concatenate([NOISE, [[1e6, 1e6]]]),
        NOISE + 1e9,
        NOISE[:, :1],
        (np.random.default_rng(2).random((200, 20)) < 0.04).astype(float),
        np.repeat([[0.0, 0.0], [1.0, 1.0], [5.0, 0.0]], [100, 60, 40], axis=0),
    ],
    ids=["constant", "collinear", "lattice", "duplicates", "outlier", "offset", "one column", "sparse", "three points"],
)
def test_awkward_data_gets_an_answer_without_numbers_that_are_none(z):
    found = chosen(z, k_max=4)
    assert 2 <= found.choice.k <= 4
    assert found.fit.sizes.sum() == len(z)
    assert np.isfinite(found.fit.centres).all()
    assert all(np.isfinite(evidence.silhouette) for evidence in found.choice.evidence)
    assert found.verdict.silhouette is not None


def test_a_far_away_scale_does_not_change_the_segments():
    z = planted(3, 300, 2, 6.0, seed=1)
    here, there = chosen(z, k_max=4), chosen(z * 1e-9 + 1e-3, k_max=4)
    assert (here.fit.labels == there.fit.labels).all()
    assert here.choice.k == there.choice.k == 3


def test_the_same_rows_give_the_same_bits():
    first, second = chosen(standard(mall(2)), k_max=5), chosen(standard(mall(2)), k_max=5)
    assert first.choice == second.choice
    assert first.verdict == second.verdict
    assert first.fit.centres.tobytes() == second.fit.centres.tobytes()
    assert first.agreement.tobytes() == second.agreement.tobytes()


def test_an_alternative_is_shown_on_either_side():
    found = chosen(standard(mall(3)))
    assert found.choice.k == 4
    assert found.choice.alternatives == (2, 6)


@pytest.mark.slow
def test_large_tables_resample_three_thousand_customers_and_fit_all():
    found = chosen(planted(3, 12_000, 3, 6.0, seed=1), k_max=3)
    assert found.verdict.sample == 3_000
    assert (found.choice.k, found.verdict.kind) == (3, "natural")
    assert np.isfinite(found.agreement).sum() == 3_000
    assert len(found.fit.labels) == 12_000


@pytest.mark.slow
def test_a_large_table_that_is_nearly_constant_is_no_problem():
    z = np.concatenate([np.zeros((15_000, 2)), np.random.default_rng(1).normal(size=(8, 2))])
    found = chosen(z, k_max=3)
    assert found.fit.sizes.sum() == 15_008
    assert not found.choice.dependable


@pytest.mark.parametrize(
    ("jaccard", "dissolved", "letter"), [(0.85, 0.05, "A"), (0.95, 0.06, "B"), (0.75, 0.5, "B"), (0.7499, 0.0, "C")]
)
def test_grades(jaccard, dissolved, letter):
    assert grade(jaccard, dissolved) == letter


def test_progress_goes_up():
    seen: list[float] = []
    choose_k(by_row(standard(mall(2))), SegmentsConfig(), k_max=3, progress=lambda step, done: seen.append(done))
    assert seen == sorted(seen)
    assert min(seen) >= 0
    assert max(seen) <= 1
