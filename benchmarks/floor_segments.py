"""The floor of the segments: scikit-learn alone fits k = 2..10 with 10 restarts and a sampled silhouette each."""

from __future__ import annotations

import sys

import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler


def main(source: str) -> None:
    table = pd.read_csv(source)
    scaled = StandardScaler().fit_transform(table.drop(columns="customer_id"))
    for k in range(2, 11):
        labels = KMeans(k, n_init=10, random_state=1).fit_predict(scaled)
        silhouette_score(scaled, labels, sample_size=5_000, random_state=1)


if __name__ == "__main__":
    main(sys.argv[1])
