"""Reference values for FID, from the PyPI package pytorch-fid: see README.md in this folder.

    .venv/bin/python reference/fid/make_fixtures.py [inception] [distances] [scale]
"""

import json
import sys
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


def rounded(value: torch.Tensor) -> float:
    return float(f"{value.item():.8g}")


def write(file: str, content: object) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / file).write_text(json.dumps(content, separators=(",", ":")) + "\n")


MAKERS = {"inception": make_inception}

if __name__ == "__main__":
    for part in sys.argv[1:] or MAKERS:
        MAKERS[part]()
