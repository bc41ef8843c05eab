"""Why this number of segments: statements for the report, also where the criteria disagree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reportgen.segments.evidence import JACCARD, Trial
from reportgen.segments.resample import ON_THE_LINE
from reportgen.values import Quantity, Statement, count, statement


@dataclass(frozen=True)
class Decision:
    """The chosen trial among all; ``best`` is what the evidence alone chooses, None where nothing is dependable."""

    chosen: Trial
    forced: bool
    best: Trial | None
    trials: tuple[Trial, ...]


def explain(decision: Decision) -> tuple[Statement, ...]:
    """Return the reasons for a k that resampling was able to judge, most important first (method.md section 3)."""
    if decision.forced:
        reasons = _forced(decision)
    elif decision.best is None:
        reasons = _nothing(decision)
    else:
        reasons = (_agreement_of_checks(decision.best, decision.trials),)
    if decision.chosen.on_the_line and decision.chosen.dependable:
        reasons += (statement("choice.on_the_line", k=count(decision.chosen.k)),)
    return reasons


def explain_unjudged(chosen: Trial, customers: int, forced: bool) -> tuple[Statement, ...]:
    """Return the reasons where there are too few customers for a judgement."""
    key = "choice.few_customers_forced" if forced else "choice.few_customers"
    return (statement(key, k=count(chosen.k), customers=count(customers), silhouette=_score(chosen.silhouette)),)


def _forced(decision: Decision) -> tuple[Statement, ...]:
    chosen, best = decision.chosen, decision.best
    k = count(chosen.k)
    if chosen.dependable:
        first = statement("choice.forced_dependable", k=k)
    elif not chosen.large_enough:
        first = statement("choice.forced_small", k=k, smallest=count(int(chosen.fit.sizes.min())))
    elif (chosen.jaccard or 0.0) < JACCARD:
        first = statement("choice.forced_unsteady", k=k, jaccard=_score(chosen.jaccard))
    else:
        key = "choice.forced_close" if _close(chosen) else "choice.forced_not_repeated"
        first = statement(key, k=k, strength=_strength(chosen), needed=_score(ON_THE_LINE))
    if best is not None and best.k != chosen.k:
        return (first, statement("choice.evidence_says", k=count(best.k)))
    if best is None and not chosen.dependable:
        return (first, statement("choice.none_dependable", **_range(decision.trials)))
    return (first,)


def _nothing(decision: Decision) -> tuple[Statement, ...]:
    chosen = decision.chosen
    key = "choice.working_tiers_close" if _close(chosen) else "choice.working_tiers"
    return (
        statement("choice.none_dependable", **_range(decision.trials)),
        statement(key, k=count(chosen.k), strength=_strength(chosen), needed=_score(ON_THE_LINE)),
    )


def _close(trial: Trial) -> bool:
    """Whether the strength of an undependable k reaches the limit all the same, by no more than chance."""
    return trial.strength is not None and trial.strength.mean >= ON_THE_LINE


def _agreement_of_checks(best: Trial, trials: Sequence[Trial]) -> Statement:
    clearest = max(trials, key=lambda trial: (trial.silhouette, -trial.k))
    steadiest = _steadiest(best, trials)
    if clearest.k == best.k == steadiest.k:
        return statement("choice.agree", k=count(best.k))
    if clearest.k > best.k:
        return _finer(best, clearest)
    if clearest.k < best.k:
        return statement("choice.coarser", k=count(best.k), other=count(clearest.k))
    return statement("choice.steadiest", k=count(best.k), other=count(steadiest.k))


def _steadiest(best: Trial, trials: Sequence[Trial]) -> Trial:
    """The trial of smallest instability; ``best`` when the difference may be chance (2 standard errors)."""
    tested = [(trial.boot, trial) for trial in trials if trial.boot is not None]
    boot, steadiest = min(tested, key=lambda pair: (pair[0].instability, pair[1].k))
    if best.boot is None:
        return steadiest
    chance = 2 * math.hypot(boot.instability_error, best.boot.instability_error)
    return best if best.boot.instability <= boot.instability + chance else steadiest


def _finer(best: Trial, clearest: Trial) -> Statement:
    """More segments separate better on average: say what disqualified them."""
    values = {
        "k": count(best.k),
        "other": count(clearest.k),
        "silhouette": _score(best.silhouette),
        "other_silhouette": _score(clearest.silhouette),
    }
    if not clearest.large_enough:
        return statement("choice.finer_small", **values, smallest=count(int(clearest.fit.sizes.min())))
    if clearest.strength is not None and clearest.strength.mean < ON_THE_LINE:
        return statement("choice.finer_not_repeated", **values, strength=_strength(clearest))
    return statement("choice.finer_unsteady", **values, jaccard=_score(clearest.jaccard))


def _range(trials: Sequence[Trial]) -> dict[str, Quantity]:
    """The numbers tried without a gap; a forced one may lie beyond."""
    low = trials[0].k
    return {"low": count(low), "high": count(max(t.k for place, t in enumerate(trials) if t.k == low + place))}


def _strength(trial: Trial) -> Quantity:
    return _score(trial.strength.mean if trial.strength else None)


def _score(value: float | None) -> Quantity:
    return Quantity(value, "score")
