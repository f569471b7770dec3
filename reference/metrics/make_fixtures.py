"""Reference values for tests/metrics, from numpy, scipy and scikit-image.

    pip install numpy scipy scikit-image
    python reference/metrics/make_fixtures.py > tests/fixtures/metrics.json

Inputs come from a formula that the tests repeat, so that the file stays small.
"""

import json

import numpy as np
import scipy.linalg
import skimage.metrics


def waves(count: int, seed: float) -> np.ndarray:
    i = np.arange(count, dtype=np.float64)
    return np.sin(seed + 0.7 * i) + 0.5 * np.cos(seed * i * i * 0.013 + i)


def frechet(first: np.ndarray, second: np.ndarray) -> float:
    m1, m2 = first.mean(0), second.mean(0)
    c1, c2 = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    root = scipy.linalg.sqrtm(c1 @ c2)
    return float(((m1 - m2) ** 2).sum() + np.trace(c1) + np.trace(c2) - 2 * np.trace(root).real)


def picture(seed: float, height: int, width: int) -> np.ndarray:
    values = waves(height * width * 3, seed)
    return np.clip(np.floor(128 + 80 * values), 0, 255).astype(np.uint8).reshape(height, width, 3)


def main() -> None:
    symmetric = waves(12 * 12, 0.4).reshape(12, 12)
    symmetric = symmetric + symmetric.T
    a, b = picture(0.3, 24, 31), picture(0.35, 24, 31)
    values = waves(37, 2.0)
    fixtures = {
        "eigenvalues": np.linalg.eigvalsh(symmetric).tolist(),
        "frechet": {
            "manySamples": frechet(waves(40 * 6, 0.2).reshape(40, 6), waves(50 * 6, 1.1).reshape(50, 6) * 1.3),
            "fewSamples": frechet(waves(5 * 9, 0.2).reshape(5, 9), waves(7 * 9, 1.1).reshape(7, 9) + 0.2),
        },
        "quantiles": {str(q): float(np.quantile(values, q)) for q in (0, 0.05, 0.5, 0.9, 1)},
        "ssim": float(
            skimage.metrics.structural_similarity(
                a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
                channel_axis=2, data_range=255,
            )
        ),
        "psnr": float(skimage.metrics.peak_signal_noise_ratio(a, b, data_range=255)),
    }
    print(json.dumps(fixtures, indent=2))


main()
