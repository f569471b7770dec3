"""Reference values for FID, from the PyPI package pytorch-fid: see README.md in this folder.

    .venv/bin/python reference/fid/make_fixtures.py [inception] [distances] [scale]
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pytorch_fid.inception as inception
import torch
from pytorch_fid.fid_score import calculate_frechet_distance

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "reference" / "shared"))

from hash_weights import fill, hash_uniform  # noqa: E402

OUT = ROOT / "tests" / "fixtures" / "fid"
SAMPLES = 64


def hashed_network() -> torch.nn.Module:
    """pytorch-fid's own network, whose weights would be downloaded, with hashed ones."""
    network = inception._inception_v3(num_classes=1008, aux_logits=False, weights=None)
    fill(network)
    state = network.state_dict()
    for name in state:
        # A ReLU halves the energy: without this the pictures would hardly reach the last layers.
        if name.endswith("conv.weight"):
            state[name] *= np.float32(np.sqrt(2))
    inception.load_state_dict_from_url = lambda *_, **__: state
    return inception.InceptionV3([0, 1, 2, 3]).eval()


def picture(name: str, height: int, width: int) -> np.ndarray:
    """Bytes [height, width, 3] of hashed 8x8 blocks with hashed noise upon them."""
    blocks = hash_uniform(f"{name} blocks", (height // 8) * (width // 8) * 3)
    blocks = blocks.reshape(height // 8, width // 8, 3).repeat(8, 0).repeat(8, 1)
    noise = hash_uniform(f"{name} noise", height * width * 3).reshape(height, width, 3)
    return np.floor(128 + 96 * blocks + 31 * noise).astype(np.uint8)


PICTURES = {"wide": (64, 96), "large": (320, 304)}


def make_inception() -> None:
    network = hashed_network()
    state = inception.load_state_dict_from_url()
    result: dict = {
        "parameters": sum(t.numel() for t in state.values() if t.is_floating_point()),
        "pictures": {},
    }
    features = []
    for name, (height, width) in PICTURES.items():
        pixels = torch.from_numpy(picture(name, height, width)).permute(2, 0, 1)[None] / 255
        with torch.no_grad():
            blocks = network(pixels)
        features.append(blocks[3].reshape(-1))
        shapes = [list(block.shape[1:]) for block in blocks[:3]] + [[2048]]
        result["pictures"][name] = {
            "height": height,
            "width": width,
            "blocks": [
                {"shape": shape, **summary(block)} for shape, block in zip(shapes, blocks)
            ],
        }
    difference = (features[0] - features[1]).abs().max() / features[0].abs().max()
    print("relative difference of the pictures' features", difference.item())
    write("inception.json", result)


def summary(values: torch.Tensor) -> dict:
    """Evenly spaced values, and the largest of all."""
    flat = values.reshape(-1)
    positions = [i * (len(flat) - 1) // (SAMPLES - 1) for i in range(SAMPLES)]
    return {
        "largest": rounded(flat.abs().max()),
        "samples": [rounded(value) for value in flat[positions]],
    }


COMMON = 8


def features(name: str, count: int, width: int) -> np.ndarray:
    """float32 [count, width], not below 0 as after a ReLU: a few common directions and fading noise."""
    noise = hash_uniform(name, count * width).reshape(count, width)
    common = hash_uniform(f"{name} common", count * COMMON).reshape(count, COMMON)
    directions = hash_uniform("directions", COMMON * width).reshape(COMMON, width)
    spread = 1 / (1 + 16 * np.arange(width) / width)
    return np.maximum(0, 0.5 + spread * noise + 0.5 * common @ directions).astype(np.float32)


def statistics(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = rows.astype(np.float64)
    return rows.mean(0), np.cov(rows, rowvar=False)


def factor(rows: np.ndarray) -> np.ndarray:
    """R with R' R = covariance, without ever squaring the samples."""
    rows = rows.astype(np.float64)
    return np.linalg.qr((rows - rows.mean(0)) / np.sqrt(len(rows) - 1), mode="r")


def distances(first: np.ndarray, second: np.ndarray) -> dict:
    """By pytorch-fid, and by singular values of the product of two factors, which singular covariances suit."""
    (m1, c1), (m2, c2) = statistics(first), statistics(second)
    overlap = np.linalg.svd(factor(first) @ factor(second).T, compute_uv=False).sum()
    exact = ((m1 - m2) ** 2).sum() + np.trace(c1) + np.trace(c2) - 2 * overlap
    began = time.time()
    published = float(calculate_frechet_distance(m1, c1, m2, c2))
    seconds = round(time.time() - began, 1)
    print(first.shape, second.shape, published, exact, f"{seconds} s", flush=True)
    return {"pytorchFid": published, "singularValues": float(exact)}


def cases(width: int, many: int, few: int) -> dict:
    first, second = features("first", many, width), features("second", many, width) * 1.1
    noise = hash_uniform("noise", many * width).reshape(many, width)
    near = (first + 0.02 * noise).astype(np.float32)
    return {
        "width": width,
        "many": many,
        "few": few,
        "manySamples": distances(first, second.astype(np.float32)),
        "fewSamples": distances(first[:few], second[: few + few // 2].astype(np.float32)),
        "nearlyEqual": distances(first, near),
    }


def make_distances() -> None:
    write("distances.json", [cases(16, 100, 10), cases(64, 400, 30)])


def make_scale() -> None:
    write("distances-2048.json", cases(2048, 10000, 1000))


def rounded(value: torch.Tensor) -> float:
    return float(f"{value.item():.8g}")


def write(file: str, content: object) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / file).write_text(json.dumps(content, separators=(",", ":")) + "\n")


MAKERS = {"inception": make_inception, "distances": make_distances, "scale": make_scale}

if __name__ == "__main__":
    for part in sys.argv[1:] or MAKERS:
        MAKERS[part]()
