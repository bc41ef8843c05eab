"""Compare a run's segments with scikit-learn fitted on every customer: inertia, and who is with whom."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from reportgen.segments.model import assign, from_json
from reportgen.segments.recipe import apply_recipe


def main(source: str, output: str) -> None:
    [file] = Path(output).glob("runs/*/model.json")
    model, frame = from_json(file.read_text()), pd.read_parquet(source)
    z = apply_recipe(model.recipe, frame)
    fits = [KMeans(len(model.segments), n_init=10, random_state=seed).fit(z) for seed in (1, 2)]
    best = min(fits, key=lambda fit: fit.inertia_)
    rand = adjusted_rand_score(best.labels_, assign(model, frame).label)
    again = adjusted_rand_score(fits[0].labels_, fits[1].labels_)
    print(json.dumps({"inertia": model.inertia / best.inertia_, "rand": rand, "steady": again}))


if __name__ == "__main__":
    main(*sys.argv[1:])
