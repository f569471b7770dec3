"""Reference values for tests/concepts/mcd-reference.test.ts, from scikit-learn and the public MCD code.

    pip install numpy scikit-learn scikit-dimension tqdm
    git clone https://github.com/jvielhaben/MCD-XAI
    python reference/concepts/make_mcd_fixture.py MCD-XAI > tests/fixtures/mcd.json

Sparse codes come from scikit-learn's coordinate descent, run to convergence; outliers, clusters and bases from
MCD-XAI (commit 496edd4) as its tutorial calls it.
"""

import json
import sys

import numpy as np
from sklearn.linear_model import ElasticNet

sys.path.insert(0, sys.argv[1] + "/code")
from concept_subspaces import ConceptSubspaces  # noqa: E402

CHANNELS = 20
DIMENSIONS = [2, 3, 2, 3]
PER_SUBSPACE = 30
OUTLIERS = 14
NOISE = 0.08
GAMMA = 50
POINTS = range(0, 134, 19)


def planted() -> np.ndarray:
    rng = np.random.default_rng(3)
    parts = []
    for dimension in DIMENSIONS:
        basis = np.linalg.qr(rng.normal(size=(CHANNELS, dimension)))[0].T
        parts.append(rng.normal(size=(PER_SUBSPACE, dimension)) @ basis)
    parts.append(rng.normal(size=(OUTLIERS, CHANNELS)))
    data = np.concatenate(parts)
    size = np.linalg.norm(data, axis=1, keepdims=True) / np.sqrt(CHANNELS)
    return np.round(data + NOISE * size * rng.normal(size=data.shape), 3)


def codes(x: np.ndarray, j: int, l1_share: float) -> list:
    """Column and value of the codes of vector j."""
    others = np.delete(np.arange(len(x)), j)
    alpha = np.abs(x[others] @ x[j]).max() / (l1_share * GAMMA)
    # scikit-learn divides the squared error by the number of channels.
    model = ElasticNet(
        alpha=alpha / CHANNELS, l1_ratio=l1_share, fit_intercept=False, max_iter=1_000_000, tol=1e-13
    )
    found = model.fit(x[others].T, x[j]).coef_
    return [[int(others[i]), round(float(found[i]), 6)] for i in np.flatnonzero(np.abs(found) > 1e-6)]


def public(x: np.ndarray) -> dict:
    # What its subclass for pictures does before (positions as vectors of length 1) is done already.
    mcd = ConceptSubspaces(x)
    mcd.feature_array = x.copy()
    mcd.fit_selfrepresentation(n_nonzero=-1, outlier_percentile=0.75, gamma=GAMMA, tau=1.0)
    mcd.cluster(len(DIMENSIONS))
    mcd.conceptspace_bases(ver="FO", one_dim=False)
    return {
        "labels": [int(label) for label in mcd.labels],
        "bases": [np.round(basis, 6).tolist() for basis in mcd.conceptBases],
    }


def main() -> None:
    data = planted()
    x = data / np.linalg.norm(data, axis=1, keepdims=True)
    fixture = {
        "gamma": GAMMA,
        "vectors": data.tolist(),
        "codes": [
            {"l1Share": share, "rows": {str(j): codes(x, j, share) for j in POINTS}} for share in (1.0, 0.8)
        ],
        "public": public(x),
    }
    print(json.dumps(fixture))


main()
