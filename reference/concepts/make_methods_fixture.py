"""Reference values for tests/concepts, from scikit-learn.

    pip install numpy scikit-learn
    python reference/concepts/make_methods_fixture.py > tests/fixtures/concept-methods.json

Inputs come from a formula that the tests repeat, so that the file stays small.
"""

import json

import numpy as np
from sklearn.decomposition import NMF, PCA


def waves(count: int, seed: float) -> np.ndarray:
    i = np.arange(count, dtype=np.float64)
    return np.sin(seed + 0.7 * i) + 0.5 * np.cos(seed * i * i * 0.013 + i)


def pca() -> dict:
    # Correlated channels of different sizes around a mean.
    data = waves(60 * 8, 0.9).reshape(60, 8) @ waves(8 * 8, 2.1).reshape(8, 8) + 3 * waves(8, 0.2)
    found = PCA(n_components=3, svd_solver="full").fit(data)
    return {
        "mean": found.mean_.tolist(),
        "components": found.components_.tolist(),
        "shares": found.explained_variance_ratio_.tolist(),
    }


def nmf(seed: float) -> float:
    """Relative error of the best of several starts."""
    codes = np.maximum(0, waves(120 * 5, seed)).reshape(120, 5)
    atoms = np.maximum(0, waves(5 * 16, seed + 1)).reshape(5, 16)
    data = codes @ atoms + 0.2 * np.abs(waves(120 * 16, seed + 2)).reshape(120, 16)
    errors = []
    for init, random_state in [("nndsvd", 0), ("nndsvda", 0), ("random", 0), ("random", 1), ("random", 2)]:
        model = NMF(5, init=init, random_state=random_state, max_iter=5000, tol=1e-6)
        model.fit(data)
        errors.append(model.reconstruction_err_ / np.linalg.norm(data))
    return float(min(errors))


def main() -> None:
    fixtures = {"pca": pca(), "nmf": {str(seed): nmf(seed) for seed in (0.3, 1.1, 2.6)}}
    print(json.dumps(fixtures, indent=2))


main()
