"""What the converters and the fixture script share: paths, storage, the test picture."""

import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

ROOT = Path(__file__).resolve().parents[2]
BACKBONES = ROOT / "models" / "backbones"
FIXTURES = ROOT / "tests" / "fixtures" / "backbones"
SIZE = 224


def stored(tensors):
    """Kernels and matrices in half precision; vectors, which are small and sensitive, in single."""
    return {
        name: np.ascontiguousarray(value, np.float16 if value.ndim > 1 else np.float32)
        for name, value in tensors.items()
    }


def as_float32(tensors):
    return {name: value.astype(np.float32) for name, value in tensors.items()}


def save_backbone(directory, tensors, config, licence):
    """Writes model.safetensors, config.json (with the weights' hash) and LICENSE."""
    directory.mkdir(parents=True, exist_ok=True)
    weights = directory / "model.safetensors"
    save_file(tensors, weights, metadata={"format": "pt"})
    weights.chmod(0o644)
    data = weights.read_bytes()
    config["weights"] = {
        "file": weights.name,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "storage": "float16 kernels, float32 vectors",
    }
    (directory / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (directory / "LICENSE").write_text(licence)


def test_picture():
    """[3, 224, 224] pixels 0..255 by integer arithmetic, so that every language makes the same ones."""
    c, y, x = np.meshgrid(np.arange(3), np.arange(SIZE), np.arange(SIZE), indexing="ij")
    wave = np.abs((x * (c + 2) + y * (4 - c)) % 256 - 128)
    disc = np.where((x - 90 - 20 * c) ** 2 + (y - 110) ** 2 < 3600, 70, 0)
    grain = (x * 7919 + y * 104729 + c * 1299709) % 31
    return np.minimum(wave + disc + grain, 255).astype(np.uint8)


def normalised(pixels, config):
    """[1, 3, 224, 224] as the backbone takes it."""
    mean = np.array(config["input"]["mean"], np.float32)[:, None, None]
    std = np.array(config["input"]["std"], np.float32)[:, None, None]
    return ((pixels.astype(np.float32) / 255 - mean) / std)[None]


def samples(values, count=64):
    """Evenly spaced values of a flattened map, the first and the last among them."""
    flat = np.asarray(values, np.float32).reshape(-1)
    return flat[np.arange(count) * (flat.size - 1) // (count - 1)]


def layer_entry(name, value):
    _, channels, height, width = value.shape
    return {
        "name": name,
        "channels": channels,
        "height": height,
        "width": width,
        "stride": SIZE // height,
    }


def report(name, original, rounded):
    """Prints the effect of half-precision storage on the logits of the test picture."""
    error = np.abs(original - rounded)
    print(
        f"{name}: logits {original.min():.3f}..{original.max():.3f}, half-precision storage moves them "
        f"by {error.max():.4f} at most, {error.mean():.4f} on average"
    )
