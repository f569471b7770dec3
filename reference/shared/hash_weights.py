"""Weights from a formula of their name and index: the same in Python and in TypeScript, and never stored.

The twin of tests/support/hash-weights.ts. Value i of the tensor called `name` is offset + scale * u, where u
in [-1, 1) are the upper 24 bits of splitmix64 of fnv1a64(name) and i, so that both sides agree to the bit.
"""

import math

import numpy as np
import torch

MASK = (1 << 64) - 1


def fnv1a64(name: str) -> int:
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def hash_uniform(name: str, count: int) -> np.ndarray:
    """float64 [count], multiples of 2**-23 in [-1, 1)."""
    with np.errstate(over="ignore"):
        steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = steps + np.uint64(fnv1a64(name))
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(40)).astype(np.float64) * 2.0**-23 - 1


def offset_and_scale(name: str, shape: tuple[int, ...]) -> tuple[float, float]:
    """Keeps activations near 1: unit gain of matrices and kernels, scales of norms near 1."""
    last = name.rsplit(".", 1)[-1]
    if last == "running_var":
        return 1.0, 0.5
    if last == "logit_scale":
        # Some lie above ln 100, where Swin V2 clamps.
        return 2.5, 2.5
    if last == "weight" and len(shape) >= 2:
        return 0.0, math.sqrt(3 / math.prod(shape[1:]))
    if last in ("weight", "gamma"):
        return 1.0, 0.25
    if len(shape) >= 2:
        return 0.0, 0.5
    return 0.0, 0.1


def hash_values(name: str, shape: tuple[int, ...]) -> np.ndarray:
    offset, scale = offset_and_scale(name, shape)
    values = hash_uniform(name, math.prod(shape)) * scale + offset
    return values.astype(np.float32).reshape(shape)


def fill(module: torch.nn.Module) -> None:
    """Overwrites every floating-point entry of the state dict."""
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(torch.from_numpy(hash_values(name, tuple(tensor.shape))))
