"""Results of imagecorruptions on two small pictures, for tests/robustness/corruptions: see README.md."""

import json
import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from skimage.filters import gaussian

warnings.simplefilter("ignore")

import imagecorruptions
from imagecorruptions import corruptions

from scripted_random import ScriptedRandom

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "tests" / "fixtures" / "corruptions"
SEVERITIES = range(1, 6)
SEEDS = 20

DETERMINISTIC = [
    "brightness", "contrast", "saturate", "pixelate",
    "gaussian_blur", "defocus_blur", "zoom_blur", "jpeg_compression",
]
RANDOM = [
    "gaussian_noise", "shot_noise", "impulse_noise", "speckle_noise", "glass_blur", "motion_blur",
    "snow", "frost", "fog", "elastic_transform", "spatter",
]


def gaussian_of_today(image, sigma, multichannel=False, **options):
    """scikit-image has renamed the argument since the package was written."""
    return gaussian(image, sigma=sigma, channel_axis=-1 if multichannel else None, **options)


corruptions.gaussian = gaussian_of_today


def photo(name: str, box: tuple, size: tuple) -> np.ndarray:
    picture = Image.open(ROOT / "photos" / name).convert("RGB")
    w, h = picture.size
    crop = picture.crop([round(side * share) for side, share in zip((w, h, w, h), box)])
    return np.array(crop.resize(size, Image.BICUBIC))


def texture(width: int, height: int) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    channels = [127.5 + 127.5 * np.sin(x * a + y * b + x * y * 0.01) for a, b in ((0.9, 0.3), (0.2, 1.1), (0.5, -0.7))]
    return np.stack(channels, axis=-1).astype(np.uint8)


def scripted(image: np.ndarray, severity: int, kind: str) -> np.ndarray:
    """The package's result with the numbers of ScriptedRandom."""
    script = ScriptedRandom()
    names = ["random", "uniform", "randint", "normal", "poisson"]
    before = {name: getattr(np.random, name) for name in names} | {"default_rng": np.random.default_rng}
    for name in names:
        setattr(np.random, name, getattr(script, name))
    np.random.default_rng = lambda seed=None: script
    try:
        return imagecorruptions.corrupt(image, severity, kind)
    finally:
        for name, function in before.items():
            setattr(np.random, name, function)


def sheet(image: np.ndarray, kinds: list, run) -> np.ndarray:
    return np.concatenate(
        [np.concatenate([run(image, severity, kind) for severity in SEVERITIES], axis=1) for kind in kinds]
    )


def describe(change: np.ndarray) -> dict:
    """Numbers of a change [H, W, 3] in levels of 255."""
    centred = change - change.mean()
    variance = (centred**2).mean()

    def correlation(a, b):
        return float((a * b).mean() / variance)

    h, w = (side // 4 * 4 for side in change.shape[:2])
    blocks = centred[:h, :w].reshape(h // 4, 4, w // 4, 4, 3).mean((1, 3))
    return {
        "mean": float(change.mean()),
        "deviation": float(np.sqrt(variance)),
        "across": correlation(centred[:, 1:], centred[:, :-1]),
        "down": correlation(centred[1:], centred[:-1]),
        "channels": correlation(centred[..., 0], centred[..., 1]),
        "coarse": float((blocks**2).mean() / variance),
    }


def statistics(image: np.ndarray, kind: str, severity: int) -> dict:
    described = []
    for seed in range(SEEDS):
        np.random.seed(seed * 1000 + severity)
        np.random.default_rng = lambda _=None, s=seed: np.random.Generator(np.random.PCG64(s))
        change = imagecorruptions.corrupt(image, severity, kind).astype(float) - image
        described.append(describe(change))
    return {
        key: {
            "mean": round(float(np.mean([d[key] for d in described])), 5),
            "deviation": round(float(np.std([d[key] for d in described], ddof=1)), 5),
        }
        for key in described[0]
    }


def write_png(name: str, image: np.ndarray) -> None:
    Image.fromarray(image).save(OUT / name, optimize=True)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    square = photo("macaw.jpg", (0.25, 0.05, 0.75, 0.6), (40, 40))
    wide = photo("coffee.jpg", (0.1, 0.1, 0.9, 0.9), (41, 33))
    write_png("square.png", square)
    write_png("wide.png", wide)
    ice = texture(30, 36)
    write_png("texture.png", ice)

    stats = {kind: [statistics(square, kind, severity) for severity in SEVERITIES] for kind in RANDOM}
    (OUT / "statistics.json").write_text(json.dumps({"seeds": SEEDS, "kinds": stats}) + "\n")

    corruptions.cv2.imread = lambda _: np.ascontiguousarray(ice[..., ::-1])
    write_png("square.outputs.png", sheet(square, DETERMINISTIC, imagecorruptions.corrupt))
    kinds = DETERMINISTIC + RANDOM
    write_png("wide.outputs.png", sheet(wide, kinds, scripted))
    rows = {"square": DETERMINISTIC, "wide": kinds}
    (OUT / "outputs.json").write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
